"""What flows may carry and where, what a complex gateway and an ad hoc subprocess must say, and how many tokens an
activity takes and gives (BPMN 2.0.2, 8.3.13, 10.3 and 10.6)."""

import re

from flowsvc.engine import dialect
from flowsvc.engine.checking.diagram import ACTIVITIES, EVENTS, Element, Scope
from flowsvc.engine.checking.findings import Findings, refused, warned
from flowsvc.engine.dialect import bpmn

MOST_TOKENS = 1_000
_UNCONDITIONAL = frozenset({"parallelGateway", "eventBasedGateway"}) | EVENTS
"""What BPMN 2.0.2 (8.3.13, 10.6) lets no conditional flow leave."""
_CONDITION = refused(
    "flow.condition",
    "Ett villkor kan inte stå på ett flöde ut från en händelse, en parallell eller en händelsebaserad gateway.",
    "Ta bort villkoret, eller sätt en exklusiv eller inkluderande gateway före flödet.",
    "A flow out of an event, a parallel gateway or an event-based gateway cannot have a condition.",
    "Remove the condition, or put an exclusive or inclusive gateway before the flow.",
)
_DEFAULT_CONDITION = warned(
    "flow.default_condition",
    "Ett standardflöde tas när inget annat villkor är sant. Dess eget villkor läses inte.",
    "Ta bort villkoret.",
    "A default flow is taken when no other condition is true. Its own condition is not read.",
    "Remove the condition.",
)
_NO_ACTIVATION = refused(
    "complex.no_activation",
    "Den komplexa gatewayen säger inte när den öppnas.",
    "Ange activationCondition, till exempel activationCount >= 2, eller använd en annan gateway.",
    "The complex gateway does not say when it opens.",
    "Give activationCondition, for example activationCount >= 2, or use another gateway.",
)
_NO_OUTPUT_CONDITION = refused(
    "complex.no_condition",
    "Flödet saknar villkor. En komplex gateway som väntar släpper fram flödet två gånger: när den öppnas och när "
    "resten har kommit.",
    "Skriv ett villkor, till exempel waitingForStart för det som bara ska ske när den öppnas.",
    "The flow has no condition. A complex gateway that waits lets the flow go on twice: when it opens, and when the "
    "rest has come.",
    "Write a condition, for example waitingForStart for what is to happen only when it opens.",
)
_AD_HOC_EMPTY = refused(
    "ad_hoc.empty",
    "Ad hoc-delprocessen har ingen aktivitet att börja med.",
    "Rita minst en aktivitet i den som inget flöde leder till.",
    "The ad hoc subprocess has no activity to begin with.",
    "Draw at least one activity in it that no flow leads to.",
)
_AD_HOC_EVENT = refused(
    "ad_hoc.event",
    "En ad hoc-delprocess har varken start- eller sluthändelser och inga händelsedelprocesser.",
    "Ta bort händelsen. Aktiviteter som inget flöde leder till börjar av sig själva.",
    "An ad hoc subprocess has no start or end events and no event subprocesses (BPMN 2.0.2, 10.3.5).",
    "Remove the event. Activities that no flow leads to begin by themselves.",
)
_AD_HOC_AT_ONCE = refused(
    "ad_hoc.at_once",
    "Här kan flera aktiviteter pågå samtidigt, men ad hoc-delprocessen tar en i taget.",
    "Sätt ordningen till parallell, eller låt ett flöde i taget gå vidare.",
    "Several activities may run here at the same time, but the ad hoc subprocess takes one at a time.",
    "Set the ordering to Parallel, or let one flow at a time go on.",
)
_QUANTITY = refused(
    "activity.quantity",
    "startQuantity och completionQuantity ska vara heltal från 1 till 1 000; en händelsedelprocess har inga.",
    "Ange till exempel 2, eller ta bort attributet.",
    "startQuantity and completionQuantity must be whole numbers from 1 to 1,000; an event subprocess has none.",
    "Give for example 2, or remove the attribute.",
)


def check_flows(element: Element, findings: Findings) -> None:
    """What the element says of the tokens that come to it and leave it can be done, or is refused."""
    if element.kind == "complexGateway":
        _check_complex(element, findings)
    if element.kind == "adHocSubProcess" and element.inside is not None:
        _check_ad_hoc(element, element.inside, findings)
    if element.kind in ACTIVITIES:
        _check_quantities(element, findings)
    for flow in element.outgoing:
        if flow.condition is None:
            continue
        if element.kind in _UNCONDITIONAL:
            findings.add(_CONDITION, flow.element)
        elif flow.id == element.default:
            findings.add(_DEFAULT_CONDITION, flow.element)


def _check_complex(element: Element, findings: Findings) -> None:
    if not dialect.text_of(element.element.find(bpmn("activationCondition"))):
        if len(element.incoming) > 1:
            findings.add(_NO_ACTIVATION, element.element)
        return
    for flow in element.outgoing:
        if flow.condition is None and flow.id != element.default:
            findings.add(_NO_OUTPUT_CONDITION, flow.element)


def _check_ad_hoc(element: Element, inside: Scope, findings: Findings) -> None:
    if not any(each.kind in ACTIVITIES for each in inside.begins):
        findings.add(_AD_HOC_EMPTY, element.element)
    is_sequential = element.element.get("ordering") == "Sequential"
    for each in inside.elements.values():
        if each.kind in ("startEvent", "endEvent") or each.is_event_subprocess:
            findings.add(_AD_HOC_EVENT, each.element)
        splits = len(each.outgoing) > 1 and each.kind not in ("exclusiveGateway", "eventBasedGateway")
        if is_sequential and (splits or (each.attached_to and not each.is_interrupting)):
            findings.add(_AD_HOC_AT_ONCE, each.element)


def _check_quantities(element: Element, findings: Findings) -> None:
    for name in ("startQuantity", "completionQuantity"):
        raw = element.element.get(name, "1").strip()
        number = int(raw) if re.fullmatch(r"\+?\d{1,9}", raw) else 0
        if not 1 <= number <= MOST_TOKENS or (number > 1 and element.is_event_subprocess):
            findings.add(_QUANTITY, element.element, attribute=name)
