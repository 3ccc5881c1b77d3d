"""The shipped diagrams are drawn as a careful person draws: straight lines that do not cross, labels that can
be read, every element in its lane, every name in both languages."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

from tests.conftest import ROOT

DIAGRAMS = sorted((ROOT / "processes").glob("*.bpmn"))
NS = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "di": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "d": "http://www.omg.org/spec/DD/20100524/DI",
    "camunda": "http://camunda.org/schema/1.0/bpmn",
}
NAMED = (
    "process",
    "lane",
    "userTask",
    "serviceTask",
    "scriptTask",
    "businessRuleTask",
    "callActivity",
    "subProcess",
    "boundaryEvent",
    "sequenceFlow",
    "exclusiveGateway",
    "startEvent",
    "endEvent",
)


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: "Box") -> bool:
        across = self.x < other.x + other.width and other.x < self.x + self.width
        return across and self.y < other.y + other.height and other.y < self.y + self.height

    def holds(self, other: "Box") -> bool:
        across = self.x <= other.x and other.x + other.width <= self.x + self.width
        return across and self.y <= other.y and other.y + other.height <= self.y + self.height


ICONS = {"userTask": (21, 24), "serviceTask": (23, 22), "scriptTask": (18, 20), "businessRuleTask": (28, 20)}
"""What stands in the upper left corner of a task: how far it reaches to the right and down."""
MARKER = 18
"""How far up the marker of a loop, a multi-instance or a called process reaches."""
LINE, CLEAR = 14.4, 1.5
"""A line of a label, and the least distance between it and what is drawn beside it."""
WIDTHS = {
    **dict.fromkeys("ijl", 2.7),
    **dict.fromkeys(" ft.,:", 3.3),
    "r": 4.0,
    **dict.fromkeys("cksvxyz", 6.0),
    **dict.fromkeys("ABEKPSVXYÅÄ", 8.0),
    **dict.fromkeys("CDHNRUw", 8.7),
    **dict.fromkeys("GOQÖ", 9.3),
    **dict.fromkeys("mM", 10.0),
}
"""Of the letters that are not as wide as an n, in the viewer's type of 12 points."""


def width_of(text: str) -> float:
    """Rather too wide than too narrow: browsers round each letter up."""
    return 1.05 * sum(WIDTHS.get(letter, 6.7) for letter in text)


def wrapped(text: str, room: float) -> list[str]:
    """The lines that the viewer makes of a task's name."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        lines = [*lines[:-1], longer] if width_of(longer) <= room else [*lines, word]
    return [line for line in lines if line]


def touches_marker(text: str, drawn: Box) -> bool:
    """Whether the name comes too near to the marker in the middle of the lower edge."""
    lines = wrapped(text, drawn.width - 10)
    return (drawn.height + LINE * len(lines)) / 2 + CLEAR > drawn.height - MARKER


def touches_icon(text: str, kind: str, drawn: Box) -> bool:
    """Whether the name of the task comes too near to its icon."""
    right, bottom = ICONS[kind]
    lines = wrapped(text, drawn.width - 10)
    for number, line in enumerate(lines):
        # The ring and the dots stand above the line.
        top = (drawn.height - LINE * len(lines)) / 2 + LINE * number - (line[0] in "ÅÄÖ")
        if top < bottom + CLEAR and (drawn.width - width_of(line)) / 2 < right + CLEAR:
            return True
    return False


Line = tuple[tuple[float, float], tuple[float, float]]


class Drawing:
    def __init__(self, path: Path) -> None:
        self.root = etree.fromstring(path.read_bytes())
        self.shapes = {
            each.get("bpmnElement", ""): box(each.find("dc:Bounds", NS))
            for each in self.root.iterfind(".//di:BPMNShape", NS)
        }
        self.labels = {
            str(each.getparent().get("bpmnElement")): box(each.find("dc:Bounds", NS))  # type: ignore[union-attr]
            for each in self.root.iterfind(".//di:BPMNLabel", NS)
        }
        self.edges = {
            each.get("bpmnElement", ""): [
                (float(point.get("x", "0")), float(point.get("y", "0"))) for point in each.iterfind("d:waypoint", NS)
            ]
            for each in self.root.iterfind(".//di:BPMNEdge", NS)
        }

    def of(self, *kinds: str) -> Iterator[etree._Element]:
        for kind in kinds:
            yield from self.root.iterfind(f".//bpmn:{kind}", NS)

    def nodes(self) -> set[str]:
        kinds = set(NAMED) - {"process", "lane", "sequenceFlow"} | {"parallelGateway"}
        return {each.get("id", "") for each in self.of(*kinds)}

    def lines(self) -> Iterator[tuple[str, Line]]:
        for name, points in self.edges.items():
            for line in pairwise(points):
                yield name, line


def box(bounds: etree._Element | None) -> Box:
    assert bounds is not None
    return Box(*(float(bounds.get(name, "0")) for name in ("x", "y", "width", "height")))


def crosses(one: Line, other: Line) -> bool:
    """Whether an upright and a level line cross within both, not only touch at an end."""
    for upright, level in ((one, other), (other, one)):
        if upright[0][0] == upright[1][0] and level[0][1] == level[1][1]:
            x, y = upright[0][0], level[0][1]
            low, high = sorted(point[1] for point in upright)
            left, right = sorted(point[0] for point in level)
            if low < y < high and left < x < right:
                return True
    return False


@pytest.fixture(params=DIAGRAMS, ids=lambda path: path.stem)
def drawing(request: pytest.FixtureRequest) -> Drawing:
    return Drawing(request.param)


def test_every_element_is_drawn_once(drawing: Drawing) -> None:
    flows = {each.get("id", "") for each in drawing.of("sequenceFlow")}

    assert drawing.nodes() <= set(drawing.shapes)
    assert flows == set(drawing.edges)


def test_lines_are_level_or_upright(drawing: Drawing) -> None:
    slanted = [name for name, (a, b) in drawing.lines() if a[0] != b[0] and a[1] != b[1]]

    assert slanted == []


def test_lines_do_not_cross(drawing: Drawing) -> None:
    pairs = combinations(list(drawing.lines()), 2)

    assert [(one[0], other[0]) for one, other in pairs if crosses(one[1], other[1])] == []


def test_lines_do_not_run_through_elements(drawing: Drawing) -> None:
    subprocesses = {each.get("id") for each in drawing.of("subProcess")}
    boxes = {name: drawing.shapes[name] for name in drawing.nodes() - subprocesses}
    through = [
        (flow, name)
        for flow, ((x1, y1), (x2, y2)) in drawing.lines()
        for name, each in boxes.items()
        if each.overlaps(Box(min(x1, x2), min(y1, y2), abs(x2 - x1) or 0.1, abs(y2 - y1) or 0.1))
    ]

    def leaves_a_boundary(flow: str, name: str) -> bool:
        # A boundary event covers the edge of its activity, so that its own line may start within that box.
        source = next(each.get("sourceRef") for each in drawing.of("sequenceFlow") if each.get("id") == flow)
        hosts = {each.get("id"): each.get("attachedToRef") for each in drawing.of("boundaryEvent")}
        return hosts.get(source) == name

    assert [pair for pair in through if not leaves_a_boundary(*pair)] == []


def test_elements_do_not_cover_each_other(drawing: Drawing) -> None:
    around = {each.get("id") for each in drawing.of("subProcess")} | {
        each.get("id") for each in drawing.of("boundaryEvent")
    }
    boxes = {name: drawing.shapes[name] for name in drawing.nodes() - around}

    assert [(one, other) for one, other in combinations(sorted(boxes), 2) if boxes[one].overlaps(boxes[other])] == []


def test_labels_cover_no_element_and_no_other_label(drawing: Drawing) -> None:
    subprocesses = {each.get("id") for each in drawing.of("subProcess")}
    boxes = {name: drawing.shapes[name] for name in drawing.nodes() - subprocesses}
    covered = [(a, b) for a, label in drawing.labels.items() for b, each in boxes.items() if label.overlaps(each)]
    both = [(a, b) for (a, one), (b, other) in combinations(drawing.labels.items(), 2) if one.overlaps(other)]

    assert (covered, both) == ([], [])


def test_every_element_stands_in_its_lane(drawing: Drawing) -> None:
    outside = [
        (lane.get("name"), node.text)
        for lane in drawing.of("lane")
        for node in lane.iterfind("bpmn:flowNodeRef", NS)
        if not drawing.shapes[lane.get("id", "")].holds(drawing.shapes[str(node.text)])
    ]

    assert outside == []


def test_every_name_is_given_in_english_too(drawing: Drawing) -> None:
    def english(element: etree._Element) -> str:
        path = "bpmn:extensionElements/camunda:properties/camunda:property[@name='flowsvc:name:en']"
        found = element.find(path, NS)
        return "" if found is None else found.get("value", "")

    assert [each.get("id") for each in drawing.of(*NAMED) if each.get("name") and not english(each)] == []


def test_every_activity_and_every_question_has_a_name(drawing: Drawing) -> None:
    tasks = ("userTask", "serviceTask", "scriptTask", "businessRuleTask", "callActivity", "subProcess")
    asking = [each for each in drawing.of("exclusiveGateway") if len(each.findall("bpmn:outgoing", NS)) > 1]

    assert [each.get("id") for each in (*drawing.of(*tasks), *asking) if not each.get("name")] == []
    flows = {each.get("id"): each for each in drawing.of("sequenceFlow")}
    ways = [flows[out.text] for each in asking for out in each.iterfind("bpmn:outgoing", NS)]
    assert [each.get("id") for each in ways if not each.get("name")] == []


def test_no_label_touches_the_icon_of_its_task(drawing: Drawing) -> None:
    tasks = {str(each.get("id")): (str(each.get("name")), kind) for kind in ICONS for each in drawing.of(kind)}

    assert [name for name, (text, kind) in tasks.items() if touches_icon(text, kind, drawing.shapes[name])] == []


def test_no_label_touches_the_marker_of_its_activity(drawing: Drawing) -> None:
    loops = "bpmn:multiInstanceLoopCharacteristics | bpmn:standardLoopCharacteristics"
    marked = [
        *drawing.of("callActivity"),
        *(each for kind in ICONS for each in drawing.of(kind) if each.xpath(loops, namespaces=NS)),
    ]
    names = {str(each.get("id")): str(each.get("name")) for each in marked}

    assert [name for name, text in names.items() if touches_marker(text, drawing.shapes[name])] == []
