"""A small county for tests of the processes: a region and two municipalities, one without area managers."""

from datetime import date

from flowsvc.domain.directory import (
    Assignment,
    Directory,
    Level,
    Party,
    PartyType,
    Person,
    Post,
    Unit,
)
from flowsvc.domain.values import Variables

SINCE = date(2020, 1, 1)

PARTIES = (
    Party("region", PartyType.REGION, "Region Ådal", "Ådal Region", "Å"),
    Party("ekby", PartyType.MUNICIPALITY, "Ekby kommun", "Ekby", "Å"),
    Party("lund", PartyType.MUNICIPALITY, "Lundsala kommun", "Lundsala", "Å"),
)

UNITS = (
    Unit("region.top", "region", None, "Regionens ledning", "Region leadership"),
    Unit("bup", "region", "region.top", "BUP", "Child psychiatry"),
    Unit("bup.oppen", "region", "bup", "BUP, öppenvård", "Child psychiatry, outpatient"),
    Unit("bvc", "region", "region.top", "Barnhälsovård", "Child health"),
    Unit("ekby.top", "ekby", None, "Kommunledningen", "Municipal leadership"),
    Unit("ekby.soc", "ekby", "ekby.top", "Socialförvaltningen", "Social services"),
    Unit("ekby.bou", "ekby", "ekby.soc", "Barn och unga", "Children and youth"),
    Unit("lund.top", "lund", None, "Kommunledningen", "Municipal leadership"),
    Unit("lund.soc", "lund", "lund.top", "Socialtjänsten", "Social services"),
)


def _post(post: str, unit: str, level: Level, mandate: int | None = None, *groups: str) -> Post:
    return Post(post, unit, post.replace(".", " "), post, level, cost_mandate=mandate, groups=groups)


POSTS = (
    _post("bup.behandlare", "bup.oppen", Level.OPER, 1_000_000),
    _post("bup.enhetschef", "bup.oppen", Level.UNIT, 5_000_000),
    _post("bup.verksamhetschef", "bup", Level.AREA, 20_000_000),
    _post("bvc.skoterska", "bvc", Level.OPER),
    _post("bvc.enhetschef", "bvc", Level.UNIT),
    _post("region.direktor", "region.top", Level.DIR, 50_000_000),
    _post("region.ledning", "region.top", Level.LEAD),
    _post("ekby.handlaggare", "ekby.bou", Level.OPER, 1_000_000),
    _post("ekby.enhetschef", "ekby.bou", Level.UNIT, 5_000_000),
    _post("ekby.ifochef", "ekby.soc", Level.AREA, 20_000_000),
    _post("ekby.socialdirektor", "ekby.soc", Level.DIR, 50_000_000),
    _post("ekby.ledning", "ekby.top", Level.LEAD),
    _post("lund.handlaggare", "lund.soc", Level.OPER, 1_000_000),
    _post("lund.enhetschef", "lund.soc", Level.UNIT, 5_000_000),
    _post("lund.socialchef", "lund.soc", Level.DIR, 50_000_000),
    _post("lund.ledning", "lund.top", Level.LEAD),
)

COUNTY = Directory(
    revision=1,
    parties={each.id: each for each in PARTIES},
    units={each.id: each for each in UNITS},
    posts={each.id: each for each in POSTS},
    people={f"p.{each.id}": Person(f"p.{each.id}", each.id, each.id, "") for each in POSTS},
    assignments=tuple(Assignment(f"p.{each.id}", each.id, SINCE) for each in POSTS),
)

PLAIN: Variables = {
    "kind": "responsibility",
    "area": "placement",
    "urgency": "normal",
    "child_waiting": True,
    "event_date": "2026-02-26",
    "discovered": "2026-02-27",
    "description": "Oklart vem som ger behandlingen på hemmet.",
    "consequence": "delay",
    "wanted": "Ett beslut om ansvar.",
    "tried": "Två möten mellan handläggarna.",
    "child_heard": "yes",
    "child_view": "Vill bo kvar.",
    "support_part": "social",
}
"""A dispute about responsibility, as form AF1 tells it."""
