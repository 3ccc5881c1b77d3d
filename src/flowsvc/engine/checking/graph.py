"""The drawing as a graph: what leads nowhere, what is never reached, and joins that wait for ever."""

from collections.abc import Iterable

from flowsvc.engine.checking.diagram import Diagram, Element, Flow, Process, Scope
from flowsvc.engine.checking.findings import Findings, refused

MOST_ELEMENTS = 2_000
MOST_LEVELS = 50
_CHOICES = frozenset({"exclusiveGateway", "eventBasedGateway"})

_DANGLING = refused(
    "flow.dangling",
    "Flödet leder till något som inte finns.",
    "Dra om flödet eller ta bort det.",
    "The flow leads to something that is not there.",
    "Draw the flow anew or remove it.",
)
_DUPLICATE = refused(
    "id.duplicate",
    "Id {id} används av två element.",
    "Ge det ena ett annat id.",
    "The id {id} is used by two elements.",
    "Give one of them another id.",
)
_NO_START = refused(
    "scope.no_start",
    "{name} har ingen starthändelse.",
    "Rita en starthändelse.",
    "{name} has no start event.",
    "Draw a start event.",
)
_MANY_STARTS = refused(
    "scope.many_starts",
    "Delprocessen har flera starthändelser.",
    "Behåll en.",
    "The subprocess has several start events.",
    "Keep one.",
)
_NO_END = refused(
    "scope.no_end",
    "{name} når aldrig en sluthändelse.",
    "Rita en väg till en sluthändelse.",
    "{name} never reaches an end event.",
    "Draw a path to an end event.",
)
_UNREACHED = refused(
    "element.unreachable",
    "{name} nås aldrig från någon start.",
    "Koppla in det eller ta bort det.",
    "{name} is never reached from a start.",
    "Connect it or remove it.",
)
_NO_CONDITION = refused(
    "gateway.no_condition",
    "Ett flöde ut från {name} saknar villkor och är inte standardflöde.",
    "Skriv ett villkor, eller gör flödet till standardflöde.",
    "A flow out of {name} has no condition and is not the default flow.",
    "Write a condition, or make it the default flow.",
)
_DEADLOCK = refused(
    "gateway.deadlock",
    "{name} väntar på flera vägar av vilka bara en kommer att gås.",
    "Samla vägarna med en exklusiv gateway i stället.",
    "{name} waits for several paths of which only one will be taken.",
    "Join the paths with an exclusive gateway instead.",
)
_TOO_LARGE = refused(
    "diagram.too_large",
    "Diagrammet är för stort: högst 2 000 element och 50 nivåer.",
    "Dela det med anropsaktiviteter.",
    "The diagram is too large: at most 2,000 elements and 50 levels.",
    "Split it with call activities.",
)


def check_graph(diagram: Diagram, process: Process, findings: Findings) -> None:
    """The process holds together: every path from a start comes to an end, and no join waits in vain."""
    elements = list(process.elements())
    if len(elements) > MOST_ELEMENTS or max((_depth(each.scope) for each in elements), default=0) > MOST_LEVELS:
        findings.add(_TOO_LARGE, process.element)
        return
    for scope in process.scopes():
        _check_scope(scope, process, findings)


def check_ids(diagram: Diagram, findings: Findings) -> None:
    """No id is used twice in the file."""
    seen: set[str] = set()
    for element in diagram.root.iter():
        identity = element.get("id") if isinstance(element.tag, str) else None
        if identity and identity in seen:
            findings.add(_DUPLICATE, element, id=identity)
        if identity:
            seen.add(identity)


def _depth(scope: Scope) -> int:
    depth = 1
    while scope.owner is not None:
        depth, scope = depth + 1, scope.owner.scope
    return depth


def _check_scope(scope: Scope, process: Process, findings: Findings) -> None:
    name = scope.element.get("name") or scope.id
    for flow in scope.flows.values():
        if flow.source not in scope.elements or flow.target not in scope.elements:
            findings.add(_DANGLING, flow.element)
    starts = scope.beginnings()
    if not starts:
        findings.add(_NO_START, scope.element, name=name)
        return
    if scope.owner is not None and len(scope.of_kind("startEvent")) > 1:
        findings.add(_MANY_STARTS, scope.element)
    reached = _reached(scope, [*starts, *(e for e in scope.elements.values() if e.is_event_subprocess)])
    if not any(each.kind == "endEvent" for each in reached):
        findings.add(_NO_END, scope.element, name=name)
    for element in scope.elements.values():
        if element not in reached:
            findings.add(_UNREACHED, element.element, name=element.name or element.id)
        if element.kind == "exclusiveGateway":
            _check_conditions(element, findings)
        if element.kind == "parallelGateway" and len(element.incoming) > 1:
            _check_join(scope, element, findings)


def _reached(scope: Scope, starts: Iterable[Element]) -> set[Element]:
    reached: set[Element] = set()
    waiting = list(starts)
    while waiting:
        element = waiting.pop()
        if element in reached:
            continue
        reached.add(element)
        waiting.extend(scope.beyond(element))
    return reached


def _check_conditions(gateway: Element, findings: Findings) -> None:
    if len(gateway.outgoing) < 2:
        return
    for flow in gateway.outgoing:
        if flow.condition is None and flow.id != gateway.default:
            findings.add(_NO_CONDITION, flow.element, name=gateway.name or gateway.id)


def _check_join(scope: Scope, join: Element, findings: Findings) -> None:
    """A join never opens when two branches of it come from one exclusive choice, or from an activity and its edge."""
    chosen = dict[str, set[str]]()
    for flow in join.incoming:
        found = _choice(scope, flow)
        if found is not None and not _comes_twice(scope, found[0]):
            chosen.setdefault(found[0].id, set()).add(found[1])
    if any(len(branches) > 1 for branches in chosen.values()):
        findings.add(_DEADLOCK, join.element, name=join.name or join.id)


def _choice(scope: Scope, flow: Flow) -> tuple[Element, str] | None:
    """The exclusive choice that leads here along a straight path, and its branch: a flow out of a gateway, or an
    activity's border event or normal end. None if unsure."""
    seen: set[str] = set()
    element = scope.elements.get(flow.source)
    while element is not None and element.id not in seen:
        seen.add(element.id)
        if element.kind in _CHOICES and len(element.outgoing) > 1:
            return element, flow.id
        if element.kind == "boundaryEvent":
            host = scope.elements.get(element.attached_to)
            return (host, element.id) if element.is_interrupting and host is not None else None
        if any(each.is_interrupting for each in scope.boundaries(element)):
            return element, element.id
        if len(element.incoming) != 1 or element.kind in ("inclusiveGateway", "complexGateway"):
            return None
        flow = element.incoming[0]
        element = scope.elements.get(flow.source)
    return None


def _comes_twice(scope: Scope, element: Element) -> bool:
    """More than one token may come to the element: something before it splits the flow, and something behind that lets
    the branches in one by one."""
    seen: set[str] = set()
    waiting = [element]
    splits = merges = False
    while waiting:
        at = waiting.pop()
        if at.id in seen:
            continue
        seen.add(at.id)
        is_border = at.kind == "boundaryEvent"
        if (is_border and not at.is_interrupting) or at.element.get("completionQuantity", "1") != "1":
            return True
        splits |= len(at.outgoing) > 1 and at.kind not in _CHOICES
        merges |= len(at.incoming) > 1 and at.kind != "parallelGateway"
        before = [at.attached_to] if is_border else [flow.source for flow in at.incoming]
        waiting.extend(scope.elements[each] for each in before if each in scope.elements)
    return splits and merges
