"""What a comparison says: changes in words, and for tables the cells before and after. Plain values in
one language."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["sv", "en"]
Kind: TypeAlias = Literal["added", "removed", "changed", "moved"]
Mark: TypeAlias = Literal["same", "added", "removed", "changed", "moved"]


@dataclass(frozen=True)
class Detail:
    """One thing that an element says differently. One side is empty where the other alone says something."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One element, row or field that differs. `moved` is for what runs as before: its place in the drawing, ids that
    nobody sees, rows whose order does not count."""

    kind: Kind
    element_id: str
    """In the new file; in the old one for what was removed."""
    old_id: str
    """In the old file; empty for what was added."""
    title: str
    type: str
    """What it is, in words: `Uppgift`, `Flöde`, `Rad`."""
    what: tuple[Detail, ...] = ()


@dataclass(frozen=True)
class Cell:
    """One cell of a table, before and after; equal where the mark is `same`."""

    mark: Mark
    before: str
    after: str


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    mark: Mark
    title: str
    is_output: bool


@dataclass(frozen=True)
class Row:
    """One rule: its number in the old and the new table, None where it is not in one of them."""

    mark: Mark
    before: int | None
    after: int | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A decision table that differs, whole, in the order of the new one; removed rows where they stood."""

    element_id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Comparison:
    """What differs between two files, in reading order; what is only moved comes last."""

    kind: str
    """`process`, `decision` or `form`."""
    changes: tuple[Change, ...]
    tables: tuple[Table, ...] = ()
    faults: tuple[str, ...] = ()
    """Why a file cannot be compared; then there are no changes."""

    @property
    def told(self) -> tuple[Change, ...]:
        """What changes how it runs or reads."""
        return tuple(each for each in self.changes if each.kind != "moved")

    @property
    def moved(self) -> tuple[Change, ...]:
        """What runs and reads as before."""
        return tuple(each for each in self.changes if each.kind == "moved")

    @property
    def is_same(self) -> bool:
        """Both could be read, and nothing differs."""
        return not (self.changes or self.faults)
