"""The functions that a diagram may call by name (flowsvc:function): pure, over a directory, a thread of
proposals and one time that are bound before the step. Hides how values of a diagram become the domain's and
back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from flowsvc.domain.directory import Directory
from flowsvc.domain.errors import InvalidInput, ScriptFailed
from flowsvc.domain.escalations import Acceptance, Proposal
from flowsvc.domain.statistics import Matter
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.functions import ladders, matters, meetings, planning, reviews
from flowsvc.engine.functions.world import Inputs, World, no_file, no_matters
from flowsvc.engine.outcome import PureFunction

_Body: TypeAlias = "Callable[[World, Inputs], Variables]"


@dataclass(frozen=True)
class Declared:
    """A function as a process owner knows it: what it wants and what it gives, by name."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    text: str
    text_en: str
    body: _Body


_ALL = (
    Declared(
        "matter.open",
        (
            "reporter",
            "place",
            "counterparts",
            "child_waiting",
            "signs",
            "support_part",
            "support_party",
            "placing_party",
        ),
        (
            "parties",
            "party_names",
            "party_options",
            "lead_party",
            "reporter_posts",
            "manager_posts",
            "reported_on",
            "county",
            "agreement_version",
            "child_waiting",
            "signs",
            "support_part",
            "is_provided",
            "is_placed",
        ),
        "Tar fram parterna, anmälarens närmaste chef och vad som är känt om stödet.",
        "Finds the parties, the reporter's nearest manager and what is known of the support.",
        matters.open_matter,
    ),
    Declared(
        "interim.assign",
        ("rule", "parties", "lead_party", "support_party", "placing_party", "stay_party", "residence_party"),
        ("interim_party", "interim_name", "interim_posts", "interim_rule", "directors"),
        "Utser den part som säkrar stödet tills frågan är avgjord.",
        "Appoints the party that secures the support until the matter is decided.",
        matters.assign_interim,
    ),
    Declared(
        "matter.extract",
        (
            "kind",
            "area",
            "level",
            "end_state",
            "urgency",
            "child_waiting",
            "parties",
            "silent",
            "monthly_cost",
            "reported_on",
        ),
        ("extract",),
        "Gör ett utdrag utan personuppgifter och utan fritext.",
        "Makes an extract without personal data and without free text.",
        matters.make_extract,
    ),
    Declared(
        "ladder.addressees",
        ("parties", "level", "lead_party", "limit_days", "min_negotiation_days", "round_no"),
        (
            "addressees",
            "lead_posts",
            "all_posts",
            "answer_by",
            "lift_alone_from",
            "round_no",
            "wants_lift",
            "wants_lift_names",
            "level_result",
            "lift_reason",
        ),
        "Tar fram vem som svarar för varje part på nivån, och till när.",
        "Finds who answers for each party at the level, and by when.",
        ladders.find_addressees,
    ),
    Declared(
        "negotiation.state",
        (
            "parties",
            "level",
            "party",
            "action",
            "wants_lift",
            "lift_alone_from",
            "interventions",
            "cost_lines",
            "cost_labels",
        ),
        (
            "level_result",
            "lift_reason",
            "version",
            "wants_lift",
            "wants_lift_names",
            "thread",
            "proposal_interventions",
            "proposal_costs",
        ),
        "Säger hur förhandlingen på nivån står efter en parts besked.",
        "Says how the negotiation at the level stands after a party's move.",
        ladders.negotiation_state,
    ),
    Declared(
        "ladder.lift",
        (
            "level",
            "next_level",
            "addressees",
            "positions",
            "round_no",
            "lift_reason",
            "silent",
            "review_days",
        ),
        ("level", "left_level", "is_last", "lift_reason", "silent", "silent_names", "interim_review", "review_latest"),
        "Lyfter ärendet till nästa nivå och antecknar vem som inte svarat.",
        "Lifts the matter to the next level and notes who has not answered.",
        ladders.lift_matter,
    ),
    Declared(
        "decision.check",
        (
            "addressees",
            "level",
            "content",
            "reasons",
            "child_best",
            "child_view",
            "not_heard_reason",
            "monthly_cost",
            "cost_lines",
            "interim_party",
            "attempt",
        ),
        (
            "is_formally_right",
            "faults",
            "deciders",
            "payer_names",
            "settlement_needed",
            "decision_no",
            "attempt",
        ),
        "Granskar ett beslut formellt och tar fram vem som ska underteckna.",
        "Checks a decision formally and finds who must sign it.",
        ladders.check_decision,
    ),
    Declared(
        "meeting.next",
        ("body_kind", "party", "not_before", "not_after"),
        ("meeting_on", "body", "body_name", "posts", "chair", "is_in_time"),
        "Tar fram organets första möte i perioden. Finns inget där gäller periodens sista dag.",
        "Finds the body's first meeting in the period. With none there, the period's last day stands.",
        meetings.find_next,
    ),
    Declared(
        "meeting.deadline",
        ("body_kind", "party", "body", "working_days"),
        ("due_on", "is_meeting", "body", "body_name", "posts", "chair"),
        "Ger organets nästa möte, eller dagen efter så många arbetsdagar, det som kommer först.",
        "Gives the body's next meeting, or the day after so many working days, whichever comes first.",
        meetings.find_deadline,
    ),
    Declared(
        "unit.addressees",
        ("units",),
        ("addressees",),
        "Tar fram vilka som arbetar på varje enhet, och vilka som leder den.",
        "Finds who works at each unit, and who leads it.",
        planning.unit_addressees,
    ),
    Declared(
        "service.addressees",
        ("party", "of_region", "service"),
        (
            "unit",
            "name",
            "unit_name",
            "party",
            "party_name",
            "party_type",
            "posts",
            "managers",
            "area_managers",
            "directors",
        ),
        "Tar fram vem som svarar för en tjänst hos en part, eller hos regionen i partens län.",
        "Finds who answers for a service at a party, or at the region of the party's county.",
        planning.service_addressees,
    ),
    Declared(
        "party.county",
        ("party",),
        ("county", "region", "region_name", "party_name"),
        "Tar fram partens län och länets region.",
        "Finds the party's county and the region of the county.",
        planning.party_county,
    ),
    Declared(
        "plan.owners",
        ("lines",),
        ("lines", "owners", "disputed", "disputed_text"),
        "Tar fram vem som ansvarar för varje rad i en plan, och vilka rader som saknar ansvarig.",
        "Finds who is responsible for each line of a plan, and which lines nobody owns.",
        planning.plan_owners,
    ),
    Declared(
        "cost.signers",
        ("parties", "cost_lines"),
        ("signers", "cost_lines", "monthly_cost", "payer_names"),
        "Tar fram vem hos varje part som har mandat att underteckna kostnaden.",
        "Finds who at each party has the mandate to sign for the cost.",
        planning.cost_signers,
    ),
    Declared(
        "period.statutory",
        ("period", "from_on"),
        ("from_on", "ends_on", "law"),
        "Räknar ut sista dagen i en tid som lagen ger.",
        "Works out the last day of a period that the law gives.",
        planning.statutory_period,
    ),
    Declared(
        "meeting.of_body",
        ("body", "not_before", "not_after"),
        ("meeting_on", "body_name", "posts", "chair", "is_in_time"),
        "Tar fram ett visst organs första möte i perioden. Finns inget där gäller periodens sista dag.",
        "Finds a certain body's first meeting in the period. With none there, the period's last day stands.",
        meetings.find_of_body,
    ),
    Declared(
        "agreement.open",
        ("agreement", "year"),
        (
            "agreement_name",
            "version",
            "version_no",
            "parties",
            "groups",
            "coordinating",
            "deciding",
            "deviation_body",
            "clauses",
            "clause_options",
            "valid_until",
            "is_expired",
            "is_expiring",
            "period_from",
            "period_to",
            "report_on",
            "unit_managers",
        ),
        "Hämtar överenskommelsen ur registret: parter, organ, punkter och årets period.",
        "Takes the agreement from the register: parties, bodies, clauses and the period of the year.",
        reviews.open_agreement,
    ),
    Declared(
        "group.stock",
        ("body", "period_from", "period_to"),
        ("stock", "stock_count"),
        "Tar fram det som listats för den lokala gruppen under perioden.",
        "Finds what has been listed for the local group in the period.",
        reviews.stock_of_group,
    ),
    Declared(
        "period.figures",
        ("period_from", "period_to", "clauses", "labels", "meetings", "contributions"),
        ("indicators", "silent_parties", "missed_meetings"),
        "Räknar periodens nyckeltal över överenskommelsens ärenden. Små antal visas inte.",
        "Counts the period's indicators over the agreement's cases. Small counts are not shown.",
        reviews.figures_of_period,
    ),
    Declared(
        "deviations.read",
        ("files", "columns"),
        (
            "is_readable",
            "faults",
            "row_count",
            "duplicate_count",
            "deviation_count",
            "duplicate_lines",
            "categories",
        ),
        "Läser in en lista med avvikelser (CSV), hittar dubbletter och räknar per kategori.",
        "Reads a list of deviations (CSV), finds duplicates and counts by category.",
        reviews.read_deviation_file,
    ),
)

FUNCTIONS: Mapping[str, Declared] = {each.name: each for each in _ALL}
"""Every function by name."""

FUNCTION_NAMES = frozenset(FUNCTIONS)


def bind(
    *,
    directory: Directory,
    now: datetime,
    closed_days: frozenset[date],
    zone: str,
    business_key: str = "",
    proposals: Sequence[Proposal] = (),
    acceptances: Sequence[Acceptance] = (),
    agreement_version: str = "",
    matters: Callable[[], Sequence[Matter]] = no_matters,
    file: Callable[[str], bytes | None] = no_file,
) -> Mapping[str, PureFunction]:
    """The functions over this world, by name: each gives the same answer to the same inputs."""
    world = World(
        directory=directory,
        now=now,
        closed_days=closed_days,
        zone=zone,
        business_key=business_key,
        proposals=tuple(proposals),
        acceptances=tuple(acceptances),
        agreement_version=agreement_version,
        matters=matters,
        file=file,
    )
    return {name: _bound(declared, world) for name, declared in FUNCTIONS.items()}


def _bound(declared: Declared, world: World) -> PureFunction:
    def call(values: Variables) -> Value:
        try:
            return declared.body(world, Inputs(declared.name, values))
        except InvalidInput as error:
            # What the directory lacks is an incident for those who keep it, not a fault of the person at the
            # form.
            raise ScriptFailed(f"Funktionen {declared.name}: {error.message}") from error

    return call
