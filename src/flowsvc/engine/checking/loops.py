"""What a loop or multi-instance mark must say, so that it is known how often the activity is done (BPMN 2.0.2,
10.3.8)."""

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.checking.diagram import Element
from flowsvc.engine.checking.findings import Findings, Rule, refused
from flowsvc.engine.dialect import bpmn, local_name

_ENDLESS = refused(
    "loop.endless",
    "Slingan har varken villkor eller högsta antal varv.",
    "Ange loopCondition, loopMaximum eller båda.",
    "The loop has neither a condition nor a greatest number of laps.",
    "Give loopCondition, loopMaximum or both.",
)
_MAXIMUM = refused(
    "loop.maximum",
    "Det högsta antalet varv är inte ett heltal från 0 och uppåt.",
    "Ange loopMaximum som till exempel 3, eller ta bort det.",
    "The greatest number of laps is not a whole number from 0 up.",
    "Give loopMaximum as for example 3, or remove it.",
)
_REPEATED_HERE = refused(
    "loop.activity",
    "En händelsedelprocess kan inte upprepas.",
    "Lägg det som ska upprepas i en delprocess inuti den.",
    "An event subprocess cannot be repeated.",
    "Put what is to be repeated into a subprocess inside it.",
)
_LOOP_OF_WHAT = refused(
    "loop.collection",
    "Upprepningen säger inte hur många gånger.",
    "Ange en samling (camunda:collection) eller ett antal (loopCardinality).",
    "The multi-instance does not say how many times.",
    "Give a collection (camunda:collection) or a loopCardinality.",
)
_LOOP_OF_BOTH = refused(
    "loop.two_sources",
    "Upprepningen anger både en samling och ett antal.",
    "Behåll det ena: samlingen eller loopCardinality.",
    "The multi-instance gives both a collection and a number.",
    "Keep one of them: the collection or loopCardinality.",
)
_NEGATIVE = refused(
    "loop.negative",
    "Antalet gånger är negativt.",
    "Ange loopCardinality från 0 och uppåt.",
    "The number of times is negative.",
    "Give loopCardinality from 0 up.",
)
_OUTPUT = refused(
    "loop.output",
    "Upprepningen säger bara det ena av vad som ska samlas och var.",
    "Ange både loopDataOutputRef (listan) och outputDataItem (det som samlas), eller inget av dem.",
    "The multi-instance gives only one of what is collected and where.",
    "Give both loopDataOutputRef (the list) and outputDataItem (what is collected), or neither.",
)
_BEHAVIOR = refused(
    "loop.behavior",
    "Upprepningen säger att händelser sänds när delar blir klara, men inte vilka: {behavior}.",
    "Ange en signal, en eskalering, ett meddelande eller ett fel med namn (noneBehaviorEventRef, oneBehaviorEventRef "
    "eller complexBehaviorDefinition med villkor), eller ta bort behavior.",
    "The multi-instance says that events are thrown when parts are done, but not which: {behavior}.",
    "Give a signal, an escalation, a message or an error with a name (noneBehaviorEventRef, oneBehaviorEventRef or "
    "complexBehaviorDefinition with a condition), or remove behavior.",
)
_NAMED_BY = {"signal": "name", "message": "name", "escalation": "escalationCode", "error": "errorCode"}


def check_loop(element: Element, shared: Mapping[str, etree._Element], findings: Findings) -> None:
    """The mark of the element, if it has one, says how often and what for, or is refused."""
    loop = element.loop
    if loop is None:
        return
    is_standard = str(loop.tag).endswith("}standardLoopCharacteristics")
    rules = [_REPEATED_HERE] if element.is_event_subprocess else []
    for rule in (*rules, *(_laps(loop) if is_standard else _bodies(loop))):
        findings.add(rule, element.element)
    if not (is_standard or _announces_what_it_says(loop, shared)):
        findings.add(_BEHAVIOR, element.element, behavior=loop.get("behavior", "All"))


def announces(element: Element) -> bool:
    """It is multi-instance and throws events of its own, which its border may catch (BPMN 2.0.2, table 10.30)."""
    return element.loop is not None and element.loop.get("behavior", "All") != "All"


def _laps(loop: etree._Element) -> Iterator[Rule]:
    maximum = loop.get("loopMaximum")
    if maximum is not None and not re.fullmatch(r"\+?\d{1,9}", maximum.strip()):
        yield _MAXIMUM
    if maximum is None and not dialect.text_of(loop.find(bpmn("loopCondition"))):
        yield _ENDLESS


def _bodies(loop: etree._Element) -> Iterator[Rule]:
    number = dialect.text_of(loop.find(bpmn("loopCardinality")))
    has_items = bool(dialect.attribute(loop, "collection") or dialect.text_of(loop.find(bpmn("loopDataInputRef"))))
    if not (number or has_items):
        yield _LOOP_OF_WHAT
    if number and has_items:
        yield _LOOP_OF_BOTH
    if re.fullmatch(r"=?\s*-\s*[\d.]+", number):
        yield _NEGATIVE
    has_list = bool(dialect.text_of(loop.find(bpmn("loopDataOutputRef"))))
    if has_list != (loop.find(bpmn("outputDataItem")) is not None):
        yield _OUTPUT


def _announces_what_it_says(loop: etree._Element, shared: Mapping[str, etree._Element]) -> bool:
    behavior = loop.get("behavior", "All")
    definitions = list(loop.iterfind(bpmn("complexBehaviorDefinition")))
    match behavior:
        case "All":
            return not definitions
        case "None" | "One":
            definition = shared.get(loop.get(f"{behavior.lower()}BehaviorEventRef", ""))
            return not definitions and definition is not None and _is_named(definition, shared)
        case "Complex":
            return bool(definitions) and all(_is_complete(each, shared) for each in definitions)
        case _:
            return False


def _is_complete(behavior: etree._Element, shared: Mapping[str, etree._Element]) -> bool:
    thrown = list(dialect.announced(behavior, shared))
    has_condition = bool(dialect.text_of(behavior.find(bpmn("condition"))))
    return has_condition and bool(thrown) and all(_is_named(each, shared) for each in thrown)


def _is_named(definition: etree._Element, shared: Mapping[str, etree._Element]) -> bool:
    """The event definition is one that a multi-instance activity may throw, and says which it is."""
    kind = local_name(str(definition.tag)).removesuffix("EventDefinition")
    named = shared.get(definition.get(f"{kind}Ref", ""))
    return kind in _NAMED_BY and named is not None and bool(named.get(_NAMED_BY[kind]))
