"""What a loop or multi-instance mark must say, so that it is known how often the activity is done (BPMN 2.0.2,
10.3.8)."""

import re
from collections.abc import Iterator

from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.checking.diagram import Element
from flowsvc.engine.checking.findings import Findings, Rule, refused
from flowsvc.engine.dialect import bpmn

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
    "Upprepningen sänder händelser när delar blir klara (behavior), vilket inte stöds.",
    "Ta bort behavior, och sänd händelsen från en delprocess som upprepas.",
    "The multi-instance throws events when parts are done (behavior), which is not supported.",
    "Remove behavior, and throw the event from a multi-instance subprocess.",
)


def check_loop(element: Element, findings: Findings) -> None:
    """The mark of the element, if it has one, says how often and what for, or is refused."""
    loop = element.loop
    if loop is None:
        return
    is_standard = str(loop.tag).endswith("}standardLoopCharacteristics")
    rules = [_REPEATED_HERE] if element.is_event_subprocess else []
    for rule in (*rules, *(_laps(loop) if is_standard else _bodies(loop))):
        findings.add(rule, element.element)


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
    if loop.get("behavior", "All") != "All" or loop.find(bpmn("complexBehaviorDefinition")) is not None:
        yield _BEHAVIOR
