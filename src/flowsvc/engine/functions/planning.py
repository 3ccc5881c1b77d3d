"""The functions about planning together: who answers for a unit or a service, who owns each line of a plan, who may
sign for a cost, and when a period set by law ends."""

from collections.abc import Sequence

from flowsvc.domain import statutory
from flowsvc.domain.directory import Level, PartyType, Unit
from flowsvc.domain.errors import ScriptFailed
from flowsvc.domain.escalations import may_decide
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.functions.world import POST, Inputs, World, kronor, party_of, posts_at


def unit_addressees(world: World, given: Inputs) -> Variables:
    """Each unit once with its party, those who work there, and its line: manager, area manager, director. Units that
    the directory does not have are left out."""
    known = world.directory.units
    return {
        "addressees": [_addressee(world, known[unit]) for unit in dict.fromkeys(given.texts("units")) if unit in known]
    }


def service_addressees(world: World, given: Inputs) -> Variables:
    """Who gives a service at a party, or at the region of its county: the unit with that service code, its staff, its
    manager and its director. Where nobody has the code it is the head of the party's line."""
    party = given.text("party")
    if given.flag("of_region"):
        party = _region_of(world, party)
    if party not in world.directory.parties:
        raise ScriptFailed("Parten finns inte i katalogen.", names=("party",))
    unit = _unit_with(world, party, given.text("service"))
    return _addressee(world, unit)


def party_county(world: World, given: Inputs) -> Variables:
    """The county that a party lies in, and the region of that county."""
    party = world.directory.parties.get(given.text("party"))
    if party is None:
        raise ScriptFailed("Parten finns inte i katalogen.", names=("party",))
    region = _region_of(world, party.id)
    return {
        "county": party.county,
        "region": region,
        "region_name": world.party_name(region),
        "party_name": party.name,
    }


def plan_owners(world: World, given: Inputs) -> Variables:
    """Each line of a plan with the one unit that is responsible for it, the units with their own lines, and the lines
    that nobody owns."""
    known = world.directory.units
    lines: list[Variables] = []
    owned: dict[str, list[Value]] = {}
    for line in given.contexts("lines"):
        unit = known.get(str(line.get("unit") or ""))
        party = unit.party_id if unit else ""
        told = line | {
            "unit_name": _full_name(world, unit) if unit else "",
            "party": party,
            "status": "planned" if unit else "disputed",
        }
        lines.append(told)
        if unit:
            owned.setdefault(unit.id, []).append(told)
    disputed = [line for line in lines if line["status"] == "disputed"]
    return {
        "lines": [*lines],
        "owners": [_addressee(world, known[unit]) | {"lines": rows} for unit, rows in owned.items()],
        "disputed": [*disputed],
        "disputed_text": "; ".join(str(line.get("measure") or "") for line in disputed),
    }


def cost_signers(world: World, given: Inputs) -> Variables:
    """For each party the lowest managers in its line whose mandate reaches what the party is to pay each month, and
    what all pay together."""
    lines = given.contexts("cost_lines")
    signers: list[Value] = []
    for party in given.contexts("parties"):
        units = party.get("units")
        named = [str(unit) for unit in units] if isinstance(units, list) else [str(party["unit"])]
        amount = sum(_amount(line) for line in lines if line.get("payer") == party_of(party))
        signers.append(_signer(world, party, named, amount))
    return {
        "signers": signers,
        "cost_lines": [
            line | {"payer_name": world.party_name(str(line.get("payer") or "")), "amount_text": kronor(_amount(line))}
            for line in lines
        ],
        "monthly_cost": sum(map(_amount, lines)),
        "payer_names": ", ".join(dict.fromkeys(world.party_name(str(line.get("payer") or "")) for line in lines)),
    }


def statutory_period(world: World, given: Inputs) -> Variables:
    """The last day of a period that the law gives, from a day or from today, and where the law says so."""
    start, name = given.day("from_on") or world.today, given.text("period")
    return {"from_on": start, "ends_on": statutory.last_day(name, start), "law": statutory.PERIODS[name].law}


def _addressee(world: World, unit: Unit) -> Variables:
    party = world.directory.parties[unit.party_id]
    return {
        "unit": unit.id,
        "name": _full_name(world, unit),
        "unit_name": unit.name,
        "party": party.id,
        "party_name": party.name,
        "party_type": party.type.value,
        "posts": posts_at(world, [unit.id], Level.OPER)[0],
        "managers": posts_at(world, [unit.id], Level.UNIT)[0],
        "area_managers": posts_at(world, [unit.id], Level.AREA)[0],
        "directors": posts_at(world, [unit.id], Level.DIR)[0],
    }


def _full_name(world: World, unit: Unit) -> str:
    """The unit with its party: many municipalities have a unit of the same name."""
    party = world.party_name(unit.party_id)
    return party if unit.name == party else f"{unit.name}, {party}"


def _region_of(world: World, party: str) -> str:
    """The region of the party's county; ScriptFailed where the directory has none."""
    known = world.directory.parties
    if party in known and known[party].type is PartyType.REGION:
        return party
    county = known[party].county if party in known else ""
    found = [each.id for each in known.values() if each.type is PartyType.REGION and each.county == county]
    if not county or not found:
        raise ScriptFailed("Partens län eller länets region finns inte i katalogen.", names=("party",))
    return found[0]


def _unit_with(world: World, party: str, service: str) -> Unit:
    """The party's unit that gives the service: one where people work, before one that only leads."""
    directory = world.directory
    own = [unit for unit in directory.units.values() if unit.party_id == party]
    giving = [unit for unit in own if unit.service == service]
    staffed = [unit for unit in giving if any(p.level is Level.OPER for p in directory.posts_of_unit.get(unit.id, ()))]
    tops = [unit for unit in own if unit.parent_id is None]
    chosen: Sequence[Unit] = staffed or giving or tops
    if not chosen:
        raise ScriptFailed("Parten har inga enheter i katalogen.", names=("party",))
    return chosen[0]


def _signer(world: World, party: Variables, units: Sequence[str], amount: int) -> Variables:
    posts: list[Value] = []
    level = Level.UNIT
    for level in (each for each in Level if each >= Level.UNIT):
        found, reached, _ = posts_at(world, units, level)
        ids = [str(post).removeprefix(POST) for post in found]
        posts = [
            POST + post for post in ids if may_decide(world.directory.posts[post].cost_mandate, amount, level=reached)
        ]
        if posts:
            break
    return {
        "party": party["party"],
        "name": party["name"],
        "posts": posts or posts_at(world, units, Level.LEAD)[0],
        "level": level.name,
        "amount": amount,
        "amount_text": kronor(amount),
    }


def _amount(line: Variables) -> int:
    value = line.get("amount")
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0
