"""The shipped forms as people meet them: what they ask for, when, and what they refuse."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from flowsvc.domain.errors import FormInvalid
from flowsvc.domain.forms import Choice, Choices, FormView, parse_form, validate_variables, view
from flowsvc.domain.forms.model import flat
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.feel import Feel
from tests.conftest import ROOT
from tests.processes.county import PLAIN
from tests.processes.host import form_path

FORMS = sorted((ROOT / "forms").glob("*.form"))
TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
CHOICES: Choices = {
    name: [Choice("x", "X"), Choice("y", "Y")] for name in ("units", "counterparts", "all_units", "parties")
}

Fill = Callable[..., Variables]


@pytest.fixture(scope="module")
def evaluate() -> Iterator[Callable[[Sequence[str], Variables], Sequence[Value]]]:
    with Feel() as feel:

        def evaluated(texts: Sequence[str], variables: Variables) -> Sequence[Value]:
            names = {name for text in texts for name in feel.variables(text)}
            return [feel.evaluate(text, dict.fromkeys(names) | variables, now=NOW) for text in texts]

        yield evaluated


@pytest.fixture
def fill(evaluate: Callable[[Sequence[str], Variables], Sequence[Value]]) -> Fill:
    """Fills a form and gives its values; faults by field are raised."""

    def filled(key: str, values: Variables, **known: Value) -> Variables:
        path = ROOT / "forms" / f"{key}.form"
        form = parse_form(path.read_bytes(), file_name=path.name)
        return validate_variables(form, values, known=known, choices=CHOICES, evaluate=evaluate, today=TODAY)

    return filled


def faults(fill: Fill, key: str, values: Variables, **known: Value) -> set[str]:
    with pytest.raises(FormInvalid) as caught:
        fill(key, values, **known)
    return set(caught.value.fields)


REPORT: Variables = PLAIN | {"place": "x", "counterparts": [{"unit": "y"}]}


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_every_form_can_be_shown_empty(
    path: Path, language: str, evaluate: Callable[[Sequence[str], Variables], Sequence[Value]]
) -> None:
    form = parse_form(path.read_bytes(), file_name=path.name)
    known: Variables = {key: [] for key in ("positions", "thread", "proposal_interventions", "proposal_costs")}

    shown: FormView = view(
        form,
        values={},
        known=known,
        errors={},
        choices=CHOICES,
        evaluate=evaluate,
        language=language,
        today=TODAY,
    )

    assert shown.parts
    assert shown.submit


def test_a_report_is_taken(fill: Fill) -> None:
    values = fill("af1", REPORT)

    assert values["event_date"] == date(2026, 2, 26)
    assert "amount" not in values


def test_a_report_for_the_local_group_asks_for_less(fill: Fill) -> None:
    asked: Variables = {"kind": "other", "area": "sip", "urgency": "normal", "place": "x", "description": "x"}
    asked |= {"event_date": "2026-02-27", "discovered": "2026-02-27", "consequence": "none"}

    assert fill("af1", asked)["child_waiting"] is None


def test_a_dispute_needs_another_party_and_what_was_tried(fill: Fill) -> None:
    assert faults(fill, "af1", REPORT | {"counterparts": [], "tried": None}) == {"counterparts", "tried"}


def test_a_dispute_about_cost_needs_the_amount(fill: Fill) -> None:
    assert faults(fill, "af1", REPORT | {"kind": "cost"}) == {"amount"}


def test_a_child_that_has_not_been_heard_needs_a_reason(fill: Fill) -> None:
    assert faults(fill, "af1", REPORT | {"child_heard": "no", "child_view": None}) == {"not_heard_reason"}
    assert faults(fill, "af1", REPORT | {"child_view": None}) == {"child_view"}


def test_what_happened_comes_before_it_was_discovered_and_neither_after_today(fill: Fill) -> None:
    assert faults(fill, "af1", REPORT | {"discovered": "2026-02-25"}) == {"discovered"}
    assert faults(fill, "af1", REPORT | {"event_date": "2026-03-03", "discovered": "2026-03-03"})


def proposal(*lines: tuple[str, int], **more: Value) -> Variables:
    rows: list[Value] = [{"cost_type": kind, "payer": "x", "share": share} for kind, share in lines]
    made: Variables = {"action": "propose", "cost_lines": rows, "valid_until": "2026-12-31", "interventions": []}
    return made | more


PARTIES: list[Value] = [{"value": "x", "label": "X"}]


def test_the_shares_of_each_cost_type_total_a_hundred(fill: Fill) -> None:
    whole = proposal(("school", 100), ("travel", 60), ("travel", 40))

    assert fill("forhandla", whole, party_options=PARTIES, version=0)["cost_lines"]
    short = proposal(("school", 100), ("travel", 60))
    assert faults(fill, "forhandla", short, party_options=PARTIES, version=0) == {"cost_lines"}
    assert fill("forhandla", proposal(), party_options=PARTIES, version=0)["cost_lines"] == []


def test_an_answer_needs_its_version_and_a_wish_to_lift_does_not(fill: Fill) -> None:
    assert faults(fill, "forhandla", {"action": "accept"}) == {"version"}
    assert fill("forhandla", {"action": "escalate"}) == {"action": "escalate", "answer_comment": None}


def test_only_a_party_of_the_matter_can_pay(fill: Fill) -> None:
    rows: list[Value] = [{"cost_type": "school", "payer": "z", "share": 100}]

    assert faults(fill, "forhandla", proposal(cost_lines=rows), party_options=PARTIES) == {"cost_lines:0:payer"}


DECISION: Variables = {"content": "x", "reasons": "x", "child_best": "x"}
DECISION |= {"valid_from": "2026-04-01", "review_on": "2026-07-01"}


def test_a_decision_says_what_the_child_thinks_or_why_not(fill: Fill) -> None:
    assert faults(fill, "beslut", DECISION) == {"child_view"}
    assert fill("beslut", DECISION | {"child_view": "x"})
    assert fill("beslut", DECISION | {"not_heard_reason": "age"})


def test_a_signer_says_that_there_is_no_conflict_of_interest(fill: Fill) -> None:
    assert faults(fill, "underteckna", {"signature": "sign"}) == {"is_unbiased"}
    assert faults(fill, "underteckna", {"signature": "send_back"}) == {"send_back_reason"}


def test_the_next_review_comes_within_thirty_days(fill: Fill) -> None:
    latest = TODAY + timedelta(days=30)
    record: Variables = {"disputed": ["cost"], "route": "court", "motivation": "x"}

    assert fill("olost", record | {"interim_review": latest}, review_latest=latest)
    late = record | {"interim_review": latest + timedelta(days=1)}
    assert faults(fill, "olost", late, review_latest=latest) == {"interim_review"}


def test_support_that_is_secured_is_paid_without_prejudice(fill: Fill) -> None:
    secured: Variables = {"secured_how": "x", "secured_from": "2026-03-03"}

    assert faults(fill, "sakra-stodet", secured) == {"without_prejudice"}


def test_the_reporter_is_asked_once_whether_it_is_solved(fill: Fill) -> None:
    assert faults(fill, "aterkoppling-brist", {}, objection_used=False) == {"solved"}
    assert fill("aterkoppling-brist", {}, objection_used=True) == {"reporter_comment": None}


DECISIONS = ("beslut", "pp6", "pp-akut", "pp-provning", "beslut-aterkallelse", "omplacering-beslut")


@pytest.mark.parametrize("key", DECISIONS)
def test_every_decision_about_a_child_states_best_interests(key: str) -> None:
    form = parse_form(form_path(key).read_bytes(), file_name=key)

    (stated,) = [each for each in flat(form.components) if "best" in each.key and each.type == "textarea"]

    assert stated.rules.required or stated.rules.required_if
