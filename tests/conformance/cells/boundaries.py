"""Events on the border of an activity (BPMN 2.0.2, 10.5.4, tables 10.90 and 10.91, and 13.5.3)."""

from tests.conformance.cells.drawing import AWAITED, CANCEL, fork, more, task
from tests.conformance.stories import Act, Cell, begins, broken, comes, done, fires, signalled
from tests.factories import (
    boundary,
    catch,
    element,
    end,
    error,
    escalation,
    message,
    path,
    start,
    subprocess,
    throw,
    timer,
    undoing,
    user,
)

_AFTER = end() + task("late") + end("late_end") + path("start", "host", "end") + path("b", "late", "late_end")


def drawn(kind: str, *, interrupting: bool) -> str:
    """The activity waits, with the event on its border."""
    event = boundary("b", "host", AWAITED[kind], interrupting=interrupting)
    given = "".join(f' {name}="{value}"' for name, value in more(kind).items())
    return start() + user("host") + event.replace("<bpmn:boundaryEvent", f"<bpmn:boundaryEvent{given}") + _AFTER


def both(kind: str, *before: Act, last: str, by: Act) -> tuple[Cell, Cell]:
    """The event comes, interrupting or not; one that does not interrupt leaves the activity as it was."""
    interrupts = Act(by.verb, by.what, f"({last} | host.cancelled) b late late_end", by.values)
    beside = Act(by.verb, by.what, f"{last} b late late_end", by.values)
    return (
        Cell(
            f"boundary {kind}",
            "10.5.4, table 10.90",
            drawn(kind, interrupting=True),
            (begins("start"), *before, interrupts),
        ),
        Cell(
            f"boundary {kind}, not interrupting",
            "10.5.4, table 10.90, and 13.5.3",
            drawn(kind, interrupting=False),
            (begins("start"), *before, beside, done("host", "host end")),
        ),
    )


def conditional(*, interrupting: bool) -> Cell:
    """Somebody else writes what the condition sees."""
    parts = start() + fork("f") + user("host") + user("a") + path("start", "f", "host", "end") + path("f", "a")
    parts += boundary("b", "host", AWAITED["conditional"], interrupting=interrupting)
    parts += end() + task("late") + end("late_end") + path("b", "late", "late_end")
    border = "(b.fired | host.cancelled)" if interrupting else "b.fired"
    story = [begins("start f (host.started | a.started)", n=1), done("a", f"(a | {border} b late late_end)", n=2)]
    story += [] if interrupting else [done("host", "host end")]
    name = "boundary conditional" + ("" if interrupting else ", not interrupting")
    return Cell(name, "10.5.4 and 10.5.5, table 10.93", parts, tuple(story))


def escalated(*, interrupting: bool) -> Cell:
    """The inside escalates while another path there waits."""
    inside = start("s") + fork("f") + user("in") + throw("e", escalation("x1")) + task("on")
    host = subprocess("host", inside, path("s", "f", "in"), path("f", "e", "on"))
    border = boundary("b", "host", escalation("x1"), interrupting=interrupting)
    if interrupting:
        after = "(e | in.cancelled | host.cancelled | b.caught) b late late_end"
        story: tuple[Act, ...] = (begins(f"start s f (in.started | e.thrown) {after}"),)
    else:
        story = (
            begins("start s f (in.started | e.thrown (e on | b.caught b late late_end))"),
            done("in", "in host end"),
        )
    name = "boundary escalation" + ("" if interrupting else ", not interrupting")
    return Cell(name, "10.5.4, table 10.90, and 10.5.6", start() + host + border + _AFTER, story)


def undone(*, interrupting: bool) -> Cell:
    """Compensation never interrupts, for it comes when the activity is completed (10.5.4, table 10.90)."""
    border = undoing("host", "undo")
    if not interrupting:
        border = border.replace("<bpmn:boundaryEvent", '<bpmn:boundaryEvent cancelActivity="false"')
    parts = start() + user("host") + border + element("task", "undo", isForCompensation="true")
    parts += throw("c", "<bpmn:compensateEventDefinition/>") + end() + path("start", "host", "c", "end")
    name = "boundary compensation" + ("" if interrupting else ", not interrupting")
    story = (begins("start host.started"), done("host", "host c.thrown c_host.caught (c_host | undo) c end"))
    return Cell(name, "10.7.1 and 13.5.5", parts, story)


CELLS = (
    *both("message", last="b.caught", by=comes("b", "")),
    *both("timer", last="b.fired", by=fires("b", "")),
    *both("signal", last="b.caught", by=signalled("larm", "")),
    *both("multiple", last="b.caught", by=signalled("faran över", "")),
    *both("parallel multiple", signalled("larm", ""), last="b.caught", by=comes("b", "")),
    conditional(interrupting=True),
    conditional(interrupting=False),
    escalated(interrupting=True),
    escalated(interrupting=False),
    undone(interrupting=True),
    undone(interrupting=False),
    Cell(
        "boundary error",
        "10.5.4, table 10.90: an error always interrupts",
        start() + element("serviceTask", "host", camunda_type="external", camunda_topic="t")
        + boundary("b", "host", error("e1")) + _AFTER,
        (begins("start host.started"), broken("host", "E1", "(b.caught | host.cancelled) b late late_end")),
    ),
    Cell(
        "boundary error of another code",
        "10.5.4: the event catches the error that it names, and one that names none catches all",
        start() + element("serviceTask", "host", camunda_type="external", camunda_topic="t")
        + boundary("other", "host", error("e2")) + task("no") + path("other", "no")
        + boundary("b", "host", error()) + _AFTER,
        (begins("start host.started"), broken("host", "E1", "(b.caught | host.cancelled) b late late_end")),
    ),
    Cell(
        "boundary cancel",
        "10.5.4 and 13.4.2: caught after the compensation of what was completed",
        start() + element("transaction", "host", start("s"), user("in"), end("e", CANCEL), path("s", "in", "e"))
        + boundary("b", "host", CANCEL) + _AFTER,
        (begins("start s"), done("in", "in e.thrown (e | host.cancelled | b.caught) b late late_end")),
    ),
    Cell(
        "boundary message that comes twice",
        "13.5.3: a non-interrupting event may be triggered again while the activity runs",
        drawn("message", interrupting=False),
        (
            begins("start"),
            comes("b", "b.caught b late late_end"),
            comes("b", "b.caught b late late_end"),
            done("host", "host end"),
        ),
    ),
    Cell(
        "boundary timer that repeats itself",
        "10.5.5, table 10.101: a cycle fires each time",
        start() + user("host") + boundary("b", "host", timer("R2/PT1H", "timeCycle"), interrupting=False) + _AFTER,
        (
            begins("start"),
            fires("b", "b.fired b late late_end"),
            fires("b", "b.fired b late late_end"),
            done("host", "host end"),
        ),
    ),
    Cell(
        "boundary of a subprocess is only armed while it runs",
        "13.5.3: the event is enabled when its activity starts",
        start() + subprocess("host", start("s"), catch("c", message()), path("s", "c"))
        + boundary("b", "host", message("m2")) + user("next") + task("late") + path("start", "host", "next")
        + path("b", "late"),
        (begins("start s"), comes("c", "c.caught c host next.started"), done("next", "next")),
    ),
    Cell(
        "boundary of a subprocess ends all inside",
        "13.5.3: an interrupting event terminates the activity and all in it",
        start() + subprocess(
            "host", start("s"), fork("f"), user("x"), subprocess("deep", start("ds"), user("y"), path("ds", "y")),
            path("s", "f", "x"), path("f", "deep"),
        ) + boundary("b", "host", timer("PT1H")) + _AFTER,
        (
            begins("start s f (x.started | ds y.started)"),
            fires("b", "(b.fired | x.cancelled | y.cancelled | deep.cancelled | host.cancelled) b late late_end"),
        ),
    ),
)  # fmt: skip
