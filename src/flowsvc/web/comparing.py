"""*Jämför versioner*: what differs between any two versions of a process, decision table or form."""

from typing import cast

from flask import Blueprint, render_template, request

from flowsvc.domain.errors import NotFound
from flowsvc.engine.comparing import Language
from flowsvc.usecases import comparing
from flowsvc.web import drafts, here

pages = Blueprint("comparing", __name__)


@pages.get("/processes/<kind>/<key>/compare")
def show(kind: str, key: str) -> str:
    """Two versions beside each other, the newest and the one before it where none are named."""
    page = comparing.compare_versions(
        here.context(),
        here.actor(),
        kind=drafts.kind_named(kind),
        key=key,
        before=_number("from"),
        after=_number("to"),
        language=cast(Language, here.language()),
    )
    return render_template("compare.html", page=page)


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise NotFound("Det finns ingen sådan version. Välj en i listan.")
    return int(text)
