"""*Utkast*: process owners' drafts of models as pages, and what the editors read and write. Hides how revisions travel
in headers, and that editors are told of errors as problem+json."""

import re
from typing import Any
from urllib.parse import quote, unquote

import orjson
from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import FlowError, InvalidInput
from flowsvc.domain.model_drafts import FileChanged
from flowsvc.engine.parsing import Report, SourceFile
from flowsvc.usecases import deployments, draft_files, model_drafts
from flowsvc.usecases.once import Once
from flowsvc.web import addresses, catalogue, errors, here

pages = Blueprint("drafts", __name__)

MEDIA_TYPES = {
    DefinitionKind.PROCESS: "application/xml",
    DefinitionKind.DECISION: "application/xml",
    DefinitionKind.FORM: "application/json",
}
EDITORS = {
    DefinitionKind.PROCESS: "draft_bpmn.html",
    DefinitionKind.DECISION: "draft_dmn.html",
    DefinitionKind.FORM: "draft_form.html",
}


def once(what: str) -> Once | None:
    """The one-time key that the form came with, for what it asks; None where it has none."""
    key = request.form.get("_key", "")
    return Once(f"person:{here.actor().person_id}", key[:200], what) if key else None


def kind_named(name: str) -> DefinitionKind:
    """The kind that an address or a form names; InvalidInput."""
    if name not in {*DefinitionKind}:
        raise InvalidInput("Välj process, beslutstabell eller blankett.")
    return DefinitionKind(name)


# A list, and one draft


@pages.get("/drafts")
def listed() -> str:
    """*Utkast*."""
    going_on, ended = model_drafts.list_drafts(here.context(), here.actor())
    return render_template("drafts.html", going_on=going_on, ended=ended, key=here.context().clock.new_id())


@pages.post("/drafts")
def create() -> Response:
    """A new draft, with a live definition in it where one is named."""
    actor, named = here.actor(), request.form.get("kind", "")
    draft_id = model_drafts.create_draft(
        here.context(),
        actor,
        name=request.form.get("name", ""),
        kind=kind_named(named) if named else None,
        key=request.form.get("key", ""),
        once=once("create"),
    )
    return _to_draft(draft_id)


@pages.get("/drafts/<draft_id>")
def show(draft_id: str) -> str:
    """One draft: its files, what the check says, its history."""
    ctx, actor = here.context(), here.actor()
    draft = model_drafts.show_draft(ctx, actor, draft_id)
    report = draft_files.check_draft(ctx, actor, draft_id)
    live = _live() if not draft.has_ended else []
    return render_template(
        "draft.html", draft=draft, problems=problems(report), report=report, live=live, key=ctx.clock.new_id()
    )


@pages.post("/drafts/<draft_id>/files")
def add_file(draft_id: str) -> Response:
    """A live definition, a new file or uploaded ones are in the draft."""
    ctx, actor = here.context(), here.actor()
    uploads = [each for each in request.files.getlist("files") if each.filename]
    if uploads:
        sent = [SourceFile(_plain_name(each.filename or ""), each.stream.read()) for each in uploads]
        converted = draft_files.import_files(ctx, actor, draft_id, files=sent)
        flash(_("Filerna ligger i utkastet."))
        if converted:
            flash(_("%(names)s är omvandlad. Se vad som blev av allt.", names=", ".join(converted)))
            return _see("conversions.show", draft_id=draft_id, name=converted[0])
        return _to_draft(draft_id)
    chosen, _sep, key = request.form.get("definition", "").partition(":")
    if key:
        name = draft_files.add_definition(ctx, actor, draft_id, kind=kind_named(chosen), key=key)
    else:
        kind = kind_named(request.form.get("kind", ""))
        name = draft_files.add_new_file(ctx, actor, draft_id, kind=kind, name=request.form.get("name", ""))
    flash(_("%(name)s ligger i utkastet.", name=name))
    return _to_draft(draft_id)


@pages.post("/drafts/<draft_id>/rename")
def rename(draft_id: str) -> Response:
    """The draft has another name."""
    model_drafts.rename_draft(here.context(), here.actor(), draft_id, name=request.form.get("name", ""))
    return _to_draft(draft_id)


@pages.post("/drafts/<draft_id>/discard")
def discard(draft_id: str) -> Response:
    """The draft is thrown away."""
    model_drafts.discard_draft(here.context(), here.actor(), draft_id)
    flash(_("Utkastet är kastat. Det som är publicerat gäller som förut."))
    return _see("drafts.listed")


@pages.post("/drafts/<draft_id>/copy")
def copy(draft_id: str) -> Response:
    """A draft of my own with the same files."""
    return _to_draft(model_drafts.copy_draft(here.context(), here.actor(), draft_id, once=once(f"copy:{draft_id}")))


@pages.get("/drafts/<draft_id>/download")
def download_all(draft_id: str) -> Response:
    """All files in one archive."""
    name, data = draft_files.export_draft(here.context(), here.actor(), draft_id)
    return _attached(data, "application/zip", re.sub(r"[^\w .-]+", "-", name).strip() + ".zip")


@pages.post("/drafts/<draft_id>/check")
def check(draft_id: str) -> Response:
    """What a release would say, of the unsaved text that is sent too."""
    ctx, actor = here.context(), here.actor()
    try:
        sent = _check_request()
        source = sent.get("source")
        unsaved = SourceFile(str(sent.get("fileName")), source.encode()) if isinstance(source, str) else None
        report = draft_files.check_draft(ctx, actor, draft_id, unsaved=unsaved)
    except FlowError as error:
        return problem(error)
    return _json({"refused": report.refused, "problems": problems(report)})


@pages.get("/drafts/<draft_id>/known")
def known(draft_id: str) -> Response:
    """What the editors' pickers offer."""
    ctx, actor = here.context(), here.actor()
    try:
        model_drafts.show_draft(ctx, actor, draft_id)
    except FlowError as error:
        return problem(error)
    return _json({})


@pages.get("/definitions/<definition_id>/source")
def definition_source(definition_id: str) -> Response:
    """A live or earlier version as it was deployed."""
    found = deployments.definition_source(here.context(), here.actor(), definition_id)
    return Response(found.source, mimetype=MEDIA_TYPES[found.kind])


# One file


@pages.get("/drafts/<draft_id>/files/<name>")
def edit(draft_id: str, name: str) -> Response:
    """The editor; of a draft that has ended there is nothing to edit."""
    draft, file = model_drafts.show_file(here.context(), here.actor(), draft_id, name)
    if draft.has_ended:
        return _to_draft(draft_id)
    back = url_for("drafts.show", draft_id=draft_id)
    key = here.context().clock.new_id()
    return make_response(render_template(EDITORS[file.kind], draft=draft, file=file, back=back, key=key))


@pages.get("/drafts/<draft_id>/files/<name>/source")
def source(draft_id: str, name: str) -> Response:
    """The bytes as they were saved, and their revision."""
    ctx, actor = here.context(), here.actor()
    try:
        file = model_drafts.file_of(ctx, actor, draft_id, name)
    except FlowError as error:
        return problem(error)
    answer = Response(file.source, mimetype=MEDIA_TYPES[file.kind])
    answer.headers["ETag"] = f'"{file.revision}"'
    return answer


@pages.put("/drafts/<draft_id>/files/<name>/source")
def save(draft_id: str, name: str) -> Response:
    """The bytes are the next revision."""
    ctx, actor = here.context(), here.actor()
    try:
        file = model_drafts.save_file(
            ctx,
            actor,
            draft_id,
            name,
            request.get_data(cache=False),
            revision=_number(request.headers.get("If-Match", "").strip('"')),
            why=_readable(unquote(request.headers.get("X-Reason", ""))),
        )
    except FlowError as error:
        return problem(error)
    words = _("Sparat %(time)s", time=catalogue.clock_time(file.changed_at).replace(":", "."))
    return _json({"revision": file.revision, "savedAt": file.changed_at.isoformat(), "words": words})


@pages.post("/drafts/<draft_id>/files/<name>/source-text")
def save_text(draft_id: str, name: str) -> Response:
    """What stands in the text area, or an uploaded file, is the next revision."""
    ctx, actor = here.context(), here.actor()
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        data = upload.stream.read()
    else:
        data = _typed(model_drafts.file_of(ctx, actor, draft_id, name).source)
    number = _number(request.form.get("revision", ""))
    model_drafts.save_file(ctx, actor, draft_id, name, data, revision=number, why=request.form.get("why", ""))
    flash(_("Filen är sparad."))
    return _see("drafts.edit", draft_id=draft_id, name=name)


@pages.post("/drafts/<draft_id>/files/<name>/copy")
def copy_with_text(draft_id: str, name: str) -> Response:
    """My text in a draft of my own, when somebody else has saved first."""
    ctx, actor = here.context(), here.actor()
    data = _typed(b"")
    found = model_drafts.copy_draft(
        ctx, actor, draft_id, file_name=name, source=data, once=once(f"copy:{draft_id}:{name}")
    )
    return _to_draft(found)


@pages.post("/drafts/<draft_id>/files/<name>/remove")
def remove(draft_id: str, name: str) -> Response:
    """The draft has no such file."""
    model_drafts.remove_file(here.context(), here.actor(), draft_id, name)
    flash(_("%(name)s är borta ur utkastet. Det som är publicerat gäller som förut.", name=name))
    return _to_draft(draft_id)


@pages.get("/drafts/<draft_id>/files/<name>/download")
def download(draft_id: str, name: str) -> Response:
    """The file as it was saved."""
    file = model_drafts.file_of(here.context(), here.actor(), draft_id, name)
    return _attached(file.source, MEDIA_TYPES[file.kind], name)


@pages.get("/drafts/<draft_id>/files/<name>/history")
def history(draft_id: str, name: str) -> str:
    """Who has saved the file when and why."""
    ctx, actor = here.context(), here.actor()
    draft, file = model_drafts.show_file(ctx, actor, draft_id, name)
    changes = model_drafts.file_history(ctx, actor, draft_id, name)
    return render_template("draft_history.html", draft=draft, file=file, changes=changes, key=ctx.clock.new_id())


@pages.post("/drafts/<draft_id>/files/<name>/take-back")
def take_back(draft_id: str, name: str) -> Response:
    """The file says again what it said in an earlier revision."""
    actor = here.actor()
    earlier, current = _number(request.form.get("revision", "")), _number(request.form.get("current", ""))
    asked = once(f"take-back:{draft_id}:{name}:{earlier}")
    model_drafts.take_back(here.context(), actor, draft_id, name, revision=earlier, current=current, once=asked)
    flash(_("Filen är som den var då. Det du nyss hade finns kvar i historiken."))
    return _see("drafts.edit", draft_id=draft_id, name=name)


# What they share


def problems(report: Report) -> list[dict[str, object]]:
    """What the check found, in the page's language."""
    in_english = here.language() == "en"
    return [
        {
            "severity": each.severity,
            "code": each.code,
            "fileName": each.file_name,
            "elementId": each.element_id,
            "attribute": each.attribute,
            "line": each.line,
            "what": (in_english and each.what_en) or each.what,
            "cure": (in_english and each.cure_en) or each.cure,
        }
        for each in report.problems
        if each.severity != "used"
    ]


def problem(error: FlowError) -> Response:
    """The error as an editor reads it."""
    told: dict[str, object] = {"code": error.code, "detail": errors.message_of(error)}
    if isinstance(error, FileChanged):
        told["revision"] = error.revision
    answer = _json(told, errors.status_of(error))
    answer.mimetype = "application/problem+json"
    return answer


def _json(told: object, status: int = 200) -> Response:
    return Response(orjson.dumps(told), status, mimetype="application/json")


def _check_request() -> dict[str, object]:
    data = request.get_data(cache=False)
    try:
        sent = orjson.loads(data) if data else {}
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"Begäran är ingen JSON: {error}.") from error
    if not isinstance(sent, dict):
        raise InvalidInput("Begäran ska vara ett JSON-objekt.")
    return sent


def _typed(before: bytes) -> bytes:
    """The text area's text. Browsers send every line with CRLF; the file keeps the line ends that it had."""
    text = request.form.get("source", "")
    return (text if b"\r\n" in before else text.replace("\r\n", "\n")).encode(errors="replace")


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise InvalidInput("Det framgår inte vilken version av filen du har ändrat. Läs om sidan och försök igen.")
    return int(text)


def _readable(text: str) -> str:
    return text.replace("\0", "").encode(errors="replace").decode()


def _plain_name(name: str) -> str:
    # Some programs send the whole path, and some write the ending in capitals.
    plain = re.split(r"[/\\]", name)[-1]
    return re.sub(r"\.(?:BPMN|DMN|FORM)$", lambda ending: ending[0].lower(), plain, flags=re.IGNORECASE)


def _live() -> list[tuple[DefinitionKind, str, str]]:
    """The newest live definitions, for the list of what can be added."""
    ctx, actor, after = here.context(), here.actor(), None
    found: dict[tuple[DefinitionKind, str], str] = {}
    while True:
        page = deployments.definitions_page(ctx, actor, after=after, limit=200)
        for each in page.items:
            name = each.name_en if here.language() == "en" else each.name
            found.setdefault((each.kind, each.key), name or each.name)
        after = page.next_after
        if after is None:
            return sorted(((kind, key, name) for (kind, key), name in found.items()), key=lambda row: (row[0], row[2]))


def _attached(data: bytes, media_type: str, name: str) -> Response:
    answer = Response(data, mimetype=media_type)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return answer


def _to_draft(draft_id: str) -> Response:
    return _see("drafts.show", draft_id=draft_id)


def _see(endpoint: str, **values: Any) -> Response:
    return make_response(addresses.see(url_for(endpoint, **values)))
