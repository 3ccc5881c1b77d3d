"""Two small counties for the tests of placements: the same diagrams, another directory, other rows of the tables."""

from dataclasses import replace
from datetime import date, timedelta

from flowsvc.domain.bodies import Body, BodyKind, Meeting
from flowsvc.domain.directory import Assignment, Directory, Level, Person, Post, Unit
from tests.processes.county import COUNTY, SINCE

FIRST_MEETING = date(2026, 3, 12)
"""A Thursday; the committee meets every other one."""


def _meetings(*, weeks: int) -> tuple[Meeting, ...]:
    return tuple(Meeting(FIRST_MEETING + timedelta(weeks=weeks * number)) for number in range(100))


def _post(post: str, unit: str, level: Level) -> Post:
    return Post(post, unit, post.replace(".", " "), post, level)


_UNITS = (
    replace(COUNTY.units["ekby.bou"], service="K-IFO-BU"),
    replace(COUNTY.units["lund.soc"], service="K-IFO-BU"),
    replace(COUNTY.units["bup.oppen"], service="R-BUP"),
    Unit("ekby.utb", "ekby", "ekby.top", "Utbildning", "Education"),
    Unit("ekby.skola", "ekby", "ekby.utb", "Ekskolan", "Ek School", "K-SKO"),
    Unit("lund.utb", "lund", "lund.top", "Utbildning", "Education"),
    Unit("lund.skola", "lund", "lund.utb", "Lundskolan", "Lund School", "K-SKO"),
    Unit("bum", "region", "region.top", "Barn- och ungdomsmedicin", "Paediatrics"),
    Unit("hu", "region", "bum", "Hälsoundersökningar", "Health examinations", "R-HU"),
)
_POSTS = (
    _post("ekby.rektor", "ekby.skola", Level.UNIT),
    _post("ekby.larare", "ekby.skola", Level.OPER),
    _post("ekby.utbildningschef", "ekby.utb", Level.DIR),
    _post("lund.rektor", "lund.skola", Level.UNIT),
    _post("lund.larare", "lund.skola", Level.OPER),
    _post("lund.utbildningschef", "lund.utb", Level.DIR),
    _post("bum.chef", "bum", Level.AREA),
    _post("hu.samordnare", "hu", Level.OPER),
    _post("ekby.utskott", "ekby.top", Level.LEAD),
    _post("ekby.ordforande", "ekby.top", Level.LEAD),
)


def county(code: str, *, weeks: int = 2) -> Directory:
    """The county under that code; its municipality Ekby has a sub-committee that meets every so many weeks."""
    posts = COUNTY.posts | {each.id: each for each in _POSTS}
    committee = Body(
        id="ekby.utskottet",
        kind=BodyKind.COMMITTEE,
        name="Individutskottet",
        party_id="ekby",
        posts=("ekby.utskott", "ekby.ordforande"),
        chair="ekby.ordforande",
        meetings=_meetings(weeks=weeks),
    )
    return replace(
        COUNTY,
        parties={key: replace(each, county=code) for key, each in COUNTY.parties.items()},
        units=COUNTY.units | {each.id: each for each in _UNITS},
        posts=posts,
        people={f"p.{each}": Person(f"p.{each}", each, each, "") for each in posts},
        assignments=tuple(Assignment(f"p.{each}", each, SINCE) for each in posts),
        bodies={committee.id: committee},
    )
