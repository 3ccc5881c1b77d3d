"""Data: what is copied in when an element begins and out when it ends (BPMN 2.0.2, 10.4 and 13.3.2)."""

# ruff: noqa: E501 - a small diagram stands on one line

from tests.conformance.cells.drawing import fork
from tests.conformance.stories import Cell, begins, comes, done
from tests.factories import (
    catch,
    data_object,
    element,
    end,
    flow,
    io,
    message,
    path,
    reads,
    script,
    signal,
    start,
    throw,
    user,
    writes,
)

_OBJECT, _OTHER = data_object("o", "amount"), data_object("q", "copy")
_STORE = '<bpmn:dataStoreReference id="store" name="rate of the conformance cells"/>'
_SENT = '<bpmn:dataOutput id="do" name="sent"/>'

CELLS = (
    Cell(
        "data in and out of an activity",
        "10.4.2 and 13.3.2: inputs are assigned when the activity becomes active, outputs when it is completing",
        _OBJECT + start() + user("a", io(("given",), ("made",)), reads("o_r", into="given_in"), writes("made_out", to="o_r"))
        + element("exclusiveGateway", "g", default="g_no") + end("yes") + end("no") + path("start", "a", "g", "no")
        + flow("g", "yes", "amount = 5"),
        (begins("start a.started", amount=1), done("a", "a g yes", made=5)),
        ends_with={"amount": 5},
    ),
    Cell(
        "data input that is not there",
        "10.4.2: without an available input set the activity does not begin; here it is an incident that names it",
        _OBJECT + start() + user("a", io(("given",)), reads("o_r", into="given_in")) + end() + path("start", "a", "end"),
        (begins("start a.failed"),),
        fails="a",
    ),
    Cell(
        "data transformed and assigned in parts",
        "table 10.59: a transformation makes one value of the sources; assignments set parts",
        _OBJECT + _OTHER + start()
        + user("a", io(("given",), ("made",)), reads("o_r", into="given_in", by="amount + 1"),
               writes("made_out", to="q_r", parts={"copy.sum": "made + given", "copy.twice": "made * 2"}))
        + end() + path("start", "a", "end"),
        (begins("start a.started", amount=1), done("a", "a end", made=10)),
        ends_with={"amount": 1, "copy": {"sum": 12, "twice": 20}},
    ),
    Cell(
        "property of an activity",
        "10.4.1: a property is seen inside its element alone",
        _OBJECT + start() + user("a", '<bpmn:property id="pr" name="memory"/>', reads("o_r", into="pr"), writes("pr", to="o_r", by="memory + 1"))
        + end() + path("start", "a", "end"),
        (begins("start a.started", amount=1), done("a", "a end", memory=7)),
        ends_with={"amount": 8, "memory": None},
    ),
    Cell(
        "data store that is written and read",
        "10.4.1: a data store lasts beyond the scope of the process",
        _STORE + _OBJECT + start() + user("a", io(outputs=("made",)), writes("made_out", to="store"))
        + user("b", io(("given",), ("seen",)), reads("store", into="given_in"), writes("seen_out", to="o_r", by="given + 1"))
        + end() + path("start", "a", "b", "end"),
        (begins("start a.started"), done("a", "a b.started", made=3), done("b", "b end", seen=0)),
        ends_with={"amount": 4},
    ),
    Cell(
        "data that a signal carries",
        "10.5.1: data inputs of a throwing event are what it carries, and data outputs of a catching event take it",
        _OBJECT + _OTHER + start() + fork("f")
        + catch("c", _SENT + writes("do", to="q_r") + signal()) + user("a")
        + throw("t", '<bpmn:dataInput id="di" name="sent"/>' + reads("o_r", into="di") + signal())
        + path("start", "f", "c") + path("f", "a", "t"),
        (begins("start f (c.started | a.started)", amount=2), done("a", "a t.thrown (t | c.caught c)")),
        ends_with={"amount": 2, "copy": 2, "sent": None},
    ),
    Cell(
        "data that a message brings",
        "10.5.1",
        _OTHER + start() + catch("c", _SENT + writes("do", to="q_r") + message())
        + script("a", "copy + 1", "r") + end() + path("start", "c", "a", "end"),
        (begins("start c.started"), comes("c", "c.caught c a end", sent=4)),
        ends_with={"copy": 4, "r": 5},
    ),
)  # fmt: skip
