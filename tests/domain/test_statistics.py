"""The figures of a period equal an independent count, and no small count can be read or worked out (INV-10)."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as some

from flowsvc.domain.statistics import (
    FEW,
    LevelStay,
    Matter,
    Silence,
    breakdown,
    count_words,
    figures,
    share_words,
)

SINCE, UNTIL = date(2026, 1, 1), date(2026, 12, 31)
KINDS = ("responsibility", "cost")
ENDS = ("solved_operational", "solved_line", "unsolved_at_leadership", "")


def make_matter(**values: object) -> Matter:
    given: dict[str, object] = {
        "kind": "cost",
        "area": "placement",
        "parties": ("region", "ekby"),
        "opened_on": date(2026, 3, 2),
        "closed_on": None,
        "end_state": "",
        "is_dispute": True,
    }
    return Matter(**given | values)  # type: ignore[arg-type]  # fields of a matter


def said(matters: list[Matter]) -> dict[tuple[str, str], str]:
    return {(each.id, each.by): each.value for each in figures(matters, since=SINCE, until=UNTIL)}


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (1, FEW), (4, FEW), (5, "5"), (12, "12")])
def test_a_count_below_five_is_not_told_but_none_is(count: int, words: str) -> None:
    assert count_words(count) == words


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 0, "–"), (2, 4, FEW), (3, 20, FEW), (17, 20, FEW), (10, 20, "50 %"), (20, 20, "100 %"), (0, 9, "0 %")],
)
def test_a_share_gives_neither_of_its_sides_away(part: int, whole: int, words: str) -> None:
    assert share_words(part, whole) == words


def test_a_single_small_count_takes_the_next_smallest_with_it() -> None:
    # With a total of 30 known, 3 could be worked out from 20 and 7.
    assert breakdown({"a": 20, "b": 7, "c": 3}) == {"a": "20", "b": FEW, "c": FEW}
    assert breakdown({"a": 20, "b": 3, "c": 2}) == {"a": "20", "b": FEW, "c": FEW}
    assert breakdown({"a": 20, "b": 7}) == {"a": "20", "b": "7"}
    assert breakdown({"a": 3}) == {"a": FEW}


def test_what_was_opened_before_or_after_the_period_is_not_counted() -> None:
    inside = [make_matter(opened_on=day) for day in (SINCE, UNTIL) for _ in range(3)]
    outside = [make_matter(opened_on=day) for day in (SINCE - timedelta(1), UNTIL + timedelta(1))]

    assert said([*inside, *outside])["K1.opened", "cost"] == "6"


def test_a_deviation_is_counted_by_area_and_not_as_a_dispute() -> None:
    found = said([make_matter(is_dispute=False, kind="other", area="sip") for _ in range(6)])

    assert found["K19", "sip"] == "6"
    assert not any(name == "K1.opened" for name, _ in found)


@some.composite
def any_matter(draw: some.DrawFn) -> Matter:
    opened = SINCE + timedelta(days=draw(some.integers(-30, 380)))
    end = draw(some.sampled_from(ENDS))
    levels = draw(some.sampled_from(((), ("OPER",), ("OPER", "UNIT"))))
    return make_matter(
        kind=draw(some.sampled_from(KINDS)),
        area=draw(some.sampled_from(("sip", "placement", "school"))),
        parties=("region", draw(some.sampled_from(("ekby", "lund")))),
        opened_on=opened,
        closed_on=opened + timedelta(days=draw(some.integers(0, 60))) if end else None,
        end_state=end,
        is_dispute=draw(some.booleans()),
        stays=tuple(LevelStay(level, draw(some.integers(0, 12))) for level in levels),
        silences=(Silence("ekby", "OPER"),) * draw(some.integers(0, 1)),
        days_to_interim=draw(some.none() | some.integers(0, 3)),
    )


def told_counts(found: dict[tuple[str, str], str], name: str) -> dict[str, int]:
    return {by: int(value) for (each, by), value in found.items() if each == name and value.isdigit()}


def is_part_of(told: dict[str, int], codes: Iterable[str]) -> bool:
    """Whether everything that is told is the count, and everything large that is not stands beside one small count."""
    counts = Counter(codes)
    kept_back = {code for code, count in counts.items() if count >= 5 and code not in told}
    small = [code for code, count in counts.items() if count < 5]
    return all(counts[code] == count for code, count in told.items()) and (
        not kept_back or (len(kept_back) == 1 and len(small) == 1)
    )


@given(some.lists(any_matter(), max_size=80))
def test_the_figures_equal_an_independent_calculation(matters: list[Matter]) -> None:
    found = said(matters)

    year = [each for each in matters if each.is_dispute and each.opened_on.year == 2026]
    over = [each for each in matters if each.is_dispute and each.closed_on and each.closed_on.year == 2026]
    assert is_part_of(told_counts(found, "K1.opened"), (each.kind for each in year))
    assert is_part_of(told_counts(found, "K1.closed"), (each.end_state for each in over))
    assert is_part_of(told_counts(found, "K1.party"), (party for each in year for party in each.parties))
    assert is_part_of(told_counts(found, "K6"), ("ekby OPER" for each in year for _ in each.silences))
    assert is_part_of(told_counts(found, "K19"), (each.area for each in matters if each.opened_on.year == 2026))
    if found["K3", ""].endswith("%"):
        at_start = len([each for each in over if each.end_state == "solved_operational"])
        assert found["K3", ""] == f"{round(at_start / len(over) * 100)} %"


@given(some.lists(any_matter(), min_size=20, max_size=80))
def test_half_and_nine_tenths_of_the_days_lie_within_what_is_told(matters: list[Matter]) -> None:
    found = said(matters)

    year = [each for each in matters if each.is_dispute and each.opened_on.year == 2026]
    for level in ("OPER", "UNIT"):
        days = [stay.days for each in year for stay in each.stays if stay.level == level]
        if len(days) < 5:
            assert found.get(("K2", level), FEW) == FEW
            continue
        middle, _, ninetieth = found["K2", level].partition(" / ")
        assert float(middle) == quantiles(days, n=2, method="inclusive")[0]
        assert sum(day <= int(ninetieth) for day in days) >= 0.9 * len(days)
        assert sum(day < int(ninetieth) for day in days) < 0.9 * len(days)


@given(some.lists(any_matter(), max_size=25))
def test_no_small_count_stands_anywhere(matters: list[Matter]) -> None:
    counted = [value for (name, _), value in said(matters).items() if name not in ("K2", "K3", "K4")]

    assert not any(value.isdigit() and 0 < int(value) < 5 for value in counted)
