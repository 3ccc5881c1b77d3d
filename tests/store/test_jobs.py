"""Jobs: leased once, fenced, put off and held; incidents; that indexes serve what a worker asks."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flowsvc.domain.errors import NotFound
from flowsvc.domain.jobs import LEASE, Incident, Job, JobKind, JobState
from flowsvc.store import jobs
from flowsvc.store.transaction import Store
from tests.store.test_instances import NOW
from tests.store.test_tasks import plan_of


def make_job(**changes: object) -> Job:
    made = Job(
        id="j1",
        kind=JobKind.TIMER,
        instance_id="i1",
        token="k1",
        cycle=0,
        element_id="frist",
        process_key="prov",
        due_at=NOW,
        state=JobState.WAITING,
        attempts=0,
        retries_left=3,
        lease_until=None,
        lease_owner="",
        fence=0,
        crashes=0,
        request={"rule": "P5BD"},
        created_at=NOW,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of Job


def make_incident(**changes: object) -> Incident:
    made = Incident(
        id="n1",
        instance_id="i1",
        job_id="j1",
        token="k1",
        element_id="frist",
        process_key="prov",
        code="engine.script_failed",
        message="Uttrycket går inte att räkna ut.",
        names=("belopp",),
        at=NOW,
        resolved_at=None,
        resolved_by=None,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of Incident


def fill(store: Store, *added: Job) -> None:
    with store.begin() as tx:
        for job in added:
            jobs.add(tx, job)


def lease(store: Store, *, at: datetime = NOW, owner: str = "a", limit: int = 10) -> tuple[Job, ...]:
    with store.begin() as tx:
        return jobs.lease_due(tx, now=at, owner=owner, limit=limit)


def test_a_job_comes_back_as_it_was_also_without_an_instance(store: Store) -> None:
    fill(store, make_job(), make_job(id="j2", instance_id=None, kind=JobKind.START_TIMER, token="prov/start"))

    with store.read() as tx:
        assert jobs.by_id(tx, "j1") == make_job()
        assert jobs.by_id(tx, "j2").instance_id is None


def test_a_timer_is_never_double(store: Store) -> None:
    fill(store, make_job(), make_job(id="j2"), make_job(id="j3", cycle=1))

    with store.read() as tx:
        assert [job.id for job in jobs.of_instance(tx, "i1")] == ["j1", "j3"]


def test_only_what_is_due_is_leased_next_due_first(store: Store) -> None:
    fill(
        store,
        make_job(id="j1", token="a", due_at=NOW),
        make_job(id="j2", token="b", due_at=NOW - timedelta(hours=1)),
        make_job(id="j3", token="c", due_at=NOW + timedelta(microseconds=1)),
        make_job(id="j4", token="d", kind=JobKind.EXTERNAL),
    )

    found = lease(store)

    assert [job.id for job in found] == ["j2", "j1"]
    assert {(job.fence, job.attempts, job.lease_owner, job.lease_until) for job in found} == {(1, 1, "a", NOW + LEASE)}


def test_a_leased_job_is_leased_again_only_after_its_lease(store: Store) -> None:
    fill(store, make_job())
    (first,) = lease(store)

    assert lease(store, at=NOW + LEASE - timedelta(seconds=1), owner="b") == ()
    (second,) = lease(store, at=NOW + LEASE, owner="b")

    assert second.fence == 2
    with store.begin() as tx:
        assert not jobs.still_leased(tx, first)
        assert jobs.finish(tx, first) is False
        assert jobs.finish(tx, second) is True
        assert jobs.finish(tx, second) is False


def test_a_job_whose_lease_ended_without_a_word_comes_alone_and_is_counted(store: Store) -> None:
    fill(store, *(make_job(id=f"j{n}", token=f"k{n}") for n in range(3)))
    lease(store)
    fill(store, make_job(id="j9", token="k9", due_at=NOW - timedelta(days=1)))

    found = [lease(store, at=NOW + LEASE) for _ in range(4)]

    assert [[(job.id, job.crashes) for job in each] for each in found] == [
        [("j0", 1)],
        [("j1", 1)],
        [("j2", 1)],
        [("j9", 0)],
    ]


def test_a_job_that_was_put_off_has_not_crashed(store: Store) -> None:
    fill(store, make_job())
    lease(store)
    (second,) = lease(store, at=NOW + LEASE)
    with store.begin() as tx:
        jobs.put_off(tx, second, at=NOW + LEASE, retries_left=2)

    assert [job.crashes for job in lease(store, at=NOW + LEASE)] == [0]


def test_an_external_task_that_was_held_too_long_has_not_crashed(store: Store) -> None:
    fill(store, make_job(kind=JobKind.EXTERNAL, request={"name": "brev"}))

    def fetch(at: datetime) -> list[int]:
        with store.begin() as tx:
            held = jobs.lease_external(tx, topics=["brev"], worker="w", now=at, lock_for=LEASE, limit=5)
        return [job.crashes for job in held]

    assert (fetch(NOW), fetch(NOW + LEASE)) == ([0], [0])


def test_many_workers_at_once_never_get_the_same_job(store: Store) -> None:
    fill(store, *(make_job(id=f"j{n:03}", token=f"k{n}") for n in range(60)))
    leased: list[str] = []

    def work() -> None:
        while found := lease(store, owner=threading.current_thread().name, limit=7):
            leased.extend(job.id for job in found)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(leased) == [f"j{n:03}" for n in range(60)]


def test_a_job_is_put_off_given_up_and_set_going_again(store: Store) -> None:
    fill(store, make_job())
    (first,) = lease(store)
    with store.begin() as tx:
        jobs.put_off(tx, first, at=NOW + timedelta(minutes=1), retries_left=2)
    assert lease(store) == ()

    (second,) = lease(store, at=NOW + timedelta(minutes=1))
    assert (second.retries_left, second.attempts, second.fence) == (2, 2, 2)
    with store.begin() as tx:
        jobs.give_up(tx, second)
        assert jobs.by_id(tx, "j1").state is JobState.FAILED
    assert lease(store, at=NOW + timedelta(days=1)) == ()

    with store.begin() as tx:
        jobs.set_retries(tx, "j1", retries=3, due_at=NOW)
    assert [job.retries_left for job in lease(store)] == [3]


def test_a_late_worker_changes_nothing_of_a_job_that_another_has_leased(store: Store) -> None:
    fill(store, make_job())
    (first,) = lease(store)
    (second,) = lease(store, at=NOW + LEASE, owner="b")

    with store.begin() as tx:
        jobs.give_up(tx, first)
        assert jobs.by_id(tx, "j1") == second


def test_the_jobs_of_a_suspended_instance_keep_their_due_times(store: Store) -> None:
    fill(store, make_job(), make_job(id="j2", token="b", due_at=NOW + timedelta(days=3)), make_job(id="j3", token="c"))
    with store.begin() as tx:
        jobs.suspend(tx, "i1", ["j1", "j2"])
    assert [job.id for job in lease(store, at=NOW + timedelta(days=9))] == ["j3"]

    with store.begin() as tx:
        jobs.resume(tx, "i1")

    assert [job.id for job in lease(store)] == ["j1"]
    with store.read() as tx:
        assert jobs.by_id(tx, "j2").due_at == NOW + timedelta(days=3)


def test_a_held_job_is_as_if_it_had_never_been_leased(store: Store) -> None:
    fill(store, make_job())
    (leased,) = lease(store)

    with store.begin() as tx:
        jobs.hold(tx, leased)
        held = jobs.by_id(tx, "j1")

    assert (held.state, held.attempts, held.lease_until, held.due_at) == (JobState.SUSPENDED, 0, None, NOW)


def test_the_next_due_time_is_that_of_the_first_job_or_the_end_of_a_lease(store: Store) -> None:
    with store.read() as tx:
        assert jobs.next_due_at(tx) is None
    fill(
        store,
        make_job(id="j1", token="a"),
        make_job(id="j2", token="b", due_at=NOW + timedelta(hours=1)),
        make_job(id="j3", token="c", kind=JobKind.EXTERNAL, due_at=NOW - timedelta(days=1)),
    )
    with store.read() as tx:
        assert jobs.next_due_at(tx) == NOW
    lease(store)

    with store.read() as tx:
        assert jobs.next_due_at(tx) == NOW + LEASE


def test_a_worker_gets_external_tasks_of_its_topics_alone(store: Store) -> None:
    fill(
        store,
        make_job(id="j1", token="a", kind=JobKind.EXTERNAL, request={"name": "brev"}),
        make_job(id="j2", token="b", kind=JobKind.EXTERNAL, request={"name": "annat"}),
        make_job(id="j3", token="c"),
    )

    with store.begin() as tx:
        found = jobs.lease_external(tx, topics=["brev"], worker="w", now=NOW, lock_for=timedelta(minutes=5), limit=9)
        again = jobs.lease_external(tx, topics=["brev"], worker="v", now=NOW, lock_for=timedelta(minutes=5), limit=9)
        jobs.extend(tx, found[0], until=NOW + timedelta(hours=1))
        extended = jobs.by_id(tx, "j1")

    assert [(job.id, job.lease_owner, job.lease_until) for job in found] == [("j1", "w", NOW + timedelta(minutes=5))]
    assert again == ()
    assert (extended.lease_until, extended.fence) == (NOW + timedelta(hours=1), 1)


def test_dropping_tokens_leaves_other_jobs(store: Store) -> None:
    fill(store, make_job(), make_job(id="j2", token="k2"), make_job(id="j3", instance_id="i2"))

    with store.begin() as tx:
        jobs.drop(tx, "i1", ["k1"])
        left = jobs.page(tx)

    assert [job.id for job in left.items] == ["j2", "j3"]


def test_a_list_of_jobs_is_filtered_and_paged(store: Store) -> None:
    fill(
        store,
        *(make_job(id=f"j{n}", token=f"k{n}") for n in range(3)),
        make_job(id="j9", instance_id="i2", kind=JobKind.CONNECTOR, state=JobState.FAILED),
    )

    with store.read() as tx:
        first = jobs.page(tx, limit=3)
        rest = jobs.page(tx, limit=3, after=first.next_after)
        failed = jobs.page(tx, state=JobState.FAILED, kind=JobKind.CONNECTOR, instance_id="i2")

    assert [job.id for job in (*first.items, *rest.items)] == ["j0", "j1", "j2", "j9"]
    assert [job.id for job in failed.items] == ["j9"]


def test_an_incident_is_open_until_its_token_goes_on(store: Store) -> None:
    with store.begin() as tx:
        jobs.add_incident(tx, make_incident())
        jobs.add_incident(tx, make_incident(id="n2", token="k2", job_id="j2"))
        jobs.add_incident(tx, make_incident(id="n3", token="k3", job_id=None))
        assert jobs.incident_by_id(tx, "n1") == make_incident()

        jobs.resolve_incidents(tx, "i1", ["k1"], at=NOW, by="anna")
        jobs.resolve_incidents_of_job(tx, "j2", at=NOW, by="bo")
        first = jobs.open_incidents(tx, limit=1)
        jobs.resolve_incident(tx, "n3", at=NOW, by="anna")

    with store.read() as tx:
        everything = jobs.incidents_of(tx, "i1")
        with pytest.raises(NotFound):
            jobs.incident_by_id(tx, "n4")
    assert [each.id for each in first.items] == ["n3"]
    assert [(each.id, each.resolved_by) for each in everything] == [("n1", "anna"), ("n2", "bo"), ("n3", "anna")]


def test_sqlite_serves_a_worker_from_the_indexes(sqlite_store: Store) -> None:
    due = plan_of(sqlite_store, lambda tx: jobs.lease_due(tx, now=NOW, owner="a", limit=5))
    external = plan_of(
        sqlite_store,
        lambda tx: jobs.lease_external(tx, topics=["brev"], worker="w", now=NOW, lock_for=LEASE, limit=5),
    )
    stands_still = plan_of(sqlite_store, lambda tx: jobs.open_incidents(tx))

    for plan, index in ((due, "ix_job_due"), (external, "ix_job_topic"), (stands_still, "ix_incident_open")):
        assert any(index in line for line in plan), plan


def test_times_are_kept_to_the_microsecond(store: Store) -> None:
    at = datetime(2026, 11, 24, 23, 59, 59, 999_999, tzinfo=UTC)
    fill(store, make_job(due_at=at))

    assert lease(store, at=at - timedelta(microseconds=1)) == ()
    assert len(lease(store, at=at)) == 1
