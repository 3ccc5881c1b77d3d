"""Which event may stand where, with which trigger, and how event-based gateways are drawn (BPMN 2.0.2, 10.5 and
10.6.6). Everything else is refused by name."""

from flowsvc.engine.checking.diagram import ACTIVITIES, Element, Scope
from flowsvc.engine.checking.findings import Findings, refused

_EVENT = refused(
    "event.unsupported",
    "{trigger} stöds inte på den här platsen ({place}).",
    "Här går det bra med: {allowed}.",
    "{trigger} is not supported in this position ({place}).",
    "Supported here: {allowed}.",
)
_ALL_AT_START = refused(
    "event.all_at_start",
    "En process kan inte vänta på flera utlösare innan den finns.",
    "Låt den starta av den första: rita en parallell händelsebaserad gateway med instantiate, som väntar på de andra.",
    "A process cannot wait for several triggers before it exists.",
    "Let it start by the first: draw a parallel event-based gateway with instantiate, which waits for the others.",
)
_ALL_OF = refused(
    "event.all_of",
    "En händelse som kräver alla sina utlösare kan bara vänta på meddelanden, signaler, tider och villkor.",
    "Dela den i en händelse för varje utlösare, eller ta bort parallelMultiple.",
    "An event that needs all of its triggers can only wait for messages, signals, times and conditions.",
    "Split it into one event for each trigger, or remove parallelMultiple.",
)
_TIME_AMONG = refused(
    "event.time_among",
    "Tiden kan inte vara en av flera utlösare på samma starthändelse.",
    "Rita en egen starthändelse för tiden.",
    "A time cannot be one of several triggers of the same start event.",
    "Draw a start event of its own for the time.",
)
_HOST = refused(
    "event.host",
    "En {trigger}-händelse kan inte sitta på kanten av det här.",
    "Fäst den på en uppgift, en delprocess eller en anropsaktivitet.",
    "A {trigger} event cannot sit on the edge of this.",
    "Attach it to a task, a subprocess or a call activity.",
)
_ERROR_INTERRUPTS = refused(
    "event.error_interrupts",
    "En händelse för fel eller avbrott avbryter alltid.",
    "Gör händelsen avbrytande (hel linje).",
    "An error or cancel event always interrupts (BPMN 2.0.2, 10.5.6).",
    "Make it interrupting (solid line).",
)
_LINK_TARGET = refused(
    "event.link",
    "Länken {link} leder inte till exakt en händelse i samma delprocess eller process.",
    "Rita en mottagande länkhändelse med samma namn, och bara en.",
    "The link {link} does not lead to exactly one event in the same process or subprocess.",
    "Draw one catching link event of the same name, and only one.",
)
_LINK_SOURCE = refused(
    "event.link_source",
    "Ingen länk {link} leder hit.",
    "Rita en länkhändelse med samma namn som lämnar, i samma process eller delprocess.",
    "No link {link} leads here.",
    "Draw a throwing link event of the same name in the same process or subprocess.",
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
    "En händelsedelprocess ska ha exakt en starthändelse, med utlösare, och inga flöden in eller ut.",
    "Ge den en enda starthändelse som säger vad som sätter igång den, och ta bort flödena.",
    "An event subprocess has exactly one start event, with a trigger, and no flows in or out (BPMN 2.0.2, 10.3.5).",
    "Give it a single start event that says what sets it off, and remove the flows.",
)
_CONDITION_AT_START = refused(
    "event.condition_at_start",
    "En process kan inte starta av ett villkor: före starten finns inga variabler att pröva det mot.",
    "Starta den med ett meddelande, en signal eller en tid, och pröva villkoret i en exklusiv gateway.",
    "A process cannot start by a condition: before the start there are no variables to ask it of.",
    "Start it by a message, a signal or a time, and ask the condition in an exclusive gateway.",
)
_CANCEL = refused(
    "event.cancel",
    "Ett avbrott slutar en transaktion, och fångas av den enda avbrottshändelsen på transaktionens kant.",
    "Rita slutet direkt i en transaktion, med en avbrytande avbrottshändelse på kanten.",
    "A cancel end stands in a transaction, and is caught by the one cancel event on its edge.",
    "Draw the end directly inside a transaction that has an interrupting cancel event on its edge.",
)
_COMPENSATION = refused(
    "event.compensation",
    "En kompensationshändelse på en kant har inga flöden ut, och leder till exakt en aktivitet för kompensation.",
    "Dra en association till en aktivitet med isForCompensation, i samma process eller delprocess, och ha bara en "
    "sådan händelse på kanten.",
    "A compensation event on an edge has no outgoing flows, and leads to exactly one activity for compensation.",
    "Draw an association to an activity with isForCompensation in the same scope, and keep one such event on the edge.",
)
_UNDONE_TWICE = refused(
    "event_subprocess.compensation",
    "Två händelsedelprocesser gör samma process eller delprocess ogjord.",
    "Behåll en.",
    "Two event subprocesses undo the same process or subprocess.",
    "Keep one.",
)
_FOR_COMPENSATION = refused(
    "activity.for_compensation",
    "En aktivitet för kompensation står inte i flödet.",
    "Ta bort flödena, och dra en association till den från en kompensationshändelse på en kant.",
    "An activity for compensation stands in no flow.",
    "Remove the flows, and draw an association to it from a compensation event on an edge.",
)
_NO_WAIT = refused(
    "event.compensation_waits",
    "Den som kompenserar väntar tills allt är ogjort.",
    "Ta bort waitForCompletion, eller lägg händelsen på en egen gren.",
    "Who compensates waits until all is undone.",
    "Remove waitForCompletion, or put the event on a branch of its own.",
)
_NOTHING_TO_UNDO = refused(
    "event.compensation_of_what",
    "Aktiviteten {activity} står inte här, eller har inget som gör den ogjord.",
    "Peka ut en aktivitet i samma process eller delprocess, med en kompensationshändelse på kanten.",
    "The activity {activity} is not in this scope, or has nothing that undoes it.",
    "Name an activity of the same scope that has a compensation event on its edge.",
)
_GATEWAY = refused(
    "gateway.events",
    "En händelsebaserad gateway leder till minst två väntande händelser eller mottagare, och bara den leder dit.",
    "Rita väntande händelser (meddelande, signal, tid, villkor) eller mottagaruppgifter direkt efter den, inte både "
    "meddelandehändelser och mottagaruppgifter, utan gränshändelser och utan andra flöden in.",
    "An event-based gateway leads to at least two waiting events or receive tasks, and nothing else leads there.",
    "Draw waiting events (message, signal, timer, conditional) or receive tasks right after it, not both message "
    "events and receive tasks, without boundary events and without other incoming flows (BPMN 2.0.2, 10.6.6).",
)
_PARALLEL = refused(
    "gateway.parallel_events",
    "Bara en händelsebaserad gateway som startar processen kan vänta på alla sina händelser.",
    "Sätt instantiate, eller rita en parallell gateway med en väntande händelse på varje gren.",
    "Only an event-based gateway that starts the process can wait for all its events.",
    "Set instantiate, or draw a parallel gateway with a waiting event on each branch.",
)
_INSTANTIATES = refused(
    "element.instantiates",
    "Det som startar processen (instantiate) står först i processen, inte i en delprocess, och upprepas inte.",
    "Ta bort flödena in, eller ta bort instantiate.",
    "What starts the process (instantiate) stands first in the process, not in a subprocess, and is not repeated.",
    "Remove the incoming flows, or remove instantiate.",
)
_INSTANTIATES_BY = refused(
    "gateway.instantiates_by",
    "En händelsebaserad gateway startar processen bara av meddelanden och signaler.",
    "Rita en starthändelse för tiden, eller ta bort instantiate.",
    "An event-based gateway starts the process only by messages and signals.",
    "Draw a start event for the time, or remove instantiate.",
)

_PROCESS_START = "start"
_AWAITED = frozenset({"message", "timer", "signal", "conditional"})
_SETS_OFF = _AWAITED | {"error", "escalation", "compensate"}
_THROWN = frozenset({"message", "signal", "escalation", "compensate"})
_ALONE = frozenset({"", "link", "compensate", "cancel"})
"""What is not one of several triggers of an event."""
_PLACES = {
    "startEvent": (_PROCESS_START, frozenset({"", "message", "timer", "signal"})),
    "intermediateCatchEvent": ("mellan, väntar", _AWAITED | {"", "link"}),
    "intermediateThrowEvent": ("mellan, sänder", _THROWN | {"", "link"}),
    "endEvent": ("slut", _THROWN | {"", "error", "cancel", "terminate"}),
    "boundaryEvent": ("kant", _SETS_OFF | {"cancel"}),
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


def check_event(element: Element, findings: Findings) -> None:
    """The event, event subprocess, event-based gateway or receive task runs as it is drawn, or is refused."""
    if element.kind == "eventBasedGateway":
        _check_gateway(element, findings)
    if element.is_for_compensation and (element.incoming or element.outgoing):
        findings.add(_FOR_COMPENSATION, element.element)
    if element.kind == "receiveTask" and element.instantiates:
        _check_instantiates(element, findings)
    if element.is_event_subprocess and element.inside is not None:
        starts = element.inside.of_kind("startEvent")
        if len(starts) != 1 or not starts[0].triggers or element.incoming or element.outgoing:
            findings.add(_EVENT_SUBPROCESS, element.element)
        elif "compensate" in starts[0].triggers and any(_undoes_scope(each) for each in _before(element)):
            findings.add(_UNDONE_TWICE, element.element)
        return
    if element.kind not in _PLACES:
        return
    place, allowed = _place(element)
    if len(element.triggers) > 1:
        allowed -= _ALONE
        _check_multiple(element, place, findings)
    for trigger in dict.fromkeys(element.triggers or ("",)):
        if trigger == "conditional" and place == _PROCESS_START:
            findings.add(_CONDITION_AT_START, element.element)
        elif trigger not in allowed:
            words = ", ".join(sorted(_TRIGGERS[each].lower() for each in allowed))
            findings.add(_EVENT, element.element, trigger=_TRIGGERS.get(trigger, trigger), place=place, allowed=words)
        elif element.kind == "boundaryEvent":
            _check_boundary(element, trigger, findings)
        elif trigger == "link":
            _check_link(element, findings)
        elif trigger == "cancel":
            _check_cancel(element, findings)
        elif trigger == "compensate":
            _check_compensation(element, findings)
        elif trigger == "error" and element.kind == "startEvent" and not element.is_interrupting:
            findings.add(_ERROR_INTERRUPTS, element.element)


def _before(element: Element) -> list[Element]:
    siblings = list(element.scope.elements.values())
    return siblings[: siblings.index(element)]


def _undoes_scope(element: Element) -> bool:
    inside = element.inside if element.is_event_subprocess else None
    return inside is not None and any("compensate" in each.triggers for each in inside.of_kind("startEvent"))


def _check_multiple(element: Element, place: str, findings: Findings) -> None:
    kinds = set(element.triggers)
    if element.element.get("parallelMultiple") == "true":
        if place == _PROCESS_START:
            findings.add(_ALL_AT_START, element.element)
        elif kinds - _AWAITED:
            findings.add(_ALL_OF, element.element)
    elif place == _PROCESS_START and "timer" in kinds:
        findings.add(_TIME_AMONG, element.element)


def _place(element: Element) -> tuple[str, frozenset[str]]:
    """Where the event stands, in words, and the triggers that it may have there."""
    owner = element.scope.owner
    if element.kind == "startEvent" and owner is not None:
        if owner.is_event_subprocess:
            return "start i händelsedelprocess", _SETS_OFF
        return "start i delprocess", frozenset({""})
    return _PLACES[element.kind]


def _check_boundary(element: Element, trigger: str, findings: Findings) -> None:
    host = element.scope.elements.get(element.attached_to)
    if host is None or host.kind not in ACTIVITIES or host.is_event_subprocess:
        findings.add(_HOST, element.element, trigger=_TRIGGERS[trigger].lower())
    elif trigger in ("error", "cancel") and not element.is_interrupting:
        findings.add(_ERROR_INTERRUPTS, element.element)
    elif trigger == "cancel" and (host.kind != "transaction" or _cancels(host) != [element]):
        findings.add(_CANCEL, element.element)
    elif trigger == "compensate":
        beside = [each for each in element.scope.boundaries(host) if "compensate" in each.triggers]
        undoers = element.scope.undoers_of(element)
        is_right = len(undoers) == 1 and undoers[0].is_for_compensation and not element.outgoing
        if not is_right or len(beside) > 1 or host.is_for_compensation:
            findings.add(_COMPENSATION, element.element)


def _cancels(transaction: Element) -> list[Element]:
    return [each for each in transaction.scope.boundaries(transaction) if "cancel" in each.triggers]


def _check_cancel(end: Element, findings: Findings) -> None:
    owner = end.scope.owner
    if owner is None or owner.kind != "transaction" or not _cancels(owner):
        findings.add(_CANCEL, end.element)


def _check_compensation(element: Element, findings: Findings) -> None:
    if element.kind == "startEvent":
        return
    (definition,) = element.definitions
    named = definition.get("activityRef", "")
    if definition.get("waitForCompletion", "true") not in ("true", "1"):
        findings.add(_NO_WAIT, element.element)
    elif named and not any(_can_be_undone(scope, named) for scope in _seen_scopes(element.scope)):
        findings.add(_NOTHING_TO_UNDO, element.element, activity=named)


def _seen_scopes(scope: Scope) -> list[Scope]:
    """The scope, and from an event subprocess those around it."""
    found = [scope]
    while scope.owner is not None and scope.owner.is_event_subprocess:
        scope = scope.owner.scope
        found.append(scope)
    return found


def _can_be_undone(scope: Scope, activity: str) -> bool:
    found = scope.elements.get(activity)
    if found is None or found.kind not in ACTIVITIES:
        return False
    has_inside = found.inside is not None or found.kind == "callActivity"
    return has_inside or any("compensate" in each.triggers for each in scope.boundaries(found))


def _check_link(element: Element, findings: Findings) -> None:
    is_throwing = element.kind == "intermediateThrowEvent"
    link = ", ".join(sorted(element.links))
    caught = [each for each in element.scope.of_kind("intermediateCatchEvent") if element.links & each.links]
    thrown = [each for each in element.scope.of_kind("intermediateThrowEvent") if element.links & each.links]
    if not link or len(caught) != 1:
        findings.add(_LINK_TARGET, element.element, link=link)
    elif not thrown:
        findings.add(_LINK_SOURCE, element.element, link=link)
    elif element.outgoing if is_throwing else element.incoming:
        findings.add(_LINK_FLOW, element.element)


def _check_gateway(gateway: Element, findings: Findings) -> None:
    """BPMN 2.0.2, 10.6.6: what is behind it waits, and is come to by no other way."""
    behind = [gateway.scope.elements[flow.target] for flow in gateway.outgoing if flow.target in gateway.scope.elements]
    kinds = {trigger for each in behind for trigger in each.triggers}
    has_tasks = any(each.kind == "receiveTask" for each in behind)
    is_right = (
        len(behind) > 1
        and all(_waits(each) for each in behind)
        and not (has_tasks and "message" in kinds)
        and not any(gateway.scope.boundaries(each) for each in behind)
    )
    if not is_right:
        findings.add(_GATEWAY, gateway.element)
    if gateway.instantiates:
        _check_instantiates(gateway, findings)
        if kinds - {"message", "signal"}:
            findings.add(_INSTANTIATES_BY, gateway.element)
    elif gateway.element.get("eventGatewayType", "Exclusive") != "Exclusive":
        findings.add(_PARALLEL, gateway.element)


def _waits(element: Element) -> bool:
    if len(element.incoming) != 1 or element.loop is not None:
        return False
    if element.kind == "receiveTask":
        return not element.instantiates
    return element.kind == "intermediateCatchEvent" and bool(element.triggers) and set(element.triggers) <= _AWAITED


def _check_instantiates(element: Element, findings: Findings) -> None:
    if element.incoming or element.scope.owner is not None or element.loop is not None:
        findings.add(_INSTANTIATES, element.element)
