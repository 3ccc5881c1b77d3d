"""What a process owner sees of a draft before it is released: its form as staff will see it, and its table tried with
values. Both are asked with the text on the screen, saved or not."""

from dataclasses import asdict, replace

from flask import Blueprint, Response, g, jsonify, render_template, request

from flowsvc.domain.errors import InvalidInput
from flowsvc.domain.forms.viewing import PartView
from flowsvc.engine.parsing import SourceFile
from flowsvc.usecases import model_drafts, previews
from flowsvc.usecases.previews import MatchedPlace, Model, TableText
from flowsvc.web import here, sentences

pages = Blueprint("previews", __name__)
PREFIX = "preview-"
"""Begins every id and input name of a previewed form, so that none of them is one of the page around it."""


@pages.app_context_processor
def _for_editors() -> dict[str, object]:
    """What the editors' pages show without scripts."""
    return {"tables_of": _tables_of, "form_preview": _form_preview}


@pages.post("/drafts/<draft_id>/form-preview")
def form(draft_id: str) -> str:
    """The form in the source as staff will see it: a fragment of a page."""
    model_drafts.show_draft(here.context(), here.actor(), draft_id)
    asked = _sent()
    g.language = "en" if asked.get("language") == "en" else "sv"
    return _form_preview(_text(asked, "source"), everything=asked.get("everything") is not False)


@pages.post("/drafts/<draft_id>/files/<name>/evaluate")
def evaluate(draft_id: str, name: str) -> Response:
    """What a decision of the source needs; with variables, what it answers and by which rules."""
    ctx, actor = here.context(), here.actor()
    draft = model_drafts.show_draft(ctx, actor, draft_id)
    asked = _sent()
    model = Model(
        name=name,
        source=_text(asked, "source").encode(),
        beside=tuple(SourceFile(each.name, each.source.encode()) for each in draft.files if each.name != name),
    )
    decision = _text(asked, "decision", default="")
    if "variables" not in asked:
        question = previews.question_of(ctx, actor, model, decision=decision)
        named = [{"key": key, "name": words} for key, words in question.decisions]
        inputs = [asdict(each) for each in question.inputs]
        return jsonify({"decision": question.decision, "decisions": named, "inputs": inputs})
    values, language = _values(asked["variables"]), here.language()
    tried = previews.try_decision(ctx, actor, model, decision=decision, values=values, language=language)
    return jsonify(
        {
            "outputs": [{"label": label, "value": value} for label, value in tried.outputs],
            "matched": [{"rule": each.rule, "words": _rule_words(each, tried.matched)} for each in tried.matched],
            "warnings": [sentences.told(each, language) for each in tried.warnings],
        }
    )


def _rule_words(rule: MatchedPlace, matched: tuple[MatchedPlace, ...]) -> str:
    word = "rule" if here.language() == "en" else "regel"
    several = len({each.decision for each in matched}) > 1
    return f"{word} {rule.index}" + (f" ({rule.name})" if several else "")


def _tables_of(source: str, file_name: str) -> tuple[TableText, ...]:
    return previews.tables_of(here.context(), here.actor(), Model(file_name, source.encode()))


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
