"""What the diagram editor asks while somebody draws. Answers are JSON in the language of the page."""

from dataclasses import asdict

import orjson
from babel.dates import format_date
from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from flowsvc.domain import calendar
from flowsvc.domain.errors import FlowError, InvalidInput, ScriptFailed
from flowsvc.usecases import modeling
from flowsvc.usecases.modeling import ExpressionKind, Offered, TimeKind
from flowsvc.web import catalogue, errors, here, sentences

pages = Blueprint("modeling", __name__)


def known(draft_id: str) -> dict[str, object]:
    """What the pickers offer for a diagram of the draft, as JSON has it."""
    found = modeling.known_things(here.context(), here.actor(), draft_id, language=here.language())
    return {**asdict(found), "forms": [{**asdict(each), "source": _source(draft_id, each)} for each in found.forms]}


def _source(draft_id: str, form: Offered) -> str:
    """Where the editor fetches the form, to show it."""
    if form.file_name.endswith(".form"):
        return url_for("drafts.source", draft_id=draft_id, name=form.file_name)
    return url_for("drafts.definition_source", definition_id=form.definition_id) if form.definition_id else ""


@pages.post("/modeling/expression")
def expression() -> Response:
    """Whether the text is FEEL that the engine can read."""
    here.actor()
    try:
        sent = _sent()
        kind: ExpressionKind = "maybe" if sent.get("kind") == "maybe" else "feel"
        if sent.get("kind") in ("time", "cycle"):
            kind = "maybe"
        found = modeling.check_expression(here.context(), here.actor(), text=_text(sent), kind=kind)
    except FlowError as error:
        return _problem(error)
    answer: dict[str, object] = {"ok": found.ok, "names": list(found.names)}
    if not found.ok:
        answer["message"] = found.fault_en if here.language() == "en" else found.fault
    return _json(answer)


@pages.post("/modeling/due")
def due() -> Response:
    """Which day the time would be, if it were counted from now."""
    here.actor()
    try:
        sent = _sent()
        kind: TimeKind = "cycle" if sent.get("kind") == "cycle" else "time"
        found = modeling.due_moment(here.context(), here.actor(), text=_text(sent), kind=kind)
    except ScriptFailed as error:
        return _json({"ok": False, "message": sentences.told(error.message, here.language())})
    except FlowError as error:
        return _problem(error)
    if found is None:
        return _json({"ok": False, "message": _("Tiden kommer aldrig mer.")})
    zone = here.context().zone
    on = found.on or calendar.local_date(found.at, zone)
    words = format_date(on, "EEEE d MMMM y", locale=here.language())
    if found.on is None:
        words = _("%(day)s klockan %(time)s", day=words, time=catalogue.clock_time(found.at).replace(":", "."))
    if calendar.local_date(found.at, zone) < here.context().today():
        return _json({"words": _("Har passerat: %(day)s", day=words)})
    text = _("Första gången %(day)s, räknat från nu", day=words) if kind == "cycle" else _("blir %(day)s", day=words)
    return _json({"words": text})


def _sent() -> dict[str, object]:
    try:
        sent = orjson.loads(request.get_data(cache=False))
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"Begäran är ingen JSON: {error}.") from error
    if not isinstance(sent, dict):
        raise InvalidInput("Begäran ska vara ett JSON-objekt.")
    return sent


def _text(sent: dict[str, object]) -> str:
    text = sent.get("text")
    if not isinstance(text, str) or "\0" in text:
        raise InvalidInput("Fältet text ska vara en text.")
    return text


def _problem(error: FlowError) -> Response:
    answer = _json({"code": error.code, "detail": errors.message_of(error)}, errors.status_of(error))
    answer.mimetype = "application/problem+json"
    return answer


def _json(told: object, status: int = 200) -> Response:
    return Response(orjson.dumps(told), status, mimetype="application/json")
