"""What a conversion says of each thing it met, and how a diagram is written in our dialect. Hides the XML's forms."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.checking.findings import place_of
from flowsvc.engine.dialect import CAMUNDA, OWN, bpmn, local_name, namespace_of

Outcome: TypeAlias = Literal["converted", "kept", "left_out"]
Words: TypeAlias = tuple[str, str]
"""Swedish and English."""
NOTHING: Words = ("", "")


@dataclass(frozen=True)
class Note:
    """One thing that the diagram said in another dialect, and what has become of it."""

    outcome: Outcome
    element_id: str
    title: str
    what: str
    what_en: str
    cure: str = ""
    cure_en: str = ""


class Rewriting:
    """A diagram being rewritten: each change is noted."""

    def __init__(self, root: etree._Element, foreign: frozenset[str]) -> None:
        self.notes: list[Note] = []
        spaces = {prefix: space for prefix, space in root.nsmap.items() if space not in foreign and prefix != "camunda"}
        self.root = etree.Element(root.tag, dict(root.attrib), nsmap={**spaces, "camunda": CAMUNDA})
        self.root.text = root.text
        self.root.extend(list(root))
        self._by_id = {each.get("id"): each for each in self.root.iter(etree.Element) if each.get("id")}

    def note(self, outcome: Outcome, element: etree._Element, what: Words, cure: Words = NOTHING) -> None:
        """What has become of something that the element said."""
        identity = place_of(element)
        drawn = self._by_id.get(identity)
        name = " ".join(drawn.get("name", "").split()) if drawn is not None else ""
        self.notes.append(Note(outcome, identity, name or identity, *what, *cure))

    def attribute(self, element: etree._Element, name: str, value: str, said: str) -> None:
        """The element says it with camunda:name, and where it had said nothing it says nothing."""
        if value:
            element.set(f"{{{CAMUNDA}}}{name}", value)
            self.converted(element, said, f"camunda:{name}")

    def converted(self, element: etree._Element, said: str, instead: str) -> None:
        """It is noted that what was said so is said otherwise."""
        self.note("converted", element, (f"{said} är nu {instead}.", f"{said} is now {instead}."))

    def left_out(self, element: etree._Element, said: str, why: Words, cure: Words = NOTHING) -> None:
        """It is noted that what was said is said no more."""
        self.note("left_out", element, (f"{said} togs inte med: {why[0]}", f"{said} was left out: {why[1]}"), cure)

    def parameter(self, element: etree._Element, kind: str, name: str, text: str) -> None:
        """The element has a camunda:inputParameter or outputParameter."""
        holder = self._extension(element, "inputOutput")
        etree.SubElement(holder, f"{{{CAMUNDA}}}{kind}Parameter", {"name": name}).text = text

    def property(self, element: etree._Element, name: str, value: str) -> None:
        """The element has a camunda:property; of ours, by `flowsvc:` and its name."""
        holder = self._extension(element, "properties")
        etree.SubElement(holder, f"{{{CAMUNDA}}}property", {"name": name, "value": value})

    def own(self, element: etree._Element, name: str, value: str) -> None:
        """The element has a property of ours, unless it has it already."""
        if name not in dialect.properties(element):
            self.property(element, f"{OWN}{name}", value)

    def mapping(self, element: etree._Element, kind: str, **given: str) -> None:
        """The call hands over or takes back something."""
        etree.SubElement(self.extensions(element), f"{{{CAMUNDA}}}{kind}", given)

    def plain(self, element: etree._Element, name: str, text: str) -> None:
        """The element has a camunda:name element with the text."""
        etree.SubElement(self.extensions(element), f"{{{CAMUNDA}}}{name}").text = text

    def document(self, element: etree._Element, text: str) -> None:
        """The text stands in the element's documentation, after what stands there."""
        found = element.find(bpmn("documentation"))
        if found is None:
            found = etree.Element(bpmn("documentation"))
            element.insert(0, found)
        before = dialect.text_of(found)
        found.text = f"{before}\n\n{text}" if before else text

    def retag(self, element: etree._Element, kind: str, why: Words) -> None:
        """The element is of another kind, with the same id and flows."""
        element.tag = bpmn(kind)
        self.note("converted", element, why)

    def extensions(self, element: etree._Element) -> etree._Element:
        """The element's extensionElements, made where it has none: after the documentation, as the schema wants it."""
        found = element.find(bpmn("extensionElements"))
        if found is None:
            found = etree.Element(bpmn("extensionElements"))
            element.insert(len(element.findall(bpmn("documentation"))), found)
        return found

    def _extension(self, element: etree._Element, name: str) -> etree._Element:
        holder = self.extensions(element)
        found = holder.find(f"{{{CAMUNDA}}}{name}")
        return etree.SubElement(holder, f"{{{CAMUNDA}}}{name}") if found is None else found

    def foreign(self, space: str) -> list[tuple[etree._Element, etree._Element]]:
        """The outermost extension elements of the namespace, each with the element that it extends."""
        found = []
        for holder in self.root.iter(bpmn("extensionElements")):
            owner = holder.getparent()
            if owner is not None:
                found += [(owner, each) for each in holder if namespace_of(str(each.tag)) == space]
        return found

    def referring(self, name: str, identity: str) -> list[etree._Element]:
        """The elements that refer to that id by the attribute, events by their definitions."""
        found = []
        for each in self.root.iter(etree.Element):
            if each.get(name, "").rpartition(":")[2] == identity:
                parent = each.getparent()
                is_part = parent is not None and local_name(str(each.tag)).endswith("EventDefinition")
                found.append(parent if is_part and parent is not None else each)
        return found

    def written(self, space: str) -> bytes:
        """The file. What the namespace still says is removed, after a note for each attribute that nobody read."""
        for each in list(self.root.iter(etree.Element)):
            for name in [str(name) for name in each.attrib if namespace_of(str(name)) == space]:
                why = ("det finns inget som motsvarar det", "there is nothing that corresponds to it")
                said = f"{local_name(name)}={each.get(name)}"
                self.left_out(each, said, (f"{why[0]}.", f"{why[1]}."))
                del each.attrib[name]
        for owner, each in self.foreign(space):
            holder = each.getparent()
            if holder is not None:
                holder.remove(each)
                if not len(holder):
                    owner.remove(holder)
        etree.cleanup_namespaces(self.root, keep_ns_prefixes=[each for each in self.root.nsmap if each])
        etree.indent(self.root, "  ")
        return etree.tostring(self.root, xml_declaration=True, encoding="UTF-8") + b"\n"
