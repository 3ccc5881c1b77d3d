"""Timers and due dates of a diagram: literal times and cycles that mean something, where they may stand."""

from collections.abc import Callable

from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.checking.diagram import Element
from flowsvc.engine.checking.findings import Findings, refused, warned
from flowsvc.engine.dialect import local_name
from flowsvc.engine.timers import has_numbered_weekdays, is_cycle, is_time

_TIMER = refused(
    "timer.invalid",
    "Tiden ”{text}” går inte att använda.",
    "Skriv till exempel P5BD (arbetsdagar), PT2H, P30D eller ett datum som 2026-12-03, eller ett FEEL-uttryck med =.",
    "The time “{text}” cannot be used.",
    "Write for example P5BD (working days), PT2H, P30D, a date such as 2026-12-03, or FEEL beginning with =.",
)
_CYCLE = refused(
    "timer.cycle_invalid",
    "Upprepningen ”{text}” går inte att använda.",
    "Skriv till exempel R/P1D, R3/PT2H, R/2026-01-07T08:00/P1W eller 0 0 8 ? * MON-FRI, minst en sekund lång.",
    "The cycle “{text}” cannot be used.",
    "Write for example R/P1D, R3/PT2H, R/2026-01-07T08:00/P1W or 0 0 8 ? * MON-FRI, at least a second long.",
)
_CYCLE_HERE = refused(
    "timer.cycle",
    "En återkommande tid går inte att använda här.",
    "Använd en tid som går en gång. En återkommande tid går bra på en processens starthändelse, och på en kanthändelse "
    "eller en händelsedelprocess som inte avbryter.",
    "A time cycle cannot be used here.",
    "Use a time that passes once. A cycle may stand on a start event of a process, and on a boundary event or an event "
    "subprocess that does not interrupt.",
)
_NUMBERED = warned(
    "timer.numbered_weekdays",
    "Veckodagarna i ”{text}” är siffror: 1 läses som söndag, som i Camunda 7. Andra verktyg menar måndag.",
    "Skriv dagarna som MON, TUE, WED, THU, FRI, SAT och SUN.",
    "The weekdays in “{text}” are numbers: 1 is read as Sunday, as in Camunda 7. Other tools mean Monday.",
    "Write the days as MON, TUE, WED, THU, FRI, SAT and SUN.",
)

FeelReader = Callable[[str, etree._Element], str | None]
"""Reads and checks a text where it is FEEL; None where it is literal."""


def check_timer(element: Element, definition: etree._Element, findings: Findings, read: FeelReader) -> None:
    """The timer has one rule, of a kind that may stand there, and it means something."""
    rules = [child for child in definition if local_name(str(child.tag)) in ("timeDate", "timeDuration", "timeCycle")]
    text = dialect.text_of(rules[0]) if len(rules) == 1 else ""
    if not text:
        findings.add(_TIMER, element.element, text="")
    elif local_name(str(rules[0].tag)) != "timeCycle":
        check_time(text, element.element, findings, read)
    elif not _may_repeat(element):
        findings.add(_CYCLE_HERE, element.element)
    elif read(text, element.element) is None:
        if not is_cycle(text):
            findings.add(_CYCLE, element.element, text=text[:80])
        elif has_numbered_weekdays(text):
            findings.add(_NUMBERED, element.element, text=text[:80])


def check_time(
    text: str | None, node: etree._Element, findings: Findings, read: FeelReader, *, may_be_now: bool = False
) -> None:
    """The text is a time that passes once; where it `may_be_now`, today will do."""
    if text and not (may_be_now and text == "P0BD") and read(text, node) is None and not is_time(text):
        findings.add(_TIMER, node, text=text[:80])


def _may_repeat(element: Element) -> bool:
    """Something that goes on can be set off again; what waits for a time to go on, or is ended by it, cannot."""
    owner = element.scope.owner
    if element.kind == "startEvent":
        return owner is None or not element.is_interrupting
    return element.kind == "boundaryEvent" and not element.is_interrupting
