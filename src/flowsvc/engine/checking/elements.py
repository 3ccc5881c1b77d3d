"""Which elements and event positions run in this release. Everything else is refused by name, with what to draw instead
(BPMN 2.0.2, chapters 10 and 13)."""

from flowsvc.engine.checking.diagram import ACTIVITIES, EVENTS, Diagram, Element, Process
from flowsvc.engine.checking.findings import Findings, refused
from flowsvc.engine.checking.flows import check_flows
from flowsvc.engine.checking.loops import announces, check_loop

_PLAIN = frozenset({"task", "manualTask", "userTask", "scriptTask", "businessRuleTask", "serviceTask", "callActivity"})
_SENDING = frozenset({"sendTask", "receiveTask"})
_GATEWAYS = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway", "complexGateway"})
RUNS = _PLAIN | _SENDING | EVENTS | _GATEWAYS | {"subProcess", "adHocSubProcess"}
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
        check_loop(element, diagram.shared, findings)
        check_flows(element, findings)
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
    if host is None or (host.kind not in hosts and not announces(host)):
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
