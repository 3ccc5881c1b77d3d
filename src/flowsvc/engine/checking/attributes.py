"""Every attribute and extension that a saved diagram carries: used, ignored with a warning, or refused by name."""

from collections.abc import Mapping

from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.checking.diagram import Diagram, Process
from flowsvc.engine.checking.findings import Findings, prefixed, refused, warned
from flowsvc.engine.dialect import ACTIVITI, CAMUNDA, FLOWABLE, OPERATON, local_name, namespace_of

_EVERYWHERE: frozenset[str] = frozenset()
_USER_TASK = frozenset({"userTask"})
_WITH_FORM = frozenset({"userTask", "startEvent"})
_PROCESS = frozenset({"process"})
_DECISION = frozenset({"businessRuleTask"})
_LOOP = frozenset({"multiInstanceLoopCharacteristics"})
_PARAMETER = frozenset({"entry", "inputParameter", "list", "map", "outputParameter", "value"})
_SENDS = frozenset({"endEvent", "intermediateThrowEvent", "messageEventDefinition", "sendTask", "serviceTask"})
_USED: Mapping[str, frozenset[str]] = {
    "assignee": _USER_TASK,
    "calledElementBinding": frozenset({"callActivity"}),
    "candidateGroups": _USER_TASK,
    "candidateStarterGroups": _PROCESS,
    "candidateUsers": _USER_TASK,
    "collection": _LOOP,
    "decisionRef": _DECISION,
    "decisionRefBinding": _DECISION,
    "dueDate": _USER_TASK,
    "entry": _PARAMETER,
    "elementVariable": _LOOP,
    "constraint": _EVERYWHERE,
    "failedJobRetryTimeCycle": _EVERYWHERE,
    "followUpDate": _USER_TASK,
    "formData": _EVERYWHERE,
    "formField": _EVERYWHERE,
    "formKey": _WITH_FORM,
    "formRef": _WITH_FORM,
    "formRefBinding": _WITH_FORM,
    "historyTimeToLive": _PROCESS,
    "in": _EVERYWHERE,
    "initiator": frozenset({"startEvent"}),
    "inputOutput": _EVERYWHERE,
    "inputParameter": _EVERYWHERE,
    "list": _PARAMETER,
    "map": _PARAMETER,
    "mapDecisionResult": _DECISION,
    "modelerTemplate": _EVERYWHERE,
    "modelerTemplateVersion": _EVERYWHERE,
    "out": _EVERYWHERE,
    "outputParameter": _EVERYWHERE,
    "priority": _USER_TASK,
    "properties": _EVERYWHERE,
    "property": _EVERYWHERE,
    "resultVariable": frozenset({"scriptTask", "businessRuleTask", "serviceTask"}),
    "script": _PARAMETER,
    "taskPriority": _SENDS,
    "topic": _SENDS,
    "type": _SENDS,
    "validation": _EVERYWHERE,
    "value": _PARAMETER,
    "versionTag": _PROCESS,
}
"""By name, the elements on which it is read; none named: wherever it may stand."""
_FORM_PLACES = {
    "formData": _WITH_FORM,
    "formField": frozenset({"formData"}),
    "validation": frozenset({"formField"}),
    "constraint": frozenset({"validation"}),
}
_REFUSED = frozenset(
    {
        "class",
        "connector",
        "delegateExpression",
        "executionListener",
        "expression",
        "field",
        "formProperty",
        "resource",
        "skipExpression",
        "taskListener",
        "variableMappingClass",
        "variableMappingDelegateExpression",
    }
)
_ENGINE_OF = {dialect.ZEEBE: "Camunda 8", dialect.SPIFF: "SpiffWorkflow", ACTIVITI: "Activiti", FLOWABLE: "Flowable"}
_HARMLESS = frozenset({"async", "asyncBefore", "asyncAfter", "category", "exclusive", "modelerTemplate", "versionTag"})
_SAID_INSTEAD = {
    "assignmentDefinition": "camunda:assignee, candidateUsers, candidateGroups",
    "calledDecision": "camunda:decisionRef",
    "calledElement": "calledElement",
    "formDefinition": "camunda:formRef",
    "ioMapping": "camunda:inputOutput",
    "loopCharacteristics": "camunda:collection, camunda:elementVariable",
    "priorityDefinition": "camunda:priority",
    "script": 'scriptFormat="feel", camunda:resultVariable',
    "subscription": "flowsvc:correlationKey",
    "taskDefinition": 'camunda:type="external", camunda:topic',
    "taskSchedule": "camunda:dueDate, camunda:followUpDate",
}
_OWN_SPACES = frozenset(
    {
        dialect.BPMN,
        dialect.BPMNDI,
        dialect.DC,
        dialect.DI,
        dialect.XSI,
        dialect.MODELER,
        dialect.BIOCOLOR,
        dialect.COLOR,
        "http://www.w3.org/XML/1998/namespace",
        "",
    }
)

_CODE = refused(
    "attribute.refused",
    "{name} stöds inte: flowsvc kör aldrig kod från ett diagram.",
    "Använd FEEL, en beslutstabell, en blankettfil eller en extern uppgift i stället.",
    "{name} is not supported: flowsvc never runs code from a diagram.",
    "Use FEEL, a decision table, a form file or an external task instead.",
)
_OTHER = refused(
    "attribute.other_engine",
    "{name} hör till en annan motor ({engine}).",
    "Spara diagrammet för Camunda 7, och ange samma sak med {instead}.",
    "{name} belongs to another engine ({engine}).",
    "Save the diagram for Camunda 7, and say the same with {instead_en}.",
)
_IGNORED = warned(
    "attribute.ignored",
    "{name} läses inte.",
    "Ta bort det, om du räknar med att det gör något.",
    "{name} is not read.",
    "Remove it if you count on its doing something.",
)
_FOREIGN = warned(
    "extension.foreign",
    "Utvidgningar ur {name} läses inte.",
    "Ange det som behövs för körningen med camunda-attribut.",
    "Extensions of {name} are not read.",
    "Say what the run needs with camunda attributes.",
)
_PLATFORM = warned(
    "file.platform",
    "Diagrammet är sparat för {name}. Det läses som Camunda 7.",
    "Spara det för Camunda 7 i ritverktyget.",
    "The diagram was saved for {name}. It is read as Camunda 7.",
    "Save it for Camunda 7 in the modeler.",
)


def check_attributes(process: Process, findings: Findings) -> None:
    """Each extension attribute and element of the process is said to be used, ignored or refused. What stands inside a
    refused or ignored one goes with it."""
    waiting = [process.element]
    while waiting:
        element = waiting.pop()
        for name in element.attrib:
            _judge(element, str(name), str(name), findings)
        if _judge(element, str(element.tag), "", findings):
            waiting.extend(each for each in reversed(element) if isinstance(each.tag, str))


def _is_in_parameter(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and local_name(str(parent.tag)) in _PARAMETER | {"formField"}


def _is_in_form(element: etree._Element, name: str, findings: Findings) -> bool:
    """A part of a drawn form is read on user tasks and start events, where it has its place in the form."""
    parent = element.getparent()
    around = None if parent is None else parent.getparent() if element.tag in dialect.named("formData") else parent
    place = "" if around is None else local_name(str(around.tag))
    if place in _FORM_PLACES[local_name(name)]:
        return True
    findings.add(_IGNORED, element, attribute=prefixed(name), name=prefixed(name))
    return False


def check_spaces(diagram: Diagram, findings: Findings) -> None:
    """Extensions of tools that nothing here reads are told of once for each; so is a file for another engine."""
    told = set(_OWN_SPACES) | {CAMUNDA, OPERATON, *_ENGINE_OF}
    for element in diagram.root.iter(etree.Element):
        for name in (element.tag, *element.attrib):
            space = namespace_of(str(name))
            if space not in told:
                told.add(space)
                findings.add(_FOREIGN, element, name=space[:120])
    platform = diagram.root.get(f"{{{dialect.MODELER}}}executionPlatform", "")
    if platform and platform not in ("Camunda Platform", "Operaton"):
        findings.add(_PLATFORM, diagram.root, name=platform[:80])


def _judge(element: etree._Element, name: str, attribute: str, findings: Findings) -> bool:
    """Whether what stands inside the element is to be judged too."""
    space, local = namespace_of(name), local_name(name)
    is_alias = space in (ACTIVITI, FLOWABLE) and local in dialect.ALIASED
    if space not in (CAMUNDA, OPERATON, *_ENGINE_OF):
        return space in _OWN_SPACES
    if local in _REFUSED and space != dialect.ZEEBE:
        findings.add(_CODE, element, attribute=prefixed(name), name=prefixed(name))
        return False
    if space in _ENGINE_OF and not is_alias:
        if local in _HARMLESS:
            findings.add(_IGNORED, element, attribute=prefixed(name), name=prefixed(name))
            return False
        instead = _SAID_INSTEAD.get(local) if space == dialect.ZEEBE else None
        words = {"instead": instead or "camunda-attribut", "instead_en": instead or "camunda attributes"}
        findings.add(_OTHER, element, attribute=prefixed(name), name=prefixed(name), engine=_ENGINE_OF[space], **words)
        return False
    places = _USED.get(local)
    if local in ("formData", "formField", "validation", "constraint"):
        return _is_in_form(element, name, findings)
    if places is _PARAMETER and (attribute or not _is_in_parameter(element)):
        rule = _CODE if local == "script" else _IGNORED
        findings.add(rule, element, attribute=prefixed(name), name=prefixed(name))
        return False
    if places is None or (attribute and places and local_name(str(element.tag)) not in places):
        findings.add(_IGNORED, element, attribute=prefixed(name), name=prefixed(name))
        return False
    if attribute:
        findings.use(element, attribute=attribute)
    return True
