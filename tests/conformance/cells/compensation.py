"""Compensation and transactions (BPMN 2.0.2, 10.7, 13.4.2 and 13.5.5)."""

# ruff: noqa: E501 - a small diagram stands on one line

from tests.conformance.cells.drawing import CANCEL, fork, task
from tests.conformance.stories import Cell, begins, broken, done
from tests.factories import (
    boundary,
    compensation,
    element,
    end,
    error,
    flow,
    laps,
    multi,
    path,
    start,
    subprocess,
    throw,
    undoing,
    user,
)


def undo(activity: str, *inside: str) -> str:
    """The activity's compensation: a task for it behind its border."""
    return undoing(activity, f"undo_{activity}") + element(
        "task", f"undo_{activity}", *inside, isForCompensation="true"
    )


def back(activity: str) -> str:
    """What is told when the activity is undone."""
    return f"c_{activity}.caught (c_{activity} | undo_{activity})"


def repeated_transaction(mark: str) -> str:
    """A repeated transaction with something to undo, which ends well or is cancelled."""
    inside = start("s") + task("x") + undo("x") + user("q") + element("exclusiveGateway", "g", default="g_e") + end("e")
    inside += end("no", CANCEL) + path("s", "x", "q", "g", "e") + flow("g", "no", "bad")
    after = boundary("b", "host", CANCEL) + task("late") + end() + path("start", "host", "end") + path("b", "late")
    return start() + element("transaction", "host", mark, inside) + after


CELLS = (
    Cell(
        "compensation in reverse order",
        "13.5.5: compensation of a scope is done in the reverse order of completion",
        start() + task("x") + undo("x") + task("y") + undo("y") + throw("t", compensation()) + end()
        + path("start", "x", "y", "t", "end"),
        (begins(f"start x y t.thrown {back('y')} {back('x')} t end"),),
    ),
    Cell(
        "compensation of one activity",
        "table 10.83: activityRef names the activity to be compensated",
        start() + task("x") + undo("x") + task("y") + undo("y") + throw("t", compensation("x")) + end()
        + path("start", "x", "y", "t", "end"),
        (begins(f"start x y t.thrown {back('x')} t end"),),
    ),
    Cell(
        "compensation of what was not completed",
        "13.5.5: only what was completed is compensated",
        start() + fork("f") + user("x") + undo("x") + task("y") + undo("y") + throw("t", compensation())
        + path("start", "f", "x") + path("f", "y", "t"),
        (begins(f"start f (x.started | y t.thrown {back('y')} t)"), done("x", "x")),
    ),
    Cell(
        "compensation by an end event",
        "10.5.3: a compensation end event",
        start() + task("x") + undo("x") + end("t", compensation()) + path("start", "x", "t"),
        (begins(f"start x t.thrown {back('x')} t"),),
    ),
    Cell(
        "compensation of each time of a loop",
        "13.5.5: a loop or multi-instance activity is compensated instance by instance, the latest first",
        start() + element("task", "x", laps(most=2)) + undo("x") + throw("t", compensation()) + path("start", "x", "t"),
        (begins(f"start x x x t.thrown {back('x')} {back('x')} t"),),
    ),
    Cell(
        "compensation of a multi-instance activity",
        "13.5.5",
        start() + element("task", "x", multi("=[1, 2]", "item")) + undo("x") + throw("t", compensation())
        + path("start", "x", "t"),
        (begins(f"start x x x t.thrown {back('x')} {back('x')} t"),),
    ),
    Cell(
        "compensation of a subprocess without a handler of its own",
        "13.5.5: default compensation, of what was completed inside, in reverse order",
        start() + subprocess("host", start("s"), task("x"), undo("x"), task("y"), undo("y"), path("s", "x", "y"))
        + throw("t", compensation("host")) + end() + path("start", "host", "t", "end"),
        (begins(f"start s x y host t.thrown {back('y')} {back('x')} t end"),),
    ),
    Cell(
        "compensation that waits for a person",
        "13.5.5: the throwing event waits until the compensation is done",
        start() + task("x") + undoing("x", "undo_x") + user("undo_x", isForCompensation="true") + throw("t", compensation())
        + end() + path("start", "x", "t", "end"),
        (begins("start x t.thrown c_x.caught (c_x | undo_x.started)"), done("undo_x", "undo_x t end")),
    ),
    Cell(
        "compensation is not in the normal flow",
        "10.7.1: an activity for compensation runs only when compensation is thrown",
        start() + task("x") + undo("x") + end() + path("start", "x", "end"),
        (begins("start x end"),),
    ),
    Cell(
        "transaction that is completed",
        "13.4.2: the flow goes on from the transaction",
        start() + element("transaction", "host", start("s"), user("x"), undo("x"), end("e"), path("s", "x", "e"))
        + boundary("b", "host", CANCEL) + task("late") + end() + path("start", "host", "end") + path("b", "late"),
        (begins("start s x.started"), done("x", "x e host end")),
    ),
    Cell(
        "transaction that is cancelled",
        "13.4.2: what runs is ended, what was completed is compensated, and the flow goes on from the border",
        start() + element(
            "transaction", "host", start("s"), task("x"), undo("x"), task("y"), undo("y"), user("q"), end("e", CANCEL),
            path("s", "x", "y", "q", "e"),
        ) + boundary("b", "host", CANCEL) + task("late") + end() + path("start", "host", "end") + path("b", "late"),
        (
            begins("start s x y q.started"),
            done("q", f"q e.thrown {back('y')} {back('x')} (e | host.cancelled | b.caught) b late"),
        ),
    ),
    Cell(
        "transaction with an error",
        "13.4.2: a hazard; no compensation is done, and the flow goes on from the error event on the border",
        start() + element(
            "transaction", "host", start("s"), task("x"), undo("x"),
            element("serviceTask", "q", camunda_type="external", camunda_topic="t"), path("s", "x", "q"),
        ) + boundary("b", "host", error("e1")) + task("late") + end() + path("start", "host", "end") + path("b", "late"),
        (begins("start s x q.started"), broken("q", "E1", "(q.cancelled | host.cancelled | b.caught) b late")),
    ),
    Cell(
        "transaction repeated in turn that is cancelled",
        "13.4.2 and 13.3.7: the border is that of the whole, and what every time has completed is compensated",
        repeated_transaction(multi("=[1, 2]", "item", sequential=True)),
        (
            begins("start s x q.started"),
            done("q", "q g e host s x q.started", bad=False),
            done("q", f"q g no.thrown {back('x')} {back('x')} (no | host.cancelled host.cancelled | b.caught) b late", bad=True),
        ),
    ),
    Cell(
        "transaction repeated together that is cancelled",
        "13.4.2 and 13.3.7: the times that still run are ended, and what they have completed is compensated too",
        repeated_transaction(multi("=[1, 2]", "item")),
        (
            begins("start (s x q.started | s x q.started)"),
            done(
                "q",
                f"q g no.thrown q.cancelled {back('x')} {back('x')} (no | host.cancelled host.cancelled host.cancelled | b.caught)"
                " b late",
                bad=True,
            ),
        ),
    ),
    Cell(
        "transaction repeated together that a person undoes",
        "13.5.5: the cancel end event waits for the compensation of all times",
        repeated_transaction(multi("=[1, 2]", "item")).replace(
            element("task", "undo_x", isForCompensation="true"), user("undo_x", isForCompensation="true")
        ),
        (
            begins("start (s x q.started | s x q.started)"),
            done("q", "q g no.thrown q.cancelled c_x.caught (c_x | undo_x.started)", bad=True),
            done("undo_x", "undo_x c_x.caught (c_x | undo_x.started)"),
            done("undo_x", "undo_x (no | host.cancelled host.cancelled host.cancelled | b.caught) b late"),
        ),
    ),
    Cell(
        "transaction in a loop that is cancelled in its second lap",
        "13.4.2 and 13.3.6",
        repeated_transaction(laps(most=3)),
        (
            begins("start s x q.started"),
            done("q", "q g e host s x q.started", bad=False),
            done("q", f"q g no.thrown {back('x')} {back('x')} (no | host.cancelled host.cancelled | b.caught) b late", bad=True),
        ),
    ),
)  # fmt: skip
