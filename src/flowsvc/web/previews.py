"""What a process owner sees of a draft before it is released: its form as staff will see it, and its table tried with
values. Both are asked with the text on the screen, saved or not."""

from dataclasses import replace

from flask import Blueprint, Response, g, jsonify, make_response, render_template, request

from flowsvc.domain.errors import DefinitionInvalid, FlowError, InvalidInput
from flowsvc.domain.forms.viewing import PartView
from flowsvc.usecases import previews
from flowsvc.usecases.previews import MatchedPlace, TableText
from flowsvc.web import errors, here

pages = Blueprint("previews", __name__)
PREFIX = "preview-"
"""Begins every id and input name of a previewed form, so that none of them is one of the page around it."""


@pages.app_context_processor
def _for_editors() -> dict[str, object]:
    """What the editors' pages show without scripts."""
    return {"tables_of": _tables_of, "form_preview": _form_preview}


@pages.post("/drafts/<draft_id>/form-preview")
def form(draft_id: str) -> Response:
    """The form in the source as staff will see it: a fragment of a page."""
    here.actor()
    asked = _sent()
    g.language = "en" if asked.get("language") == "en" else "sv"
    source, everything = _text(asked, "source"), asked.get("everything") is not False
    try:
        html = _form_preview(source, everything=everything)
    except FlowError as error:
        return _refusal(error)
    return make_response(html)


@pages.post("/drafts/<draft_id>/files/<name>/evaluate")
def evaluate(draft_id: str, name: str) -> Response:
    """What a decision of the source needs; with variables, what it answers and by which rules."""
    ctx, actor = here.context(), here.actor()
    asked = _sent()
    source, decision = _text(asked, "source").encode(), _text(asked, "decision", default="")
    try:
        if "variables" not in asked:
            question = previews.question_of(ctx, actor, source, file_name=name, decision=decision)
            return jsonify(
                {
                    "decision": question.decision,
                    "decisions": [{"key": key, "name": words} for key, words in question.decisions],
                    "inputs": [
                        {"name": each.name, "label": each.label, "type": each.type, "values": each.values}
                        for each in question.inputs
                    ],
                }
            )
        tried = previews.try_decision(
            ctx,
            actor,
            source,
            file_name=name,
            decision=decision,
            values=_values(asked["variables"]),
            language=here.language(),
        )
    except FlowError as error:
        return _refusal(error)
    return jsonify(
        {
            "outputs": [{"label": label, "value": value} for label, value in tried.outputs],
            "matched": [{"rule": each.rule, "words": _rule_words(each, tried.matched)} for each in tried.matched],
            "warnings": list(tried.warnings),
        }
    )


def _rule_words(rule: MatchedPlace, matched: tuple[MatchedPlace, ...]) -> str:
    word = "rule" if here.language() == "en" else "regel"
    several = len({each.decision for each in matched}) > 1
    return f"{word} {rule.index}" + (f" ({rule.name})" if several else "")


def _tables_of(source: str, file_name: str) -> tuple[TableText, ...]:
    return previews.tables_of(here.context(), here.actor(), source.encode(), file_name=file_name)


def _form_preview(source: str, *, everything: bool = True) -> str:
    found = previews.preview_form(
        here.context(),
        here.actor(),
        source.encode(),
        file_name="form",
        language=here.language(),
        everything=everything,
    )
    parts = [_apart(each) for each in found.form.parts] if found.form else []
    return render_template("form_preview.html", found=found, parts=parts, file_mark=lambda file_id, name: "")


def _apart(part: PartView) -> PartView:
    """The part with ids and names of its own."""
    return replace(
        part,
        id=PREFIX + part.id,
        name=PREFIX + part.name if part.name else "",
        parts=tuple(_apart(each) for each in part.parts),
        rows=tuple(tuple(_apart(each) for each in row) for row in part.rows),
    )


def _sent() -> dict[str, object]:
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise InvalidInput("Det du skickade ska vara JSON. Ladda om sidan och försök igen.")
    return sent


def _text(asked: dict[str, object], name: str, *, default: str | None = None) -> str:
    found = asked.get(name, default)
    if not isinstance(found, str) or "\0" in found or not _can_be_kept(found):
        raise InvalidInput(f"{name} ska vara en text. Ladda om sidan och försök igen.")
    return found


def _values(raw: object) -> dict[str, str]:
    if not isinstance(raw, dict):
        raise InvalidInput("Värdena ska stå efter namn. Ladda om sidan och försök igen.")
    return {str(name): _text(raw, name) for name in raw}


def _can_be_kept(text: str) -> bool:
    """JSON may hold halves of signs, which no encoding takes."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def _refusal(error: FlowError) -> Response:
    status = errors.status_of(error)
    if status not in (409, 413, 422):
        raise error
    problems = error.problems if isinstance(error, DefinitionInvalid) else ()
    body = {"code": error.code, "detail": errors.message_of(error), "elements": [each.element_id for each in problems]}
    return make_response(jsonify(body), status)
