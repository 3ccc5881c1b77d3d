"""Whatever an XML element says, as facts: each attribute and text, at any depth, under a label for people. Hides
prefixes, white space, the order of attributes, and defaults that a file may spell out or leave out."""

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from lxml import etree

from flowsvc.engine.comparing.facts import Fact, Thing, Words, ordered, plain, references
from flowsvc.engine.comparing.words import LABELS, PROPERTIES, shown
from flowsvc.engine.decisions import NAMESPACES
from flowsvc.engine.dialect import BPMN, MODELER, OWN, PREFIXES, XSI, local_name, namespace_of

Titles: TypeAlias = Callable[[str], Words | None]
"""What the thing of that id is called; None where there is none."""

_DEFAULTS = frozenset(
    {
        ("associationDirection", "None"),
        ("behavior", "All"),
        ("cancelActivity", "true"),
        ("cancelRemainingInstances", "true"),
        ("completionQuantity", "1"),
        ("eventGatewayType", "Exclusive"),
        ("gatewayDirection", "Unspecified"),
        ("implementation", "##WebService"),
        ("implementation", "##unspecified"),
        ("instantiate", "false"),
        ("isClosed", "false"),
        ("isCollection", "false"),
        ("isForCompensation", "false"),
        ("isInterrupting", "true"),
        ("isSequential", "false"),
        ("ordering", "Parallel"),
        ("parallelMultiple", "false"),
        ("processType", "None"),
        ("startQuantity", "1"),
        ("testBefore", "false"),
        ("triggeredByEvent", "false"),
    }
)
"""What BPMN takes for granted, so that one tool writes it and another does not."""
_HOLDERS = frozenset({"extensionElements", "camunda:properties", "camunda:inputOutput"})
_NAMED_BY = {
    "camunda:property": "name",
    "camunda:inputParameter": "name",
    "camunda:outputParameter": "name",
    "camunda:entry": "key",
    "camunda:in": "target",
    "camunda:out": "target",
    "camunda:formField": "id",
}
_DRAWN = frozenset({"exporter", "exporterVersion", "modeler:executionPlatform", "modeler:executionPlatformVersion"})
_DMN_SPACES = frozenset(NAMESPACES)


def prefixed(name: str) -> str:
    """The name as people write it; BPMN's and DMN's own have no prefix, whichever version of DMN it is."""
    space, local = namespace_of(name), local_name(name)
    if not space or space == BPMN or space in _DMN_SPACES:
        return local
    known = PREFIXES.get(space)
    if known:
        return f"{known}:{local}"
    # Another version's namespace of the same tool must not be taken for this one.
    return f"{space}:{local}"


def clean(text: str | None) -> str:
    """The text without the white space that only indents it."""
    return re.sub(r"[ \t\r]*\n\s*", "\n", (text or "").strip())


def children(element: etree._Element) -> Iterator[etree._Element]:
    """What stands in the element, in order."""
    for child in element:
        if isinstance(child.tag, str):
            yield child


def state(thing: Thing, element: etree._Element, *, titles: Titles, without: frozenset[etree._Element]) -> None:
    """The thing has every fact of the element, but for what stands in the elements left out and the id, which is how
    it is found."""
    _Stating(thing, titles, without).element(element, "", ())


class _Stating:
    def __init__(self, thing: Thing, titles: Titles, without: frozenset[etree._Element]) -> None:
        self._thing, self._titles, self._without = thing, titles, without

    def element(self, element: etree._Element, trail: str, around: tuple[str, ...]) -> None:
        name = prefixed(str(element.tag))
        said = self._attributes(element, name, trail, around)
        if text := clean(element.text):
            said = True
            self._text(element, name, text, trail, around)
        counts: dict[str, int] = {}
        keyed: list[str] = []
        for child in children(element):
            if tail := clean(child.tail):
                self._put(f"{trail}#tail", ("Text", "Text"), tail, plain(tail))
            if child in self._without:
                continue
            said = True
            child_name = prefixed(str(child.tag))
            key = child.get(_NAMED_BY.get(child_name, ""), "") if child_name in _NAMED_BY else ""
            part = f"{child_name}[{key}]" if key else child_name
            counts[part] = counts.get(part, 0) + 1
            part = part if counts[part] == 1 else f"{part}#{counts[part]}"
            if key and child_name != "camunda:property":
                keyed.append(part)
            self.element(child, f"{trail}/{part}", around if child_name in _HOLDERS else (*around, child_name))
        if len(keyed) > 1:
            self._thing.put(f"{trail}/~order", ordered(("Ordning", "Order"), keyed, [plain(each) for each in keyed]))
        if not said and trail and name not in _HOLDERS:
            self._put(f"{trail}!", _path(around), "!", ("finns", "is there"))

    def _attributes(self, element: etree._Element, name: str, trail: str, around: tuple[str, ...]) -> bool:
        said = False
        for qualified, value in _spelled_out(element, name):
            attribute, value = prefixed(str(qualified)), str(value)
            if attribute == "id" and not trail:
                continue
            if qualified == f"{{{XSI}}}type":
                value = value.rpartition(":")[2]
                if value in ("tFormalExpression", "tExpression"):
                    continue
            if (attribute, value) in _DEFAULTS and attribute == str(qualified):
                continue
            said = True
            if _NAMED_BY.get(name) == attribute:
                continue
            self._attribute(element, name, attribute, value, trail, around)
        # A property without a value is one with an empty value.
        return said

    def _attribute(
        self, element: etree._Element, name: str, attribute: str, value: str, trail: str, around: tuple[str, ...]
    ) -> None:
        key = f"{trail}@{attribute}"
        if name == "camunda:property" and attribute == "value":
            own = element.get("name", "")
            label = PROPERTIES.get(own.removeprefix(OWN)) if own.startswith(OWN) else None
            self._put(key, label or plain(own), value, shown(own.removeprefix(OWN), value))
            return
        if attribute == "id":
            label = (f"Id i filen för {name}", f"Id in the file of {name}")
            self._put(key, label, value, plain(value), is_drawn=True)
            return
        found = LABELS.get(f"{name}@{attribute}") or (LABELS.get(f"@{attribute}") if len(around) < 2 else None)
        if name in ("camunda:in", "camunda:out"):
            found = _handed(element, name)
        label = found or _path((*around, attribute))
        is_reference = attribute.endswith("Ref") or attribute == "default" or attribute == "bpmnElement"
        target = self._titles(value.removeprefix("#").rpartition(":")[2]) if is_reference else None
        if target is not None and ":" not in attribute:
            self._thing.put(key, references(label, [value.rpartition(":")[2]], [target]))
        else:
            is_drawn = attribute in _DRAWN or namespace_of(str(attribute)) == MODELER
            self._put(key, label, value, shown(f"@{attribute}", value), is_drawn=is_drawn)

    def _text(self, element: etree._Element, name: str, text: str, trail: str, around: tuple[str, ...]) -> None:
        key = f"{trail}#"
        if name in ("camunda:inputParameter", "camunda:outputParameter"):
            given = element.get("name", "")
            label = (f"Indata {given}", f"Input {given}") if "input" in name else (f"Utdata {given}", f"Output {given}")
        else:
            outer = around[-2] if len(around) > 1 else ""
            found = LABELS.get(f"{outer}/{name}#") or LABELS.get(f"{name}#")
            label = found or _path(around)
        target = self._titles(text.rpartition(":")[2]) if name.endswith("Ref") else None
        if target is not None:
            self._thing.put(key, references(label, [text.rpartition(":")[2]], [target]))
        else:
            self._put(key, label, text, shown(f"{name}#", text))

    def _put(self, key: str, label: Words, value: str, words: Words, *, is_drawn: bool = False) -> None:
        self._thing.put(key, Fact(label, value, words, is_drawn=is_drawn))


def _handed(element: etree._Element, name: str) -> Words:
    target = element.get("target") or element.get("variables") or element.get("businessKey") or ""
    if name == "camunda:in":
        return f"Lämnas över till anropet: {target}", f"Handed to the call: {target}"
    return f"Tas emot från anropet: {target}", f"Taken from the call: {target}"


def _path(around: tuple[str, ...]) -> Words:
    return plain(" / ".join(each for each in around if each not in _HOLDERS) or "Text")


def _spelled_out(element: etree._Element, name: str) -> "list[tuple[str, str]]":
    """The attributes, with a default that some tools write and others leave out."""
    given = [(str(attribute), str(value)) for attribute, value in element.attrib.items()]
    is_table = name.rpartition(":")[2] == "decisionTable"
    return given if not is_table or "hitPolicy" in element.attrib else [("hitPolicy", "UNIQUE"), *given]
