"""Every activity, once and repeated in each way (BPMN 2.0.2, 10.3 and 13.3). The history names each time that the
activity is done, and the whole of them."""

# ruff: noqa: E501 - a small diagram stands on one line

from collections.abc import Iterator
from dataclasses import dataclass

from tests.conformance.stories import Act, Cell, answered, begins, comes, done
from tests.factories import (
    boundary,
    call,
    element,
    end,
    laps,
    multi,
    path,
    properties,
    signal,
    start,
    subprocess,
    user,
)


@dataclass(frozen=True)
class Kind:
    """An activity `a`, how a time of it begins, and what makes it end."""

    name: str
    drawn: str
    begins: str = ""
    ends: str = ""
    by: Act | None = None
    clause: str = ""
    repeated: str = ""
    """What it has where it is done several times."""


_INSIDE = start("s"), user("in"), end("e"), path("s", "in", "e")
KINDS = (
    Kind("task", element("task", "a", "{}"), clause="10.3.3 and 13.3.3"),
    Kind("manual task", element("manualTask", "a", "{}"), clause="10.3.3"),
    Kind("user task", user("a", "{}"), by=done("a", ""), clause="10.3.3 and 10.3.4"),
    Kind(
        "script task",
        element(
            "scriptTask", "a", "{}<bpmn:script>n + 1</bpmn:script>", scriptFormat="feel", camunda_resultVariable="r"
        ),
        clause="10.3.3 and 13.3.3",
    ),
    Kind(
        "business rule task",
        element("businessRuleTask", "a", "{}", camunda_decisionRef="d", camunda_resultVariable="r"),
        clause="10.3.3",
    ),
    Kind(
        "service task",
        element("serviceTask", "a", "{}", camunda_type="external", camunda_topic="t"),
        by=answered("a", ""),
        clause="10.3.3 and 13.3.3",
    ),
    Kind("send task", element("sendTask", "a", "{}", messageRef="m"), ends="a.thrown", clause="10.3.3 and 13.3.3"),
    Kind(
        "receive task",
        element("receiveTask", "a", "{}", messageRef="m"),
        ends="a.caught",
        by=comes("a", ""),
        clause="10.3.3 and 13.3.3",
        # Without a key of its own each time, a message could go to either of two (8.4.2).
        repeated=f"<bpmn:extensionElements>{properties(correlationKey='=string(loopCounter)')}</bpmn:extensionElements>",
    ),
    Kind("call activity", call("a", "called", "{}"), ends="c_s c_t c_e", clause="10.3.6 and 13.3.4"),
    Kind(
        "subprocess",
        subprocess("a", "{}", *_INSIDE),
        begins="s",
        ends="in e",
        by=done("in", ""),
        clause="10.3.5, 13.3.4",
    ),
    Kind(
        "transaction",
        element("transaction", "a", "{}", *_INSIDE),
        begins="s",
        ends="in e",
        by=done("in", ""),
        clause="10.3.5, 13.3.4",
    ),
    Kind(
        "ad hoc subprocess",
        element("adHocSubProcess", "a", "{}", element("task", "x"), element("task", "y")),
        ends="(x | y)",
        clause="10.3.5 and 13.3.5",
    ),
)
_COUNT = "<bpmn:multiInstanceLoopCharacteristics{}><bpmn:loopCardinality>2</bpmn:loopCardinality>{}</bpmn:multiInstanceLoopCharacteristics>"
LOOPS = {
    "once": ("", "13.3.2"),
    "standard loop": (laps(most=2), "10.3.8, table 10.26, and 13.3.6"),
    "multi-instance, parallel": (multi("=[1, 2]", "item"), "10.3.8, table 10.27, and 13.3.7"),
    "multi-instance, sequential": (multi("=[1, 2]", "item", sequential=True), "10.3.8, table 10.27, and 13.3.7"),
    "counted": (_COUNT.format("", ""), "10.3.8, table 10.27, and 13.3.7"),
    "events as bodies end": (
        _COUNT.format(' behavior="One" oneBehaviorEventRef="bd"', ""),
        "table 10.27: thrown upon the first instance completing, and caught on the border of the activity",
    ),
}
_THROWN = '<bpmn:signalEventDefinition id="bd" signalRef="sg"/>'
_ARMED = boundary("b", "a", signal(), interrupting=False)


def cells(kind: Kind) -> Iterator[Cell]:
    """The activity in each column of the matrix."""
    for column, (mark, clause) in LOOPS.items():
        drawn = (
            start()
            + kind.drawn.replace("{}", (kind.repeated if mark else "") + mark)
            + end()
            + path("start", "a", "end")
        )
        is_throwing = column.startswith("events")
        yield Cell(
            f"{kind.name}, {column}",
            f"{kind.clause}; {clause}",
            drawn + (_ARMED if is_throwing else ""),
            tuple(_story(kind, column)),
            called=_called(kind),
            roots=_THROWN if is_throwing else "",
        )


def _called(kind: Kind) -> dict[str, str]:
    inside = start("c_s") + element("task", "c_t") + end("c_e") + path("c_s", "c_t", "c_e")
    return {"called": inside} if kind.name == "call activity" else {}


def _story(kind: Kind, column: str) -> Iterator[Act]:
    announced = "a.thrown b.caught b" if column.startswith("events") else ""
    first, last = f"{kind.ends} a", f"{kind.ends} a"
    one = f"a.started {kind.begins}"
    if column == "once":
        yield from _told(kind, f"start {one}", [f"{last} end"])
    elif column in ("standard loop", "multi-instance, sequential"):
        yield from _told(kind, f"start a.started {one}", [f"{first} {one}", f"{last} a end"])
    elif kind.by is None:
        yield begins(f"start a.started ({one} {first} {announced} | {one} {last}) a end", n=1)
    else:
        ends = [f"{first} {announced}", f"{last} a end"]
        yield from _told(kind, f"start a.started ({one} | {one})", ends)


def _told(kind: Kind, begin: str, ends: list[str]) -> Iterator[Act]:
    """Each time ends by itself, or as somebody ends it."""
    if kind.by is None:
        yield begins(" ".join((begin, *ends)), n=1)
        return
    yield begins(begin, n=1)
    for then in ends:
        yield Act(kind.by.verb, kind.by.what, then, kind.by.values)


CELLS = tuple(cell for kind in KINDS for cell in cells(kind))
