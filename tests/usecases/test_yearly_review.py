"""SC15: the yearly review from its rhythm to the change history, with a clock that the tests move. Also what SC5 and
SC7 ask of it: a party that never answers holds nothing up, and an agreement may run out meanwhile."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flowsvc import demo
from flowsvc.domain import directory_file
from flowsvc.domain.access import SYSTEM
from flowsvc.domain.bodies import Body, BodyKind, Meeting
from flowsvc.domain.calendar import add_working_days, end_of_day
from flowsvc.domain.clock import ManualClock
from flowsvc.domain.errors import Conflict, FormInvalid
from flowsvc.domain.instances import InstanceStatus
from flowsvc.store import audit, instances
from flowsvc.store.instances import ListedInstance
from flowsvc.usecases import attachments, case_documents, pausing
from flowsvc.usecases import directory as directories
from flowsvc.usecases import instances as moves
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
from flowsvc.usecases.tasks import complete_task
from tests.usecases.office import (
    CLIENT,
    as_post,
    complete,
    incidents_of,
    instance_of,
    names,
    open_tasks,
    pass_until,
    run_jobs,
    start,
    variables_of,
)

LEADER = "processledare"
AGREEMENT = "barn-och-unga"
ZONE = "Europe/Stockholm"
GROUPS = {
    "norr": ("enhetschef.barn.alvsta", "rektor.alvsta"),
    "mellan": ("enhetschef.barn.bjorknas", "rektor.bjorknas"),
    "sydost": ("enhetschef.barn.granfors", "rektor.granfors"),
    "sydvast": ("enhetschef.barn.tallmyra", "rektor.tallmyra"),
}
"""Four local groups, each with its chair first."""


def local(on: date, hour: int = 9) -> datetime:
    return datetime.combine(on, time(hour), ZoneInfo(ZONE)).astimezone(UTC)


def groups() -> dict[str, Body]:
    meetings = tuple(Meeting(date(year, month, 14)) for year in (2026, 2027, 2028) for month in (4, 10))
    return {
        name: Body(f"grupp.{name}", BodyKind.LOCAL_GROUP, f"Grupp {name}", "", None, posts, posts[0], meetings)
        for name, posts in GROUPS.items()
    }


def county(**agreement: Any) -> dict[str, object]:
    """The demonstration county with four local groups, as the file that it is imported from."""
    plain = demo.directory(date(2026, 11, 24))
    four = {body.id: body for body in groups().values()}
    others = {each.id: replace(each, rhythm=None) for each in plain.agreements.values()}
    changed = replace(plain.agreements[AGREEMENT], **{"local_groups": tuple(four), **agreement})
    return directory_file.to_json(
        replace(plain, bodies={**plain.bodies, **four}, agreements={**others, AGREEMENT: changed})
    )


@pytest.fixture
def review_ctx(shipped: Context) -> Context:
    imported = directories.import_directory(shipped, SYSTEM, json.dumps(county()).encode())
    assert imported.revision is not None
    return shipped


def reviews(ctx: Context) -> list[ListedInstance]:
    with ctx.store.read() as tx:
        page = instances.page(tx, scope_posts=None, now=ctx.clock.now())
    return [each for each in page.items if "-UPP-" in each.business_key]


def history(ctx: Context, instance_id: str) -> list[tuple[str, str]]:
    with ctx.store.read() as tx:
        return [(each.element_id, each.happened) for each in audit.history_of(tx, instance_id)]


def plan(ctx: Context, review: str) -> None:
    complete(
        ctx,
        review,
        "Planera uppföljningen",
        questions=[{"question": "Hur fungerar SIP?"}],
        collection_from="2027-01-01",
        collection_to="2027-12-31",
        responsible="Processledare",
    )


def hold_meeting(ctx: Context, clock: ManualClock, review: str, group: str, on: date, *deviations: str) -> None:
    """The group prepares and records its meeting on that day."""
    if clock.now() < local(on):
        pass_until(ctx, clock, local(on))
    (task,) = [each for each in open_tasks(ctx, review, "Förbered mötet") if GROUPS[group][0] in each.candidate_posts]
    prepared = {"agenda": "Årets frågor", "called_on": on.isoformat()}
    by_chair = as_post(ctx, GROUPS[group][0])
    done(ctx, by_chair, task.id, **prepared)
    (task,) = [
        each for each in open_tasks(ctx, review, "Dokumentera mötet") if GROUPS[group][0] in each.candidate_posts
    ]
    rows = [
        {"title": title, "service_pair": "Skola och BUP", "frequency": "repeated", "in_system": "no"}
        for title in deviations
    ]
    done(
        ctx, by_chair, task.id, held="yes", held_on=on.isoformat(), attended=["social", "school"],
        deviations_discussed=rows,
    )  # fmt: skip


def done(ctx: Context, actor: Any, task_id: str, **values: Any) -> None:
    """The task is done by this actor, and the case goes on from there."""
    complete_task(ctx, actor, task_id, Sent(variables=values))


CONTRIBUTION: dict[str, Any] = {
    "responsible_manager": "Enhetschef",
    "clause_status": [{"clause": "2", "status": "partly"}],
    "indicator_note": "Egna siffror saknas i år.",
    "own_deviations_summary": "Tre likartade avvikelser om remisser.",
    "child_participation_work": "Barnrättsombud på enheten.",
    "staff_informed": "most",
    "approve_publish": "yes",
    "proposed_changes": [{"clause": "1", "problem": "18–20 saknas", "proposal": "Åldern till 20", "priority": "high"}],
}


def contribute(ctx: Context, review: str, party: str, **values: Any) -> None:
    complete(ctx, review, "Lämna partens bidrag", party=party, **{**CONTRIBUTION, **values})


def stella(rows: int = 212, repeated: int = 9) -> bytes:
    """A list of so many rows, the last of them repeating earlier ones."""
    lines = ["Avvikelse-id;Datum;Kategori;Från verksamhet;Till verksamhet"]
    for number in range(rows - repeated):
        lines.append(f"S{number};2027-{number % 12 + 1:02}-{number % 28 + 1:02};{KINDS[number % 3]};Skola;BUP {number}")
    lines += lines[1 : repeated + 1]
    return "\r\n".join(lines).encode()


KINDS = ("Remiss", "Informationsöverföring", "SIP")


def deliver(ctx: Context, review: str, content: bytes) -> None:
    actor = as_post(ctx, "avvikelsesamordnare")
    file = attachments.store_upload(ctx, actor, name="stella.csv", content_type="text/csv", content=content)
    (task,) = open_tasks(ctx, review, "Lämna avvikelser")
    done(ctx, actor, task.id, deviation_files=[{"file": file.id, "name": file.name}])


def check_law(ctx: Context, review: str) -> None:
    complete(
        ctx,
        review,
        "Kontroll av lag och vägledning",
        law_points=[
            {"topic": "sheltered", "affected": "yes", "comment": "9 kap. 6 § SoL nämns inte"},
            {"topic": "dental_age", "affected": "yes", "comment": "19 år sedan 2025"},
        ],
        law_checked_on=ctx.today().isoformat(),
    )
    complete(ctx, review, "Barnens perspektiv", child_views="Vill veta vem som ansvarar.")


PROPOSALS = [
    {"clause": "7", "change": "Samordnande gruppen heter Länsgruppen", "class": "editorial"},
    {"clause": "1", "change": "Åldern höjs till 20 år", "class": "material"},
]


def compile_report(
    ctx: Context, review: str, proposals: list[dict[str, str]] = PROPOSALS, outcome: str = "revise"
) -> None:
    complete(
        ctx,
        review,
        "Sammanställ uppföljningen",
        analysis="Samverkan fungerar i huvudsak.",
        dispute_patterns="Punkt 5 återkommer.",
        development_areas="Övergången vid 18 år.",
        proposals=proposals,
        recommended=outcome,
    )


def decide(ctx: Context, review: str, outcome: str = "revise", **values: Any) -> None:
    decided = {"reasons": "Enligt rapporten.", "decision_ref": "§ 12", "decided_on": ctx.today().isoformat()}
    complete(ctx, review, "Besluta om utfallet", outcome=outcome, **(decided | values))


@pytest.fixture
def begun(review_ctx: Context, clock: ManualClock) -> str:
    """The review that the register has started on 15 January 2027, planned."""
    pass_until(review_ctx, clock, local(date(2027, 1, 15)))
    (review,) = reviews(review_ctx)
    plan(review_ctx, review.id)
    return review.id


@pytest.fixture
def collecting(review_ctx: Context, clock: ManualClock, begun: str) -> str:
    """The review after its local meetings: three groups have met twice, one has missed the autumn."""
    for group in GROUPS:
        hold_meeting(review_ctx, clock, begun, group, date(2027, 4, 14), "Remisser studsar")
    for group in ("norr", "mellan", "sydost"):
        hold_meeting(review_ctx, clock, begun, group, date(2027, 10, 14))
    pass_until(review_ctx, clock, local(date(2027, 12, 15)))
    complete(review_ctx, begun, "Följ upp uteblivet möte", missed_note="Ordföranden slutade. Nytt möte i januari.")
    run_jobs(review_ctx)
    return begun


@pytest.fixture
def compiled(review_ctx: Context, collecting: str) -> str:
    """The review with everything collected and the report written."""
    for party in ("region", "alvsta", "bjorknas", "granfors", "tallmyra"):
        contribute(review_ctx, collecting, party)
    deliver(review_ctx, collecting, stella())
    check_law(review_ctx, collecting)
    compile_report(review_ctx, collecting)
    return collecting


def test_the_register_starts_the_review_with_its_parties_its_people_and_its_dates(
    review_ctx: Context, clock: ManualClock
) -> None:
    pass_until(review_ctx, clock, local(date(2027, 1, 14), 23))
    assert reviews(review_ctx) == []

    pass_until(review_ctx, clock, local(date(2027, 1, 15)))

    (review,) = reviews(review_ctx)
    instance = instance_of(review_ctx, review.id)
    (task,) = open_tasks(review_ctx, review.id)
    assert instance.title == "Uppföljning 2027: Överenskommelse om samverkan kring barn och unga"
    assert instance.agreement_version_id == "barn-och-unga:2"
    assert {each.party_id for each in instance.parties} == {"region", "alvsta", "bjorknas", "granfors", "tallmyra"}
    assert (task.name, task.candidate_posts) == ("Planera uppföljningen", (LEADER,))
    assert task.due_on == add_working_days(date(2027, 1, 14), 10, frozenset())
    said = variables_of(review_ctx, review.id)
    assert (said["period_from"], said["period_to"], said["report_on"]) == (
        date(2027, 1, 1),
        date(2027, 12, 31),
        date(2028, 3, 31),
    )


def test_every_group_is_called_to_its_spring_meeting_by_its_chair_and_then_to_the_autumn(
    review_ctx: Context, clock: ManualClock, begun: str
) -> None:
    pass_until(review_ctx, clock, local(date(2027, 3, 23)))
    assert names(review_ctx, begun) == []
    pass_until(review_ctx, clock, local(date(2027, 3, 25)))

    tasks = open_tasks(review_ctx, begun, "Förbered mötet")
    assert {task.candidate_posts for task in tasks} == {(posts[0],) for posts in GROUPS.values()}
    assert {task.due_on for task in tasks} == {date(2027, 4, 4)}

    hold_meeting(review_ctx, clock, begun, "norr", date(2027, 4, 14), "Remisser studsar")

    assert incidents_of(review_ctx, begun) == []
    dues = sorted(task.due_on for task in open_tasks(review_ctx, begun, "Förbered mötet") if task.due_on)
    assert dues == [date(2027, 4, 4)] * 3
    pass_until(review_ctx, clock, local(date(2027, 9, 24)))
    assert {task.due_on for task in open_tasks(review_ctx, begun, "Förbered mötet")} == {date(2027, 10, 4)}


def test_what_has_been_listed_for_the_group_stands_on_its_agenda_and_on_no_other(
    review_ctx: Context, clock: ManualClock, begun: str
) -> None:
    pass_until(review_ctx, clock, local(date(2027, 3, 1)))
    asked = {
        "kind": "other",
        "area": "sip",
        "urgency": "normal",
        "place": "alvsta-skola",
        "description": "Sent besked.",
    }
    asked |= {"event_date": "2027-02-26", "discovered": "2027-02-26", "consequence": "none"}
    matter = start(review_ctx, "larare.alvsta", "avvikelse", **asked).instance_id
    complete(
        review_ctx, matter, "Lista för lokal samarbetsgrupp",
        season="spring", in_system="no", group_question="Hur kallas skolan till SIP?",
    )  # fmt: skip
    run_jobs(review_ctx)

    pass_until(review_ctx, clock, local(date(2027, 3, 25)))

    with review_ctx.store.read() as tx:
        rows = instances.variables_of(tx, begun)
    agendas = {
        str(row.value): found.value
        for row in rows
        for found in rows
        if (row.name, found.name) == ("group_name", "stock") and row.scope == found.scope
    }
    assert agendas["Grupp norr"] == [{"month": "2027-03", "area": "sip", "question": "Hur kallas skolan till SIP?"}]
    assert [agendas[f"Grupp {name}"] for name in ("mellan", "sydost", "sydvast")] == [[], [], []]


def test_a_meeting_that_is_not_recorded_is_followed_up_and_noted_and_holds_nothing_up(
    review_ctx: Context, collecting: str
) -> None:
    meetings = variables_of(review_ctx, collecting)["meetings"]

    assert len(meetings) == 8
    assert [(row["name"], row["season"]) for row in meetings if not row["held"]] == [("Grupp sydvast", "autumn")]
    assert "Lämna avvikelser" in names(review_ctx, collecting)


def test_each_party_is_asked_for_its_contribution_within_thirty_working_days(
    review_ctx: Context, collecting: str
) -> None:
    tasks = {task.party_id: task for task in open_tasks(review_ctx, collecting, "Lämna partens bidrag")}

    assert set(tasks) == {"region", "alvsta", "bjorknas", "granfors", "tallmyra"}
    assert tasks["region"].candidate_posts == ("enhetschef.bup",)
    assert tasks["alvsta"].candidate_posts == ("enhetschef.barn.alvsta",)
    assert {task.due_on for task in tasks.values()} == {add_working_days(date(2027, 12, 15), 30, frozenset())}


def test_a_silent_party_is_reminded_lifted_to_its_managers_and_noted_while_the_review_goes_on(
    review_ctx: Context, clock: ManualClock, collecting: str
) -> None:
    # SC5 and SC15: silence is recorded, never taken as consent, and never ends a case (INV-8).
    for party in ("region", "bjorknas", "granfors", "tallmyra"):
        contribute(review_ctx, collecting, party)

    def asked_when(working_days: int) -> list[str]:
        on = add_working_days(date(2027, 12, 15), working_days, frozenset())
        pass_until(review_ctx, clock, end_of_day(on, ZONE) + timedelta(hours=8))
        return [
            post for task in open_tasks(review_ctx, collecting, "Lämna partens bidrag") for post in task.candidate_posts
        ]

    assert (asked_when(19), len(open_tasks(review_ctx, collecting, "Påminn parten"))) == (["enhetschef.barn.alvsta"], 0)
    assert (asked_when(20), len(open_tasks(review_ctx, collecting, "Påminn parten"))) == (["enhetschef.barn.alvsta"], 1)
    assert (asked_when(27), len(open_tasks(review_ctx, collecting, "Påminn parten"))) == (["enhetschef.barn.alvsta"], 2)
    assert (asked_when(30), len(open_tasks(review_ctx, collecting, "Påminn parten"))) == (["ifo-chef.alvsta"], 0)
    assert asked_when(35) == ["socialdirektor.alvsta"]
    assert asked_when(40) == []

    deliver(review_ctx, collecting, stella())
    check_law(review_ctx, collecting)
    said = variables_of(review_ctx, collecting)
    assert said["silent_parties"] == "Älvsta kommun"
    assert {row["name"]: row["state"] for row in said["contributions"]}["Älvsta kommun"] == "silent"
    assert "4 / 5" in [row["value"] for row in said["indicators"] if row["indicator"] == "K18"]
    assert names(review_ctx, collecting) == ["Sammanställ uppföljningen"]


def test_a_list_of_212_deviations_is_read_with_its_duplicates_found(review_ctx: Context, collecting: str) -> None:
    deliver(review_ctx, collecting, stella(212, 9))

    said = variables_of(review_ctx, collecting)
    assert (said["row_count"], said["duplicate_count"], said["deviation_count"]) == (212, 9, 203)
    assert said["duplicate_lines"] == list(range(205, 214))
    assert said["categories"] == [
        {"category": "Informationsöverföring", "count": "68"},
        {"category": "Remiss", "count": "68"},
        {"category": "SIP", "count": "67"},
    ]
    assert "Lämna avvikelser" not in names(review_ctx, collecting)


def test_a_list_that_cannot_be_read_comes_back_with_what_is_wrong(review_ctx: Context, collecting: str) -> None:
    deliver(
        review_ctx, collecting, b"Avvikelse-id;Datum;Kategori;Beskrivning\nS1;2027-02-01;Remiss;Kalle fick inget svar"
    )

    assert "Lämna avvikelser" in names(review_ctx, collecting)
    faults = variables_of(review_ctx, collecting)["faults"]
    assert faults == "Kolumn 4 ska inte vara med. Ta bort den, så att inget fritt skrivet följer med."


def test_a_full_cycle_ends_with_history_a_draft_an_adoption_and_information_to_staff(
    review_ctx: Context, clock: ManualClock, compiled: str
) -> None:
    decide(review_ctx, compiled)
    run_jobs(review_ctx)
    complete(
        review_ctx,
        compiled,
        "Gör redaktionella ändringar",
        editorial_changes=[{"change": "Samordnande gruppen heter Länsgruppen", "on": "2027-12-15"}],
        made_by="Samordnande gruppen, processledare",
    )
    run_jobs(review_ctx)

    with review_ctx.store.read() as tx:
        (adoption,) = instances.children_of(tx, compiled)
    complete(
        review_ctx,
        adoption.id,
        "Förbered antagande",
        draft_text="Överenskommelsen gäller barn och unga 0–20 år.",
        effective_from="2029-01-01",
        response_by="2028-09-30",
        sent_to="Parternas registratorer",
    )
    run_jobs(review_ctx)
    receivers = open_tasks(review_ctx, compiled, "Informera personalen")
    for task in receivers:
        done(
            review_ctx, as_post(review_ctx, task.candidate_posts[0]), task.id,
            staff_told=True, told_on=review_ctx.today().isoformat(), told_how="meeting",
        )  # fmt: skip
    run_jobs(review_ctx)

    review = instance_of(review_ctx, compiled)
    assert (review.status, review.end_state) == (InstanceStatus.ENDED, "revised")
    assert incidents_of(review_ctx, compiled) == []
    assert len(receivers) == len(variables_of(review_ctx, compiled)["staff_receipts"]) > 10
    assert {task.due_on for task in receivers} == {add_working_days(date(2027, 12, 15), 20, frozenset())}
    with review_ctx.store.read() as tx:
        agreement = tx.directory().agreements[AGREEMENT]
    drafted = agreement.versions[-1]
    assert (drafted.number, drafted.valid_from) == (3, None)
    assert {(each.change_class.value, each.text, each.decision) for each in agreement.changes[-3:]} == {
        ("editorial", "Samordnande gruppen heter Länsgruppen", "§ 12"),
        ("material", "Beslut att revidera: Åldern höjs till 20 år", "§ 12"),
        ("material", "Förslag till ny version lämnat till parterna", ""),
    }
    assert all(each.instance_id for each in agreement.changes[-3:])


def test_the_decision_belongs_to_the_deciding_body_at_its_next_meeting_and_may_be_postponed_once(
    review_ctx: Context, compiled: str
) -> None:
    (task,) = open_tasks(review_ctx, compiled, "Besluta om utfallet")
    with review_ctx.store.read() as tx:
        body = tx.directory().bodies["lansledningen"]
    following = [each.on for each in body.meetings if each.on >= date(2027, 12, 15)]
    assert set(task.candidate_posts) == set(body.posts)
    assert task.due_on == following[0]

    complete(review_ctx, compiled, "Besluta om utfallet", outcome="postpone")

    with pytest.raises(FormInvalid) as refused:
        complete(review_ctx, compiled, "Besluta om utfallet", outcome="postpone")
    assert set(refused.value.fields) == {"outcome"}
    decide(review_ctx, compiled, "keep")
    assert "Gör redaktionella ändringar" in names(review_ctx, compiled)


def test_an_agreement_that_is_kept_as_it_is_needs_no_changes_and_no_adoption(
    review_ctx: Context, collecting: str
) -> None:
    for party in ("region", "alvsta", "bjorknas", "granfors", "tallmyra"):
        contribute(review_ctx, collecting, party)
    deliver(review_ctx, collecting, stella())
    check_law(review_ctx, collecting)
    compile_report(review_ctx, collecting, [], "keep")

    decide(review_ctx, collecting, "keep")
    run_jobs(review_ctx)

    assert set(names(review_ctx, collecting)) == {"Informera personalen"}
    with review_ctx.store.read() as tx:
        assert instances.children_of(tx, collecting) == ()


def test_unit_managers_who_do_not_confirm_hold_the_review_up_no_longer_than_forty_working_days(
    review_ctx: Context, clock: ManualClock, compiled: str
) -> None:
    decide(review_ctx, compiled, "end")
    run_jobs(review_ctx)

    pass_until(review_ctx, clock, end_of_day(add_working_days(date(2027, 12, 15), 41, frozenset()), ZONE))

    review = instance_of(review_ctx, compiled)
    assert (review.status, review.end_state) == (InstanceStatus.ENDED, "ended")


def test_an_agreement_that_runs_out_is_extended_while_the_review_goes_on(shipped: Context, clock: ManualClock) -> None:
    # SC7: the extension is decided at once; the review is not held up by it.
    last = date(2027, 6, 30)
    versions = demo.directory(date(2026, 11, 24)).agreements[AGREEMENT].versions
    file = county(versions=(replace(versions[-1], valid_until=last),))
    directories.import_directory(shipped, SYSTEM, json.dumps(file).encode())
    pass_until(shipped, clock, local(date(2027, 1, 15)))
    (review,) = reviews(shipped)
    assert names(shipped, review.id) == ["Besluta om förlängning", "Planera uppföljningen"]

    plan(shipped, review.id)
    complete(
        shipped, review.id, "Besluta om förlängning",
        extension="yes", extension_until="2028-12-31", extension_ref="§ 3", extension_by="Länsgemensam ledning",
    )  # fmt: skip

    with shipped.store.read() as tx:
        agreement = tx.directory().agreements[AGREEMENT]
    assert agreement.versions[-1].valid_until == date(2028, 12, 31)
    assert agreement.changes[-1].text == "Förlängd till och med 2028-12-31"
    pass_until(shipped, clock, local(date(2027, 3, 25)))
    assert len(open_tasks(shipped, review.id, "Förbered mötet")) == 4


def test_a_county_without_local_groups_collects_at_once_over_the_year_before(
    shipped: Context, clock: ManualClock
) -> None:
    directories.import_directory(shipped, SYSTEM, json.dumps(county(local_groups=())).encode())
    pass_until(shipped, clock, local(date(2027, 1, 15)))
    (review,) = reviews(shipped)

    plan(shipped, review.id)

    said = variables_of(shipped, review.id)
    assert (said["period_from"], said["period_to"], said["report_on"]) == (
        date(2026, 1, 1),
        date(2026, 12, 31),
        date(2027, 3, 31),
    )
    assert "Lämna partens bidrag" in names(shipped, review.id)


def test_the_same_agreement_and_year_are_not_reviewed_twice(
    review_ctx: Context, clock: ManualClock, begun: str
) -> None:
    with pytest.raises(Conflict):
        start(review_ctx, LEADER, "arlig-uppfoljning", agreement=AGREEMENT, year=2027)
    assert start(review_ctx, LEADER, "arlig-uppfoljning", agreement=AGREEMENT, year=2026).instance_id != begun


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_report_is_a_document_for_everybody_in_the_review(
    review_ctx: Context, compiled: str, language: str
) -> None:
    actor = as_post(review_ctx, LEADER)

    page = case_documents.document(review_ctx, actor, compiled, "report", form="html", language=language).decode()
    pdf = case_documents.document(review_ctx, actor, compiled, "report", form="pdf", language=language)

    assert pdf.startswith(b"%PDF-")
    assert "Samverkan fungerar i huvudsak." in page
    assert "Åldern höjs till 20 år" in page
    assert ("Årets nyckeltal" if language == "sv" else "Indicators of the year") in page
    assert ("Ändring i sak" if language == "sv" else "Material change") in page


def test_a_review_rests_and_each_party_then_has_the_days_that_it_had(
    review_ctx: Context, collecting: str, clock: ManualClock
) -> None:
    before = {task.id: task for task in open_tasks(review_ctx, collecting, "Lämna partens bidrag")}
    pausing.pause_instance(review_ctx, CLIENT, collecting, reason="Valår: nya nämnder tillträder.")
    clock.advance(days=14)
    moves.resume_instance(review_ctx, CLIENT, collecting)

    after = {task.id: task for task in open_tasks(review_ctx, collecting, "Lämna partens bidrag")}
    assert before
    assert before.keys() == after.keys()
    for key, task in after.items():
        assert task.due_on is not None
        assert task.due_on > (before[key].due_on or task.due_on)
