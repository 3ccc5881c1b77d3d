"""Which elements and event positions run in this release. Everything else is refused by name, with what to draw instead
(BPMN 2.0.2, chapters 10 and 13)."""

import re
from collections.abc import Iterator

from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.checking.diagram import ACTIVITIES, EVENTS, Diagram, Element, Process, Scope
from flowsvc.engine.checking.findings import Findings, Rule, refused, warned
from flowsvc.engine.dialect import bpmn

_PLAIN = frozenset({"task", "manualTask", "userTask", "scriptTask", "businessRuleTask", "serviceTask", "callActivity"})
_SENDING = frozenset({"sendTask", "receiveTask"})
_GATEWAYS = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway", "complexGateway"})
RUNS = _PLAIN | _SENDING | EVENTS | _GATEWAYS | {"subProcess", "adHocSubProcess"}
_UNCONDITIONAL = frozenset({"parallelGateway", "eventBasedGateway"}) | EVENTS
"""What BPMN 2.0.2 (8.3.13, 10.6) lets no conditional flow leave."""
_ERRORS_FROM = frozenset({"subProcess", "adHocSubProcess", "callActivity", "serviceTask"})
_ESCALATIONS_FROM = frozenset({"subProcess", "adHocSubProcess", "callActivity"})

_NAMES = {
    "eventBasedGateway": ("Händelsebaserad gateway", "Event-based gateway", "en användaruppgift med gränshändelser"),
    "transaction": ("Transaktion", "Transaction", "ett vanligt delprocessteg med felhändelse på kanten"),
}

_UNSUPPORTED = refused(
    "element.unsupported",
    "{name} stöds inte i den här versionen.",
    "Rita {instead} i stället.",
    "{name_en} is not supported in this release.",
    "Draw something of the supported elements instead; docs/modeling.md lists them.",
)
_EVENT = refused(
    "event.unsupported",
    "{trigger} stöds inte på den här platsen ({place}).",
    "Här går det bra med: {allowed}.",
    "{trigger} is not supported in this position ({place}).",
    "Supported here: {allowed}.",
)
_TWO_TRIGGERS = refused(
    "event.multiple",
    "Händelsen har flera utlösare.",
    "Dela den i en händelse för varje utlösare.",
    "The event has several triggers.",
    "Split it into one event for each trigger.",
)
_HOST = refused(
    "event.host",
    "En {trigger}-händelse kan inte sitta på kanten av den här aktiviteten.",
    "Flytta den till en delprocess eller en anropsaktivitet.",
    "A {trigger} event cannot sit on the edge of this activity.",
    "Move it to a subprocess or a call activity.",
)
_ERROR_INTERRUPTS = refused(
    "event.error_interrupts",
    "En felhändelse avbryter alltid.",
    "Gör händelsen avbrytande (hel linje).",
    "An error event always interrupts (BPMN 2.0.2, 10.5.6).",
    "Make it interrupting (solid line).",
)
_LINK_TARGET = refused(
    "event.link",
    "Länken {link} leder inte till exakt en händelse i samma delprocess eller process.",
    "Rita en mottagande länkhändelse med samma namn, och bara en.",
    "The link {link} does not lead to exactly one event in the same process or subprocess.",
    "Draw one catching link event of the same name, and only one.",
)
_LINK_FLOW = refused(
    "event.link_flow",
    "En länk som lämnar har inga flöden ut, och en som tar emot har inga flöden in.",
    "Ta bort flödet; länken är vägen.",
    "A throwing link has no outgoing flow, and a catching one no incoming (BPMN 2.0.2, 10.5.5).",
    "Remove the flow; the link is the way.",
)
_EVENT_SUBPROCESS = refused(
    "event_subprocess.start",
    "En händelsedelprocess startar här bara av ett meddelande, och avbrytande.",
    "Ge den en enda starthändelse: ett avbrytande meddelande.",
    "An event subprocess starts here only by a message, interrupting.",
    "Give it a single start event: an interrupting message.",
)
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

_PLACES = {
    "startEvent": ("start", frozenset({"", "message", "timer"})),
    "intermediateCatchEvent": ("mellan, väntar", frozenset({"", "message", "timer", "signal", "link"})),
    "intermediateThrowEvent": ("mellan, sänder", frozenset({"", "message", "signal", "escalation", "link"})),
    "endEvent": ("slut", frozenset({"", "message", "signal", "error", "escalation", "terminate"})),
    "boundaryEvent": ("kant", frozenset({"timer", "message", "error", "escalation"})),
}
_TRIGGERS = {
    "": "Ingen utlösare",
    "message": "Meddelande",
    "timer": "Tid",
    "error": "Fel",
    "escalation": "Eskalering",
    "terminate": "Avslut av allt",
    "signal": "Signal",
    "conditional": "Villkor",
    "compensate": "Kompensation",
    "compensation": "Kompensation",
    "cancel": "Avbrott",
    "link": "Länk",
}


def check_elements(diagram: Diagram, process: Process, findings: Findings) -> None:
    """Every element of the process either runs or is refused by name."""
    for element in process.elements():
        if element.kind not in RUNS:
            name, name_en, instead = _NAMES.get(element.kind, (element.kind, element.kind, "något som stöds"))
            findings.add(_UNSUPPORTED, element.element, name=name, name_en=name_en, instead=instead)
            continue
        before = findings.count
        _check_event(element, findings)
        _check_loop(element, findings)
        _check_flows(element, findings)
        if element.kind == "adHocSubProcess" and element.inside is not None:
            _check_ad_hoc(element, element.inside, findings)
        if findings.count == before:
            findings.use(element.element)


def _check_event(element: Element, findings: Findings) -> None:
    if element.is_event_subprocess and element.inside is not None:
        starts = element.inside.of_kind("startEvent")
        if [start.triggers for start in starts] != [("message",)] or not starts[0].is_interrupting:
            findings.add(_EVENT_SUBPROCESS, element.element)
        return
    if element.kind not in _PLACES:
        return
    if len(element.triggers) > 1:
        findings.add(_TWO_TRIGGERS, element.element)
        return
    trigger = element.triggers[0] if element.triggers else ""
    place, allowed = _PLACES[element.kind]
    owner = element.scope.owner
    if element.kind == "startEvent" and owner is not None and not owner.is_event_subprocess:
        place, allowed = "start i delprocess", frozenset({""})
    if trigger not in allowed:
        words = ", ".join(sorted(_TRIGGERS[each].lower() for each in allowed))
        findings.add(_EVENT, element.element, trigger=_TRIGGERS.get(trigger, trigger), place=place, allowed=words)
        return
    if element.kind == "boundaryEvent":
        _check_boundary(element, trigger, findings)
    elif trigger == "link":
        _check_link(element, findings)


def _check_boundary(element: Element, trigger: str, findings: Findings) -> None:
    host = element.scope.elements.get(element.attached_to)
    hosts = {"error": _ERRORS_FROM, "escalation": _ESCALATIONS_FROM}.get(trigger, ACTIVITIES)
    if host is None or host.kind not in hosts:
        findings.add(_HOST, element.element, trigger=_TRIGGERS[trigger].lower())
    elif trigger == "error" and not element.is_interrupting:
        findings.add(_ERROR_INTERRUPTS, element.element)


def _check_link(element: Element, findings: Findings) -> None:
    is_throwing = element.kind == "intermediateThrowEvent"
    link = ", ".join(sorted(element.links))
    caught = [each for each in element.scope.of_kind("intermediateCatchEvent") if element.links & each.links]
    if not link or len(caught) != 1:
        findings.add(_LINK_TARGET, element.element, link=link)
    elif element.outgoing if is_throwing else element.incoming:
        findings.add(_LINK_FLOW, element.element)


def _check_loop(element: Element, findings: Findings) -> None:
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


def _check_flows(element: Element, findings: Findings) -> None:
    if element.kind == "complexGateway":
        _check_complex(element, findings)
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
