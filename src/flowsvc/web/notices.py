"""*Notiser* and *Mina inställningar*: what I am told, what I have seen of it, and how I want mail."""

from datetime import time

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from flowsvc.domain.errors import InvalidInput
from flowsvc.domain.notices import MailChoice, Preferences
from flowsvc.usecases import notices
from flowsvc.web import addresses, here

pages = Blueprint("notices", __name__)


@pages.get("/notices")
def listed() -> str:
    """*Notiser*."""
    found = notices.my_notices(here.context(), here.actor(), language=here.language())
    return render_template("notices.html", rows=found)


@pages.post("/notices/seen")
def seen() -> Response:
    """I have seen one of them, or all."""
    notices.mark_seen(here.context(), here.actor(), request.form.get("notice", ""))
    flash(_("Markerat som läst."))
    return addresses.see(url_for("notices.listed"))


@pages.get("/settings")
def settings() -> str:
    """*Mina inställningar*."""
    chosen = notices.my_preferences(here.context(), here.actor())
    return render_template("settings.html", chosen=chosen, choices=_choices())


@pages.post("/settings")
def save() -> Response:
    """I want mail so."""
    actor = here.actor()
    chosen = Preferences(
        person_id=actor.person_id,
        mail=_mail(request.form.get("mail", "")),
        digest_at=_time("digest_at"),
        quiet_from=_time("quiet_from"),
        quiet_until=_time("quiet_until"),
        is_quiet_on_days_off="days_off" in request.form,
    )
    notices.save_preferences(here.context(), actor, chosen)
    flash(_("Inställningarna är sparade."))
    return addresses.see(url_for("notices.settings"))


def _choices() -> tuple[tuple[MailChoice, str], ...]:
    return (
        (MailChoice.EACH, _("Ett mejl när något händer")),
        (MailChoice.DIGEST, _("Ett mejl på morgonen, med allt på en gång")),
        (MailChoice.NEVER, _("Inga mejl. Notiserna står alltid här i flowsvc.")),
    )


def _mail(text: str) -> MailChoice:
    if text not in {*MailChoice}:
        raise InvalidInput("Välj hur du vill ha mejl.")
    return MailChoice(text)


def _time(name: str) -> time:
    try:
        return time.fromisoformat(request.form.get(name, "")).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError as error:
        raise InvalidInput("Skriv klockslag som 07:30.") from error
