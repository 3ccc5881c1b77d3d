"""A diagram in words: the list says what the picture says, in an order in which people can read it."""

from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from flowsvc.domain.errors import NotFound
from flowsvc.engine import outline
from flowsvc.engine.outline import Line
from flowsvc.engine.picture import Picture, read_picture

PROCESSES = Path(__file__).resolve().parents[2] / "processes"
SHIPPED = sorted(path.stem for path in PROCESSES.glob("*.bpmn"))
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def picture(key: str) -> Picture:
    return read_picture((PROCESSES / f"{key}.bpmn").read_bytes(), key)


def lines(key: str, *called: str, language: str = "sv") -> tuple[Line, ...]:
    pictures = {name: picture(name) for name in (key, *called)}
    return outline.lines(pictures, key, language=language)


def line(found: tuple[Line, ...], element_id: str) -> Line:
    return next(each for each in found if each.element.id == element_id)


def drawn(body: str) -> Picture:
    definitions = f"""<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
      xmlns:camunda="http://camunda.org/schema/1.0/bpmn">
      <bpmn:process id="p" name="P" isExecutable="true">{body}</bpmn:process></bpmn:definitions>"""
    return read_picture(definitions.encode(), "p")


def told(body: str, language: str = "sv") -> list[tuple[str, str, str]]:
    found = outline.lines({"p": drawn(body)}, "p", language=language)
    return [(each.number, each.element.id, each.note) for each in found]


def flow(source: str, target: str, name: str = "", *, condition: bool = False) -> str:
    inner = "<bpmn:conditionExpression>=x</bpmn:conditionExpression>" if condition else ""
    ident = f'id="{source}_{target}" sourceRef="{source}" targetRef="{target}" name="{name}"'
    return f"<bpmn:sequenceFlow {ident}>{inner}</bpmn:sequenceFlow>"


@pytest.mark.parametrize("key", SHIPPED)
def test_every_element_of_a_shipped_diagram_is_told_once(key: str) -> None:
    root = etree.fromstring((PROCESSES / f"{key}.bpmn").read_bytes())
    kinds = ("Event", "Task", "Gateway", "subProcess", "callActivity")
    ids = {
        each.get("id", "")
        for each in root.iter()
        if isinstance(each.tag, str) and each.tag.startswith(BPMN) and each.tag.endswith(kinds)
    }

    found = [each.element.id for each in lines(key)]

    assert sorted(found) == sorted(ids)


@pytest.mark.parametrize("key", SHIPPED)
def test_every_flow_of_a_shipped_diagram_is_told(key: str) -> None:
    """A flow leads to the next line, or the note names the line that it leads to."""
    found = lines(key)
    numbers = {each.element.id: each.number for each in found}
    untold = []
    for place, each in enumerate(found):
        siblings = [other for other in found[place + 1 :] if other.depth == each.depth]
        following = siblings[0].element.id if siblings else ""
        for way in each.element.ways:
            if f"till {numbers[way.target]} " not in f"{each.note} ".lower() and way.target != following:
                untold.append((each.element.id, way.target))

    assert untold == []


@pytest.mark.parametrize("key", SHIPPED)
def test_the_start_comes_first_and_a_boundary_event_right_after_its_activity(key: str) -> None:
    found = lines(key)
    outer = [each for each in found if each.depth == 0]

    assert outer[0].element.kind == "startEvent"
    for each in found:
        if each.element.attached_to:
            host = line(found, each.element.attached_to)
            same = [other.element for other in found if other.depth == host.depth]
            between = same[same.index(host.element) + 1 : same.index(each.element)]
            assert all(other.attached_to == host.element.id for other in between)


@pytest.mark.parametrize("key", SHIPPED)
def test_a_shipped_diagram_is_told_in_english_too(key: str) -> None:
    swedish, english = lines(key), lines(key, language="en")

    assert [each.number for each in swedish] == [each.number for each in english]
    for one, other in zip(swedish, english, strict=True):
        assert other.name == one.element.name_en
        assert bool(other.lane) == bool(one.lane)


def test_roles_branches_and_time_limits_stand_in_words() -> None:
    found = lines("eskalering")

    assert line(found, "standpunkt").lane == "Nivåns adressat"
    assert line(found, "x_overens").note == "Ja: till 8 Parterna är överens; nej: till 11 Lyft till nästa nivå."
    limit = line(found, "t_niva")
    assert limit.kind == "Om tiden går ut"
    assert limit.note == "Gäller 4 Förhandling på nivån. Till 11 Lyft till nästa nivå."
    assert line(found, "m_mote").kind == "Om meddelandet kommer, vid sidan av"
    assert line(found, "varje_part").note == "En för varje, samtidigt."
    assert line(found, "x_sista").note.startswith("Nej: tillbaka till 2 Adressat och tidsgräns;")
    assert line(found, "aterkallas").note == "Kan ske när som helst och avbryter det andra."


def test_a_subprocess_and_a_called_process_stand_inside_their_line() -> None:
    found = lines("avvikelse", "eskalering")
    called = line(found, "c_eskalering")
    inner = line(found, "standpunkt")

    assert inner.process_key == "eskalering"
    assert inner.number.startswith(f"{called.number}.4.2.")
    assert inner.depth == called.depth + 3


def test_a_case_of_its_own_is_named_and_not_told_inside() -> None:
    found = lines("eskalering", "principfraga")

    assert line(found, "c_princip").kind == "Eget ärende"
    assert {each.process_key for each in found} == {"eskalering"}


def test_parallel_branches_are_told_as_happening_at_the_same_time() -> None:
    found = told(
        '<bpmn:startEvent id="s"/><bpmn:parallelGateway id="g"/><bpmn:userTask id="a" name="A"/>'
        '<bpmn:userTask id="b" name="B"/><bpmn:parallelGateway id="j"/><bpmn:endEvent id="e"/>'
        + flow("s", "g")
        + flow("g", "a")
        + flow("g", "b")
        + flow("a", "j")
        + flow("b", "j")
        + flow("j", "e")
    )

    assert found == [
        ("1", "s", ""),
        ("2", "g", "Samtidigt: till 3 A; till 4 B."),
        ("3", "a", "Till 5 (väntar in alla grenar)."),
        ("4", "b", ""),
        ("5", "j", ""),
        ("6", "e", ""),
    ]


@pytest.mark.parametrize(
    ("kind", "split", "join"),
    [
        ("inclusiveGateway", "Vägval, en eller flera", "Väntar in grenarna som är på väg"),
        ("complexGateway", "Vägval, en eller flera", "Väntar tills det räcker"),
    ],
)
def test_a_gateway_is_told_by_what_it_does(kind: str, split: str, join: str) -> None:
    picture = drawn(
        f'<bpmn:startEvent id="s"/><bpmn:{kind} id="g"/><bpmn:task id="a"/><bpmn:manualTask id="b"/>'
        f'<bpmn:{kind} id="j"/><bpmn:endEvent id="e"/>'
        + "".join(flow(*each) for each in ("sg", "ga", "gb", "aj", "bj", "je"))
    )

    found = {each.element.id: each.kind for each in outline.lines({"p": picture}, "p", language="sv")}

    assert (found["g"], found["j"], found["a"], found["b"]) == (split, join, "Moment", "Görs för hand")


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ('<bpmn:standardLoopCharacteristics loopMaximum="2"/>', "Kan göras flera gånger."),
        ('<bpmn:multiInstanceLoopCharacteristics isSequential="true"/>', "En för varje, i tur och ordning."),
        ("<bpmn:multiInstanceLoopCharacteristics/>", "En för varje, samtidigt."),
    ],
)
def test_how_often_an_activity_is_done_is_told(mark: str, said: str) -> None:
    body = f'<bpmn:startEvent id="s"/><bpmn:userTask id="a" name="A">{mark}</bpmn:userTask>' + flow("s", "a")

    assert ("2", "a", said) in told(body)


def test_a_loop_without_a_way_in_and_a_way_without_a_name_are_told_all_the_same() -> None:
    found = told(
        '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="g" default="g_e"/><bpmn:endEvent id="e" name="Klart"/>'
        '<bpmn:userTask id="r1" name="R1"/><bpmn:userTask id="r2" name="R2"/>'
        + flow("s", "g")
        + flow("g", "s", condition=True)
        + flow("g", "e")
        + flow("r1", "r2")
        + flow("r2", "r1"),
        language="en",
    )

    assert found == [
        ("1", "s", ""),
        ("2", "g", "If the condition holds: back to 1 (start); otherwise: to 3 Klart."),
        ("3", "e", ""),
        ("4", "r1", ""),
        ("5", "r2", "Back to 4 R1."),
    ]


def test_two_thousand_elements_in_a_row_are_told() -> None:
    ids = [f"t{n}" for n in range(2000)]
    body = "".join(f'<bpmn:userTask id="{each}"/>' for each in ids)
    body += "".join(flow(one, other) for one, other in pairwise(ids))

    assert [ident for _, ident, _ in told(body)] == ids


def test_a_process_that_calls_itself_is_told_once() -> None:
    inner = drawn('<bpmn:startEvent id="s"/><bpmn:callActivity id="c" calledElement="p"/>' + flow("s", "c"))

    assert [each.number for each in outline.lines({"p": inner}, "p", language="sv")] == ["1", "2"]


def test_a_file_without_the_process_is_named() -> None:
    with pytest.raises(NotFound, match="saknas_helt"):
        read_picture((PROCESSES / "interim.bpmn").read_bytes(), "saknas_helt")
