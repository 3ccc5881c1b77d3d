"""What a document is made of, before it has a form: a title, and blocks of plain text in reading order."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias


@dataclass(frozen=True)
class Heading:
    """A heading of level 2 (a part of the document) or 3 (a section of a part)."""

    kind: ClassVar[str] = "heading"
    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Running text; an empty line begins a new paragraph, a line break stays one."""

    kind: ClassVar[str] = "paragraph"
    text: str


@dataclass(frozen=True)
class Note:
    """Something the reader must not miss, set apart."""

    kind: ClassVar[str] = "note"
    text: str


@dataclass(frozen=True)
class Terms:
    """Labels and what they stand for, such as the fields of a form."""

    kind: ClassVar[str] = "terms"
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """Rows under column headers; the first cell of a row names it. Columns in `numeric` are set flush right."""

    kind: ClassVar[str] = "table"
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.header) for row in self.rows):
            raise ValueError(f"a row of the table {self.caption!r} has not as many cells as its header")


@dataclass(frozen=True)
class Signature:
    """Who signed: the name, as what, for which party, and when in words."""

    name: str
    post: str
    party: str
    signed: str


@dataclass(frozen=True)
class Signatures:
    """The signatures below a document, one per party."""

    kind: ClassVar[str] = "signatures"
    people: tuple[Signature, ...]


Block: TypeAlias = Heading | Paragraph | Note | Terms | Table | Signatures


@dataclass(frozen=True)
class Document:
    """A document: `made_at` is aware and in the zone in which it is to be read; `about` are the facts under the
    title. Headings never skip a level, so that the outline is a true one."""

    title: str
    case_no: str
    made_at: datetime
    about: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]

    def __post_init__(self) -> None:
        if self.made_at.tzinfo is None:
            raise ValueError("a document needs to know in which zone it was made")
        above = 1
        for block in self.blocks:
            if isinstance(block, Heading):
                if not 2 <= block.level <= min(above + 1, 3):
                    raise ValueError(f"the heading {block.text!r} skips a level")
                above = block.level
