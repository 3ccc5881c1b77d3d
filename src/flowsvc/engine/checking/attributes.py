"""Every attribute and extension that a saved diagram carries: used, ignored with a warning, or refused by name."""

from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.checking.diagram import Process
from flowsvc.engine.checking.findings import Findings, prefixed, refused, warned
from flowsvc.engine.dialect import CAMUNDA, OPERATON, local_name, namespace_of

_USED = frozenset(
    {
        "assignee",
        "calledElementBinding",
        "candidateGroups",
        "candidateStarterGroups",
        "candidateUsers",
        "collection",
        "decisionRef",
        "decisionRefBinding",
        "dueDate",
        "elementVariable",
        "failedJobRetryTimeCycle",
        "followUpDate",
        "formKey",
        "formRef",
        "formRefBinding",
        "historyTimeToLive",
        "in",
        "initiator",
        "inputOutput",
        "inputParameter",
        "mapDecisionResult",
        "out",
        "outputParameter",
        "priority",
        "properties",
        "property",
        "resultVariable",
        "taskPriority",
        "topic",
        "type",
        "versionTag",
    }
)
_REFUSED = frozenset(
    {
        "class",
        "connector",
        "delegateExpression",
        "executionListener",
        "expression",
        "field",
        "formData",
        "list",
        "map",
        "script",
        "taskListener",
        "variableMappingClass",
        "variableMappingDelegateExpression",
    }
)
_OTHER_ENGINES = frozenset({dialect.ZEEBE, dialect.SPIFF, dialect.ACTIVITI, dialect.FLOWABLE})

_CODE = refused(
    "attribute.refused",
    "{name} stöds inte: flowsvc kör aldrig kod från ett diagram.",
    "Använd FEEL, en beslutstabell, en blankettfil eller en extern uppgift i stället.",
    "{name} is not supported: flowsvc never runs code from a diagram.",
    "Use FEEL, a decision table, a form file or an external task instead.",
)
_OTHER = refused(
    "attribute.other_engine",
    "{name} hör till en annan motor.",
    "Spara diagrammet för Camunda 7, och ange samma sak med camunda-attribut.",
    "{name} belongs to another engine.",
    "Save the diagram for Camunda 7, and say the same with camunda attributes.",
)
_IGNORED = warned(
    "attribute.ignored",
    "{name} läses inte.",
    "Ta bort det, om du räknar med att det gör något.",
    "{name} is not read.",
    "Remove it if you count on its doing something.",
)


def check_attributes(process: Process, findings: Findings) -> None:
    """Each extension attribute and element of the process is said to be used, ignored or refused."""
    for element in process.element.iter():
        if not isinstance(element.tag, str):
            continue
        _judge(element, element.tag, "", findings)
        for name in element.attrib:
            _judge(element, str(name), str(name), findings)


def _judge(element: etree._Element, name: str, attribute: str, findings: Findings) -> None:
    space, local = namespace_of(name), local_name(name)
    if space in _OTHER_ENGINES:
        findings.add(_OTHER, element, attribute=prefixed(name), name=prefixed(name))
    elif space in (CAMUNDA, OPERATON):
        if local in _REFUSED:
            findings.add(_CODE, element, attribute=prefixed(name), name=prefixed(name))
        elif local in _USED:
            if attribute:
                findings.use(element, attribute=attribute)
        else:
            findings.add(_IGNORED, element, attribute=prefixed(name), name=prefixed(name))
