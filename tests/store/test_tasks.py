"""Tasks and their candidates, submissions, drafts: what lists show, in which order, and that indexes serve them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from flowsvc.domain.access import TaskScope
from flowsvc.domain.errors import NotFound, StaleRevision
from flowsvc.domain.tasks import Draft, Submission, TaskFilter, TaskState, UserTask
from flowsvc.store import instances, tasks
from flowsvc.store.paging import COUNT_LIMIT
from flowsvc.store.transaction import Store, Transaction
from tests.factories import make_task
from tests.store.test_instances import NOW, begin_with_definition, make_instance


def numbered(n: int, **changes: object) -> UserTask:
    return replace(make_task(id=f"t{n:02}", token=f"k{n:02}", due_at=NOW + timedelta(hours=n)), **changes)  # type: ignore[arg-type]  # fields of UserTask


def make_submission(**changes: object) -> Submission:
    made = Submission(
        id="s1",
        instance_id="i1",
        task_id=None,
        form_definition_id=None,
        person_id="anna",
        post_id="p1",
        on_behalf_of=None,
        party_id="ekby",
        at=NOW,
        replaces=None,
        one_time_key="nyckel",
        shared_values={"when": date(2026, 12, 3)},
        own_values={"rows": [{"amount": 100}]},
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of Submission


def fill(store: Store, *added: UserTask) -> None:
    with store.begin() as tx:
        begin_with_definition(tx)
        instances.add(tx, make_instance())
        for task in added:
            tasks.add(tx, task)


def ids(found: tuple[UserTask, ...]) -> list[str]:
    return [task.id for task in found]


def test_a_task_comes_back_with_case_number_process_and_candidates(store: Store) -> None:
    fill(store, make_task(candidate_people=("bo",)))

    with store.read() as tx:
        found = tasks.by_id(tx, "t1")

    assert found == make_task(candidate_people=("bo",))


def test_a_task_that_is_not_there_is_not_found(store: Store) -> None:
    fill(store)

    with pytest.raises(NotFound), store.read() as tx:
        tasks.by_id(tx, "t1")


def test_what_i_hold_and_what_my_posts_may_take_come_by_due_time_page_by_page(store: Store) -> None:
    fill(
        store,
        numbered(1, candidate_posts=("p1", "p2")),
        numbered(2, assignee="anna"),
        numbered(3, assignee="bo"),
        numbered(4, candidate_posts=("p3",)),
        numbered(5, due_at=None),
        numbered(6, candidate_posts=(), candidate_people=("anna",), candidate_groups=()),
    )

    with store.read() as tx:
        seen: list[str] = []
        after = None
        while True:
            page = tasks.mine(tx, "anna", posts=frozenset({"p1", "p2"}), after=after, limit=2)
            seen += ids(page.items)
            after = page.next_after
            if after is None:
                break
        count = tasks.count_mine(tx, "anna", posts=frozenset({"p1", "p2"}))

    assert seen == ["t01", "t02", "t06", "t05"]
    assert count == 4


def test_what_may_be_claimed_comes_from_posts_groups_and_late_posts(store: Store) -> None:
    fill(
        store,
        numbered(1, candidate_posts=("p1",), candidate_groups=()),
        numbered(2, candidate_posts=(), candidate_groups=("samordning",)),
        numbered(3, candidate_posts=("p2",), candidate_groups=(), opened_at=NOW - timedelta(days=2)),
        numbered(4, candidate_posts=("p2",), candidate_groups=()),
        numbered(5, candidate_posts=("p1",), assignee="bo"),
    )
    scope = TaskScope(
        posts=frozenset({"p1"}), groups=frozenset({"samordning"}), late_posts={"p2": NOW - timedelta(days=1)}
    )

    with store.read() as tx:
        mine = tasks.claimable_by(tx, scope)
        everyones = tasks.claimable_by(tx, TaskScope(everything=True))
        nobodys = tasks.claimable_by(tx, TaskScope())
        counts = (tasks.count_claimable(tx, scope), tasks.count_claimable(tx, TaskScope()))

    assert ids(mine.items) == ["t01", "t02", "t03"]
    assert ids(everyones.items) == ["t01", "t02", "t03", "t04"]
    assert nobodys.items == ()
    assert counts == (3, 0)


def test_a_list_is_searched_by_how_the_case_number_begins(store: Store) -> None:
    fill(store, numbered(1))
    with store.begin() as tx:
        instances.add(tx, make_instance(id="i2", business_key="SJ-AVV-2026-00001"))
        tasks.add(tx, numbered(2, instance_id="i2"))

    with store.read() as tx:
        found = tasks.claimable_by(tx, TaskScope(posts=frozenset({"p1"})), search="SJ-AVV")
        held = tasks.mine(tx, "anna", posts=frozenset({"p1"}), search="SJ-PRO")

    assert ids(found.items) == ["t02"]
    assert ids(held.items) == ["t01"]


def test_a_held_task_is_not_offered_and_a_returned_one_is_again(store: Store) -> None:
    fill(store, make_task())
    scope = TaskScope(posts=frozenset({"p1"}))

    with store.begin() as tx:
        tasks.set_assignee(tx, "t1", assignee="anna", post="p1", expected_version=1)
        held = tasks.claimable_by(tx, scope)
        tasks.set_assignee(tx, "t1", assignee=None, post=None, expected_version=2)
        returned = tasks.claimable_by(tx, scope)

    assert (ids(held.items), ids(returned.items)) == ([], ["t1"])


def test_whoever_has_read_an_older_version_does_not_take_the_task(store: Store) -> None:
    fill(store, make_task())
    with store.begin() as tx:
        tasks.set_assignee(tx, "t1", assignee="anna", post="p1", expected_version=1)

    with pytest.raises(StaleRevision), store.begin() as tx:
        tasks.set_assignee(tx, "t1", assignee="bo", post="p1", expected_version=1)


def test_a_closed_task_leaves_the_lists_and_keeps_its_candidates(store: Store) -> None:
    fill(store, make_task(), numbered(2))
    with store.begin() as tx:
        tasks.save_draft(tx, Draft("bo", "task:t1", {"a": 1}, NOW))
        tasks.close(tx, "i1", ["k1"], state=TaskState.COMPLETED, at=NOW, by="anna")
        tasks.close(tx, "i1", ["k1"], state=TaskState.CANCELLED, at=NOW, by=None)

    with store.read() as tx:
        found = tasks.by_id(tx, "t1")
        listed = tasks.claimable_by(tx, TaskScope(posts=frozenset({"p1"})))
        still_open = tasks.of_instance(tx, "i1", open_only=True)
        everything = tasks.of_instance(tx, "i1")
        draft = tasks.draft_of(tx, person_id="bo", place="task:t1")

    assert (found.state, found.closed_by, found.closed_at) == (TaskState.COMPLETED, "anna", NOW)
    assert found.candidate_posts == ("p1",)
    assert ids(listed.items) == ids(still_open) == ["t02"]
    assert set(ids(everything)) == {"t1", "t02"}
    assert draft is None


def test_the_list_for_programs_is_filtered_and_limited_to_its_scope(store: Store) -> None:
    fill(store, numbered(1, assignee="anna"), numbered(2, element_id="annat"), numbered(3, candidate_posts=("p2",)))
    with store.begin() as tx:
        tasks.close(tx, "i1", ["k02"], state=TaskState.COMPLETED, at=NOW, by="anna")
    everything = TaskScope(everything=True)
    limited = TaskScope(posts=frozenset({"p2"}), late_posts={"p1": NOW - timedelta(days=9)})

    with store.read() as tx:
        assert ids(tasks.page(tx, TaskFilter(), scope=everything).items) == ["t01", "t02", "t03"]
        assert ids(tasks.page(tx, TaskFilter(state=TaskState.OPEN), scope=everything).items) == ["t01", "t03"]
        assert ids(tasks.page(tx, TaskFilter(state=TaskState.COMPLETED), scope=everything).items) == ["t02"]
        assert ids(tasks.page(tx, TaskFilter(assignee="anna"), scope=everything).items) == ["t01"]
        assert ids(tasks.page(tx, TaskFilter(element_id="annat"), scope=everything).items) == ["t02"]
        assert ids(tasks.page(tx, TaskFilter(candidate_group="post:p2"), scope=everything).items) == ["t03"]
        assert ids(tasks.page(tx, TaskFilter(candidate_group="samordning"), scope=everything, limit=1).items) == ["t01"]
        assert ids(tasks.page(tx, TaskFilter(), scope=limited).items) == ["t03"]


def test_what_was_sent_comes_back_by_its_key_and_is_sent_once(store: Store) -> None:
    fill(store, make_task())
    with store.begin() as tx:
        tasks.add_submission(tx, make_submission(task_id="t1"))

    with pytest.raises(StaleRevision), store.begin() as tx:
        tasks.add_submission(tx, make_submission(id="s2", task_id="t1"))

    with store.read() as tx:
        assert tasks.submission_by_key(tx, "nyckel") == make_submission(task_id="t1")
        assert tasks.submission_by_id(tx, "s1") == make_submission(task_id="t1")
        assert tasks.submissions_of(tx, "i1") == (make_submission(task_id="t1"),)
        assert tasks.submission_by_key(tx, "annan") is None
        assert tasks.business_key_of(tx, "i1") == "SJ-PRO-2026-00001"


def test_a_draft_is_replaced_and_dropped(store: Store) -> None:
    first = Draft("anna", "start:prov", {"a": date(2026, 12, 3)}, NOW)
    second = replace(first, values={"a": None}, typed={"a": "12 okt"}, saved_at=NOW + timedelta(minutes=1))

    with store.begin() as tx:
        tasks.save_draft(tx, first)
        tasks.save_draft(tx, second)
        kept = tasks.draft_of(tx, person_id="anna", place="start:prov")
        tasks.drop_draft(tx, person_id="anna", place="start:prov")
        dropped = tasks.draft_of(tx, person_id="anna", place="start:prov")

    assert (kept, dropped) == (second, None)


def test_a_count_stops_at_its_limit(store: Store) -> None:
    fill(store, *(numbered(n) for n in range(COUNT_LIMIT + 5)))

    with store.read() as tx:
        assert tasks.count_claimable(tx, TaskScope(posts=frozenset({"p1"}))) == COUNT_LIMIT


def plan_of(store: Store, ask: Callable[[Transaction], object]) -> list[str]:
    """How SQLite goes about the first statement that the question asks."""
    asked: list[tuple[str, Any]] = []

    def note(_conn: object, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool) -> None:
        asked.append((statement, parameters))

    with store.begin() as tx:
        sa.event.listen(tx.conn, "before_cursor_execute", note)
        ask(tx)
        sa.event.remove(tx.conn, "before_cursor_execute", note)
        statement, parameters = asked[0]
        return [row[-1] for row in tx.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]


def test_sqlite_serves_the_lists_from_their_indexes(sqlite_store: Store) -> None:
    fill(sqlite_store, numbered(1))

    mine = plan_of(sqlite_store, lambda tx: tasks.mine(tx, "anna", posts=frozenset({"p1"})))
    posts = plan_of(sqlite_store, lambda tx: tasks.claimable_by(tx, TaskScope(posts=frozenset({"p1"}))))
    everything = plan_of(sqlite_store, lambda tx: tasks.claimable_by(tx, TaskScope(everything=True)))

    assert any("ix_user_task_assignee" in line for line in mine), mine
    for plan in (mine, posts):
        assert any("ix_task_candidate_claimable" in line for line in plan), plan
    assert any("ix_user_task_assignee" in line for line in everything), everything
    assert not any(line.startswith("SCAN user_task") for line in mine + posts + everything)
