"""What differs between two versions of a diagram, a decision table or a form, in words that a process owner knows.
Hides how elements, rules and fields of both are found to be the same."""

from flowsvc.domain.errors import DefinitionInvalid, FlowError
from flowsvc.engine.comparing import processes, schemas, tables
from flowsvc.engine.comparing.facts import differences, last_first, pair
from flowsvc.engine.comparing.model import Cell, Change, Column, Comparison, Detail, Language, Row, Table
from flowsvc.engine.xml import parse_xml

__all__ = ["Cell", "Change", "Column", "Comparison", "Detail", "Language", "Row", "Table", "compare"]


def compare(kind: str, old: bytes, new: bytes, *, language: Language) -> Comparison:
    """What the new file says otherwise than the old one; `kind` is process, decision or form. A file that cannot be
    read is a fault of the comparison, in words."""
    faults = tuple(_faults(kind, old, new, language))
    if faults:
        return Comparison(kind, (), faults=faults)
    match kind:
        case "form":
            return schemas.compare(old, new, language)
        case "decision":
            return tables.compare(parse_xml(old, file_name=""), parse_xml(new, file_name=""), language)
        case _:
            before, after = (processes.things_of(parse_xml(each, file_name="")) for each in (old, new))
            changes = differences(before, after, pair(before, after), language)
            return Comparison("process", last_first(changes))


def _faults(kind: str, old: bytes, new: bytes, language: Language) -> list[str]:
    found = []
    for data, swedish, english in (
        (old, "Den tidigare filen", "The earlier file"),
        (new, "Den nya filen", "The new file"),
    ):
        try:
            if kind == "form":
                schemas.parse(data)
            else:
                parse_xml(data, file_name="")
        except DefinitionInvalid as error:
            first = error.problems[0]
            why = f"{first.what_en} {first.cure_en}" if language == "en" else f"{first.what} {first.cure}"
            found.append(f"{english if language == 'en' else swedish}: {why}")
        except FlowError:
            if language == "en":
                found.append(f"{english} is larger than 2 MB, and cannot be compared.")
            else:
                found.append(f"{swedish} är större än 2 MB och går inte att jämföra.")
    return found
