"""Which elements and event positions run in this release. Everything else is refused by name, with what to draw instead
(BPMN 2.0.2, chapters 10 and 13)."""

from flowsvc.engine.checking.diagram import ACTIVITIES, Diagram, Element, Process
from flowsvc.engine.checking.findings import Findings, Rule, refused

_PLAIN = frozenset({"task", "manualTask", "userTask", "scriptTask", "businessRuleTask", "serviceTask", "callActivity"})
RUNS = _PLAIN | {"subProcess", "exclusiveGateway", "parallelGateway", "startEvent", "endEvent", "boundaryEvent"}
_REPEATED = frozenset({"userTask", "subProcess", "callActivity"})
_ERRORS_FROM = frozenset({"subProcess", "callActivity", "serviceTask"})
_ESCALATIONS_FROM = frozenset({"subProcess", "callActivity"})

_NAMES = {
    "inclusiveGateway": ("Inkluderande gateway", "Inclusive gateway", "en parallell gateway med val på varje gren"),
    "eventBasedGateway": ("Händelsebaserad gateway", "Event-based gateway", "en användaruppgift med gränshändelser"),
    "complexGateway": ("Komplex gateway", "Complex gateway", "exklusiva och parallella gateways"),
    "intermediateCatchEvent": ("Mellanhändelse som väntar", "Catching event", "en uppgift med en gränshändelse"),
    "intermediateThrowEvent": (
        "Mellanhändelse som sänder",
        "Throwing event",
        "en sluthändelse eller en tjänsteuppgift",
    ),
    "sendTask": ("Sändaruppgift", "Send task", "en tjänsteuppgift"),
    "receiveTask": ("Mottagaruppgift", "Receive task", "en användaruppgift med en meddelandehändelse på kanten"),
    "transaction": ("Transaktion", "Transaction", "ett vanligt delprocessteg med felhändelse på kanten"),
    "adHocSubProcess": ("Ad hoc-delprocess", "Ad hoc subprocess", "en delprocess med ordnade steg"),
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
_EVENT_SUBPROCESS = refused(
    "event_subprocess.start",
    "En händelsedelprocess startar här bara av ett meddelande, och avbrytande.",
    "Ge den en enda starthändelse: ett avbrytande meddelande.",
    "An event subprocess starts here only by a message, interrupting.",
    "Give it a single start event: an interrupting message.",
)
_STANDARD_LOOP = refused(
    "loop.standard",
    "Slinga på en aktivitet stöds inte.",
    "Rita slingan med en exklusiv gateway och ett flöde tillbaka.",
    "A standard loop is not supported.",
    "Draw the loop with an exclusive gateway and a flow back.",
)
_SEQUENTIAL = refused(
    "loop.sequential",
    "Upprepning en i taget stöds inte.",
    "Välj parallell upprepning, eller rita en slinga.",
    "Sequential multi-instance is not supported.",
    "Choose parallel multi-instance, or draw a loop.",
)
_REPEATED_HERE = refused(
    "loop.activity",
    "Den här aktiviteten kan inte upprepas.",
    "Lägg den i en delprocess som upprepas.",
    "This activity cannot be multi-instance.",
    "Put it into a multi-instance subprocess.",
)
_LOOP_OF_WHAT = refused(
    "loop.collection",
    "Upprepningen säger inte hur många gånger.",
    "Ange en samling (camunda:collection) eller ett antal (loopCardinality).",
    "The multi-instance does not say how many times.",
    "Give a collection (camunda:collection) or a loopCardinality.",
)
_IMPLICIT_SPLIT = refused(
    "flow.implicit_split",
    "Flera flöden går ut från {name}.",
    "Sätt en parallell eller exklusiv gateway efter den.",
    "Several flows leave {name}.",
    "Put a parallel or an exclusive gateway after it.",
)
_CONDITION = refused(
    "flow.condition",
    "Ett villkor på ett flöde som inte går ut från en exklusiv gateway stöds inte.",
    "Sätt en exklusiv gateway före flödet.",
    "A condition on a flow that does not leave an exclusive gateway is not supported.",
    "Put an exclusive gateway before the flow.",
)
_PLACES = {
    "startEvent": ("start", frozenset({"", "message", "timer"})),
    "endEvent": ("slut", frozenset({"", "error", "escalation", "terminate"})),
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


def _check_boundary(element: Element, trigger: str, findings: Findings) -> None:
    host = element.scope.elements.get(element.attached_to)
    hosts = {"error": _ERRORS_FROM, "escalation": _ESCALATIONS_FROM}.get(trigger, ACTIVITIES)
    if host is None or host.kind not in hosts:
        findings.add(_HOST, element.element, trigger=_TRIGGERS[trigger].lower())
    elif trigger == "error" and not element.is_interrupting:
        findings.add(_ERROR_INTERRUPTS, element.element)


def _check_loop(element: Element, findings: Findings) -> None:
    loop = element.loop
    if loop is None:
        return
    rule: Rule | None = None
    if str(loop.tag).endswith("}standardLoopCharacteristics"):
        rule = _STANDARD_LOOP
    elif loop.get("isSequential") == "true":
        rule = _SEQUENTIAL
    elif element.kind not in _REPEATED or element.is_event_subprocess:
        rule = _REPEATED_HERE
    elif not any(str(each).endswith("}collection") for each in loop.attrib) and not any(
        str(each.tag).endswith(("}loopCardinality", "}loopDataInputRef")) for each in loop
    ):
        rule = _LOOP_OF_WHAT
    if rule is not None:
        findings.add(rule, element.element)


def _check_flows(element: Element, findings: Findings) -> None:
    if "Gateway" not in element.kind and len(element.outgoing) > 1:
        findings.add(_IMPLICIT_SPLIT, element.element, name=element.name or element.id)
    if element.kind != "exclusiveGateway":
        for flow in element.outgoing:
            if flow.condition is not None:
                findings.add(_CONDITION, flow.element)
