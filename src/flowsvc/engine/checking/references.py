"""What a file says by id: ids that are there and used once, and references to something of the right kind."""

from collections.abc import Iterator, Mapping

from lxml import etree

from flowsvc.engine.checking.diagram import ACTIVITIES, FLOW_NODES, Diagram, is_bpmn
from flowsvc.engine.checking.findings import Findings, refused, warned
from flowsvc.engine.dialect import local_name, namespace_of, text_of

_MISSING = refused(
    "id.missing",
    "{kind} på rad {line} har inget id.",
    "Ge elementet ett id.",
    "{kind} on line {line} has no id.",
    "Give the element an id.",
)
_DUPLICATE = refused(
    "id.duplicate",
    "Id {id} används av två element.",
    "Ge det ena ett annat id.",
    "The id {id} is used by two elements.",
    "Give one of them another id.",
)
_DUPLICATE_DRAWN = warned(
    "id.duplicate_drawn",
    "Id {id} används två gånger i ritningen.",
    "Spara diagrammet på nytt i ett ritverktyg.",
    "The id {id} is used twice in the drawing.",
    "Save the diagram again in a modeler.",
)
_DANGLING = refused(
    "reference.dangling",
    "{name} pekar på {id}, som inte finns.",
    "Rätta hänvisningen eller ta bort den.",
    "{name} points to {id}, which does not exist.",
    "Correct the reference or remove it.",
)
_WRONG_KIND = refused(
    "reference.kind",
    "{name} pekar på {id}, som är något annat ({kind}).",
    "Rätta hänvisningen.",
    "{name} points to {id}, which is something else ({kind}).",
    "Correct the reference.",
)
_DANGLING_DRAWN = warned(
    "reference.dangling_drawn",
    "{name} pekar på {id}, som inte finns. Det ändrar inget när processen körs.",
    "Rätta hänvisningen eller ta bort den.",
    "{name} points to {id}, which does not exist. This changes nothing when the process runs.",
    "Correct the reference or remove it.",
)

_STEERING: Mapping[str, frozenset[str]] = {
    "messageRef": frozenset({"message"}),
    "signalRef": frozenset({"signal"}),
    "errorRef": frozenset({"error"}),
    "escalationRef": frozenset({"escalation"}),
    "default": frozenset({"sequenceFlow"}),
    "attachedToRef": ACTIVITIES,
    "activityRef": ACTIVITIES,
}
"""Attributes that a run reads, and the kinds of element that they may point to."""
_STEERING_TEXTS = frozenset({"eventDefinitionRef"})
_DRAWN = frozenset(
    {
        "categoryValueRef",
        "correlationKeyRef",
        "dataObjectRef",
        "dataStoreRef",
        "itemSubjectRef",
        "operationRef",
        "partitionElementRef",
        "processRef",
    }
)
_DRAWN_TEXTS = frozenset({"flowNodeRef", "messageFlowRef", "participantRef", "supportedInterfaceRef"})
_ENDS_DRAWN = frozenset({"association", "messageFlow"})


def check_ids(diagram: Diagram, findings: Findings) -> None:
    """Every element that something may point to has an id, and no id is used twice."""
    seen: set[str] = set()
    for element in diagram.root.iter(etree.Element):
        identity = element.get("id")
        is_drawing = "DI" in namespace_of(str(element.tag))
        if identity is None or not identity.strip():
            kind = local_name(str(element.tag))
            if is_bpmn(element) and (kind in FLOW_NODES or kind == "process"):
                findings.add(_MISSING, element, kind=kind, line=int(element.sourceline or 0))
            continue
        if identity in seen and is_bpmn(element):
            findings.add(_DUPLICATE, element, id=identity)
        elif identity in seen and is_drawing:
            findings.add(_DUPLICATE_DRAWN, element, id=identity)
        if is_bpmn(element) or is_drawing:
            # A field or choice of an extension has an id of its own kind.
            seen.add(identity)


def check_references(diagram: Diagram, findings: Findings) -> None:
    """Every reference leads to something of the right kind. One that a run does not read may lead nowhere."""
    kinds = {
        each.get("id", ""): local_name(str(each.tag))
        for each in diagram.root.iter(etree.Element)
        if each.get("id") and is_bpmn(each)
    }
    for element, name, target, is_drawn in _references(diagram.root):
        fitting = _STEERING.get(name)
        words = {"name": name, "id": target[:80]}
        if target not in kinds:
            # A name of another file has a prefix; it can only stand where it changes nothing.
            if not (is_drawn and ":" in target):
                findings.add(_DANGLING_DRAWN if is_drawn else _DANGLING, element, **words)
        elif fitting is not None and kinds[target] not in fitting:
            findings.add(_WRONG_KIND, element, kind=kinds[target], **words)


def _references(root: etree._Element) -> Iterator[tuple[etree._Element, str, str, bool]]:
    """Each reference with the element that holds it, its name, its target, and whether it is only drawn."""
    for element in root.iter(etree.Element):
        if not is_bpmn(element):
            continue
        kind = local_name(str(element.tag))
        if kind in _STEERING_TEXTS | _DRAWN_TEXTS and text_of(element):
            yield element, kind, text_of(element), kind in _DRAWN_TEXTS
        for name, value in element.attrib.items():
            target = str(value).strip()
            is_end = kind in _ENDS_DRAWN and name in ("sourceRef", "targetRef")
            if target and (name in _STEERING or name in _DRAWN or is_end):
                yield element, str(name), target, name not in _STEERING
