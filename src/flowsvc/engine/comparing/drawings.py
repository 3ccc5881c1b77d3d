"""How things are drawn, as facts that change nothing of what runs: place, size, lines, colours. Hides the diagram
interchange of BPMN and DMN."""

from collections.abc import Mapping

from lxml import etree

from flowsvc.engine.comparing.facts import Fact, Thing, Words, plain
from flowsvc.engine.comparing.xml_facts import children, clean, prefixed
from flowsvc.engine.dialect import local_name

_PLACE: Words = ("Plats i ritningen", "Place in the drawing")
_LINE: Words = ("Dragning", "Line")


def is_drawing(element: etree._Element) -> bool:
    """The element holds nothing but how the file is drawn."""
    return local_name(str(element.tag)) in ("BPMNDiagram", "DMNDI")


def draw(holder: etree._Element, things: Mapping[str, Thing], rest: Thing) -> None:
    """Each thing has the facts of its shape or line; what belongs to no thing is the rest's."""
    _Drawing(things, rest).take(holder, rest, "drawn", 0)


class _Drawing:
    def __init__(self, things: Mapping[str, Thing], rest: Thing) -> None:
        self._things, self._rest = things, rest

    def take(self, element: etree._Element, thing: Thing, trail: str, depth: int) -> None:
        """The facts of the element and of what stands in it; what names a thing of its own belongs to that one."""
        name = local_name(str(element.tag))
        named = element.get("bpmnElement") or element.get("dmnElementRef") or ""
        owner = self._things.get(named.rpartition(":")[2])
        if owner is not None and name not in ("BPMNPlane", "BPMNDiagram", "DMNDiagram"):
            thing, trail = owner, f"drawn/{name}"
        places = {key: element.get(key, "") for key in ("x", "y", "width", "height") if element.get(key) is not None}
        if places:
            words = _bounds(places)
            thing.put(f"{trail}:place", Fact(_PLACE, words, plain(words), is_drawn=True))
        for qualified, value in element.attrib.items():
            if str(qualified) not in (*places, "bpmnElement", "dmnElementRef") or (owner is None and named == value):
                label = plain(f"{prefixed(name)} {local_name(str(qualified))}")
                thing.put(
                    f"{trail}@{prefixed(str(qualified))}", Fact(label, str(value), plain(str(value)), is_drawn=True)
                )
        if text := clean(element.text):
            thing.put(f"{trail}#", Fact(plain(name), text, plain(text), is_drawn=True))
        if points := [each for each in children(element) if local_name(str(each.tag)) == "waypoint"]:
            line = " → ".join(f"{_number(each.get('x', ''))},{_number(each.get('y', ''))}" for each in points)
            thing.put(f"{trail}:line", Fact(_LINE, line, plain(line), is_drawn=True))
        for number, child in enumerate(each for each in children(element) if each not in points):
            self.take(child, thing, f"{trail}/{local_name(str(child.tag))}{'' if depth else number}", depth + 1)


def _bounds(places: Mapping[str, str]) -> str:
    words = [f"{key} {_number(places[key])}" for key in ("x", "y") if key in places]
    size = " × ".join(_number(places[key]) for key in ("width", "height") if key in places)
    return ", ".join([*words, size] if size else words)


def _number(text: str) -> str:
    try:
        return f"{float(text):g}"
    except ValueError:
        return text
