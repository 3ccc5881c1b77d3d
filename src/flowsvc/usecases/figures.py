"""The cases that a review counts: read from the store, and made into matters without anything about a child."""

from datetime import date

from flowsvc.domain import agreements, calendar
from flowsvc.domain.directory import Directory, Level
from flowsvc.domain.instances import ProcessInstance
from flowsvc.domain.statistics import LevelStay, Matter, Silence
from flowsvc.store import attachments, figures
from flowsvc.store.figures import CountedInstance
from flowsvc.store.transaction import Transaction

CODES = ("kind", "area", "group_question", "legal_basis", "form", "in_county", "age", "extract")
"""The variables of a case that the figures know."""


def matters_beside(
    tx: Transaction, instance: ProcessInstance, directory: Directory, *, zone: str
) -> tuple[Matter, ...]:
    """The other cases that follow the agreement of the instance; none where it follows none."""
    found = agreements.of_version(directory.agreements, instance.agreement_version_id or "")
    if found is None:
        return ()
    closed = frozenset(day.on for day in directory.closed_days)
    return tuple(
        _matter(each, zone=zone, closed=closed)
        for each in figures.counted(tx, found[0].id, names=CODES)
        if each.id != instance.id
    )


def _matter(counted: CountedInstance, *, zone: str, closed: frozenset[date]) -> Matter:
    opened_on = calendar.local_date(counted.opened_at, zone)
    secured = counted.interim_secured_at
    return Matter(
        kind=counted.kind or counted.codes.get("kind", ""),
        area=counted.codes.get("area", ""),
        parties=counted.parties,
        opened_on=opened_on,
        closed_on=calendar.local_date(counted.closed_at, zone) if counted.closed_at else None,
        end_state=counted.outcome or counted.end_state,
        is_dispute=counted.is_dispute,
        stays=_stays(counted, zone=zone, closed=closed),
        silences=tuple(Silence(party, Level(level).name) for party, level in counted.silences),
        days_to_interim=calendar.working_days_between(opened_on, calendar.local_date(secured, zone), closed)
        if secured
        else None,
        question=counted.codes.get("group_question", ""),
        legal_basis=counted.codes.get("legal_basis", ""),
        form=counted.codes.get("form", ""),
        in_county=counted.codes.get("in_county", ""),
        age=counted.age,
        extract=counted.extract,
    )


def _stays(counted: CountedInstance, *, zone: str, closed: frozenset[date]) -> tuple[LevelStay, ...]:
    """The levels that the matter has left, each with its working days."""
    ends = [at for _, at in counted.levels[1:]] + ([counted.closed_at] if counted.closed_at else [])
    return tuple(
        LevelStay(
            level,
            calendar.working_days_between(
                calendar.counting_date(since, zone), calendar.counting_date(until, zone), closed
            ),
        )
        for (level, since), until in zip(counted.levels, ends, strict=False)
    )


def file_of(tx: Transaction, instance: ProcessInstance, identity: str) -> bytes | None:
    """The content of a file of the instance; None for a file that is not its own."""
    if identity not in {each.id for each in attachments.of_instance(tx, instance.id)}:
        return None
    return attachments.content_of(tx, identity)
