"""A BPMN file as things in reading order: processes, their elements each with its flows, lanes, data, notes, and the
messages and errors that they share. Hides how they refer to each other."""

from collections.abc import Iterator

from lxml import etree

from flowsvc.engine.checking import diagram as diagrams
from flowsvc.engine.checking.diagram import DRAWN, Scope
from flowsvc.engine.comparing import drawings, xml_facts
from flowsvc.engine.comparing.facts import Fact, Thing, Words, ordered, plain, references
from flowsvc.engine.comparing.words import TRIGGERS, TYPES
from flowsvc.engine.dialect import bpmn, local_name, text_of
from flowsvc.engine.picture import reading_order

FILE = "\x00file"
"""The id of what the file says of itself."""


def things_of(root: etree._Element) -> list[Thing]:
    """Everything in the file that a person would name, in reading order, with all that it says."""
    reader = _Reader(root)
    reader.state()
    return reader.in_order()


class _Reader:
    def __init__(self, root: etree._Element) -> None:
        self._diagram = diagrams.read(root)
        self._root = root
        self._things: dict[etree._Element, Thing] = {}
        self._by_id: dict[str, Thing] = {}
        self._elements: dict[str, etree._Element] = {}
        self._file = Thing(FILE, "file", ("Fil", "File"), ("Filen", "The file"))
        for element in self._named(root):
            self._add(element)

    def _named(self, root: etree._Element) -> Iterator[etree._Element]:
        for child in xml_facts.children(root):
            if not drawings.is_drawing(child) and diagrams.is_bpmn(child):
                yield child
                for inner in child.iter(etree.Element):
                    if inner is not child and diagrams.is_bpmn(inner) and local_name(str(inner.tag)) in DRAWN:
                        yield inner

    def _add(self, element: etree._Element) -> None:
        kind = local_name(str(element.tag))
        given = element.get("id") or f"{kind}\x00"
        identity, number = given, 1
        while identity in self._by_id:
            number += 1
            identity = f"{given}#{number}"
        thing = Thing(identity, kind, TYPES.get(kind, plain(kind)), plain(identity.replace("\x00", "")))
        self._things[element] = self._by_id[identity] = thing
        self._elements[identity] = element

    def state(self) -> None:
        """Every thing has its title, then its facts."""
        flows = []
        for element, thing in self._things.items():
            if thing.kind in ("sequenceFlow", "messageFlow", "association"):
                flows.append((element, thing))
            else:
                thing.title = self._title(element, thing)
        for element, thing in flows:
            thing.title = self._way(element)
        apart = frozenset(self._things)
        kept_apart = frozenset(
            each for each in self._root.iter(bpmn("incoming"), bpmn("outgoing"), bpmn("flowNodeRef"))
        )
        drawn = frozenset(each for each in xml_facts.children(self._root) if drawings.is_drawing(each))
        for element, thing in self._things.items():
            xml_facts.state(thing, element, titles=self._titled, without=apart | kept_apart)
            self._ends(element, thing)
        xml_facts.state(self._file, self._root, titles=self._titled, without=apart | drawn)
        if self._root.get("id"):
            self._file.put(
                "@id", Fact(("Filens id", "Id of the file"), self._root.get("id", ""), plain(self._root.get("id", "")))
            )
        if self._root.tag != bpmn("definitions"):
            tag = str(self._root.tag)
            self._file.put("~tag", Fact(("Filens slag", "Kind of file"), tag, plain(tag)))
        self._lanes()
        self._scopes()
        for each in drawn:
            drawings.draw(each, self._by_id, self._file)

    def _titled(self, identity: str) -> Words | None:
        found = self._by_id.get(identity)
        return found.title if found is not None else None

    def _title(self, element: etree._Element, thing: Thing) -> Words:
        name = " ".join((element.get("name") or text_of(element.find(bpmn("text")))).split())
        if name:
            return plain(name)
        if thing.kind in TYPES:
            triggers = [TRIGGERS.get(each) for each in _triggers(element)]
            sort = triggers[0] if triggers and triggers[0] else thing.type
            return f"{sort[0]} ({thing.title[0]})", f"{sort[1]} ({thing.title[1]})"
        return thing.title

    def _way(self, element: etree._Element) -> Words:
        ends = [self._titled(element.get(end, "")) or plain("?") for end in ("sourceRef", "targetRef")]
        name = " ".join(element.get("name", "").split())
        way = tuple(f"{ends[0][n]} → {ends[1][n]}" for n in (0, 1))
        return (f"{name}: {way[0]}", f"{name}: {way[1]}") if name else (way[0], way[1])

    def _ends(self, element: etree._Element, thing: Thing) -> None:
        """What the events wait for, and flows that are named and do not lead here."""
        if triggers := _triggers(element):
            words = [TRIGGERS.get(each, plain(each)) for each in triggers]
            said = ", ".join(each[0] for each in words), ", ".join(each[1] for each in words)
            thing.put("~trigger", Fact(("Händelse", "Event"), " ".join(triggers), said))
        for name, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
            for reference in element.findall(bpmn(name)):
                flow = self._elements.get(text_of(reference).rpartition(":")[2])
                # A flow says itself where it leads; only what contradicts it is news.
                if flow is None or flow.get(end) != element.get("id"):
                    label = ("Anger ett flöde som inte leder dit", "Names a flow that does not lead there")
                    thing.put(f"~{name}", Fact(label, text_of(reference), plain(text_of(reference))))
                if reference.attrib or len(reference):
                    more = str(dict(reference.attrib))
                    thing.put(f"~{name}.more", Fact(plain(name), more, plain(more)))

    def _lanes(self) -> None:
        held: dict[str, list[str]] = {}
        for lane, thing in self._things.items():
            for reference in lane.findall(bpmn("flowNodeRef")):
                identity = text_of(reference).rpartition(":")[2]
                if identity in self._by_id:
                    held.setdefault(identity, []).append(thing.id)
                else:
                    label = ("Håller något som inte finns", "Holds what does not exist")
                    thing.put("~holds", Fact(label, identity, plain(identity)))
                if reference.attrib or len(reference):
                    more = str(dict(reference.attrib))
                    thing.put("~holds.more", Fact(plain("flowNodeRef"), more, plain(more)))
        for identity, lanes in held.items():
            shown = [self._by_id[each].title for each in lanes]
            self._by_id[identity].put("~lane", references(("Bana", "Lane"), lanes, shown))

    def _scopes(self) -> None:
        """Where each thing lies, and the orders that count: of the flows out of an element, and in what is ad hoc."""
        for element, thing in self._things.items():
            holder = element.getparent()
            while holder is not None and holder not in self._things:
                holder = holder.getparent()
            # In a file of one process that is where everything lies.
            if holder is not None and (self._things[holder].kind != "process" or len(self._diagram.processes) > 1):
                around = self._things[holder]
                thing.put("~scope", references(("Ligger i", "Stands in"), [around.id], [around.title]))
        for process in self._diagram.processes:
            for scope in process.scopes():
                if local_name(str(scope.element.tag)) == "adHocSubProcess" and len(scope.elements) > 1:
                    self._order(scope.element, [each.element for each in scope.elements.values()])
                for each in scope.elements.values():
                    if len(each.outgoing) > 1:
                        self._order(each.element, [flow.element for flow in each.outgoing])

    def _order(self, holder: etree._Element, elements: list[etree._Element]) -> None:
        inside = [self._things[each] for each in elements]
        label = ("Ordning", "Order")
        self._things[holder].put(
            "~order", ordered(label, [each.id for each in inside], [each.title for each in inside])
        )

    def in_order(self) -> list[Thing]:
        """All things: processes in reading order, what is beside the flow, what is shared, the file last."""
        found: dict[str, Thing] = {}
        for process in self._diagram.processes:
            for element in (process.element, *_read(process.scope)):
                thing = self._things[element]
                found.setdefault(thing.id, thing)
        for thing in self._things.values():
            found.setdefault(thing.id, thing)
        return [*found.values(), self._file]


def _read(scope: Scope) -> Iterator[etree._Element]:
    for each in reading_order(scope):
        yield each.element
        yield from (flow.element for flow in each.outgoing)
        if each.inside is not None:
            yield from _read(each.inside)


def _triggers(element: etree._Element) -> list[str]:
    if not local_name(str(element.tag)).endswith("Event"):
        return []
    names = [local_name(str(each.tag)) for each in xml_facts.children(element)]
    return [each.removesuffix("EventDefinition") for each in names if each.endswith("EventDefinition")]
