"""Diagrams of other engines become diagrams of ours, once, when they come in; each thing met is told. The result is
judged by the ordinary check. Hides the dialects."""

from dataclasses import dataclass

from lxml import etree

from flowsvc.domain.errors import FlowError
from flowsvc.engine.converting import spiff, zeebe
from flowsvc.engine.converting.report import Note, Rewriting
from flowsvc.engine.dialect import SPIFF, ZEEBE, namespace_of
from flowsvc.engine.parsing import SourceFile
from flowsvc.engine.xml import parse_xml

__all__ = ["Conversion", "Note", "convert"]

_DIALECTS = ((ZEEBE, zeebe.rewrite, "Camunda 8"), (SPIFF, spiff.rewrite, "SpiffWorkflow"))


@dataclass(frozen=True)
class Conversion:
    """A file in our dialect, the forms that it held, and what has become of each thing that it said otherwise."""

    file: SourceFile
    forms: tuple[SourceFile, ...] = ()
    report: tuple[Note, ...] = ()
    came_from: str = ""
    """The engine that the file was drawn for; empty where it was ours already, and nothing has changed."""


def convert(file: SourceFile) -> Conversion:
    """The file as our engine reads it. One that needs no conversion, or cannot be read, is as it was."""
    if not file.name.endswith(".bpmn"):
        return Conversion(file)
    try:
        root = parse_xml(file.data, file_name=file.name)
    except FlowError:
        return Conversion(file)
    notes: list[Note] = []
    forms: dict[str, bytes] = {}
    engines: list[str] = []
    data = file.data
    for space, rewrite, engine in _DIALECTS:
        if _speaks(root, space):
            rewriting = Rewriting(root, frozenset({space}))
            forms |= rewrite(rewriting)
            data = rewriting.written(space)
            notes += rewriting.notes
            engines.append(engine)
            root = parse_xml(data, file_name=file.name)
    made = tuple(SourceFile(name, text) for name, text in forms.items())
    return Conversion(SourceFile(file.name, data), made, tuple(notes), ", ".join(engines))


def _speaks(root: etree._Element, space: str) -> bool:
    names = (str(name) for each in root.iter(etree.Element) for name in (each.tag, *each.attrib))
    return any(namespace_of(name) == space for name in names)
