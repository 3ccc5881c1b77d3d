"""Uploaded files: taken in with a form, and read by those who may read the case. Hides which kinds are allowed and how
a name is made harmless."""

import hashlib
import unicodedata

from flowsvc.domain.access import Action, Actor, ActorKind, ground_to_read, require
from flowsvc.domain.errors import InvalidInput, NotFound, TooLarge
from flowsvc.store import attachments, instances
from flowsvc.store.attachments import Attachment
from flowsvc.usecases.context import Context
from flowsvc.usecases.reading import log_read, open_instance

_OFFICE = "application/vnd.openxmlformats-officedocument"
_ZIP = (b"PK\x03\x04",)

ALLOWED: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "docx": (f"{_OFFICE}.wordprocessingml.document", _ZIP),
    "xlsx": (f"{_OFFICE}.spreadsheetml.sheet", _ZIP),
    "odt": ("application/vnd.oasis.opendocument.text", _ZIP),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet", _ZIP),
    "txt": ("text/plain", ()),
    "csv": ("text/csv", ()),
}
"""What may be uploaded: by the name's ending, the type it is handed out as and how such a file begins."""

LONGEST_NAME = 120


def store_upload(ctx: Context, actor: Actor, *, name: str, content_type: str, content: bytes) -> Attachment:
    """The file is stored for its uploader alone, until the form it belongs to is sent. InvalidInput for a kind that is
    not allowed, whatever its name or `content_type` say; TooLarge past the limit."""
    require(actor, Action.READ_OWN_PAGES)
    if not content:
        raise InvalidInput("Filen är tom.")
    if len(content) > ctx.upload_limit:
        raise TooLarge(f"Filen är för stor. Högst {ctx.upload_limit / 1_000_000:.0f} MB går att bifoga.")
    cleaned = _cleaned(name)
    kind = cleaned.rpartition(".")[2].lower()
    allowed_type, beginnings = ALLOWED.get(kind, ("", ()))
    is_text = kind in ("txt", "csv") and b"\x00" not in content
    if not allowed_type or not (is_text or content.startswith(beginnings or (b"\x00",))):
        endings = ", ".join(sorted(ALLOWED))
        raise InvalidInput(f"Filen är av en sort som inte går att bifoga. De här går: {endings}.")
    if content_type.split(";")[0].strip().lower() not in (
        allowed_type,
        # What browsers say of a list when a spreadsheet programme is installed, and of what they do not know.
        *(("application/vnd.ms-excel", "text/plain") if kind == "csv" else ()),
        "",
        "application/octet-stream",
    ):
        raise InvalidInput("Filens sort stämmer inte med dess namn.")
    added = Attachment(
        id=ctx.clock.new_id(),
        instance_id=None,
        submission_id=None,
        person_id=actor.person_id,
        owner_party=None,
        name=cleaned,
        content_type=allowed_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        at=ctx.clock.now(),
    )
    with ctx.store.begin() as tx:
        attachments.add(tx, added, content)
    return added


def _cleaned(name: str) -> str:
    """The name without folders and without signs that a file system or a header could take amiss."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(
        sign for sign in unicodedata.normalize("NFC", last) if sign.isprintable() and sign not in '<>:"|?*;'
    )
    stem, dot, ending = plain.rstrip(" .").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    return f"{(stem.strip(' .') or 'fil')[: LONGEST_NAME - len(ending) - 1]}{dot}{ending}"[:LONGEST_NAME]


def attachments_of(ctx: Context, actor: Actor, instance_id: str) -> tuple[Attachment, ...]:
    """The files of the case that are shared or the actor's own party's, with the reading on record; NotFound where the
    case is not the actor's to see."""
    opened = open_instance(ctx, actor, Action.READ_INSTANCE, instance_id, items=["attachments"])
    with ctx.store.read() as tx:
        return tuple(each for each in attachments.of_instance(tx, instance_id) if opened.may_see(each.owner_party))


def read_attachment(ctx: Context, actor: Actor, attachment_id: str) -> tuple[Attachment, bytes]:
    """The file, for those who may read its case and, where a party owns it, belong to that party; NotFound for others.
    Until its form is sent only its uploader has it. That it was read is on record."""
    require(actor, Action.READ_OWN_PAGES if actor.kind is ActorKind.PERSON else Action.READ_INSTANCE)
    now = ctx.clock.now()
    with ctx.store.begin() as tx:
        found = attachments.by_id(tx, attachment_id)
        if found.instance_id is None:
            if found.person_id != actor.person_id:
                raise NotFound("Det finns ingen sådan fil, eller så har du inte tillgång till den.")
        else:
            ground = ground_to_read(actor, instances.readers_of(tx, found.instance_id), now=now)
            is_hidden = found.owner_party is not None and found.owner_party not in actor.parties
            if is_hidden and actor.kind is not ActorKind.SYSTEM:
                raise NotFound("Det finns ingen sådan fil, eller så har du inte tillgång till den.")
            log_read(ctx, tx, actor, found.instance_id, Action.READ_DOCUMENT, ground=ground, items=[found.id])
        return found, attachments.content_of(tx, attachment_id)
