"""*Kalender*: my meetings and last days, and a private address for other calendars. The address is a secret: it is
shown once, and whoever has it needs no sign-in."""

from flask import Blueprint, Response, flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from flowsvc.usecases import calendars
from flowsvc.web import addresses, here

pages = Blueprint("calendars", __name__)


@pages.get("/calendar")
def mine() -> str:
    """The page."""
    return _page()


@pages.post("/calendar/feed")
def make() -> str:
    """A new private address, shown on the page this once."""
    secret = calendars.make_feed(here.context(), here.actor())
    return _page(here.settings().public_url.rstrip("/") + url_for("calendars.feed", secret=secret))


@pages.post("/calendar/feed/revoke")
def revoke() -> Answer:
    """The private address opens nothing any more."""
    calendars.revoke_feed(here.context(), here.actor())
    flash(_("Adressen till kalendern gäller inte längre."))
    return addresses.see(url_for("calendars.mine"))


@pages.get("/calendar/feed/<secret>.ics")
def feed(secret: str) -> Response:
    """The calendar, for whoever has the secret."""
    return Response(calendars.feed_of(here.context(), secret), mimetype="text/calendar")


def _page(address: str = "") -> str:
    page = calendars.my_calendar(here.context(), here.actor(), language=here.language())
    return render_template("calendar.html", page=page, address=address)
