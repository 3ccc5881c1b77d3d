"""*Publicera*: a draft's release on one page, and starting over from an earlier version."""

from dataclasses import dataclass
from typing import cast

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from flowsvc.domain.errors import InvalidInput
from flowsvc.engine.comparing import Comparison, Language, compare
from flowsvc.usecases import releasing
from flowsvc.web import addresses, drafts, here

pages = Blueprint("releasing", __name__)


@dataclass(frozen=True)
class Compared:
    """A file of the draft and where both its sides are read."""

    file_name: str
    kind: str
    old_version: int | None
    old_url: str
    new_url: str
    is_same: bool
    difference: Comparison | None


@pages.get("/drafts/<draft_id>/release")
def show(draft_id: str) -> str:
    """The check, the difference, the cases that run, who has approved, and the buttons."""
    page = releasing.release_page(here.context(), here.actor(), draft_id)
    compared = [
        Compared(
            file_name=each.file_name,
            kind=each.kind,
            old_version=each.old_version,
            old_url=url_for("drafts.definition_source", definition_id=each.old_id) if each.old_id else "",
            new_url=url_for("drafts.source", draft_id=draft_id, name=each.file_name),
            is_same=each.old == each.new,
            difference=_difference(each),
        )
        for each in page.pairs
    ]
    return render_template(
        "release.html",
        page=page,
        draft=page.draft,
        problems=drafts.problems(page.report),
        compared=compared,
        key=here.context().clock.new_id(),
    )


@pages.post("/drafts/<draft_id>/submit")
def submit(draft_id: str) -> Response:
    """A second person is asked to approve."""
    releasing.submit_draft(
        here.context(), here.actor(), draft_id, note=request.form.get("note", ""), content=_content()
    )
    flash(_("Utkastet väntar på att en annan processägare godkänner det."))
    return _back(draft_id)


@pages.post("/drafts/<draft_id>/approve")
def approve(draft_id: str) -> Response:
    """What was shown may be released."""
    releasing.approve_draft(here.context(), here.actor(), draft_id, content=_content())
    flash(_("Utkastet är godkänt och kan publiceras."))
    return _back(draft_id)


@pages.post("/drafts/<draft_id>/send-back")
def send_back(draft_id: str) -> Response:
    """Something has to change first."""
    releasing.send_back_draft(here.context(), here.actor(), draft_id, reason=request.form.get("reason", ""))
    flash(_("Utkastet är skickat tillbaka."))
    return _back(draft_id)


@pages.post("/drafts/<draft_id>/release")
def release(draft_id: str) -> Response:
    """What was shown is live."""
    done = releasing.release_draft(
        here.context(),
        here.actor(),
        draft_id,
        note=request.form.get("note", ""),
        content=_content(),
        once=drafts.once(f"release:{draft_id}"),
    )
    here.wake()
    versions = ", ".join(_("%(name)s version %(number)s", name=each.name, number=each.version) for each in done)
    flash(_("Publicerat: %(versions)s.", versions=versions))
    return _back(draft_id)


@pages.post("/drafts/<draft_id>/rebase")
def rebase(draft_id: str) -> Response:
    """The newest live version is the ground, knowingly."""
    ground, asked = request.form.get("ground", ""), drafts.once(f"rebase:{draft_id}")
    releasing.rebase_draft(here.context(), here.actor(), draft_id, ground=ground, once=asked)
    flash(_("Utkastet utgår nu från den nyaste publicerade versionen. Se vad som skiljer innan du publicerar."))
    return _back(draft_id)


@pages.post("/processes/<kind>/<key>/restore")
def restore(kind: str, key: str) -> Response:
    """A new draft with an earlier version, on its way to be released."""
    actor, version = here.actor(), request.form.get("version", "")
    if not (version.isascii() and version.isdecimal() and len(version) < 10 and int(version)):
        raise InvalidInput("Välj vilken version som ska återställas.")
    draft_id = releasing.restore_version(
        here.context(),
        actor,
        kind=drafts.kind_named(kind),
        key=key,
        version=int(version),
        once=drafts.once(f"restore:{kind}:{key}:{version}"),
    )
    return _back(draft_id)


def _difference(pair: releasing.Pair) -> Comparison | None:
    if not pair.old_id or pair.old == pair.new:
        return None
    return compare(pair.kind, pair.old, pair.new, language=cast(Language, here.language()))


def _content() -> str:
    return request.form.get("content", "")


def _back(draft_id: str) -> Response:
    return make_response(addresses.see(url_for("releasing.show", draft_id=draft_id)))
