"""Time limits are told in words, in both languages; what is no limit is told by its own text elsewhere."""

import pytest

from flowsvc.engine import limits


@pytest.mark.parametrize(
    ("text", "swedish", "english"),
    [
        ("P5BD", "inom 5 arbetsdagar", "within 5 working days"),
        ("P1BD", "inom 1 arbetsdag", "within 1 working day"),
        ("P0BD", "samma dag", "the same day"),
        ("P30D", "inom 30 dagar", "within 30 days"),
        ("P2W", "inom 14 dagar", "within 14 days"),
        ("P1Y6M", "inom 1 år och 6 månader", "within 1 year and 6 months"),
        ("PT2H30M", "inom 2 timmar och 30 minuter", "within 2 hours and 30 minutes"),
        ("2026-12-03", "senast 3 december 2026", "by 3 December 2026"),
        ("snart", "", ""),
        ("P", "", ""),
    ],
)
def test_a_limit_is_told_in_words(text: str, swedish: str, english: str) -> None:
    assert limits.within(text, "sv") == swedish
    assert limits.within(text, "en") == english


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("P10BD", "efter 10 arbetsdagar"),
        ("R/P7D", "återkommer med 7 dagar emellan"),
        ("R3/2026-12-01/P1M", "återkommer med 1 månad emellan"),
        ("2026-12-03T08:00:00Z", "den 3 december 2026"),
        ("P0BD", "samma dag"),
        ("0 0 8 * * ?", ""),
    ],
)
def test_a_timer_is_told_in_words(text: str, words: str) -> None:
    assert limits.after(text, "sv") == words
