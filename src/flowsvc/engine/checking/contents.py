"""What stands inside a process beside its flow: read, drawn without effect, said but not read, or refused by name."""

from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.checking.diagram import FLOW_NODES, Process, is_bpmn
from flowsvc.engine.checking.findings import Findings, refused, warned
from flowsvc.engine.dialect import local_name

_NOT_READ = warned(
    "content.not_read",
    "{name} läses inte.",
    "Ange camunda:candidateGroups, camunda:candidateUsers eller camunda:assignee.",
    "{name} is not read.",
    "Give camunda:candidateGroups, camunda:candidateUsers or camunda:assignee.",
)
_UNKNOWN = refused(
    "element.unknown",
    "{name} stöds inte här.",
    "Ta bort elementet, eller rita något av det som stöds; docs/modeling.md har listan.",
    "{name} is not supported here.",
    "Remove the element, or draw something of what is supported; docs/modeling.md has the list.",
)
_LANGUAGE = refused(
    "expression.language",
    "Uttrycket är skrivet i {name}.",
    "Skriv det i FEEL.",
    "The expression is written in {name}.",
    "Write it in FEEL.",
)

_READ = FLOW_NODES | {
    "activationCondition",
    "assignment",
    "childLaneSet",
    "completionCondition",
    "complexBehaviorDefinition",
    "condition",
    "conditionExpression",
    "dataInput",
    "dataInputAssociation",
    "dataInputRefs",
    "dataObject",
    "dataObjectReference",
    "dataOutput",
    "dataOutputAssociation",
    "dataOutputRefs",
    "dataStoreReference",
    "documentation",
    "event",
    "eventDefinitionRef",
    "flowNodeRef",
    "from",
    "incoming",
    "inputDataItem",
    "inputSet",
    "inputSetRefs",
    "ioSpecification",
    "lane",
    "laneSet",
    "loopCardinality",
    "loopCondition",
    "loopDataInputRef",
    "loopDataOutputRef",
    "multiInstanceLoopCharacteristics",
    "optionalInputRefs",
    "optionalOutputRefs",
    "outgoing",
    "outputDataItem",
    "outputSet",
    "outputSetRefs",
    "process",
    "property",
    "script",
    "sequenceFlow",
    "source",
    "sourceRef",
    "standardLoopCharacteristics",
    "target",
    "targetRef",
    "timeCycle",
    "timeDate",
    "timeDuration",
    "to",
    "transformation",
    "whileExecutingInputRefs",
    "whileExecutingOutputRefs",
}
_DRAWN = frozenset(
    {
        "association",
        "auditing",
        "categoryValueRef",
        "correlationSubscription",
        "dataState",
        "group",
        "ioBinding",
        "monitoring",
        "operationRef",
        "partitionElement",
        "rendering",
        "supportedInterfaceRef",
        "supports",
        "textAnnotation",
    }
)
_PEOPLE = frozenset({"humanPerformer", "performer", "potentialOwner", "resourceRole"})
_LANGUAGES = ("feel", "juel", "xpath")
"""XPath is what BPMN takes where nothing is said, and tools write it down without meaning it."""


def check_contents(process: Process, findings: Findings) -> None:
    """Every element of BPMN inside the process is accounted for."""
    undone = {each.id for each in process.elements() if each.scope.undoers_of(each)}
    waiting = [process.element]
    while waiting:
        element = waiting.pop()
        if not is_bpmn(element):
            continue
        name = local_name(str(element.tag))
        is_inside = element is not process.element
        if name == "extensionElements":
            continue
        if name == "association" and element.get("sourceRef") in undone:
            # It leads from a compensation event to what undoes its activity.
            findings.use(element)
        elif name in _DRAWN:
            findings.use(element, drawn_only=True)
        elif name in _PEOPLE:
            findings.add(_NOT_READ, element, name=name)
        elif name.endswith("EventDefinition") or (name in _READ and not (is_inside and name == "process")):
            _check_language(element, findings)
            waiting.extend(reversed(element))
        else:
            findings.add(_UNKNOWN, element, name=name[:80])


def _check_language(element: etree._Element, findings: Findings) -> None:
    said = element.get("language", "")
    if said and not any(each in said.lower() for each in _LANGUAGES) and dialect.text_of(element):
        findings.add(_LANGUAGE, element, name=said[:80])
