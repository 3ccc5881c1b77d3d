"""The managers' queue: what they may read, how each side stands, how it is narrowed and ordered."""

from datetime import date, timedelta
from typing import Any

import pytest

from flowsvc.domain.clock import ManualClock
from flowsvc.domain.errors import Forbidden, InvalidInput
from flowsvc.usecases.context import Context
from flowsvc.usecases.escalation_queue import EscalationRow, escalation_queue, filter_choices
from tests.usecases.office import POSITION, as_post, complete, instance_of, pass_until, report

CHIEF = "enhetschef.barn.alvsta"


def rows(ctx: Context, post: str = CHIEF, language: str = "sv", **asked: Any) -> tuple[EscalationRow, ...]:
    return escalation_queue(ctx, as_post(ctx, post), language=language, **asked).items


def at_managers(ctx: Context, clock: ManualClock, **values: Any) -> str:
    """A dispute in which the municipality was silent at the operational level; it stands with the unit managers."""
    found = report(ctx, **values)
    complete(ctx, found, "Ange ståndpunkt", party="region", **POSITION)
    pass_until(ctx, clock, clock.now() + timedelta(days=9))
    return found


def test_a_manager_sees_a_matter_once_it_stands_with_that_manager(shipped: Context, clock: ManualClock) -> None:
    instance_id = report(shipped)
    assert rows(shipped) == ()

    pass_until(shipped, clock, clock.now() + timedelta(days=9))

    assert [row.instance_id for row in rows(shipped)] == [instance_id]
    assert [row.instance_id for row in rows(shipped, "enhetschef.bup")] == [instance_id]
    for post in ("enhetschef.lss.alvsta", "ifo-chef.alvsta", "kommundirektor.bjorknas"):
        assert rows(shipped, post) == ()


def test_staff_have_no_queue(shipped: Context) -> None:
    with pytest.raises(Forbidden):
        rows(shipped, "bup.behandlare")
    with pytest.raises(Forbidden):
        filter_choices(shipped, as_post(shipped, "bup.behandlare"), language="sv")


def test_a_row_says_who_owes_an_answer_on_each_side_until_when(shipped: Context, clock: ManualClock) -> None:
    instance_id = at_managers(shipped, clock)
    complete(shipped, instance_id, "Ange ståndpunkt", party="alvsta", **POSITION)

    (row,) = rows(shipped)

    assert (row.kind, row.level) == ("Ansvar", "Enhetschefer")
    assert [(side.party_name, side.state_words, side.who) for side in row.sides] == [
        ("Älvsta kommun", "Har svarat", ("Enhetschef barn och unga (Nora Vik)",)),
        ("Region Sjöland", "Svar väntas", ("Enhetschef BUP öppenvård (Dag Älv)",)),
    ]
    assert {side.due_on for side in row.sides} == {date(2026, 12, 8)}
    assert (row.lift_on, row.working_days_left, row.left_words) == (date(2026, 12, 8), 3, "om 3 arbetsdagar")
    assert row.days_at_level == 2
    assert row.parties == ("Älvsta kommun", "Region Sjöland")


def test_the_row_is_in_english_when_asked_for(shipped: Context, clock: ManualClock) -> None:
    at_managers(shipped, clock)

    (row,) = rows(shipped, language="en")

    assert (row.kind, row.level, row.left_words) == ("Responsibility", "Unit managers", "in 3 working days")
    assert row.interim == "Not secured in time, was due by 26 November 2026, Region Sjöland"
    assert row.sides[0].who == ("Unit manager, child welfare (Nora Vik)",)


def test_the_support_of_the_child_is_due_then_late_then_secured(shipped: Context, clock: ManualClock) -> None:
    instance_id = report(shipped, "enhetschef.bup")

    def interim() -> tuple[str, str]:
        (row,) = rows(shipped, "enhetschef.bup")
        return row.interim_state, row.interim

    assert interim() == ("due", "Ska säkras senast 25 november 2026")
    pass_until(shipped, clock, clock.now() + timedelta(days=4))
    assert interim() == ("late", "Inte säkrat i tid, skulle säkras senast 26 november 2026, Region Sjöland")
    assert rows(shipped, "enhetschef.bup")[0].is_overdue
    complete(
        shipped,
        instance_id,
        "Säkra stödet",
        secured_how="Behandling två gånger i veckan.",
        secured_from="2026-11-27",
        without_prejudice=True,
    )
    assert interim() == ("secured", "Säkrat, Region Sjöland")


def test_the_queue_is_narrowed_and_ordered(shipped: Context, clock: ManualClock) -> None:
    cost = at_managers(shipped, clock, kind="cost", amount=4_000_000, period_from="2026-11-01", child_waiting=False)
    other = at_managers(shipped, clock)

    def ids(**asked: Any) -> list[str]:
        return [row.instance_id for row in rows(shipped, "enhetschef.bup", **asked)]

    assert set(ids()) == {cost, other}
    assert ids(kind="cost") == [cost]
    assert ids(waiting=False) == [cost]
    assert ids(level="UNIT") == [other]
    assert ids(party="alvsta", kind="responsibility") == [other]
    assert ids(party="granfors") == []
    assert ids(overdue=True, waiting=True) == [other]
    assert ids(state="closed") == []
    assert set(ids(state=None)) == {cost, other}
    assert ids(sort="level") == [cost, other]
    assert ids(sort="lift") == [other, cost]


def test_a_filter_or_an_order_that_does_not_exist_is_refused(shipped: Context) -> None:
    for asked in ({"level": "TOPPEN"}, {"state": "vilande"}, {"sort": "namn"}):
        with pytest.raises(InvalidInput):
            rows(shipped, **asked)


def test_pages_follow_each_other(shipped: Context, clock: ManualClock) -> None:
    for _ in range(3):
        report(shipped)
    pass_until(shipped, clock, clock.now() + timedelta(days=9))
    chief = as_post(shipped, "enhetschef.bup")

    first = escalation_queue(shipped, chief, language="sv", limit=2)
    rest = escalation_queue(shipped, chief, language="sv", limit=2, after=first.next_after)

    seen = [row.business_key for row in (*first.items, *rest.items)]
    assert sorted(seen) == [f"SJ-AVV-2026-0000{n}" for n in (1, 2, 3)]
    assert rest.next_after is None


def test_a_closed_escalation_says_how_it_ended_and_owes_nothing(shipped: Context, clock: ManualClock) -> None:
    instance_id = report(shipped, "enhetschef.bup")
    complete(shipped, instance_id, "Ange ståndpunkt", party="region", **POSITION)
    complete(shipped, instance_id, "Ange ståndpunkt", party="alvsta", **POSITION)
    complete(shipped, instance_id, "Förhandla", party="region", action="propose", valid_until="2026-12-31")
    complete(shipped, instance_id, "Förhandla", party="alvsta", action="accept", version=1)
    complete(
        shipped,
        instance_id,
        "Skriv beslut",
        content="Regionen ger behandlingen.",
        reasons="8 kap. 1 § HSL",
        child_best="Behandlingen kan inte vänta.",
        child_view="Vill bo kvar.",
        valid_from="2026-12-14",
        review_on="2027-03-14",
    )
    for party in ("region", "alvsta"):
        complete(shipped, instance_id, "Underteckna beslutet", party=party, signature="sign", is_unbiased=True)

    (row,) = rows(shipped, "enhetschef.bup", state="closed")

    assert instance_of(shipped, instance_id).business_key == row.business_key
    assert row.outcome == "Löst på verksamhetsnivå"
    assert (row.lift_on, row.left_words) == (None, "")
    assert {side.state for side in row.sides} == {"given"}


def test_the_filters_have_words(shipped: Context) -> None:
    found = filter_choices(shipped, as_post(shipped, CHIEF), language="sv")

    assert found.levels[:2] == (("OPER", "Verksamhetsnivå"), ("UNIT", "Enhetschefer"))
    assert ("cost", "Kostnad") in found.kinds
    assert ("alvsta", "Älvsta kommun") in found.parties
