"""A draft is tried on the true engine, with a clock that can be moved, and nothing of it is left in the database."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from flowsvc.domain.access import Actor
from flowsvc.domain.errors import (
    DefinitionInvalid,
    Forbidden,
    InvalidInput,
    NotFound,
    StaleRevision,
    TooLarge,
)
from flowsvc.domain.letters import Letter
from flowsvc.domain.tasks import UserTask
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import instances
from flowsvc.store.tables import metadata
from flowsvc.usecases import jobs as worker
from flowsvc.usecases import tasks as desk
from flowsvc.usecases import trial_acts as acts
from flowsvc.usecases import trial_page, trying
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
from flowsvc.usecases.trying import Trial, Tried
from tests.conftest import ROOT
from tests.usecases import office
from tests.usecases.office import END, REPORT, START, chain, flow, process, properties, user_task

DRAFT = "d" * 32
POST = "bup.behandlare"


@pytest.fixture
def owner(ctx: Context) -> Actor:
    return office.as_post(ctx, "processagare")


def tried(*files: SourceFile) -> Tried:
    return Tried(DRAFT, "Provet", files, mark="1")


def begin(ctx: Context, owner: Actor, *files: SourceFile, key: str = "p", post: str = POST) -> None:
    trying.begin(ctx, owner, tried(*files), process_key=key, post_id=post)


def act(ctx: Context, owner: Actor, do: Callable[[Trial], object]) -> object:
    return trying.act(ctx, owner, DRAFT, do)


def page_of(ctx: Context, owner: Actor, language: str = "sv") -> trial_page.TrialPage:
    return trying.look(ctx, owner, DRAFT, lambda trial: trial_page.page(trial, "", language=language))


def tasks_of(ctx: Context, owner: Actor, name: str = "") -> list[UserTask]:
    def show(trial: Trial) -> list[UserTask]:
        with trial.ctx.store.read() as tx:
            ids = [each.id for each in instances.oldest(tx, limit=100)]
        return [task for one in ids for task in office.open_tasks(trial.ctx, one, name)]

    return trying.look(ctx, owner, DRAFT, show)


def counts(ctx: Context) -> dict[str, int]:
    with ctx.store.read() as tx:
        return {
            table.name: tx.conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def with_unit_limit(days: int) -> SourceFile:
    """The table of levels, in which unit managers have so many working days for what is not urgent."""
    text = (ROOT / "processes/escalation-level.dmn").read_text()
    rule = re.compile(r'("UNIT"</text>.*?"normal"</text>(?:.*?<text>){3})5(</text>)', re.DOTALL)
    changed, made = rule.subn(rf"\g<1>{days}\g<2>", text, count=1)
    assert made == 1
    return SourceFile("escalation-level.dmn", changed.encode())


def complete(trial: Trial, task: UserTask, **values: object) -> None:
    actor = acts.as_post(trial, task.candidate_posts[0], task_id=task.id)
    desk.complete_task(trial.ctx, actor, task.id, Sent(variables=dict(values)))  # type: ignore[arg-type]
    acts.settle(trial)


def test_a_trial_leaves_nothing_behind_but_its_own_row(any_ctx: Context) -> None:
    ctx, owner = any_ctx, office.as_post(any_ctx, "processagare")
    before = counts(ctx)
    begin(ctx, owner, process("p", chain(START, user_task("a"), END)))
    act(ctx, owner, lambda trial: acts.start(trial, Sent(variables={"x": 1})))
    act(ctx, owner, lambda trial: acts.move(trial, working_days=5))
    (task,) = tasks_of(ctx, owner)
    act(ctx, owner, lambda trial: complete(trial, task))

    assert page_of(ctx, owner).instances[0].status == "ended"
    assert counts(ctx) == before | {"model_trial": 1}
    assert ctx.clock.now().date() == date(2026, 11, 24)

    trying.throw_away(ctx, owner, DRAFT)
    assert counts(ctx) == before


def test_a_changed_table_of_the_draft_holds_in_the_live_process(shipped: Context) -> None:
    owner = office.as_post(shipped, "processagare")
    begin(shipped, owner, with_unit_limit(7), key="avvikelse")
    act(shipped, owner, lambda trial: acts.start(trial, Sent(variables=dict(REPORT))))

    act(shipped, owner, lambda trial: acts.move(trial, working_days=6))

    lifted = [task for task in tasks_of(shipped, owner, "Ange ståndpunkt") if task.due_on]
    # Lifted when the five days of those before them had passed: 1 December; seven working days on is 10 December.
    assert {task.due_on for task in lifted} == {date(2026, 12, 10)}


def test_timers_run_out_one_after_another_each_at_its_own_time(ctx: Context, owner: Actor) -> None:
    def pause(name: str, rule: str) -> tuple[str, str]:
        timer = f"<bpmn:timerEventDefinition><bpmn:timeDuration>{rule}</bpmn:timeDuration></bpmn:timerEventDefinition>"
        return name, f'<bpmn:intermediateCatchEvent id="{name}" name="{name}">{timer}</bpmn:intermediateCatchEvent>'

    begin(ctx, owner, process("p", chain(START, pause("forst", "PT24H"), pause("sedan", "PT48H"), user_task("a"), END)))
    act(ctx, owner, lambda trial: acts.start(trial, Sent(variables={})))

    (timer,) = page_of(ctx, owner).timers
    assert timer.name == "forst"
    act(ctx, owner, lambda trial: acts.move(trial, to_next=True))
    assert page_of(ctx, owner).now == ctx.clock.now() + timedelta(days=1)
    act(ctx, owner, lambda trial: acts.move(trial, to=date(2026, 11, 30)))

    told = [(each.name, group.at) for group in page_of(ctx, owner).history for each in group.items]
    fired = [(name, at) for name, at in reversed(told) if name in ("forst", "sedan")]
    assert dict(fired) == {
        "forst": ctx.clock.now() + timedelta(days=1),
        "sedan": ctx.clock.now() + timedelta(days=3),
    }
    assert [task.name for task in tasks_of(ctx, owner)] == ["a"]


def service(name: str, inside: str = "") -> tuple[str, str]:
    given = '<camunda:inputParameter name="barn">Kim</camunda:inputParameter>'
    sends = f"<bpmn:extensionElements><camunda:inputOutput>{given}</camunda:inputOutput></bpmn:extensionElements>"
    asked = 'camunda:type="external" camunda:topic="folkbokföring" camunda:resultVariable="svar"'
    return name, f'<bpmn:serviceTask id="{name}" name="Slå upp" {asked}>{sends}{inside}</bpmn:serviceTask>'


def test_a_call_outside_waits_to_be_answered_by_hand(ctx: Context, owner: Actor) -> None:
    begin(ctx, owner, process("p", chain(START, service("s"), user_task("a"), END)))
    act(ctx, owner, lambda trial: acts.start(trial, Sent(variables={})))

    (call,) = page_of(ctx, owner).calls
    assert (call.name, call.title, call.inputs) == ("Slå upp", "folkbokföring", (("barn", "Kim"),))
    act(ctx, owner, lambda trial: acts.complete_call(trial, call.key, 'ort = "Alvsta"\nantal = 1 + 2'))

    page = page_of(ctx, owner)
    assert page.calls == ()
    assert dict(page.variables)["svar"] == "ort: Alvsta, antal: 3"
    assert [task.name for task in tasks_of(ctx, owner)] == ["a"]


def test_a_call_may_end_in_an_error_that_the_diagram_knows_or_fail_for_good(ctx: Context, owner: Actor) -> None:
    caught = (
        '<bpmn:boundaryEvent id="nej" attachedToRef="s"><bpmn:errorEventDefinition errorRef="e"/></bpmn:boundaryEvent>'
    )
    other = user_task("omprova")[1] + '<bpmn:endEvent id="slut"/>' + flow("nej", "omprova") + flow("omprova", "slut")
    body = chain(START, service("s"), END) + caught + other
    begin(ctx, owner, process("p", body))

    act(ctx, owner, lambda trial: acts.start(trial, Sent(variables={})))
    act(ctx, owner, lambda trial: acts.end_call_with_error(trial, page_calls(trial)[0], "NEJ", ""))
    act(ctx, owner, lambda trial: acts.start(trial, Sent(variables={})))
    act(ctx, owner, lambda trial: acts.fail_call(trial, page_calls(trial)[0]))

    assert [task.name for task in tasks_of(ctx, owner)] == ["omprova"]
    (stopped,) = page_of(ctx, owner).stopped
    assert (stopped.name, stopped.code) == ("Slå upp", "external_task.failed")
    act(ctx, owner, lambda trial: acts.try_again(trial, stopped.id))
    assert page_of(ctx, owner).stopped == ()
    assert len(page_of(ctx, owner).calls) == 1


def page_calls(trial: Trial) -> list[str]:
    return [each.key for each in trial_page.page(trial, "", language="sv").calls]


def test_nobody_gets_mail_and_what_would_have_been_told_is_listed(ctx: Context, owner: Actor) -> None:
    sent: list[Letter] = []

    class Kept:
        def send(self, letter: Letter) -> None:
            sent.append(letter)

    mailing = replace(ctx, mailer=Kept())
    due = 'camunda:dueDate="P1D"'
    task = ("a", f'<bpmn:userTask id="a" name="Svara" camunda:candidateGroups="post:{POST}" {due}/>')
    begin(mailing, owner, process("p", chain(START, task, END)))
    act(mailing, owner, lambda trial: acts.start(trial, Sent(variables={})))
    act(mailing, owner, lambda trial: acts.move(trial, working_days=5))

    told = [(each.what, each.about) for each in page_of(mailing, owner).told]
    assert ("Ny uppgift", "Svara") in told
    assert ("Försenad uppgift", "Svara") in told
    assert sent == []


def test_what_is_only_tried_needs_nobodys_approval(ctx: Context, owner: Actor) -> None:
    careful = replace(ctx, approvals=1)
    begin(careful, owner, process("p", chain(START, user_task("a"), END)))
    act(careful, owner, lambda trial: acts.start(trial, Sent(variables={})))

    assert [task.name for task in tasks_of(careful, owner)] == ["a"]
    assert trying.look(careful, owner, DRAFT, lambda trial: trial.ctx.approvals) == 0


def test_acts_at_the_same_time_are_all_done_one_after_another(ctx: Context, owner: Actor) -> None:
    begin(ctx, owner, SourceFile("p.bpmn", process("p", chain(START, user_task("a"), END)).data))
    before = page_of(ctx, owner).revision

    with ThreadPoolExecutor(8) as people:
        done = [people.submit(act, ctx, owner, lambda trial: acts.move(trial, working_days=1)) for _ in range(12)]

    assert [each.exception() for each in done] == [None] * 12
    assert page_of(ctx, owner).revision == before + 12


def test_two_who_move_a_trial_on_at_once_do_not_overwrite_each_other(any_ctx: Context) -> None:
    ctx, owner = any_ctx, office.as_post(any_ctx, "processagare")
    begin(ctx, owner, process("p", chain(START, user_task("a"), END)))
    act(ctx, owner, lambda trial: acts.start(trial, Sent(variables={})))
    seen = page_of(ctx, owner).revision
    trying.act(ctx, owner, DRAFT, lambda trial: acts.move(trial, working_days=1), revision=seen)
    now = page_of(ctx, owner).now

    with pytest.raises(StaleRevision):
        trying.act(ctx, owner, DRAFT, lambda trial: acts.move(trial, working_days=1), revision=seen)

    assert page_of(ctx, owner).now == now


def test_what_another_tab_did_meanwhile_stays_and_the_form_goes_on_from_there(ctx: Context, owner: Actor) -> None:
    begin(ctx, owner, process("p", chain(START, user_task("a"), END)))
    act(ctx, owner, lambda trial: acts.start(trial, Sent(variables={})))
    in_between = [lambda: act(ctx, owner, lambda trial: acts.move(trial, working_days=1))]

    def slow(trial: Trial) -> None:
        if in_between:
            in_between.pop()()
        acts.start(trial, Sent(variables={}))

    act(ctx, owner, slow)

    page = page_of(ctx, owner)
    assert len(page.instances) == 2
    assert page.now == ctx.clock.now() + timedelta(days=1)


def test_a_draft_that_the_check_refuses_is_not_tried(ctx: Context, owner: Actor) -> None:
    with pytest.raises(DefinitionInvalid):
        begin(ctx, owner, process("p", chain(START, ("x", '<bpmn:serviceTask id="x"/>'), END)))
    with pytest.raises(InvalidInput, match="Välj en process"):
        begin(ctx, owner, process("p", chain(START, END)), key="okand")
    with pytest.raises(InvalidInput, match="Välj en befattning"):
        begin(ctx, owner, process("p", chain(START, END)), post="okand")

    assert not trying.is_trying(ctx, owner, DRAFT)


def test_a_trial_is_its_owners_alone(ctx: Context, owner: Actor) -> None:
    begin(ctx, owner, process("p", chain(START, user_task("a"), END)))
    other = replace(owner, person_id="nagon-annan")

    with pytest.raises(NotFound):
        page_of(ctx, other)
    with pytest.raises(NotFound):
        act(ctx, other, lambda trial: acts.move(trial, working_days=1))
    with pytest.raises(Forbidden):
        page_of(ctx, office.as_post(ctx, POST))


def test_a_called_case_of_its_own_is_a_second_case_of_the_trial(ctx: Context, owner: Actor) -> None:
    call = ("c", f'<bpmn:callActivity id="c" calledElement="q">{properties(ownCase="true")}</bpmn:callActivity>')
    inner = process("q", chain(START, user_task("inre"), END))
    begin(ctx, owner, process("p", chain(START, call, END)), inner)
    act(ctx, owner, lambda trial: acts.start(trial, Sent(variables={})))

    first, second = page_of(ctx, owner).instances
    assert (first.is_shown, second.is_shown) == (True, False)
    (task,) = tasks_of(ctx, owner, "inre")
    act(ctx, owner, lambda trial: complete(trial, task))
    assert [each.status for each in page_of(ctx, owner).instances] == ["ended", "ended"]


def test_the_history_says_which_rule_of_a_table_matched_and_what_it_gave(shipped: Context) -> None:
    owner = office.as_post(shipped, "processagare")
    begin(shipped, owner, with_unit_limit(7), key="avvikelse")
    act(shipped, owner, lambda trial: acts.start(trial, Sent(variables=dict(REPORT))))

    shown = page_of(shipped, owner)
    made = {each.decision: each for group in shown.history for each in group.items if each.decision}

    assert made["escalation-level"].rules == ("1",)
    assert "limit_days: 5" in dict(made["escalation-level"].outputs)["rule"]
    assert {task.row.name for group in shown.groups for task in group.tasks} >= {"Ange ståndpunkt"}
    assert shown.shown is not None
    assert any("current" in each.marks.values() for each in shown.shown.diagrams)


def test_a_trial_unused_for_a_day_is_thrown_away(ctx: Context, owner: Actor) -> None:
    begin(ctx, owner, process("p", chain(START, END)))
    ctx.clock.advance(hours=23)  # type: ignore[attr-defined]  # a ManualClock
    worker.housekeeping(ctx)
    assert trying.is_trying(ctx, owner, DRAFT)

    ctx.clock.advance(hours=2)  # type: ignore[attr-defined]  # a ManualClock
    worker.housekeeping(ctx)
    assert not trying.is_trying(ctx, owner, DRAFT)


def test_a_trial_does_not_grow_without_end(ctx: Context, owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(ctx, owner, process("p", chain(START, user_task("a"), END)))
    monkeypatch.setattr(trying, "LARGEST", 10_000)

    with pytest.raises(TooLarge):
        act(ctx, owner, lambda trial: acts.start(trial, Sent(variables={})))


def test_a_clock_that_goes_round_in_circles_stops(ctx: Context, owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    cycle = "<bpmn:timerEventDefinition><bpmn:timeCycle>R/PT1M</bpmn:timeCycle></bpmn:timerEventDefinition>"
    beat = f'<bpmn:boundaryEvent id="b" attachedToRef="a" cancelActivity="false">{cycle}</bpmn:boundaryEvent>'
    body = chain(START, user_task("a"), END) + beat + '<bpmn:endEvent id="e2"/>' + flow("b", "e2")
    monkeypatch.setattr(acts, "MOST_JOBS", 5)
    begin(ctx, owner, process("p", body))
    act(ctx, owner, lambda trial: acts.start(trial, Sent(variables={})))

    assert "Klockan stannade" in str(act(ctx, owner, lambda trial: acts.move(trial, working_days=1)))
    with pytest.raises(InvalidInput):
        act(ctx, owner, lambda trial: acts.move(trial, to=date(2026, 11, 1)))
    with pytest.raises(InvalidInput):
        act(ctx, owner, lambda trial: acts.move(trial, working_days=100_000))


@pytest.mark.parametrize("text", ["antal", "= 3", "1a = 3", "a = (", "a = " + "1" * 30_000])
def test_values_that_cannot_be_read_are_refused_by_line(ctx: Context, owner: Actor, text: str) -> None:
    begin(ctx, owner, process("p", chain(START, user_task("a"), END)))

    with pytest.raises(InvalidInput):
        act(ctx, owner, lambda trial: acts.start_by_hand(trial, text))


def test_a_process_starts_with_values_by_hand_or_by_its_message(ctx: Context, owner: Actor) -> None:
    begin(ctx, owner, process("p", chain(START, user_task("a"), END)))
    act(ctx, owner, lambda trial: acts.start_by_hand(trial, "antal = 2\ndubbelt = antal * 2"))
    assert dict(page_of(ctx, owner).variables) == {"antal": "2", "dubbelt": "4"}

    by_message = (
        "start",
        '<bpmn:startEvent id="start"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>',
    )
    begin(ctx, owner, process("p", chain(by_message, user_task("a"), END)))
    act(ctx, owner, lambda trial: acts.start_by_hand(trial, 'barn = "Kim"'))
    assert [task.name for task in tasks_of(ctx, owner)] == ["a"]
    assert dict(page_of(ctx, owner).variables) == {"barn": "Kim"}


def test_a_live_process_that_uses_what_the_draft_changes_may_be_tried_too(shipped: Context) -> None:
    owner = office.as_post(shipped, "processagare")

    found = trying.choices(shipped, owner, tried(with_unit_limit(7)))

    assert found.problems == ()
    live = {each.key: each for each in found.processes}
    assert not any(each.is_drafted for each in found.processes)
    # The dispute asks the table inside what is started by a report.
    assert "avvikelse" in live
    assert POST in live["avvikelse"].post_ids


def test_what_may_be_tried_of_a_draft_is_its_own_processes_for_those_who_may_start_them(
    ctx: Context, owner: Actor
) -> None:
    file = process("p", chain(START, user_task("a"), END), f'camunda:candidateStarterGroups="post:{POST}"')

    (only,) = trying.choices(ctx, owner, tried(file)).processes
    refused = trying.choices(ctx, owner, tried(process("p", chain(START, ("x", '<bpmn:serviceTask id="x"/>'), END))))

    assert (only.key, only.is_drafted, only.post_ids) == ("p", True, (POST,))
    assert refused.processes == ()
    assert {each.element_id for each in refused.problems} == {"x"}
