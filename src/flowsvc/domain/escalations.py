"""Escalations: the level a matter stands at, who owes an answer, silence, proposals and who accepts which
version. Hides when all have agreed, and when a matter may be lifted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from flowsvc.domain.directory import Level
from flowsvc.domain.errors import FormInvalid
from flowsvc.domain.values import Variables


class EscalationState(StrEnum):
    """An escalation is open until the matter has an outcome."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class EscalationAnswer:
    """What one party owes on one visit to a level: a position by a time. Silence is recorded, never consent (INV-8)."""

    party_id: str
    level: Level
    visit: int
    """The first, second … time that the matter stood at the level."""
    posts: tuple[str, ...]
    due_on: date | None
    due_at: datetime
    given_at: datetime | None
    silent_at: datetime | None


@dataclass(frozen=True)
class Escalation:
    """One matter on its way up the ladder."""

    instance_id: str
    kind: str
    level: Level
    visit: int
    """The first, second … time that the matter stands at the level; 0 before it was taken up at any."""
    level_since: datetime
    lift_on: date | None
    lift_at: datetime | None
    """When the level's limit lifts the matter by itself."""
    state: EscalationState
    outcome: str
    child_waiting: bool
    interim_party: str | None
    interim_due_at: datetime | None
    interim_secured_at: datetime | None
    amount: int | None
    """Disputed cost per month, in öre."""
    opened_at: datetime
    closed_at: datetime | None
    answers: tuple[EscalationAnswer, ...] = ()
    business_key: str = ""
    title: str = ""
    is_paused: bool = False

    def owed_now(self) -> tuple[EscalationAnswer, ...]:
        """What each party owes or has given on the visit that goes on."""
        return tuple(each for each in self.answers if (each.level, each.visit) == (self.level, self.visit))


class Answer(StrEnum):
    """What a party says of one version of a proposal."""

    ACCEPT = "accept"
    COUNTER = "counter"
    REJECT = "reject"
    NO_MANDATE = "no_mandate"


@dataclass(frozen=True)
class Proposal:
    """One version of a proposal in the thread; versions count from 1 within the instance."""

    version: int
    party_id: str
    person_id: str
    post_id: str | None
    at: datetime
    submission_id: str
    monthly_cost: int | None
    """The cost that the proposal puts on each month, in öre."""


@dataclass(frozen=True)
class Acceptance:
    """A party's answer to exactly one version. It counts only within the signer's mandate."""

    version: int
    party_id: str
    answer: Answer
    within_mandate: bool
    person_id: str
    post_id: str | None
    at: datetime
    submission_id: str


@dataclass(frozen=True)
class NewProposal:
    """The next version of a proposal, as a completed form puts it."""

    version: int
    monthly_cost: int | None


@dataclass(frozen=True)
class NewAnswer:
    """What a completed form says of one version."""

    version: int
    answer: Answer
    within_mandate: bool


@dataclass(frozen=True)
class NegotiationMove:
    """What a party did with one negotiation form: the rows to write, and if it wants the matter lifted."""

    proposal: NewProposal | None = None
    answers: tuple[NewAnswer, ...] = ()
    wants_lift: bool = False


def moves(
    values: Variables,
    *,
    party_id: str,
    current_version: int,
    mandate: int | None,
    proposals: Sequence[Proposal],
) -> NegotiationMove:
    """What the form's `action` means for the thread. `propose` and `counter` make the next version, which its
    author accepts by making it; `accept`, `reject` and `no_mandate` are about the version that the form
    showed. FormInvalid where that version is gone, where there is none, or where the action is unknown."""
    action = values.get("action")
    shown = _shown(values, current_version=current_version)
    if action == "escalate":
        return NegotiationMove(wants_lift=True)
    if action in ("propose", "counter"):
        cost = values.get("monthly_cost")
        monthly = int(cost) if isinstance(cost, int | float) else None
        own = NewAnswer(current_version + 1, Answer.ACCEPT, within_mandate=_within(mandate, monthly))
        against = tuple(
            NewAnswer(each.version, Answer.COUNTER, within_mandate=True)
            for each in proposals
            if action == "counter" and each.version == shown and each.party_id != party_id
        )
        return NegotiationMove(proposal=NewProposal(own.version, monthly), answers=(*against, own))
    if not isinstance(action, str) or action not in (Answer.ACCEPT, Answer.REJECT, Answer.NO_MANDATE):
        raise FormInvalid({"action": "Välj vad ni vill göra."})
    if shown == 0:
        raise FormInvalid({"action": "Det finns inget förslag att svara på ännu. Lämna ett eget förslag."})
    if shown != current_version:
        raise FormInvalid(
            {
                "action": f"Version {current_version} har kommit medan du läste version {shown}. "
                "Läs den nya versionen och svara igen."
            }
        )
    cost_asked = next((p.monthly_cost for p in proposals if p.version == shown), None)
    answer = NewAnswer(shown, Answer(action), within_mandate=_within(mandate, cost_asked))
    return NegotiationMove(answers=(answer,))


def _shown(values: Variables, *, current_version: int) -> int:
    version = values.get("version")
    return int(version) if isinstance(version, int | float) else current_version


def _within(mandate: int | None, monthly_cost: int | None) -> bool:
    """Whether somebody with the mandate may bind the party to the cost; what costs nothing needs none."""
    return not monthly_cost or (mandate is not None and monthly_cost <= mandate)


class LevelResult(StrEnum):
    """How the negotiation at one level stands."""

    OPEN = "open"
    AGREED = "agreed"
    LIFT = "lift"


class LiftReason(StrEnum):
    """Why a matter goes to the next level."""

    NONE = ""
    ALL = "all"
    """Every party wants it."""
    ALONE = "alone"
    """One party wants it, after the least time for negotiation."""
    MANDATE = "mandate"
    """All say yes, but somebody's mandate does not reach."""
    TIMEOUT = "timeout"
    """The level's limit ran out."""


@dataclass(frozen=True)
class Standing:
    """How the negotiation stands: the result, the newest version, and what each party says of it."""

    result: LevelResult
    reason: LiftReason
    version: int
    said: dict[str, Answer]
    """Party -> its last answer to the newest version; a party that has not answered is missing."""
    wants_lift: tuple[str, ...]


def standing(
    proposals: Sequence[Proposal],
    acceptances: Sequence[Acceptance],
    *,
    parties: Sequence[str],
    level: Level,
    wants_lift: Sequence[str] = (),
    may_lift_alone: bool = False,
    mover: str = "",
) -> Standing:
    """Agreed when every party accepts the newest version within its mandate; lifted when all want that, when
    the mover does and may alone, or when all accept but a mandate does not reach. Silence is never an answer;
    at leadership nobody is above to confirm, so there every signer binds the party."""
    version = max((p.version for p in proposals), default=0)
    in_order = sorted(acceptances, key=lambda row: row.at)
    last = {row.party_id: row for row in in_order if row.version == version}
    said = {party: last[party].answer for party in parties if party in last}
    wants = tuple(party for party in parties if party in wants_lift)
    result, reason = LevelResult.OPEN, LiftReason.NONE
    # Lifting comes first: a matter that comes back after a decision still has the answers given before it.
    if wants and len(wants) == len(parties):
        result, reason = LevelResult.LIFT, LiftReason.ALL
    elif may_lift_alone and mover in wants:
        result, reason = LevelResult.LIFT, LiftReason.ALONE
    elif not wants and parties and all(said.get(party) is Answer.ACCEPT for party in parties):
        bound = level is Level.LEAD or all(last[party].within_mandate for party in parties)
        result, reason = (LevelResult.AGREED, reason) if bound else (LevelResult.LIFT, LiftReason.MANDATE)
    return Standing(result=result, reason=reason, version=version, said=said, wants_lift=wants)


def wanting_lift(wants_lift: Sequence[str], *, mover: str, action: str) -> tuple[str, ...]:
    """Who wants the matter lifted after the mover's action: a wish holds until its party does otherwise."""
    others = tuple(party for party in wants_lift if party != mover)
    return (*others, mover) if action == "escalate" else others


def silent_parties(parties: Sequence[str], answered: Sequence[str]) -> tuple[str, ...]:
    """The parties that gave no position; they have not consented to anything (INV-8)."""
    return tuple(party for party in parties if party not in answered)


def may_decide(mandate: int | None, monthly_cost: int | None, *, level: Level) -> bool:
    """Whether somebody with the mandate may decide the monthly cost at the level; at leadership all may."""
    return level is Level.LEAD or _within(mandate, monthly_cost)
