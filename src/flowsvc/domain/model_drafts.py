"""Drafts of models: files that are changed together and released together, who has had a hand in them, and who may then
approve. Hides how the content of a draft is summed up in one hash."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import Conflict, InvalidInput, StaleRevision, TooLarge

SAME_SITTING = timedelta(minutes=10)
"""Saves of one person within this time are one line of the history."""
FILE_LIMIT = 2_000_000
"""Bytes of a file; the deploy check takes no more."""
FILES_LIMIT = 500
"""Files of a draft; a whole installation may be deployed at once."""
NAME_LIMIT = 120

_KINDS = {".bpmn": DefinitionKind.PROCESS, ".dmn": DefinitionKind.DECISION, ".form": DefinitionKind.FORM}
_ENDINGS = {kind: ending for ending, kind in _KINDS.items()}
_FILE_NAME = re.compile(r"\w[\w .()-]{0,113}\.(?:bpmn|dmn|form)")


class DraftState(StrEnum):
    """Where a draft stands. The last two are its ends."""

    OPEN = "open"
    SUBMITTED = "submitted"
    """Somebody asks for approval of exactly what the files now say."""
    RELEASED = "released"
    DISCARDED = "discarded"


class DraftMove(StrEnum):
    """What somebody did with a draft; one line of its history."""

    CREATED = "created"
    ADDED = "added"
    SAVED = "saved"
    TAKEN_BACK = "taken_back"
    """An earlier save is what the file says again."""
    REMOVED = "removed"
    RENAMED = "renamed"
    REBASED = "rebased"
    """The newest live version has been taken as ground."""
    SUBMITTED = "submitted"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    RELEASED = "released"
    DISCARDED = "discarded"


_NOT_BY_AN_AUTHOR = frozenset({DraftMove.APPROVED, DraftMove.SENT_BACK, DraftMove.RELEASED, DraftMove.DISCARDED})


@dataclass(frozen=True)
class ModelDraft:
    """Files that are changed together and released together."""

    id: str
    name: str
    state: DraftState
    created_by: str
    created_at: datetime
    changed_at: datetime
    note: str = ""
    """Why it is to be live, as whoever submits or releases it says."""
    origin: str = ""
    """Where it came from, if nobody made it: the name and hash of a shipped file."""
    submitted_by: str = ""
    submitted_at: datetime | None = None
    submitted_sha256: str = ""
    approved_by: str = ""
    approved_at: datetime | None = None
    approved_sha256: str = ""
    """Of all files, as they were approved; anything else is not approved."""
    ended_by: str = ""
    ended_at: datetime | None = None
    deployment_id: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether nothing can be done with it any more."""
        return self.state in (DraftState.RELEASED, DraftState.DISCARDED)


@dataclass(frozen=True)
class DraftFile:
    """One file of a draft, as it was saved last."""

    draft_id: str
    file_name: str
    kind: DefinitionKind
    source: bytes
    sha256: str
    revision: int
    changed_by: str
    changed_at: datetime
    based_on: Mapping[str, str] = field(default_factory=dict)
    """The live versions that it started from: ids of definitions by `KIND:KEY`. Empty for what is new."""


@dataclass(frozen=True)
class DraftChange:
    """A line of a draft's history. Where a file was saved, with what it said."""

    id: str
    draft_id: str
    move: DraftMove
    by: str
    began_at: datetime
    at: datetime
    why: str = ""
    file_name: str = ""
    revision: int = 0
    sha256: str = ""
    source: bytes = b""


class FileChanged(StaleRevision):
    """Somebody else has saved the file; `revision` is theirs."""

    def __init__(self, message: str, *, revision: int) -> None:
        super().__init__(message)
        self.revision = revision


class NoteMissing(InvalidInput):
    """Whoever is to approve has not been told why."""


def kind_of(file_name: str) -> DefinitionKind:
    """The kind of file; InvalidInput where its name is none that a draft can hold."""
    if not _FILE_NAME.fullmatch(file_name):
        raise InvalidInput(
            f"Filen kan inte heta {file_name[:NAME_LIMIT]}. Använd bokstäver, siffror, punkt och bindestreck, och låt "
            "namnet sluta på .bpmn, .dmn eller .form."
        )
    return _KINDS[file_name[file_name.rindex(".") :]]


def file_name_for(kind: DefinitionKind, name: str) -> str:
    """The name of a new file: with the ending of its kind, whether or not it was written."""
    plain = " ".join(name.split())
    return plain if plain.endswith(_ENDINGS[kind]) else plain + _ENDINGS[kind]


def require_file(data: bytes, file_name: str) -> None:
    """What the file says can be kept and shown as text; InvalidInput or TooLarge."""
    if not data.strip():
        raise InvalidInput(f"Filen {file_name} är tom. Skicka en fil med innehåll.")
    if len(data) > FILE_LIMIT:
        raise TooLarge(f"Filen {file_name} är större än 2 MB. Dela upp den i flera filer.")
    try:
        is_text = "\0" not in data.decode()
    except UnicodeDecodeError:
        is_text = False
    if not is_text:
        raise InvalidInput(f"Filen {file_name} är inte text i UTF-8. Spara den på nytt som UTF-8.")


def require_name(name: str) -> str:
    """The name of a draft, tidied; InvalidInput where there is none."""
    plain = " ".join(name.split())
    if not plain or len(plain) > NAME_LIMIT:
        raise InvalidInput(f"Ge utkastet ett namn med högst {NAME_LIMIT} tecken.")
    return plain


def require_open(draft: ModelDraft) -> None:
    """The draft can still be changed; Conflict where it has ended."""
    if draft.state is DraftState.RELEASED:
        raise Conflict("Utkastet är redan publicerat. Gör ett nytt utkast för att ändra mer.")
    if draft.state is DraftState.DISCARDED:
        raise Conflict("Utkastet är kastat. Gör ett nytt utkast.")


def sha256_of(data: bytes) -> str:
    """The hash by which a file is known."""
    return hashlib.sha256(data).hexdigest()


def content_of(files: Iterable[DraftFile]) -> str:
    """The hash of all files with their names: an approval counts for it alone."""
    return summed_up({each.file_name: each.sha256 for each in files})


def summed_up(hashes: Mapping[str, str]) -> str:
    """The hash of files of these names and hashes."""
    lines = "".join(f"{name}\0{each}\n" for name, each in sorted(hashes.items()))
    return sha256_of(lines.encode())


def is_same_sitting(last: DraftChange, *, by: str, now: datetime, why: str, state: DraftState) -> bool:
    """Whether a save belongs to the line of the history that the last save of the file wrote. What the file said at
    first, what was said to be why, and what was submitted keep lines of their own."""
    return (
        last.move is DraftMove.SAVED
        and last.by == by
        and now - last.began_at <= SAME_SITTING
        and not last.why
        and not why
        and state is DraftState.OPEN
    )


def authors(changes: Iterable[DraftChange]) -> frozenset[str]:
    """Everybody who has started, changed or submitted the draft."""
    return frozenset(each.by for each in changes if each.move not in _NOT_BY_AN_AUTHOR)


def may_approve(person_id: str, changes: Sequence[DraftChange]) -> bool:
    """Whether the person has had no hand in the draft."""
    return person_id not in authors(changes)


def is_untouched(draft: ModelDraft, changes: Iterable[DraftChange]) -> bool:
    """Whether nobody but whoever started the draft has done anything with it."""
    return draft.state is DraftState.OPEN and all(each.by == draft.created_by for each in changes)


def is_approved(draft: ModelDraft, files: Iterable[DraftFile]) -> bool:
    """Whether what the files say now has been approved."""
    return bool(draft.approved_sha256) and draft.approved_sha256 == content_of(files)
