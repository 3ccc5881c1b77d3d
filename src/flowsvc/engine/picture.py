"""A process as drawn: its elements with their words, in the order in which a person would read them. Hides the XML and
how a reading order is found in a graph with loops."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from flowsvc.domain.errors import NotFound
from flowsvc.engine import dialect
from flowsvc.engine.checking import diagram as diagrams
from flowsvc.engine.checking.diagram import Element, Flow, Scope
from flowsvc.engine.dialect import bpmn
from flowsvc.engine.xml import parse_xml


@dataclass(frozen=True)
class Way:
    """A flow out of an element."""

    target: str
    name: str
    name_en: str
    is_default: bool
    has_condition: bool


@dataclass(frozen=True)
class Drawn:
    """One element as drawn, in reading order with what it holds."""

    id: str
    kind: str
    """The BPMN name, e.g. userTask."""
    name: str
    name_en: str
    documentation: str
    documentation_en: str
    lane: str
    lane_en: str
    trigger: str
    """`timer`, `message`, `error`, `terminate` …; empty for a bare event and for what is no event."""
    attached_to: str
    is_interrupting: bool
    is_event_subprocess: bool
    loop: str
    """`parallel`, `sequential` or empty."""
    called_key: str
    is_own_case: bool
    ways: tuple[Way, ...]
    incoming: int
    properties: Mapping[str, str] = field(default_factory=dict)
    inside: "tuple[Drawn, ...]" = ()

    def title(self, language: str) -> str:
        """The name in the language; Swedish where there is no other."""
        return (self.name_en if language == "en" else "") or self.name

    def role(self, language: str) -> str:
        """The lane in the language."""
        return (self.lane_en if language == "en" else "") or self.lane

    def about(self, language: str) -> str:
        """The documentation in the language."""
        return (self.documentation_en if language == "en" else "") or self.documentation


@dataclass(frozen=True)
class Picture:
    """One process of a diagram."""

    key: str
    name: str
    name_en: str
    elements: Mapping[str, Drawn]
    """Every element, at any depth, by id."""
    order: tuple[Drawn, ...]
    """The outermost elements, in reading order."""

    def title(self, language: str) -> str:
        """The name in the language; Swedish where there is no other."""
        return (self.name_en if language == "en" else "") or self.name


def read_picture(source: bytes, key: str) -> Picture:
    """The process of the key in the file; NotFound where the file has none."""
    root = parse_xml(source, file_name=f"{key}.bpmn")
    found = next((each for each in diagrams.read(root).processes if each.key == key), None)
    if found is None:
        raise NotFound(f"Filen har ingen process med nyckeln {key}.")
    own = dialect.properties(found.element)
    lanes = {
        " ".join(lane.get("name", "").split()): dialect.properties(lane).get("name:en", "")
        for lane in found.element.iter(bpmn("lane"))
    }
    order = _drawn_in(found.scope, lanes)
    return Picture(
        key=key,
        name=" ".join((found.element.get("name") or found.pool or key).split()),
        name_en=own.get("name:en", ""),
        elements={each.id: each for each in _all(order)},
        order=order,
    )


def _all(order: Sequence[Drawn]) -> Iterator[Drawn]:
    for each in order:
        yield each
        yield from _all(each.inside)


def _drawn_in(scope: Scope, lanes: Mapping[str, str]) -> tuple[Drawn, ...]:
    return tuple(_drawn(each, lanes) for each in reading_order(scope))


def _drawn(element: Element, lanes: Mapping[str, str]) -> Drawn:
    node, own = element.element, dialect.properties(element.element)
    loop = element.loop
    return Drawn(
        id=element.id,
        kind=element.kind,
        name=element.name,
        name_en=own.get("name:en", ""),
        documentation=dialect.text_of(node.find(bpmn("documentation"))),
        documentation_en=own.get("documentation:en", ""),
        lane=element.lane,
        lane_en=lanes.get(element.lane, ""),
        trigger=element.triggers[0] if element.triggers else "",
        attached_to=element.attached_to,
        is_interrupting=_interrupts(element),
        is_event_subprocess=element.is_event_subprocess,
        loop=_loop(loop),
        called_key=node.get("calledElement", "") if element.kind == "callActivity" else "",
        is_own_case=own.get("ownCase") == "true",
        ways=tuple(_way(flow, element.default) for flow in element.outgoing),
        incoming=len(element.incoming),
        properties=own,
        inside=_drawn_in(element.inside, lanes) if element.inside is not None else (),
    )


def _interrupts(element: Element) -> bool:
    if element.is_event_subprocess and element.inside is not None:
        return all(each.is_interrupting for each in element.inside.of_kind("startEvent"))
    return element.is_interrupting


def _loop(loop: etree._Element | None) -> str:
    if loop is None:
        return ""
    if loop.tag == bpmn("standardLoopCharacteristics"):
        return "standard"
    return "sequential" if loop.get("isSequential") == "true" else "parallel"


def _way(flow: Flow, default: str) -> Way:
    node: etree._Element = flow.element
    return Way(
        target=flow.target,
        name=" ".join(node.get("name", "").split()),
        name_en=dialect.properties(node).get("name:en", ""),
        is_default=flow.id == default,
        has_condition=flow.condition is not None,
    )


def reading_order(scope: Scope) -> list[Element]:
    """From the start along the flows, each branch whole before the next, a join after its branches; a boundary event
    right after its activity; event subprocesses last."""
    elements = scope.elements
    following = {each.id: [other.id for other in scope.beyond(each)] for each in elements.values()}
    roots = [each for each in elements.values() if not (each.incoming or each.attached_to or each.links)]
    roots.sort(key=lambda each: (each.is_event_subprocess, each.kind != "startEvent" and not each.instantiates))
    # What stands in a ring that nothing leads into still has to be told.
    starts = [*(each.id for each in roots), *elements]
    order = [elements[each] for each in reversed(_finished(starts, following))]
    main = [each for each in order if each.attached_to not in elements]
    found: list[Element] = []
    for each in main:
        found.append(each)
        found.extend(event for event in order if event.attached_to == each.id)
    return found


def _finished(starts: Sequence[str], following: Mapping[str, Sequence[str]]) -> list[str]:
    """The elements in the order in which a depth-first walk is done with them, the last branch walked first."""
    done: list[str] = []
    seen: set[str] = set()
    reachable = set[str]()
    first: list[str] = []
    for start in starts:
        if start not in reachable:
            first.append(start)
            waiting = [start]
            while waiting:
                at = waiting.pop()
                if at not in reachable:
                    reachable.add(at)
                    waiting.extend(following[at])
    for start in reversed(first):
        walk = [(start, iter(reversed(following[start])))] if start not in seen else []
        seen.add(start)
        while walk:
            at, rest = walk[-1]
            onward = next((each for each in rest if each not in seen), None)
            if onward is None:
                done.append(at)
                walk.pop()
            else:
                seen.add(onward)
                walk.append((onward, iter(reversed(following[onward]))))
    return done
