"""What a call hands over by camunda:in and takes back by camunda:out: each entry says what and where to."""

from collections.abc import Iterator

from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.checking.findings import Findings, Rule, refused, warned
from flowsvc.engine.dialect import bpmn

_UNCLEAR = refused(
    "mapping.unclear",
    "camunda:{kind} på {place} säger inte en enda sak att lämna över, och vart.",
    "Ange source eller sourceExpression med target, eller variables=”all”.",
    "camunda:{kind} on {place} does not say one thing to hand over, and where to.",
    "Give source or sourceExpression with target, or variables=“all”.",
)
_PLACE = refused(
    "mapping.place",
    "camunda:{kind} läses bara på en anropsaktivitet, inte på {place}.",
    "Ange vad som skickas med camunda:inputParameter.",
    "camunda:{kind} is read on a call activity only, not on {place}.",
    "Say what is sent by camunda:inputParameter.",
)
_KEY = warned(
    "mapping.business_key",
    "Ärendenumret som anropet på {place} ger läses inte: den anropade processen körs i samma ärende.",
    "Ta bort businessKey, eller låt den bli ett eget ärende med flowsvc:ownCase.",
    "The case number that the call on {place} gives is not read: the called process runs in the same case.",
    "Remove businessKey, or let it be a case of its own by flowsvc:ownCase.",
)


def check_mappings(node: etree._Element, findings: Findings) -> None:
    """The camunda:in and camunda:out of the element and of its event definitions."""
    is_call = node.tag == bpmn("callActivity")
    for holder in (node, *(each for each in node if str(each.tag).endswith("EventDefinition"))):
        for kind in ("in", "out"):
            for entry in dialect.extensions(holder, kind):
                for rule in _faults(entry, node, kind) if is_call else (_PLACE,):
                    findings.add(rule, node, kind=kind, place=node.get("name") or node.get("id") or "")


def _faults(entry: etree._Element, call: etree._Element, kind: str) -> Iterator[Rule]:
    said = {name for name in ("source", "sourceExpression", "variables", "businessKey") if entry.get(name)}
    key = entry.get("businessKey")
    if key is not None:
        if kind == "out" or said != {"businessKey"} or entry.get("target"):
            yield _UNCLEAR
        elif dialect.properties(call).get("ownCase") != "true" and not dialect.is_own_key(key):
            yield _KEY
        return
    takes_all = said == {"variables"} and entry.get("variables") == "all" and not entry.get("target")
    takes_one = said in ({"source"}, {"sourceExpression"}) and bool(entry.get("target"))
    if not (takes_all or takes_one) or entry.get("local", "false") not in ("true", "false"):
        yield _UNCLEAR
