"""The register of agreements at work: what people read of it, which version a case follows, what it starts itself."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from flowsvc import demo
from flowsvc.domain import directory_file
from flowsvc.domain.access import SYSTEM
from flowsvc.domain.agreements import Agreement, Rhythm
from flowsvc.domain.calendar import end_of_day
from flowsvc.domain.clock import ManualClock
from flowsvc.domain.errors import Conflict, NotFound
from flowsvc.domain.jobs import JobKind, JobState
from flowsvc.store import directory, instances, jobs
from flowsvc.usecases import directory as directories
from flowsvc.usecases import instances as moves
from flowsvc.usecases import register
from flowsvc.usecases.case_pages import case_page
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
from tests.usecases.conftest import START as NOW
from tests.usecases.office import (
    END,
    START,
    as_post,
    chain,
    deploy,
    instance_of,
    pass_until,
    process,
    properties,
    start,
    user_task,
)

ANYBODY = "larare.alvsta"
EXPIRING = "placerade-barn"
CURRENT = "barn-och-unga"


def change(ctx: Context, agreement_id: str, **values: Any) -> Agreement:
    with ctx.store.begin() as tx:
        changed = replace(tx.directory().agreements[agreement_id], **values)
        directory.change_agreement(tx, changed)
    return changed


def import_with(ctx: Context, **rhythms: Rhythm | None) -> None:
    """The demonstration county is imported with these rhythms, and no others."""
    county = demo.directory(NOW.date())
    agreements = {
        each.id: replace(each, rhythm=rhythms.get(each.id.replace("-", "_"))) for each in county.agreements.values()
    }
    file = directory_file.to_json(replace(county, agreements=agreements))
    assert directories.import_directory(ctx, SYSTEM, json.dumps(file).encode()).revision is not None


def deploy_once(ctx: Context, **said: str) -> None:
    """A process of one task that says these things of itself."""
    deploy(ctx, process("prov", properties(**said) + chain(START, user_task("A", groups=f"post:{ANYBODY}"), END)))


def waiting(ctx: Context) -> list[tuple[str, int, date]]:
    with ctx.store.read() as tx:
        found = jobs.of_kind(tx, JobKind.REGISTER)
    return [(job.element_id, job.cycle, job.due_at.date()) for job in found]


def started(ctx: Context) -> int:
    with ctx.store.read() as tx:
        page = instances.page(tx, scope_posts=None, now=ctx.clock.now())
    return sum(each.process_key == "prov" for each in page.items)


# What people read


def test_everybody_reads_the_register_with_what_counts_and_what_is_missing(ctx: Context) -> None:
    rows = {row.id: row for row in register.list_agreements(ctx, as_post(ctx, ANYBODY))}

    assert (rows[CURRENT].standing, rows[CURRENT].version, rows[CURRENT].warnings) == ("in_force", 2, ())
    assert rows[CURRENT].next_review_on == date(2027, 1, 15)
    assert [each.code for each in rows[EXPIRING].warnings] == ["agreement.expires_within_6_months"]
    assert rows["utskrivning"].standing == "expired"
    assert rows["barnens-basta"].next_review_on is None


def test_an_agreement_is_read_whole_in_either_language(ctx: Context) -> None:
    swedish = register.show_agreement(ctx, as_post(ctx, ANYBODY), CURRENT)
    english = register.show_agreement(ctx, as_post(ctx, ANYBODY), CURRENT, language="en")

    assert [each.number for each in swedish.versions] == [2, 1]
    assert swedish.versions[0].parties[0].name == "Region Sjöland"
    assert [each.roles for each in swedish.bodies] == [
        ("owner", "deciding"),
        ("coordinating",),
        ("deviations",),
        ("local_group",),
        ("local_group",),
    ]
    assert all(len(each.meetings) == 3 for each in swedish.bodies)
    assert swedish.changes[0].on > swedish.changes[-1].on
    assert english.changes[0].class_words == "Editorial change"
    assert english.versions[0].clauses[1].title == "Who is responsible for what"


def test_an_agreement_that_is_not_there_is_not_found(ctx: Context) -> None:
    with pytest.raises(NotFound):
        register.show_agreement(ctx, as_post(ctx, ANYBODY), "nej")


# Which version a case follows


def test_a_case_follows_the_version_of_its_event_date(ctx: Context) -> None:
    deploy_once(ctx, eventDate="=happened_on")
    agreement = change(ctx, CURRENT, processes=("prov",))
    first, second = agreement.versions
    assert first.valid_until is not None

    before = start(ctx, ANYBODY, "prov", happened_on=first.valid_until)
    after = start(ctx, ANYBODY, "prov", happened_on=first.valid_until + timedelta(days=1))

    assert instance_of(ctx, before.instance_id).agreement_version_id == first.id
    assert instance_of(ctx, after.instance_id).agreement_version_id == second.id


def test_a_process_that_no_agreement_names_follows_none(ctx: Context) -> None:
    deploy_once(ctx)

    assert instance_of(ctx, start(ctx, ANYBODY, "prov").instance_id).agreement_version_id is None


def test_a_case_keeps_its_version_when_it_runs_out_and_says_so_and_a_new_one_says_that_none_is_valid(
    ctx: Context, clock: ManualClock
) -> None:
    # SC7: at midnight open cases keep their version; new ones follow the latest text as practice.
    deploy_once(ctx)
    agreement = change(ctx, EXPIRING, processes=("prov",))
    last = agreement.versions[-1].valid_until
    assert last is not None
    old = start(ctx, ANYBODY, "prov").instance_id

    def said(instance_id: str) -> str:
        page = case_page(ctx, as_post(ctx, ANYBODY), instance_id, language="sv")
        assert page.agreement is not None
        assert page.agreement.agreement_id == EXPIRING
        return page.agreement.banner

    assert said(old) == ""
    clock.set(end_of_day(last, ctx.zone))
    new = start(ctx, ANYBODY, "prov").instance_id

    assert said(old) == "Överenskommelsen har löpt ut. Ärendet fortsätter enligt dess text som praxis."
    assert said(new) == "Ingen giltig överenskommelse: lagen gäller, och den senaste texten är praxis."
    assert instance_of(ctx, old).agreement_version_id == instance_of(ctx, new).agreement_version_id


def test_a_case_of_which_there_may_be_one_is_refused_a_second_time_until_it_is_cancelled(ctx: Context) -> None:
    deploy_once(ctx, once="=&quot;år &quot; + string(year)")
    first = start(ctx, ANYBODY, "prov", year=2026)
    start(ctx, ANYBODY, "prov", year=2027)

    with pytest.raises(Conflict, match=first.business_key):
        start(ctx, ANYBODY, "prov", year=2026)
    moves.cancel_instance(ctx, SYSTEM, first.instance_id)

    assert start(ctx, ANYBODY, "prov", year=2026).instance_id != first.instance_id


def test_an_agreement_that_must_be_complete_starts_no_case_by_hand_while_something_is_missing(ctx: Context) -> None:
    deploy_once(ctx)
    change(ctx, CURRENT, processes=("prov",), bodies={})
    start(ctx, ANYBODY, "prov")
    change(ctx, CURRENT, must_be_complete=True)

    with pytest.raises(Conflict, match="inte färdigt inlagd"):
        start(ctx, ANYBODY, "prov")


# What the register starts by itself


@pytest.fixture
def yearly(ctx: Context) -> Mapping[str, Any]:
    deploy_once(ctx, agreement="=agreement", once="=agreement + &quot; &quot; + string(year)")
    return {"barn_och_unga": Rhythm("prov", 1, 15)}


def test_a_rhythm_starts_its_process_once_a_year_on_its_day(
    ctx: Context, clock: ManualClock, yearly: Mapping[str, Any]
) -> None:
    import_with(ctx, **yearly)
    assert waiting(ctx) == [(CURRENT, 2027, date(2027, 1, 14))]

    pass_until(ctx, clock, end_of_day(date(2027, 1, 13), ctx.zone))
    assert started(ctx) == 0
    pass_until(ctx, clock, end_of_day(date(2027, 1, 14), ctx.zone))
    assert started(ctx) == 1
    pass_until(ctx, clock, end_of_day(date(2028, 1, 20), ctx.zone))

    assert started(ctx) == 2
    assert [(name, year) for name, year, _ in waiting(ctx)] == [(CURRENT, 2029)]


def test_a_review_that_was_started_by_hand_is_not_started_again(
    ctx: Context, clock: ManualClock, yearly: Mapping[str, Any]
) -> None:
    import_with(ctx, **yearly)
    by_hand = Sent(variables={"agreement": CURRENT, "year": 2027})
    moves.start_instance(ctx, as_post(ctx, ANYBODY), "prov", by_hand)

    pass_until(ctx, clock, end_of_day(date(2027, 1, 20), ctx.zone))

    assert started(ctx) == 1
    assert [(name, year) for name, year, _ in waiting(ctx)] == [(CURRENT, 2028)]


def test_importing_again_doubles_nothing_and_a_changed_rhythm_counts_at_once(
    ctx: Context, clock: ManualClock, yearly: Mapping[str, Any]
) -> None:
    import_with(ctx, **yearly)
    import_with(ctx, **yearly)
    assert len(waiting(ctx)) == 1

    import_with(ctx, barn_och_unga=Rhythm("prov", 12, 1))
    assert waiting(ctx) == [(CURRENT, 2026, date(2026, 11, 30))]
    import_with(ctx)
    assert waiting(ctx) == []


def test_a_review_that_is_due_but_not_started_yet_survives_an_import(
    ctx: Context, clock: ManualClock, yearly: Mapping[str, Any]
) -> None:
    import_with(ctx, **yearly)
    clock.set(end_of_day(date(2027, 1, 15), ctx.zone))

    import_with(ctx, **yearly)
    pass_until(ctx, clock, end_of_day(date(2027, 1, 16), ctx.zone))

    assert started(ctx) == 1


def test_a_rhythm_whose_process_is_not_deployed_is_an_incident(ctx: Context, clock: ManualClock) -> None:
    import_with(ctx, barn_och_unga=Rhythm("saknas", 1, 15))

    pass_until(ctx, clock, end_of_day(date(2027, 1, 20), ctx.zone))

    with ctx.store.read() as tx:
        (incident,) = jobs.open_incidents(tx).items
        (job,) = jobs.of_kind(tx, JobKind.REGISTER)
    assert (incident.code, incident.element_id) == (NotFound.code, CURRENT)
    assert job.state is JobState.FAILED


def test_an_expired_agreement_is_reviewed_too(ctx: Context, clock: ManualClock, yearly: Mapping[str, Any]) -> None:
    import_with(ctx, utskrivning=Rhythm("prov", 12, 1))

    pass_until(ctx, clock, end_of_day(date(2026, 12, 1), ctx.zone))

    assert started(ctx) == 1
