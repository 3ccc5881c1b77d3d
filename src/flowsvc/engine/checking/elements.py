"""Which elements and event positions run in this release. Everything else is refused by name, with what to draw instead
(BPMN 2.0.2, chapters 10 and 13)."""

from flowsvc.engine import dialect
from flowsvc.engine.checking.diagram import EVENTS, Diagram, Process
from flowsvc.engine.checking.events import check_event
from flowsvc.engine.checking.findings import Findings, refused
from flowsvc.engine.checking.flows import check_flows
from flowsvc.engine.checking.loops import check_loop

_PLAIN = frozenset({"task", "manualTask", "userTask", "scriptTask", "businessRuleTask", "serviceTask", "callActivity"})
_SENDING = frozenset({"sendTask", "receiveTask"})
_GATEWAYS = frozenset(
    {"exclusiveGateway", "inclusiveGateway", "parallelGateway", "complexGateway", "eventBasedGateway"}
)
RUNS = _PLAIN | _SENDING | EVENTS | _GATEWAYS | {"subProcess", "transaction", "adHocSubProcess"}

_UNSUPPORTED = refused(
    "element.unsupported",
    "{name} stöds inte i den här versionen.",
    "Rita något av det som stöds i stället; docs/modeling.md räknar upp det.",
    "{name} is not supported in this release.",
    "Draw something of the supported elements instead; docs/modeling.md lists them.",
)

_PAUSABLE = refused(
    "process.pausable",
    "flowsvc:pausable på {name} är varken true eller false.",
    "Skriv true där ärendet får pausas medan det väntar i processen, annars inget.",
    "flowsvc:pausable of {name} is neither true nor false.",
    "Write true where the case may be paused while it waits in the process, else nothing.",
)


def check_elements(diagram: Diagram, process: Process, findings: Findings) -> None:
    """Every element of the process either runs or is refused by name; the process says clearly if it may be paused."""
    if dialect.properties(process.element).get("pausable", "false") not in ("true", "false"):
        findings.add(_PAUSABLE, process.element, name=process.key)
    for element in process.elements():
        if element.kind not in RUNS:
            findings.add(_UNSUPPORTED, element.element, name=element.kind)
            continue
        before = findings.count
        check_event(element, findings)
        check_loop(element, diagram.shared, findings)
        check_flows(element, findings)
        if findings.count == before:
            findings.use(element.element)
