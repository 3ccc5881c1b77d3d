"""When a job that failed is tried again, and when it is given up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flowsvc.domain.jobs import Job, JobKind, JobState, Retry, after_failure

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

JOB = Job(
    id="j",
    kind=JobKind.CONNECTOR,
    instance_id="i",
    token="t",
    cycle=0,
    element_id="e",
    process_key="p",
    due_at=NOW,
    state=JobState.WAITING,
    attempts=1,
    retries_left=4,
    lease_until=None,
    lease_owner="",
    fence=1,
    crashes=0,
    request={},
    created_at=NOW,
)


@pytest.mark.parametrize(("attempts", "wait"), [(1, 10), (2, 60), (3, 600), (9, 600)])
def test_the_waits_grow(attempts: int, wait: int) -> None:
    decided = after_failure(replace(JOB, attempts=attempts), now=NOW, retry=True, after=None, jitter=0)

    assert decided == Retry(at=NOW + timedelta(seconds=wait), retries_left=3)


def test_jitter_spreads_the_tries() -> None:
    decided = after_failure(JOB, now=NOW, retry=True, after=None, jitter=1)

    assert decided.at == NOW + timedelta(seconds=12)


def test_a_wait_that_is_given_counts_also_when_it_is_none_at_all() -> None:
    assert after_failure(JOB, now=NOW, retry=True, after=timedelta(0), jitter=1).at == NOW


def test_the_last_try_and_what_will_not_mend_are_given_up() -> None:
    last = replace(JOB, retries_left=1)

    assert after_failure(last, now=NOW, retry=True, after=None, jitter=0) == Retry(at=None, retries_left=0)
    assert after_failure(JOB, now=NOW, retry=False, after=None, jitter=0) == Retry(at=None, retries_left=3)
