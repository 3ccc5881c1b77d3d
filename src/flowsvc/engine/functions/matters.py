"""The functions about a matter as a whole: who is concerned, who supports the child meanwhile, what may be
told after."""

from flowsvc.domain.directory import Level, PartyType, ladder
from flowsvc.domain.errors import ScriptFailed
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.functions.world import Inputs, World, candidates, party_of, posts_at, posts_of


def open_matter(world: World, given: Inputs) -> Variables:
    """The parties with their operational posts, the reporter's first, each once however many of its units are
    concerned; the reporter's nearest manager; what is known of the support. The reporter's side is the unit
    `place` where that is of the same party."""
    directory = world.directory
    post = directory.posts.get(given.text("reporter"))
    place = directory.units.get(given.text("place"))
    own = directory.units.get(post.unit_id) if post else place
    if own is None:
        what = "Anmälaren har ingen befattning i katalogen, och ingen enhet är vald."
        raise ScriptFailed(what, names=("reporter", "place"))
    if place is not None and place.party_id == own.party_id:
        own = place
    named = [str(row.get("unit") or "") for row in given.contexts("counterparts")]
    units = [own, *(directory.units[unit] for unit in named if unit in directory.units)]
    parties: list[Value] = []
    for party in dict.fromkeys(unit.party_id for unit in units):
        of_party = list(dict.fromkeys(unit.id for unit in units if unit.party_id == party))
        parties.append(
            {
                "party": party,
                "name": world.party_name(party),
                "unit": of_party[0],
                "units": list(of_party),
                "posts": posts_at(world, of_party, Level.OPER)[0],
            }
        )
    above = min(Level.LEAD, max(Level.UNIT, post.level + 1 if post else Level.UNIT))
    manager = ladder(directory, unit_id=own.id, level=Level(above), on=world.today)
    return {
        "parties": parties,
        "party_names": ", ".join(world.party_name(party) for party in dict.fromkeys(u.party_id for u in units)),
        "party_options": [{"value": p, "label": world.party_name(p)} for p in dict.fromkeys(u.party_id for u in units)],
        "lead_party": own.party_id,
        "reporter_posts": candidates([post.id] if post else manager.posts),
        "manager_posts": candidates(manager.posts),
        "reported_on": world.today,
        "county": directory.parties[own.party_id].county,
        "agreement_version": world.agreement_version or None,
        "child_waiting": given.flag("child_waiting"),
        "signs": [*given.texts("signs")],
        "support_part": given.text("support_part"),
        "is_provided": given.text("support_party") in directory.parties,
        "is_placed": given.text("placing_party") in directory.parties,
    }


def assign_interim(world: World, given: Inputs) -> Variables:
    """The one party that secures the support until it is decided, by the rule given; where the rule names
    somebody unknown it is the party that registered the need (rule 5). `directors` are those to alarm, party
    by party."""
    parties = given.contexts("parties")
    rule, lead = given.context("rule"), given.text("lead_party")
    party = _interim_party(world, given, str(rule.get("responsible") or ""), rule)
    number = rule.get("rule")
    if party not in world.directory.parties:
        party, number = lead, 5
    concerned = next((each for each in parties if party_of(each) == party), None)
    # Where only the party is known, its director says who does it: all its staff would be nobody.
    posts = posts_of(concerned) if concerned else posts_at(world, _heads(world, party), Level.DIR)[0]
    everyone = {party: _heads(world, party)} | {party_of(each): [str(each["unit"])] for each in parties}
    return {
        "interim_party": party,
        "interim_name": world.party_name(party),
        "interim_posts": posts,
        "interim_rule": number,
        "directors": [
            {"party": each, "name": world.party_name(each), "posts": posts_at(world, at, Level.DIR)[0]}
            for each, at in everyone.items()
        ],
    }


def _interim_party(world: World, given: Inputs, responsible: str, rule: Variables) -> str:
    match responsible:
        case "agreed":
            return str(rule.get("party") or "")
        case "provider":
            return given.text("support_party")
        case "placing_municipality":
            return given.text("placing_party")
        case "municipality_of_stay":
            return given.text("stay_party")
        case "home_municipality":
            return given.text("residence_party")
        case "region_of_stay":
            return _region(world, given, given.text("stay_party"))
        case "home_region":
            return _region(world, given, given.text("residence_party"))
        case _:
            return given.text("lead_party")


def _region(world: World, given: Inputs, municipality: str) -> str:
    """The region among the parties, else the one of the municipality's county."""
    known = world.directory.parties
    among = [p for p in map(party_of, given.contexts("parties")) if p in known and known[p].type is PartyType.REGION]
    if len(among) == 1:
        return among[0]
    county = known[municipality].county if municipality in known else ""
    return next((p.id for p in known.values() if p.type is PartyType.REGION and p.county == county), "")


def _heads(world: World, party: str) -> list[str]:
    """The party's units that a director heads; where none does, its top."""
    units = [unit for unit in world.directory.units.values() if unit.party_id == party]
    headed = {post.unit_id for post in world.directory.posts.values() if post.level is Level.DIR}
    return [unit.id for unit in units if unit.id in headed] or [u.id for u in units if u.parent_id is None]


def make_extract(world: World, given: Inputs) -> Variables:
    """What the yearly review may know of the matter: kinds, levels and counts, no text that somebody
    wrote."""
    known = world.directory.parties
    types = sorted(known[p].type.value for p in map(party_of, given.contexts("parties")) if p in known)
    reported = given.day("reported_on") or world.today
    silent: list[Value] = [str(row.get("level") or "") for row in given.contexts("silent")]
    return {
        "extract": {
            "kind": given.text("kind"),
            "area": given.text("area"),
            "level": given.text("level"),
            "end_state": given.text("end_state"),
            "urgency": given.text("urgency"),
            "child_waiting": given.flag("child_waiting"),
            "party_types": list(types),
            "silent_at": silent,
            "days": (world.today - reported).days,
            "cost_band": _band(given.number("monthly_cost")),
            "month": f"{reported:%Y-%m}",
        }
    }


def _band(amount: int | None) -> str:
    """The amount within wide limits, in thousand kronor a month."""
    if not amount:
        return ""
    thousands = amount / 100_000
    return next((text for top, text in ((10, "0-10"), (50, "10-50"), (100, "50-100")) if thousands < top), "100-")
