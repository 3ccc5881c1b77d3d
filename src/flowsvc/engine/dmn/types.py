"""Item definitions of a DMN file: read from XML, and what they say of the names inside a value."""

from collections.abc import Callable, Mapping

from lxml import etree

from flowsvc.engine.decision_tree import DecisionText, ItemType, Shape

BUILT_IN = frozenset(
    {"", "Any", "Null", "string", "number", "boolean", "date", "time", "dateTime", "date and time", "list", "context"}
    | {"days and time duration", "dayTimeDuration", "years and months duration", "yearMonthDuration", "function"}
    | {"duration", "range"}
    # Camunda 7's own.
    | {"integer", "long", "double"}
)
MAX_NAMES = 2000


def children(element: etree._Element, name: str) -> list[etree._Element]:
    """The child elements of the name, in the namespace that the element itself is of."""
    return element.findall(f"{{{etree.QName(element).namespace}}}{name}")


def child_text(element: etree._Element, name: str) -> str:
    """The text of the child element, or inside its `text`; "" where there is none."""
    found = next(iter(children(element, name)), None)
    if found is None:
        return ""
    inner = next(iter(children(found, "text")), found)
    return (inner.text or "").strip()


def plain_name(text: str) -> str:
    """A name as it is looked for: without the blanks around it, and one between its words."""
    return " ".join(text.split())


def type_name(text: str, element: etree._Element) -> str:
    """The name of a type, without the prefix of a namespace that DMN 1.1 puts before it."""
    prefix, colon, local = text.partition(":")
    is_prefix = bool(colon) and (prefix == "feel" or prefix in element.nsmap)
    return plain_name(local if is_prefix else text)


def item_type(element: etree._Element) -> ItemType:
    """An item definition or a component of one."""
    function = next(iter(children(element, "functionItem")), None)
    # A constraint holds for the whole value; of a list without one, the allowed values are those of its items.
    return ItemType(
        name=plain_name(element.get("name", "")),
        type=type_name(child_text(element, "typeRef"), element),
        collection=element.get("isCollection") == "true",
        components=tuple(item_type(each) for each in children(element, "itemComponent")),
        allowed=child_text(element, "allowedValues"),
        constraint=child_text(element, "typeConstraint"),
        function="" if function is None else type_name(function.get("outputTypeRef", ""), function) or "Any",
    )


def type_texts(element: etree._Element) -> list[DecisionText]:
    """The tests in an item definition and its components."""
    return [
        DecisionText(element.get("id", ""), each.sourceline or 0, "unary", child_text(holder, name), is_cell=False)
        for name in ("allowedValues", "typeConstraint")
        for each in element.iter(f"{{{etree.QName(element).namespace}}}{name}")
        if (holder := each.getparent()) is not None and child_text(holder, name)
    ]


def outline(name: str, find: Callable[[str], ItemType | None]) -> Shape | None:
    """The names inside a value of the type, or None where it has none. Of types that have very many, those nearest."""
    return _Outline(find).named(name, ())


class _Outline:
    """Types may hold one another a thousandfold: counts what it has said."""

    def __init__(self, find: Callable[[str], ItemType | None]) -> None:
        self._find = find
        self._left = MAX_NAMES

    def named(self, name: str, around: tuple[str, ...]) -> Shape | None:
        item = self._find(name)
        return None if item is None or name in around else self._inside(item, (*around, name))

    def _inside(self, item: ItemType, around: tuple[str, ...]) -> Shape | None:
        if not item.components:
            return self.named(item.type, around)
        self._left -= len(item.components)
        if self._left < 0:
            return None
        return {each.name: self._inside(each, around) for each in item.components}


def finder(types: Mapping[str, Mapping[str, ItemType]], scope: str) -> Callable[[str], ItemType | None]:
    """Finds item definitions by the name that they have in one file."""

    def find(name: str) -> ItemType | None:
        found = types.get(scope, {}).get(name)
        if found is not None and found.alias[0]:
            return types.get(found.alias[0], {}).get(found.alias[1])
        return found

    return find
