"""A form in a browser, whichever page it stands on: reads what was sent, keeps it as a draft, adds and removes rows and
files, shows it again, or sends it. Works the same without scripts; with them, the same answers are swapped in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import Response, flash, jsonify, make_response, request
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import FileStorage

from flowsvc.domain.access import Actor
from flowsvc.domain.errors import FormInvalid, InvalidInput
from flowsvc.domain.forms import Submitted
from flowsvc.usecases import attachments, task_pages
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
from flowsvc.usecases.tasks import Receipt
from flowsvc.web import addresses, catalogue, errors, here, sentences

KEY = "_key"
"""The input that holds the form's one-time key."""
DO = "_do"
"""The buttons: send, save, refresh, autosave, `add:LIST`, `remove:LIST:ROW`, `drop:FILE`."""
FILES = "_files:"
"""Inputs that name files stored before; what they hold is signed, so that nobody can attach another's file."""

Show = Callable[[Submitted | None, Mapping[str, str], str], str]
"""The page with what was sent, its faults by field, and its one-time key."""


@dataclass(frozen=True)
class Blank:
    """One form on its page: the place of its draft, the page itself, and what sending does."""

    place: str
    show: Show
    send: Callable[[Sent], Receipt]
    done: Callable[[Receipt], str]
    """Where to go after sending."""
    inside: "tuple[Context, Actor] | None" = None
    """The context and the actor of a form that is only tried; else those of the request."""

    @property
    def ctx(self) -> Context:
        """Where what is sent is kept."""
        return self.inside[0] if self.inside else here.context()

    @property
    def actor(self) -> Actor:
        """Who fills it in."""
        return self.inside[1] if self.inside else here.actor()


def shown(blank: Blank) -> str:
    """The page as it is opened: with the draft, if there is one, and a new one-time key."""
    return blank.show(None, {}, here.context().clock.new_id())


def answered(blank: Blank) -> Response:
    """What follows from the button that was pressed."""
    asked, _sep, what = request.form.get(DO, "send").partition(":")
    key = request.form.get(KEY, "")
    submitted, faults = _received(blank)
    if asked == "drop":
        submitted = _without_file(submitted, what)
    elif asked in ("add", "remove"):
        submitted = _with_row(submitted, what) if asked == "add" else _without_row(submitted, what)
    if asked == "send" and not faults:
        try:
            receipt = blank.send(Sent(fields=submitted, one_time_key=key, language=here.language()))
        except FormInvalid as error:
            faults = {name: sentences.told(fault, here.language()) for name, fault in error.fields.items()}
        else:
            here.wake()
            return make_response(addresses.see(blank.done(receipt)))
    draft = task_pages.save_form_draft(blank.ctx, blank.actor, blank.place, submitted, language=here.language())
    if asked == "autosave":
        text = _("Utkastet sparades kl. %(time)s.", time=catalogue.clock_time(draft.saved_at))
        return jsonify({"text": text})
    if asked == "save" and not faults:
        flash(_("Utkastet är sparat. Du kan stänga sidan och fortsätta senare."))
        return make_response(addresses.see(request.full_path.rstrip("?")))
    return make_response(blank.show(submitted, faults, key), 422 if faults else 200)


def file_mark(actor: Actor, file_id: str, name: str) -> str:
    """The file as the page hands it to the browser and back."""
    return _seal(actor).dumps([file_id, name])


def _seal(actor: Actor) -> URLSafeSerializer:
    return URLSafeSerializer(here.settings().secret_key, salt=f"upload:{actor.person_id}")


def _received(blank: Blank) -> tuple[Submitted, dict[str, str]]:
    """What was sent, its new files stored, and what is wrong with those that could not be."""
    fields = {name: tuple(texts) for name, texts in request.form.lists() if not name.startswith("_")}
    files = {
        name.removeprefix(FILES): [found for mark in marks if (found := _file(mark)) is not None]
        for name, marks in request.form.lists()
        if name.startswith(FILES)
    }
    faults: dict[str, str] = {}
    for name, uploads in request.files.lists():
        for upload in uploads:
            if not upload.filename:
                continue
            try:
                kept = _stored(blank, upload)
            except InvalidInput as error:
                faults[name] = errors.message_of(error)
            else:
                # A field for one file holds the newest.
                several = f"{name}:several" in request.form
                files[name] = [*(files.get(name, []) if several else []), kept]
    return Submitted(fields=fields, files=files), faults


def _file(mark: str) -> dict[str, str] | None:
    try:
        file_id, name = _seal(here.actor()).loads(mark)
    except BadSignature:
        return None
    return {"file": str(file_id), "name": str(name)}


def _stored(blank: Blank, upload: FileStorage) -> dict[str, str]:
    # A form that is only tried may be read again, when another tab was first.
    upload.seek(0)
    kept = attachments.store_upload(
        blank.ctx,
        blank.actor,
        name=upload.filename or "",
        content_type=upload.mimetype or "application/octet-stream",
        content=upload.read(),
    )
    return {"file": kept.id, "name": kept.name}


def _without_file(submitted: Submitted, mark: str) -> Submitted:
    gone = _file(mark)
    return Submitted(
        fields=submitted.fields,
        files={name: [each for each in found if each != gone] for name, found in submitted.files.items()},
    )


def _count(submitted: Submitted, path: str) -> int:
    return _number(submitted.one(f"{path}:count")) or 0


def _number(text: str) -> int | None:
    """Of a row, or of how many there are; None for what is no such number."""
    return int(text) if text.isdecimal() and len(text) < 4 else None


def _with_row(submitted: Submitted, path: str) -> Submitted:
    return Submitted(
        fields={**submitted.fields, f"{path}:count": (str(_count(submitted, path) + 1),)}, files=submitted.files
    )


def _without_row(submitted: Submitted, what: str) -> Submitted:
    path, _sep, text = what.rpartition(":")
    count, row = _count(submitted, path), _number(text)
    if row is None or row >= count:
        return submitted
    fields: dict[str, Sequence[str]] = dict(_moved_up(submitted.fields, path, row))
    fields[f"{path}:count"] = (str(count - 1),)
    return Submitted(fields=fields, files=dict(_moved_up(submitted.files, path, row)))


def _moved_up(found: Mapping[str, Sequence], path: str, gone: int) -> dict[str, Sequence]:  # type: ignore[type-arg]
    """The inputs without those of one row; the rows after it have moved up."""
    result = {}
    for name, held in found.items():
        text, sep, rest = name.removeprefix(f"{path}:").partition(":")
        index = _number(text)
        if not name.startswith(f"{path}:") or not sep or index is None:
            result[name] = held
        elif index != gone:
            result[f"{path}:{index - (index > gone)}:{rest}"] = held
    return result
