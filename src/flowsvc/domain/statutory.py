"""The periods that the law itself gives, by name: no process, table or setting makes one shorter or longer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flowsvc.domain import calendar
from flowsvc.domain.errors import InvalidInput


@dataclass(frozen=True)
class Period:
    """How long the law gives, in calendar months or weeks, and where it says so."""

    law: str
    months: int = 0
    weeks: int = 0


PERIODS: Mapping[str, Period] = {
    "consideration": Period("22 kap. 13 § SoL, 13 § LVU", months=6),
    "restriction": Period("14, 26 §§ LVU", months=3),
    "custody": Period("22 kap. 14 § SoL", months=24),
    "custody_again": Period("22 kap. 14 § SoL", months=12),
    "court_referral": Period("7 § LVU", weeks=1),
    "care_application": Period("8 § LVU", weeks=4),
    "follow_up_after_end": Period("23 kap. 5 § SoL, 21 c § LVU", months=6),
}
"""In the wording in force on 1 July 2025."""


def last_day(name: str, start: date) -> date:
    """The last day of the period counted from the start (lag 1930:173); InvalidInput for a name that is none."""
    period = PERIODS.get(name)
    if period is None:
        known = ", ".join(PERIODS)
        raise InvalidInput(f"Det finns ingen lagstadgad tid som heter {name or '(tomt)'}. Välj bland: {known}.")
    return calendar.statutory_end(start, months=period.months, weeks=period.weeks)
