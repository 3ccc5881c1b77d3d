"""A list of deviations from another system (CSV): read, checked and counted. Hides signs and separators; keeps nothing
but codes, and refuses columns that could hold free text."""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from io import StringIO

LIMIT = 20_000
"""Rows of one file."""
FIELDS = ("id", "on", "category", "reporter", "counterpart")
"""What a row may say; `id`, `on` and `category` must be among the columns."""
_NEEDED = ("id", "on", "category")
_LONGEST = 60


@dataclass(frozen=True)
class Deviation:
    """One row of the file."""

    id: str
    on: date
    category: str
    reporter: str = ""
    counterpart: str = ""


@dataclass(frozen=True)
class Reading:
    """What came of a file: its rows without duplicates, which lines repeat another one, and what cannot be read."""

    rows: int = 0
    deviations: tuple[Deviation, ...] = ()
    duplicates: tuple[int, ...] = ()
    """Line numbers, the header being line 1."""
    faults: tuple[str, ...] = ()

    @property
    def is_readable(self) -> bool:
        """Whether the whole file could be read."""
        return not self.faults


def read_deviations(data: bytes, *, columns: Mapping[str, str]) -> Reading:
    """The deviations of a file whose columns are named as `columns` says (field to header). A row with the id of an
    earlier one, or with the same everything else, is a duplicate. Faults name line and column, never a value."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What spreadsheets on Windows save.
        text = data.decode("cp1252", errors="replace")
    header = text.partition("\n")[0]
    separator = max(";,\t", key=header.count)
    lines = csv.reader(StringIO(text), delimiter=separator)
    names = [name.strip().casefold() for name in next(lines, [])]
    wanted = {header.strip().casefold(): field for field, header in columns.items() if field in FIELDS}
    faults = [*_missing(names, columns), *_unknown(names, wanted)]
    if faults:
        return Reading(faults=tuple(faults))
    fields = [wanted[name] for name in names]
    return _read(lines, fields, columns)


def _missing(names: list[str], columns: Mapping[str, str]) -> list[str]:
    return [
        f"Kolumnen {columns.get(field, field)} saknas."
        for field in _NEEDED
        if columns.get(field, "").strip().casefold() not in names
    ]


def _unknown(names: list[str], wanted: Mapping[str, str]) -> list[str]:
    return [
        f"Kolumn {number} ska inte vara med. Ta bort den, så att inget fritt skrivet följer med."
        for number, name in enumerate(names, 1)
        if name not in wanted
    ]


def _read(lines: Iterator[list[str]], fields: list[str], columns: Mapping[str, str]) -> Reading:
    rows, found, duplicates, faults = 0, list[Deviation](), list[int](), list[str]()
    ids: set[str] = set()
    contents: set[Deviation] = set()
    for number, cells in enumerate(lines, 2):
        if not any(cell.strip() for cell in cells):
            continue
        rows += 1
        if rows > LIMIT:
            faults.append(f"Filen har fler än {LIMIT} rader. Dela den.")
            break
        row, wrong = _row(fields, cells)
        if row is None:
            faults.append(f"Rad {number}: {columns.get(wrong, wrong)} går inte att läsa.")
            continue
        content = Deviation("", row.on, row.category, row.reporter, row.counterpart)
        # Without the services two different deviations of a day and category would look alike.
        is_told_apart = bool(row.reporter and row.counterpart)
        if row.id in ids or (is_told_apart and content in contents):
            duplicates.append(number)
            continue
        ids.add(row.id)
        contents.add(content)
        found.append(row)
    return Reading(rows, tuple(found), tuple(duplicates), tuple(faults[:20]))


def _row(fields: list[str], cells: list[str]) -> tuple[Deviation | None, str]:
    """The row, or the field that cannot be read."""
    if len(cells) != len(fields):
        return None, "raden"
    said = {field: cell.strip() for field, cell in zip(fields, cells, strict=True)}
    for field in FIELDS:
        if len(said.get(field, "")) > _LONGEST or (field in _NEEDED and not said[field]):
            return None, field
    try:
        on = date.fromisoformat(said["on"])
    except ValueError:
        return None, "on"
    return (
        Deviation(said["id"], on, said["category"], said.get("reporter", ""), said.get("counterpart", "")),
        "",
    )


def by_category(deviations: tuple[Deviation, ...]) -> dict[str, int]:
    """How many deviations there are of each category."""
    return dict(sorted(Counter(each.category for each in deviations).items()))
