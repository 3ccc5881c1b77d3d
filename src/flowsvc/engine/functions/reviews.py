"""The functions about an agreement and its yearly review: who takes part, the figures of the year, and deviations that
another system has listed."""

from collections.abc import Sequence
from datetime import date

from flowsvc.domain import placement_figures, statistics
from flowsvc.domain.agreements import Agreement, AgreementVersion, expiry
from flowsvc.domain.deviation_file import by_category, read_deviations
from flowsvc.domain.directory import Level
from flowsvc.domain.errors import ScriptFailed
from flowsvc.domain.statistics import Figure
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.functions.world import Inputs, World, candidates


def open_agreement(world: World, given: Inputs) -> Variables:
    """What the register says of the agreement on this day: its version, parties with their contact units, groups,
    bodies with those who sit on them, clauses, when it runs out, and the period of the year's review."""
    agreement = _agreement(world, given.text("agreement"))
    version = agreement.practice_on(world.today)
    if version is None:
        raise ScriptFailed("Överenskommelsen har ingen version som har börjat gälla.", names=("agreement",))
    year = given.number("year") or world.today.year
    # With local groups the review follows their meetings through the year; without, it looks back on the last one.
    reviewed = year if agreement.local_groups else year - 1
    rhythm = agreement.rhythm
    said = list(expiry(agreement, world.today))
    return {
        "agreement_name": agreement.name,
        "version": version.id,
        "version_no": version.number,
        "parties": [_party(world, each.party_id, each.unit) for each in version.parties],
        "groups": [_body(world, each) for each in agreement.local_groups],
        "coordinating": _body(world, agreement.bodies.get("coordinating", "")),
        "deciding": _body(world, agreement.bodies.get("deciding", agreement.bodies.get("owner", ""))),
        "deviation_body": _body(world, agreement.bodies.get("deviations", "")),
        "clauses": [
            {
                "number": each.number,
                "title": f"{each.number} {each.title}",
                "title_en": f"{each.number} {each.title_en or each.title}",
                "topic": each.topic,
            }
            for each in version.clauses
        ],
        "clause_options": [{"value": each.number, "label": f"{each.number} {each.title}"} for each in version.clauses],
        "valid_until": version.valid_until,
        "is_expired": "expired" in said,
        "is_expiring": bool(said),
        "period_from": date(reviewed, 1, 1),
        "period_to": date(reviewed, 12, 31),
        "report_on": rhythm.report_on(reviewed + 1) if rhythm else date(reviewed + 1, 3, 31),
        "unit_managers": _unit_managers(world, version),
    }


def _agreement(world: World, identity: str) -> Agreement:
    found = world.directory.agreements.get(identity)
    if found is None:
        raise ScriptFailed("Överenskommelsen finns inte i registret.", names=("agreement",))
    return found


def _party(world: World, party_id: str, unit: str | None) -> Variables:
    units = [each.id for each in world.directory.units.values() if each.party_id == party_id]
    contact = unit or next(
        (each for each in units if world.directory.units[each].parent_id is None), units[0] if units else ""
    )
    return {
        "party": party_id,
        "name": world.party_name(party_id),
        "name_en": _both(world, {}, party_id)[1],
        "unit": contact,
        "units": [contact],
        "posts": candidates([post.id for post in world.directory.posts_of_unit.get(contact, ())]),
    }


def _body(world: World, identity: str) -> Variables:
    body = world.directory.bodies.get(identity)
    if body is None:
        return {"body": "", "kind": "", "name": "", "posts": [], "chair": []}
    return {
        "body": body.id,
        "kind": body.kind.value,
        "name": body.name,
        "posts": candidates(body.posts),
        "chair": candidates([body.chair] if body.chair else body.posts),
    }


def _unit_managers(world: World, version: AgreementVersion) -> list[Value]:
    parties = {each.party_id for each in version.parties}
    found: list[Value] = []
    for post in world.directory.posts.values():
        unit = world.directory.units[post.unit_id]
        if post.level is Level.UNIT and unit.party_id in parties:
            found.append(
                {
                    "party": unit.party_id,
                    "name": world.party_name(unit.party_id),
                    "unit": unit.id,
                    "unit_name": unit.name,
                    "posts": candidates([post.id]),
                }
            )
    return found


def stock_of_group(world: World, given: Inputs) -> Variables:
    """What has been listed for the local group in the period by the parties that sit on it: patterns, newest last."""
    body = world.directory.bodies.get(given.text("body"))
    seats = {world.directory.party_of_post(post).id for post in body.posts} if body else set()
    rows: list[Value] = []
    for matter in world.matters():
        if matter.question and seats & set(matter.parties) and _within(matter.opened_on, given):
            rows.append({"month": f"{matter.opened_on:%Y-%m}", "area": matter.area, "question": matter.question})
    return {"stock": rows, "stock_count": len(rows)}


def _within(on: date, given: Inputs) -> bool:
    first, last = given.day("period_from"), given.day("period_to")
    return (first is None or first <= on) and (last is None or on <= last)


def figures_of_period(world: World, given: Inputs) -> Variables:
    """The indicators of the period over the agreement's cases, small counts suppressed, and the review's own: meetings
    held of those planned, and contributions given in time."""
    first, last = given.day("period_from") or world.today, given.day("period_to") or world.today
    matters = world.matters()
    found = (
        *statistics.figures(matters, since=first, until=last),
        *placement_figures.figures(matters, since=first, until=last),
    )
    labels: Variables = {
        str(row.get("topic")): {"sv": row.get("title"), "en": row.get("title_en")} for row in given.contexts("clauses")
    }
    # What the diagram says of a code gives way to the agreement's own clause of that topic.
    labels = {**given.context("labels"), **labels}
    rows: list[Value] = [_row(world, each, labels) for each in found]
    meetings, contributions = given.contexts("meetings"), given.contexts("contributions")
    rows.append(_own(world, "K17", labels, sum(row.get("held") is True for row in meetings), len(meetings)))
    in_time = sum(row.get("is_silent") is not True and row.get("is_late") is not True for row in contributions)
    rows.append(_own(world, "K18", labels, in_time, len(contributions)))
    answered = [row for row in contributions if row.get("is_silent") is not True]
    informed = sum(row.get("staff_informed") == "all" for row in answered)
    rows.append(_own(world, "K22", labels, informed, len(answered)))
    return {
        "indicators": rows,
        "silent_parties": ", ".join(str(row["name"]) for row in contributions if row.get("is_silent") is True),
        "missed_meetings": ", ".join(str(row["name"]) for row in meetings if row.get("held") is not True),
    }


def _row(world: World, figure: Figure, labels: Variables) -> Variables:
    return _told(
        figure.id.partition(".")[0],
        name=_both(world, labels, figure.id.replace(".", "_")),
        by=[_both(world, labels, code) for code in figure.by.split()],
        value=figure.value,
    )


def _own(world: World, identity: str, labels: Variables, part: int, whole: int) -> Variables:
    # Of meetings and parties, which tell of no child.
    return _told(identity, name=_both(world, labels, identity), by=[], value=f"{part} / {whole}")


def _told(identity: str, *, name: tuple[str, str], by: Sequence[tuple[str, str]], value: str) -> Variables:
    return {
        "indicator": identity,
        "name": name[0],
        "name_en": name[1],
        "by": ", ".join(swedish for swedish, _ in by),
        "by_en": ", ".join(english for _, english in by),
        "value": value,
    }


def _both(world: World, labels: Variables, code: str) -> tuple[str, str]:
    """The code in Swedish and in English: a party's name, or what the diagram and the clauses say of it."""
    party = world.directory.parties.get(code)
    if party is not None:
        return party.name, party.name_en or party.name
    said = labels.get(code)
    if isinstance(said, dict) and said.get("sv"):
        return str(said["sv"]), str(said.get("en") or said["sv"])
    return code, code


def read_deviation_file(world: World, given: Inputs) -> Variables:
    """What the uploaded file lists, counted by category with small counts suppressed; its duplicates; or what cannot be
    read in it. No file at all is an empty list."""
    columns = {name: str(text) for name, text in given.context("columns").items()}
    names = [str(row.get("file")) for row in given.contexts("files") if row.get("file")]
    contents: Sequence[bytes | None] = [world.file(name) for name in names]
    if any(each is None for each in contents):
        raise ScriptFailed("En bifogad fil finns inte i ärendet.", names=("files",))
    readings = [read_deviations(each, columns=columns) for each in contents if each is not None]
    known: dict[str, None] = {}
    unique = [row for reading in readings for row in reading.deviations if not _seen(known, row.id)]
    faults = [fault for reading in readings for fault in reading.faults]
    repeated = sum(len(reading.duplicates) for reading in readings)
    repeated += sum(len(reading.deviations) for reading in readings) - len(unique)
    counts = statistics.breakdown(by_category(tuple(unique)))
    return {
        "is_readable": not faults,
        "faults": " ".join(faults),
        "row_count": sum(reading.rows for reading in readings),
        "duplicate_count": repeated,
        "deviation_count": len(unique),
        "duplicate_lines": [number for reading in readings for number in reading.duplicates],
        "categories": [{"category": name, "count": words} for name, words in counts.items()],
    }


def _seen(known: dict[str, None], identity: str) -> bool:
    was = identity in known
    known[identity] = None
    return was
