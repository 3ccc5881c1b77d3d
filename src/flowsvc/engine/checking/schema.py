"""BPMN's own schema (BPMN20.xsd, which SpiffWorkflow ships). Files out of other tools break it slightly and still say
what they mean: then a warning is enough. A value that cannot be read as what it should be is refused."""

import re
from functools import cache
from pathlib import Path
from threading import Lock

import SpiffWorkflow.bpmn
from lxml import etree

from flowsvc.engine.checking.findings import Findings, refused, warned
from flowsvc.engine.dialect import BPMN, local_name, namespace_of

_VALUE = refused(
    "schema.value",
    "{name} kan inte ha värdet ”{value}”.",
    "Skriv ett värde som BPMN tillåter.",
    "{name} cannot have the value “{value}”.",
    "Write a value that BPMN allows.",
)
_VALUE_DRAWN = warned(
    "schema.value_drawn",
    "{name} har värdet ”{value}”, som inte följer BPMN. Det ändrar inget när processen körs.",
    "Spara diagrammet på nytt i ett ritverktyg.",
    "{name} has the value “{value}”, which does not follow BPMN. It changes nothing when the process runs.",
    "Save the diagram again in a modeler.",
)
_ATTRIBUTE = warned(
    "schema.attribute",
    "{thing} har attributet {name}, som inte finns i BPMN och inte läses.",
    "Ta bort det, om du räknar med att det gör något.",
    "{thing} has the attribute {name}, which BPMN does not know and nothing reads.",
    "Remove it if you count on its doing something.",
)
_PLACE = warned(
    "schema.place",
    "{thing} står på en plats eller i en ordning som inte följer BPMN.",
    "Spara diagrammet på nytt i ett ritverktyg.",
    "{thing} stands in a place or an order that does not follow BPMN.",
    "Save the diagram again in a modeler.",
)
_LACKING = warned(
    "schema.lacking",
    "{thing} saknar {name}, som BPMN kräver.",
    "Fyll i det i egenskapspanelen.",
    "{thing} lacks {name}, which BPMN requires.",
    "Fill it in, in the properties panel.",
)
_OTHER = warned(
    "schema.other",
    "{thing} följer inte BPMN:s schema.",
    "Spara diagrammet på nytt i ett ritverktyg.",
    "{thing} does not follow BPMN's schema.",
    "Save the diagram again in a modeler.",
)

MOST = 50
"""How many faults of the schema are told of in one file."""

_ELEMENT = re.compile(r"Element '([^']+)'(?:, attribute '([^']+)')?: (.*)", re.DOTALL)
_NAMED = re.compile(r"[Tt]he attribute '([^']+)'")
_WRITTEN = re.compile(r"(?:\[facet '\w+'\] The value )?'(.*?)' is not", re.DOTALL)
_CHILDREN = re.compile(r"Missing child element\(s\)\. Expected is (?:one of )?\(?\s*(\S+?),?\s")
_STEERING = frozenset(
    {
        "behavior",
        "cancelActivity",
        "cancelRemainingInstances",
        "completionQuantity",
        "eventGatewayType",
        "instantiate",
        "isExecutable",
        "isForCompensation",
        "isInterrupting",
        "isSequential",
        "loopMaximum",
        "method",
        "ordering",
        "parallelMultiple",
        "startQuantity",
        "testBefore",
        "triggeredByEvent",
        "waitForCompletion",
    }
)
"""Attributes of which a run reads the value."""

_lock = Lock()


@cache
def _schema() -> etree.XMLSchema:
    folder = Path(str(SpiffWorkflow.bpmn.__file__)).parent / "parser" / "schema"
    return etree.XMLSchema(etree.parse(folder / "BPMN20.xsd"))


def check_schema(root: etree._Element, findings: Findings) -> None:
    """Each breach of the schema is told of with its line, up to a number of them."""
    with _lock:
        # The schema keeps the faults of its last question.
        schema = _schema()
        if schema.validate(root):
            return
        faults = [(str(each.path or ""), str(each.message)) for each in schema.error_log]
    for path, message in faults[:MOST]:
        _tell(_at(root, path), message, findings)


def _tell(at: etree._Element | None, message: str, findings: Findings) -> None:
    found = _ELEMENT.fullmatch(message)
    if found is None:
        findings.add(_OTHER, at, thing=local_name(str(at.tag)) if at is not None else "definitions")
        return
    tag, attribute, fault = found.groups()
    words = {"thing": local_name(tag)[:80]}
    if attribute is not None and (named := _NAMED.search(fault)):
        findings.add(_ATTRIBUTE, at, attribute=attribute, name=local_name(named[1]), **words)
    elif written := _WRITTEN.match(fault):
        name = attribute or local_name(tag)
        is_read = name in _STEERING and namespace_of(tag) == BPMN
        if not (attribute in ("id", "sourceRef", "targetRef", "default") or "IDREF" in fault):
            findings.add(_VALUE if is_read else _VALUE_DRAWN, at, name=name, value=written[1][:80])
    elif named := _NAMED.search(fault):
        findings.add(_LACKING, at, name=named[1], **words)
    elif missing := _CHILDREN.match(fault):
        findings.add(_LACKING, at, name=local_name(missing[1]), **words)
    else:
        findings.add(_PLACE if "not expected" in fault else _OTHER, at, **words)


def _at(root: etree._Element, path: str) -> etree._Element | None:
    try:
        spaces = {prefix: space for prefix, space in root.nsmap.items() if prefix}
        found = root.getroottree().xpath(path, namespaces=spaces) if path else []
    except etree.XPathError:
        return root
    return found[0] if isinstance(found, list) and found and isinstance(found[0], etree._Element) else root
