"""People are told of what waits for them, each once, whatever happened to the worker meanwhile."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from flowsvc.domain.clock import ManualClock
from flowsvc.domain.errors import ConnectorFailed, InvalidInput, NotFound
from flowsvc.domain.letters import Letter
from flowsvc.domain.notices import MailChoice, Preferences
from flowsvc.store import notices as stored
from flowsvc.usecases import jobs, notices, telling
from flowsvc.usecases import tasks as desk
from flowsvc.usecases.context import Context
from tests.usecases.office import (
    END,
    REPORT,
    START,
    as_post,
    chain,
    complete,
    deploy,
    open_tasks,
    process,
    properties,
    report,
    run_jobs,
    start,
)

POST = "enhetschef.bup"


@dataclass
class Postbox:
    """Takes letters over, or is away."""

    letters: list[Letter] = field(default_factory=list)
    is_away: bool = False

    def send(self, letter: Letter) -> None:
        if self.is_away:
            raise ConnectorFailed("Mejlservern svarar inte.", after=timedelta(minutes=15))
        self.letters.append(letter)


@pytest.fixture
def post() -> Postbox:
    return Postbox()


@pytest.fixture
def mailing(any_ctx: Context, post: Postbox) -> Context:
    """Mail is sent, on each database."""
    return replace(any_ctx, mailer=post, public_url="https://samverkan.example")


def begin(ctx: Context, groups: str = f"post:{POST}", due: str = "P10BD") -> str:
    """A case with a title and one task for the groups."""
    task = (
        "A",
        f'<bpmn:userTask id="A" name="Ange ståndpunkt" camunda:candidateGroups="{groups}" camunda:dueDate="{due}">'
        + properties(**{"name:en": "State position", "title": "Placering av Kim"})
        + "</bpmn:userTask>",
    )
    deploy(ctx, process("prov", chain(START, task, END)))
    return start(ctx, "bup.behandlare", "prov", secret="Kim Ek").instance_id


def told(ctx: Context, post: str = POST) -> list[str]:
    return [each.what for each in notices.my_notices(ctx, as_post(ctx, post), language="sv")]


def work(ctx: Context) -> None:
    """What the worker does in a round."""
    while telling.think_of_mail(ctx):
        pass
    run_jobs(ctx)


def test_a_new_task_is_told_to_those_who_can_take_it_and_nobody_else(any_ctx: Context) -> None:
    begin(any_ctx)

    assert told(any_ctx) == ["Ny uppgift"]
    assert told(any_ctx, "larare.alvsta") == []
    assert notices.unseen_count(any_ctx, as_post(any_ctx, POST)) == 1


def test_a_task_of_a_group_is_told_to_all_in_it_until_one_takes_it(any_ctx: Context) -> None:
    begin(any_ctx, "post:bup.behandlare,post:bup.lakare")
    first, second = as_post(any_ctx, "bup.behandlare"), as_post(any_ctx, "bup.lakare")
    assert notices.unseen_count(any_ctx, first) == notices.unseen_count(any_ctx, second) == 1
    (task,) = open_tasks(any_ctx, notices.my_notices(any_ctx, first, language="sv")[0].instance_id)

    desk.claim_task(any_ctx, first, task.id)

    assert told(any_ctx, "bup.behandlare") == ["Ny uppgift"]
    assert told(any_ctx, "bup.lakare") == []


def test_of_a_task_the_last_that_was_told_is_shown_and_nothing_once_it_is_done(
    any_ctx: Context, clock: ManualClock
) -> None:
    instance_id = begin(any_ctx)
    seen = []

    for days in (0, 7, 6, 2):
        clock.advance(days=days)
        seen += told(any_ctx)
    complete(any_ctx, instance_id, "Ange ståndpunkt")

    assert seen == ["Ny uppgift", "Halva tiden har gått", "En arbetsdag kvar", "Försenad uppgift"]
    assert told(any_ctx) == []


def test_what_is_seen_counts_no_more_until_something_new_is_told(any_ctx: Context, clock: ManualClock) -> None:
    begin(any_ctx)
    actor = as_post(any_ctx, POST)

    notices.mark_seen(any_ctx, actor)
    notices.mark_seen(any_ctx, actor)
    assert notices.unseen_count(any_ctx, actor) == 0
    assert [each.is_seen for each in notices.my_notices(any_ctx, actor, language="sv")] == [True]
    clock.advance(days=7)

    assert notices.unseen_count(any_ctx, actor) == 1


def test_nobody_marks_a_notice_of_others(any_ctx: Context) -> None:
    begin(any_ctx)
    (row,) = notices.my_notices(any_ctx, as_post(any_ctx, POST), language="sv")

    with pytest.raises(NotFound):
        notices.mark_seen(any_ctx, as_post(any_ctx, "larare.alvsta"), row.id)


def test_the_reporter_is_told_that_the_case_is_over(any_ctx: Context) -> None:
    instance_id = begin(any_ctx)
    complete(any_ctx, instance_id, "Ange ståndpunkt")

    assert told(any_ctx, "bup.behandlare") == ["Det du anmälde är avslutat"]
    assert told(any_ctx) == []


def test_mail_says_case_number_kind_of_task_and_a_link_and_nothing_of_the_case(mailing: Context, post: Postbox) -> None:
    begin(mailing)

    work(mailing)

    (letter,) = post.letters
    assert letter.to == f"{POST}@sjoland.example"
    assert letter.subject == "flowsvc: ny uppgift i ärende SJ-PRO-2026-00001"
    assert "Ny uppgift: Ange ståndpunkt, SJ-PRO-2026-00001\nhttps://samverkan.example/tasks/" in letter.text
    assert "Kim" not in letter.subject + letter.text


def test_no_letter_of_a_whole_dispute_says_a_title_a_name_or_an_answer(shipped: Context, post: Postbox) -> None:
    ctx = replace(shipped, mailer=post, public_url="https://samverkan.example")
    report(ctx)
    run_jobs(ctx)

    work(ctx)

    assert len(post.letters) > 3
    with ctx.store.read() as tx:
        names = [person.name for person in tx.directory().people.values()]
    said = " ".join(each.subject + each.text for each in post.letters)
    typed = [text for text in REPORT.values() if isinstance(text, str) and " " in text]
    assert [text for text in (*names, *typed) if text in said] == []


def test_mail_is_sent_once_however_often_the_worker_begins_again(mailing: Context, post: Postbox) -> None:
    begin(mailing)

    for _ in range(3):
        work(mailing)

    assert len(post.letters) == 1


def test_what_was_missed_while_no_worker_ran_comes_in_one_letter_that_says_the_last(
    mailing: Context, post: Postbox, clock: ManualClock
) -> None:
    begin(mailing)
    clock.advance(days=7)

    work(mailing)

    assert [each.subject for each in post.letters] == ["flowsvc: halva tiden har gått i ärende SJ-PRO-2026-00001"]


def test_a_mail_server_that_is_away_gets_the_letter_when_it_is_back(
    mailing: Context, post: Postbox, clock: ManualClock
) -> None:
    begin(mailing)
    post.is_away = True
    work(mailing)
    assert post.letters == []

    post.is_away = False
    clock.advance(minutes=16)
    work(mailing)

    assert len(post.letters) == 1


def test_a_digest_comes_in_the_morning_with_everything(mailing: Context, post: Postbox, clock: ManualClock) -> None:
    actor = as_post(mailing, POST)
    notices.save_preferences(mailing, actor, Preferences(actor.person_id, mail=MailChoice.DIGEST))
    begin(mailing)
    start(mailing, "bup.behandlare", "prov")
    work(mailing)
    assert post.letters == []

    clock.advance(hours=23)
    work(mailing)

    assert [each.subject for each in post.letters] == ["flowsvc: 2 nya notiser"]


def test_what_is_told_in_quiet_hours_comes_afterwards_and_only_if_it_still_waits(
    mailing: Context, post: Postbox, clock: ManualClock
) -> None:
    clock.advance(hours=12)
    instance_id = begin(mailing)
    start(mailing, "bup.behandlare", "prov")
    work(mailing)
    assert post.letters == []

    complete(mailing, instance_id, "Ange ståndpunkt")
    clock.advance(hours=11)
    work(mailing)

    to_manager = [each for each in post.letters if each.to.startswith(POST)]
    assert [each.subject for each in to_manager] == ["flowsvc: ny uppgift i ärende SJ-PRO-2026-00002"]


def test_whoever_wants_no_mail_is_told_by_the_bell_alone(mailing: Context, post: Postbox) -> None:
    actor = as_post(mailing, POST)
    notices.save_preferences(mailing, actor, Preferences(actor.person_id, mail=MailChoice.NEVER))
    begin(mailing)

    work(mailing)

    assert post.letters == []
    assert told(mailing) == ["Ny uppgift"]


def test_without_a_mail_server_nothing_is_kept_for_mail(any_ctx: Context, post: Postbox) -> None:
    begin(any_ctx)
    work(any_ctx)

    work(replace(any_ctx, mailer=post))

    assert post.letters == []


def test_tasks_that_were_there_before_notices_are_told_of_from_now_on(
    mailing: Context, post: Postbox, clock: ManualClock
) -> None:
    instance_id = begin(mailing)
    (task,) = open_tasks(mailing, instance_id)
    with mailing.store.begin() as tx:
        stored.drop_of_tasks(tx, instance_id, [task.id])

    jobs.housekeeping(mailing)
    work(mailing)
    assert post.letters == []
    clock.advance(days=7)
    work(mailing)

    assert [each.subject for each in post.letters] == ["flowsvc: halva tiden har gått i ärende SJ-PRO-2026-00001"]


def test_preferences_are_the_persons_own(any_ctx: Context) -> None:
    actor = as_post(any_ctx, POST)
    chosen = replace(notices.my_preferences(any_ctx, actor), mail=MailChoice.DIGEST)

    notices.save_preferences(any_ctx, actor, chosen)

    assert notices.my_preferences(any_ctx, actor) == chosen
    with pytest.raises(InvalidInput):
        notices.save_preferences(any_ctx, as_post(any_ctx, "bup.lakare"), chosen)
