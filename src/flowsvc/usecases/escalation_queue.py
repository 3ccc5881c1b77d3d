"""The managers' queue of escalations, and one escalation on its case page: who owes an answer, on which side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flowsvc.domain import calendar, labels
from flowsvc.domain.access import Action, Actor, ActorKind, require
from flowsvc.domain.directory import Directory, Level
from flowsvc.domain.errors import InvalidInput
from flowsvc.domain.escalations import Escalation, EscalationAnswer, EscalationState
from flowsvc.domain.forms.words import date_words
from flowsvc.engine.outcome import Happened
from flowsvc.store import audit, escalations, instances
from flowsvc.store.escalations import Sort
from flowsvc.store.paging import Page
from flowsvc.store.transaction import Transaction
from flowsvc.usecases.context import Context
from flowsvc.usecases.people import owing, party_name, who


@dataclass(frozen=True)
class Side:
    """What one party owes at a level."""

    party_name: str
    state: str
    """`owed`, `given`, `silent`, or `unasked` where the level ended before the answer was due."""
    state_words: str
    who: tuple[str, ...]
    """The posts that owe the answer, with those who hold them: "Enhetschef BUP (Anna Ek)"."""
    due_on: date | None
    given_at: datetime | None = None
    silent_at: datetime | None = None


@dataclass(frozen=True)
class EscalationRow:
    """One escalation in the queue."""

    instance_id: str
    business_key: str
    title: str
    kind: str
    """In words."""
    level: str
    """In words."""
    level_since: datetime
    days_at_level: int
    """Working days."""
    sides: tuple[Side, ...]
    lift_on: date | None
    """The last day of the level; the matter is lifted when it ends."""
    working_days_left: int | None
    """0 is today, negative is late, None is without a limit."""
    left_words: str
    is_overdue: bool
    """The level's time is up and the matter stands there still, or an answer is late."""
    child_waiting: bool
    interim: str
    """In words, with the party or the time."""
    interim_state: str
    """`secured`, `due`, `late` or `none`."""
    parties: tuple[str, ...]
    outcome: str
    """In words; empty while open."""


@dataclass(frozen=True)
class LevelStay:
    """One time that the matter stood at a level; `until` is None where it stands there now."""

    level: str
    code: str
    since: datetime
    until: datetime | None
    working_days: int
    is_current: bool
    sides: tuple[Side, ...]


@dataclass(frozen=True)
class ProposalLine:
    """One version in the thread, and what the parties say of it."""

    version: int
    party_name: str
    who: str
    at: datetime
    monthly_cost: int | None
    """Öre."""
    replies: tuple[tuple[str, str], ...]
    """(party, answer in words)."""


@dataclass(frozen=True)
class EscalationView:
    """One escalation on its case page: where it stands, the levels passed, and the thread of proposals."""

    row: EscalationRow
    ladder: tuple[LevelStay, ...]
    proposals: tuple[ProposalLine, ...]


def escalation_queue(
    ctx: Context,
    actor: Actor,
    *,
    language: str,
    level: str | None = None,
    kind: str | None = None,
    party: str | None = None,
    waiting: bool | None = None,
    overdue: bool | None = None,
    state: str | None = "open",
    sort: str = "lift",
    after: str | None = None,
    limit: int = 50,
) -> Page[EscalationRow]:
    """The escalations of the instances that the actor may read; by lift time, by time at the level (`since`) or highest
    level first (`level`). `state` is `open`, `closed` or None for both. InvalidInput for a level, state or order
    that is not known."""
    require(actor, Action.READ_ESCALATIONS)
    now = ctx.clock.now()
    posts = actor.reach if actor.kind is ActorKind.PERSON else None
    with ctx.store.read() as tx:
        found = escalations.queue(
            tx,
            posts=posts,
            now=now,
            state=_one_of(EscalationState, state),
            level=_level(level),
            kind=kind or None,
            party=party or None,
            child_waiting=waiting,
            overdue=overdue,
            sort=_sort(sort),
            after=after,
            limit=limit,
        )
        parties = instances.parties_for(tx, [each.instance_id for each in found.items])
        telling = _Telling(ctx, tx.directory(), now, language)
        rows = tuple(telling.row(each, parties.get(each.instance_id, ())) for each in found.items)
    return Page(rows, found.next_after)


@dataclass(frozen=True)
class FilterChoices:
    """What the queue can be filtered by: (value, words), each."""

    levels: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]
    parties: tuple[tuple[str, str], ...]


def filter_choices(ctx: Context, actor: Actor, *, language: str) -> FilterChoices:
    """The levels, the kinds that have a name, and the parties of the directory."""
    require(actor, Action.READ_ESCALATIONS)
    with ctx.store.read() as tx:
        known = tx.directory()
    return FilterChoices(
        levels=tuple((level.name, labels.level(level, language)) for level in Level),
        kinds=tuple((code, labels.kind(code, language)) for code in labels.KINDS),
        parties=tuple((party, party_name(known, party, language)) for party in known.parties),
    )


def _level(name: str | None) -> Level | None:
    if not name:
        return None
    if name not in Level.__members__:
        raise InvalidInput(f"Det finns ingen nivå {name}. Använd {', '.join(Level.__members__)}.")
    return Level[name]


def _one_of(kind: type[EscalationState], value: str | None) -> EscalationState | None:
    if not value:
        return None
    if value not in set(kind):
        raise InvalidInput(f"Det finns inget läge {value}. Använd {', '.join(kind)}.")
    return kind(value)


def _sort(name: str) -> Sort:
    match name:
        case "lift" | "since" | "level":
            return name
        case _:
            raise InvalidInput(f"Kön kan inte ordnas efter {name}. Använd lift, since eller level.")


def escalation_view(
    ctx: Context,
    tx: Transaction,
    escalation: Escalation,
    *,
    parties: Sequence[str],
    language: str,
) -> EscalationView:
    """The escalation as its case page shows it; the caller has seen to it that the reader may."""
    known = tx.directory()
    telling = _Telling(ctx, known, ctx.clock.now(), language)
    acceptances = escalations.acceptances_of(tx, escalation.instance_id)
    return EscalationView(
        row=telling.row(escalation, parties),
        ladder=telling.ladder(escalation, stays_of(tx, escalation.instance_id)),
        proposals=tuple(
            ProposalLine(
                version=each.version,
                party_name=party_name(known, each.party_id, language),
                who=who(known, each.person_id, each.post_id, language=language),
                at=each.at,
                monthly_cost=each.monthly_cost,
                replies=tuple(
                    (party_name(known, said.party_id, language), labels.answer(said.answer, language))
                    for said in acceptances
                    if said.version == each.version
                ),
            )
            for each in escalations.proposals_of(tx, escalation.instance_id)
        ),
    )


@dataclass(frozen=True)
class Stay:
    """One visit to a level, as the history has it."""

    level: Level
    visit: int
    """The first, second … to this level."""
    since: datetime
    until: datetime | None


def stays_of(tx: Transaction, instance_id: str) -> tuple[Stay, ...]:
    """Each time the matter stood at a level, first to last; one ends with the next, or with the outcome."""
    found: list[Stay] = []
    for event in audit.telling(tx, instance_id, "escalationLevel", "escalationOutcome"):
        if "escalationOutcome" in event.details and found and found[-1].until is None:
            found[-1] = replace(found[-1], until=event.at)
        name = event.details.get("escalationLevel")
        if event.happened == Happened.STARTED and isinstance(name, str) and name in Level.__members__:
            if found and found[-1].until is None:
                found[-1] = replace(found[-1], until=event.at)
            visit = 1 + sum(each.level is Level[name] for each in found)
            found.append(Stay(Level[name], visit, event.at, None))
    return tuple(found)


def working_days_at(since: datetime, until: datetime, *, zone: str, closed: frozenset[date]) -> int:
    """How many working days a matter stood at a level, counted as its time limit is."""
    first, last = (calendar.counting_date(at, zone) for at in (since, until))
    return calendar.working_days_between(first, last, closed)


class _Telling:
    """Tells escalations in one language, as things stand now."""

    def __init__(self, ctx: Context, known: Directory, now: datetime, language: str) -> None:
        self._known, self._now, self._language, self._zone = known, now, language, ctx.zone
        self._today = calendar.local_date(now, ctx.zone)
        self._closed = frozenset(day.on for day in known.closed_days)

    def row(self, each: Escalation, parties: Sequence[str]) -> EscalationRow:
        is_open = each.state is EscalationState.OPEN
        lift_on = each.lift_on or (calendar.local_date(each.lift_at, self._zone) if each.lift_at else None)
        sides = tuple(self.side(answer, is_over=not is_open) for answer in each.owed_now())
        interim_state = self._interim_state(each)
        is_late = (
            is_open
            and not each.is_paused
            and (
                (each.lift_at is not None and each.lift_at <= self._now)
                or any(answer.given_at is None and answer.due_at <= self._now for answer in each.owed_now())
            )
        )
        return EscalationRow(
            instance_id=each.instance_id,
            business_key=each.business_key,
            title=each.title,
            kind=labels.kind(each.kind, self._language),
            level=labels.visit(each.level, each.visit, self._language),
            level_since=each.level_since,
            days_at_level=self._days(each.level_since, each.closed_at),
            sides=sides,
            lift_on=lift_on,
            working_days_left=calendar.working_days_between(self._today, lift_on, self._closed) if lift_on else None,
            left_words=self._until(lift_on),
            is_overdue=is_late or interim_state == "late",
            child_waiting=each.child_waiting,
            interim=self._interim(each, interim_state),
            interim_state=interim_state,
            parties=tuple(party_name(self._known, party, self._language) for party in parties),
            outcome=labels.end_state(each.outcome, self._language) if each.outcome else "",
        )

    def _days(self, since: datetime, until: datetime | None) -> int:
        return working_days_at(since, until or self._now, zone=self._zone, closed=self._closed)

    def _until(self, on: date | None) -> str:
        if on is None:
            return ""
        return calendar.words(on, today=self._today, closed=self._closed, language=self._language)

    def side(self, answer: EscalationAnswer, *, is_over: bool) -> Side:
        """What the party owes; at a level that is over, nothing is owed any more."""
        state = "given" if answer.given_at else "silent" if answer.silent_at else "unasked" if is_over else "owed"
        return Side(
            party_name=party_name(self._known, answer.party_id, self._language),
            state=state,
            state_words=labels.answer_state(state, self._language),
            who=owing(self._known, answer.posts, self._today, language=self._language),
            due_on=answer.due_on or calendar.local_date(answer.due_at, self._zone),
            given_at=answer.given_at,
            silent_at=answer.silent_at,
        )

    def ladder(self, each: Escalation, visits: Sequence[Stay]) -> tuple[LevelStay, ...]:
        """The visits to levels in order, each with what was owed then."""
        return tuple(
            LevelStay(
                level=labels.visit(stay.level, stay.visit, self._language),
                code=stay.level.name,
                since=stay.since,
                until=stay.until,
                working_days=self._days(stay.since, stay.until),
                is_current=stay.until is None,
                sides=tuple(
                    self.side(answer, is_over=stay.until is not None)
                    for answer in each.answers
                    if (answer.level, answer.visit) == (stay.level, stay.visit)
                ),
            )
            for stay in visits
        )

    def _interim_state(self, each: Escalation) -> str:
        if each.interim_secured_at is not None:
            return "secured"
        if each.interim_due_at is None:
            return "none"
        return "late" if each.interim_due_at <= self._now else "due"

    def _interim(self, each: Escalation, state: str) -> str:
        party = party_name(self._known, each.interim_party, self._language)
        parts = [labels.interim(state, self._language)]
        if state in ("due", "late") and each.interim_due_at is not None:
            # A day deadline ends with the day: the moment after it belongs to the next.
            on = calendar.local_date(each.interim_due_at - timedelta(microseconds=1), self._zone)
            parts[0] += (" by " if self._language == "en" else " senast ") + date_words(on, self._language)
        return ", ".join([*parts, party] if party else parts)
