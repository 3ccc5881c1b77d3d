"""The two lists of tasks: what is mine, what else I may take, and how each row reads."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from flowsvc.domain.access import NOBODY, Action, Actor
from flowsvc.domain.clock import ManualClock
from flowsvc.domain.directory import Absence
from flowsvc.domain.errors import Forbidden, NotFound, NotSignedIn
from flowsvc.store import audit, directory
from flowsvc.usecases import inbox
from flowsvc.usecases import tasks as desk
from flowsvc.usecases.context import Context
from flowsvc.usecases.inbox import TaskRow
from flowsvc.usecases.reading import open_instance
from tests.usecases.office import (
    CLIENT,
    END,
    START,
    as_post,
    chain,
    complete,
    deploy,
    instance_of,
    open_tasks,
    process,
    report,
    start,
    user_task,
)


def mine(ctx: Context, post: str | Actor, search: str = "") -> list[str]:
    actor = as_post(ctx, post) if isinstance(post, str) else post
    return [row.name for row in inbox.my_tasks(ctx, actor, language="sv", search=search).items]


def group(ctx: Context, post: str | Actor, search: str = "") -> list[str]:
    actor = as_post(ctx, post) if isinstance(post, str) else post
    return [row.name for row in inbox.group_tasks(ctx, actor, language="sv", search=search).items]


def begin(ctx: Context, groups: str) -> str:
    """A running instance with one task, A, for these groups; the id of the instance."""
    deploy(ctx, process("prov", chain(START, user_task("A", groups), END)))
    return start(ctx, "larare.alvsta", "prov").instance_id


def row_of(ctx: Context, post: str, language: str = "sv") -> TaskRow:
    actor = as_post(ctx, post)
    pages = (inbox.my_tasks(ctx, actor, language=language), inbox.group_tasks(ctx, actor, language=language))
    return next(row for page in pages for row in page.items)


def away(ctx: Context, post: str, from_on: date, until_on: date) -> None:
    """Everybody on the post is away these days."""
    with ctx.store.begin() as tx:
        known = tx.directory()
        gone = tuple(Absence(each.person_id, from_on, until_on) for each in known.assignments if each.post_id == post)
        directory.replace(tx, replace(known, absences=(*known.absences, *gone)))


def test_what_only_my_post_is_asked_for_is_mine_and_what_a_shared_post_is_asked_for_is_the_groups(ctx: Context) -> None:
    begin(ctx, "post:enhetschef.bup")
    begin(ctx, "post:bup.behandlare")

    assert (mine(ctx, "enhetschef.bup"), group(ctx, "enhetschef.bup")) == (["A"], [])
    assert (mine(ctx, "bup.behandlare"), group(ctx, "bup.behandlare")) == ([], ["A"])


def test_a_candidate_group_shows_its_tasks_to_every_post_in_it(ctx: Context) -> None:
    begin(ctx, "samordning")

    assert group(ctx, "processledare") == ["A"]
    assert group(ctx, "processagare") == ["A"]
    assert group(ctx, "bup.behandlare") == []


def test_the_case_of_a_groups_task_is_a_link_only_for_who_may_read_it(ctx: Context) -> None:
    deploy(ctx, process("prov", chain(START, user_task("granska", groups="samordning, post:bup.behandlare"), END)))
    deploy(ctx, process("grupp", chain(START, user_task("granska", groups="samordning"), END)))
    for key in ("prov", "grupp"):
        start(ctx, "bup.behandlare", key)
    coordinator = as_post(ctx, "processledare")

    found = {row.process_name: row for row in inbox.group_tasks(ctx, coordinator, language="sv").items}

    for row in found.values():
        assert row.can_read_case is may_open(ctx, coordinator, row.instance_id)
    assert not all(row.can_read_case for row in found.values())


def may_open(ctx: Context, actor: Actor, instance_id: str) -> bool:
    try:
        open_instance(ctx, actor, Action.READ_INSTANCE, instance_id)
    except NotFound:
        return False
    return True


def test_a_claimed_task_is_its_holders_and_leaves_the_group(ctx: Context) -> None:
    instance_id = begin(ctx, "post:bup.behandlare,post:enhetschef.bup")
    holder, chief = as_post(ctx, "bup.behandlare"), as_post(ctx, "enhetschef.bup")
    (task,) = open_tasks(ctx, instance_id)

    desk.claim_task(ctx, holder, task.id)

    assert (mine(ctx, holder), group(ctx, holder)) == (["A"], [])
    assert (mine(ctx, chief), group(ctx, chief)) == ([], [])
    row = row_of(ctx, "bup.behandlare")
    assert (row.is_mine, row.can_claim, row.assignee_name) == (True, False, holder.name)


def test_a_task_of_several_posts_stands_in_one_of_the_two_lists(ctx: Context) -> None:
    begin(ctx, "post:processagare,samordning")

    assert (mine(ctx, "processagare"), group(ctx, "processagare")) == (["A"], [])
    assert (mine(ctx, "processledare"), group(ctx, "processledare")) == ([], ["A"])


def test_a_substitute_sees_the_task_with_the_post_stood_in_for(ctx: Context) -> None:
    begin(ctx, "post:enhetschef.bup")
    away(ctx, "enhetschef.bup", date(2026, 11, 23), date(2026, 11, 27))

    row = row_of(ctx, "enhetschef.bup-specialist")

    assert row.acting_for == "Enhetschef BUP öppenvård"
    assert row.can_claim
    assert group(ctx, "bup.lakare") == []


def test_the_nearest_manager_steps_in_after_a_working_day(ctx: Context, clock: ManualClock) -> None:
    begin(ctx, "post:enhetschef.habilitering")  # on leave in the demonstration county, with no substitute

    assert group(ctx, "verksamhetschef.habilitering") == []
    clock.advance(days=1)
    assert group(ctx, "verksamhetschef.habilitering") == ["A"]
    assert row_of(ctx, "verksamhetschef.habilitering").acting_for == "Enhetschef habiliteringen"


def test_the_counts_are_those_of_the_lists(shipped: Context) -> None:
    report(shipped)
    report(shipped)

    found = inbox.counts(shipped, as_post(shipped, "socialsekreterare.alvsta"))

    assert (found.mine, found.group) == (0, 4)
    assert inbox.counts(shipped, as_post(shipped, "larare.alvsta")) == inbox.InboxCounts(0, 0)


def test_tasks_are_found_by_the_beginning_of_the_case_number(ctx: Context) -> None:
    numbers = [instance_of(ctx, begin(ctx, "post:enhetschef.bup")).business_key for _ in range(2)]

    assert len(mine(ctx, "enhetschef.bup", search=numbers[0][:8])) == 2
    assert len(mine(ctx, "enhetschef.bup", search=f" {numbers[1]} ")) == 1
    assert mine(ctx, "enhetschef.bup", search="FINNS-INTE") == []


def test_the_list_comes_page_by_page_by_due_time(shipped: Context) -> None:
    for _ in range(3):
        report(shipped)
    actor = as_post(shipped, "socialsekreterare.alvsta")
    whole = inbox.group_tasks(shipped, actor, language="sv").items

    seen: list[TaskRow] = []
    after = None
    for _ in range(3):
        page = inbox.group_tasks(shipped, actor, language="sv", after=after, limit=2)
        seen, after = seen + list(page.items), page.next_after

    assert after is None
    assert tuple(seen) == whole
    assert [row.due_at for row in whole] == sorted(row.due_at for row in whole if row.due_at)


def test_a_row_counts_working_days_as_people_do(shipped: Context, clock: ManualClock) -> None:
    report(shipped)

    def reads() -> tuple[int | None, str, bool]:
        rows = inbox.group_tasks(shipped, as_post(shipped, "socialsekreterare.alvsta"), language="sv").items
        row = next(row for row in rows if row.name == "Ange ståndpunkt")
        return row.working_days_left, row.due_words, row.is_overdue

    assert reads() == (5, "om 5 arbetsdagar", False)
    clock.set(datetime(2026, 11, 30, 8, tzinfo=clock.now().tzinfo))
    assert reads() == (1, "i morgon", False)
    clock.advance(days=1)
    assert reads() == (0, "i dag", False)
    clock.advance(days=3)
    assert reads() == (-3, "3 arbetsdagar försenad", True)


def test_a_row_names_everything_in_the_language_asked_for(shipped: Context) -> None:
    report(shipped)

    swedish, english = (row_of(shipped, "socialsekreterare.alvsta", language) for language in ("sv", "en"))

    assert (swedish.name, swedish.process_name) == ("Föreslå vem som ansvarar tills vidare", "Avvikelse eller tvist")
    assert (swedish.party_name, swedish.lane) == ("Älvsta kommun", "Parternas verksamhet")
    assert (english.name, english.process_name) == ("Propose who is responsible for now", "Deviation or dispute")
    assert (english.party_name, english.lane) == ("Älvsta Municipality", "The parties’ operations")
    assert english.due_words == "tomorrow"


def test_the_task_that_secures_the_support_is_marked(shipped: Context) -> None:
    instance_id = report(shipped)
    for party in ("region", "alvsta"):
        complete(shipped, instance_id, "Föreslå vem som ansvarar tills vidare", party=party, proposed_party="region")

    rows = inbox.group_tasks(shipped, as_post(shipped, "bup.behandlare"), language="sv").items

    assert [(row.name, row.delivers_support, row.child_waiting) for row in rows] == [
        ("Säkra stödet", True, True),
        ("Ange ståndpunkt", False, True),
    ]


def test_lists_are_not_logged_as_readings_of_cases(shipped: Context) -> None:
    instance_id = report(shipped)

    inbox.group_tasks(shipped, as_post(shipped, "socialsekreterare.alvsta"), language="sv")

    with shipped.store.read() as tx:
        assert audit.readings_of(tx, instance_id) == ()


def test_nobody_and_programs_have_no_inbox(ctx: Context) -> None:
    with pytest.raises(NotSignedIn):
        inbox.my_tasks(ctx, NOBODY, language="sv")
    with pytest.raises(Forbidden):
        inbox.counts(ctx, CLIENT)


def test_a_day_without_a_limit_has_no_words(ctx: Context) -> None:
    begin(ctx, "post:enhetschef.bup")

    row = row_of(ctx, "enhetschef.bup")

    assert (row.due_on, row.working_days_left, row.due_words, row.is_overdue) == (None, None, "", False)
    assert ctx.clock.now() - row.opened_at == timedelta(0)
