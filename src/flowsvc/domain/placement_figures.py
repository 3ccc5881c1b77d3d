"""The figures of placements (domain.md 9: K5, K8–K16), from what each case tells of itself without anything about the
child, with small counts suppressed (INV-10)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from flowsvc.domain.statistics import FEW, SMALLEST, Figure, Matter, broken_down, count_words, share_words
from flowsvc.domain.values import Value

AGE_BANDS = ((6, "0-6"), (12, "7-12"), (17, "13-17"), (20, "18-20"))
PARTS = ("physical", "mental", "oral")


@dataclass(frozen=True)
class _Told:
    """What a closed placement says of itself."""

    values: Mapping[str, Value] = field(default_factory=dict)
    party: str = ""

    def text(self, name: str) -> str:
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        value = self.values.get(name)
        return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0

    def is_true(self, name: str) -> bool:
        return self.values.get(name) is True

    def known(self, name: str) -> bool:
        return self.values.get(name) is not None


def figures(matters: Sequence[Matter], *, since: date, until: date) -> tuple[Figure, ...]:
    """K11 of the placements that were opened in the period, both days included; K5, K8–K10 and K12–K16 of those that
    were closed in it."""
    opened = [each for each in matters if each.legal_basis and since <= each.opened_on <= until]
    closed = [
        _Told(each.extract, each.parties[0] if each.parties else "")
        for each in matters
        if each.legal_basis and each.extract and each.closed_on is not None and since <= each.closed_on <= until
    ]
    return (*_opened(opened), *(_closed(closed) if closed else ()))


def age_band(age: int) -> str:
    """The band of the age; empty for one that no band holds."""
    return next((band for last, band in AGE_BANDS if age <= last), "")


def _opened(opened: Sequence[Matter]) -> Iterator[Figure]:
    yield from broken_down("K11.basis", (each.legal_basis for each in opened))
    yield from broken_down("K11.form", (each.form for each in opened if each.form))
    yield from broken_down("K11.county", (f"county_{each.in_county}" for each in opened if each.in_county))
    yield from broken_down("K11.age", (age_band(each.age) for each in opened if each.age is not None))


def _closed(closed: Sequence[_Told]) -> Iterator[Figure]:
    everybody = len(closed)
    yield Figure("K5", "", count_words(sum(each.is_true("late_by_dispute") for each in closed)))
    asked = [each for each in closed if each.text("sip_state")]
    held = sum(each.text("sip_state") not in ("no_consent", "no_quorum") for each in asked)
    yield Figure("K8", "", share_words(held, len(asked)))
    yield Figure("K9", "", _share_of_sums(closed, "followups_in_time", "followups"))
    yield Figure("K10", "", share_words(sum(each.is_true("child_heard") for each in closed), everybody))
    yield Figure("K12", "", share_words(sum(each.is_true("cost_before_start") for each in closed), everybody))
    yield Figure("K13.offered", "", share_words(sum(each.is_true("exam_offered") for each in closed), everybody))
    for part in PARTS:
        done = sum(each.text(f"exam_{part}") == "done" for each in closed)
        yield Figure("K13.done", part, share_words(done, everybody))
    yield Figure("K13.days", "", _median(closed, "exam_days"))
    yield Figure("K14", "", _median(closed, "school_days_lost"))
    for party in sorted({each.party for each in closed}):
        of_party = [each for each in closed if each.party == party]
        yield Figure("K15", party, _share_of_sums(of_party, "reviews_in_time", "reviews"))
    for form in sorted({each.text("form") for each in closed} - {""}):
        of_form = [each for each in closed if each.text("form") == form]
        broken = sum(each.number("breakdowns") > 0 for each in of_form)
        yield Figure("K16", form, share_words(broken, len(of_form)))


def _share_of_sums(closed: Sequence[_Told], part: str, whole: str) -> str:
    """The share of what several placements have; small where too few placements have any of it."""
    having = [each for each in closed if each.number(whole) > 0]
    if having and len(having) < SMALLEST:
        return FEW
    return share_words(sum(each.number(part) for each in having), sum(each.number(whole) for each in having))


def _median(closed: Sequence[_Told], name: str) -> str:
    numbers = [each.number(name) for each in closed if each.known(name)]
    if not numbers:
        return "–"
    return FEW if len(numbers) < SMALLEST else f"{median(numbers):g}"
