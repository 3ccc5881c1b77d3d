"""Complex gateways: when they open, and what happens to the tokens that come later (BPMN 2.0.2, 13.4.5)."""

import pytest

from flowsvc.engine.outcome import Status
from tests.engine.conftest import Begin
from tests.factories import boundary, bpmn, element, end, flow, message, path, start, user


def complex_gateway(identity: str, activation: str = "", **more: str) -> str:
    inside = f"<bpmn:activationCondition>{activation}</bpmn:activationCondition>" if activation else ""
    return element("complexGateway", identity, inside, **more)


def joined(activation: str, *flows: str, default: str = "") -> bytes:
    """a, b and c at once → the gateway g → first, rest or otherwise."""
    given = {"default": default} if default else {}
    return bpmn(
        start(),
        *(user(each) for each in "abc"),
        complex_gateway("g", activation, **given),
        *(user(each) for each in ("first", "rest", "otherwise")),
        end(),
        *(path("start", each, "g") for each in "abc"),
        *flows,
        path("first", "end"),
        path("rest", "end"),
        path("otherwise", "end"),
    )


TWO = joined("activationCount &gt;= 2", flow("g", "first", "waitingForStart"),
             flow("g", "rest", "not(waitingForStart)"), flow("g", "otherwise", "false"))  # fmt: skip
ONE = joined("activationCount = 1", flow("g", "first", "waitingForStart"), flow("g", "rest", "false"),
             flow("g", "otherwise", "false"))  # fmt: skip


def test_it_opens_when_enough_tokens_have_come_and_again_when_the_rest_has(run: Begin) -> None:
    case = run(TWO).start()

    case.complete("b")
    assert case.waits == ["a", "c"]
    case.complete("a")
    assert case.waits == ["c", "first"]
    case.complete("first")
    case.complete("c")

    assert case.waits == ["rest"]
    assert case.happened("g") == ["started", "completed"] * 2
    case.complete("rest")
    assert case.status is Status.ENDED


def test_the_first_of_several_may_go_on_alone(run: Begin) -> None:
    case = run(ONE).start()

    case.complete("c")
    assert case.waits == ["a", "b", "first"]
    for each in ("a", "first", "b"):
        case.complete(each)

    assert case.status is Status.ENDED
    assert case.completed().count("first") == 1


def test_it_may_ask_by_which_flow_tokens_have_come(run: Begin) -> None:
    active = "activationCounts.a_g = 1 and activationCounts.b_g + activationCounts.c_g &gt; 0"
    case = run(TWO.replace(b"activationCount &gt;= 2", active.encode())).start()

    case.complete("b")
    case.complete("c")
    assert case.waits == ["a"]
    case.complete("a")

    assert case.waits == ["first", "rest"], "all have come at once, and nothing is left to wait for"


def test_a_token_that_dies_elsewhere_is_no_longer_waited_for(run: Begin) -> None:
    source = bpmn(
        start(), user("a"), user("b"), element("exclusiveGateway", "x", default="x_g"),
        complex_gateway("g", "activationCount = 1"), user("first"), user("rest"), end(),
        path("start", "a", "g"), path("start", "b", "x", "g"), flow("x", "end", "stop"),
        flow("g", "first", "waitingForStart"), flow("g", "rest", "not(waitingForStart)"),
        path("first", "end"), path("rest", "end"),
    )  # fmt: skip
    case = run(source).start()

    case.complete("a")
    assert case.waits == ["b", "first"]
    case.complete("b", stop=True)

    assert case.waits == ["first", "rest"]


def test_a_second_token_by_the_same_flow_waits_for_the_next_round(run: Begin) -> None:
    source = bpmn(
        start(), user("a"), user("b"), boundary("again", "a", message(), interrupting=False),
        element("exclusiveGateway", "merge"), complex_gateway("g", "activationCount &gt;= 1"), user("first"), end(),
        path("start", "a", "merge", "g"), path("start", "b", "g"), path("again", "merge"),
        flow("g", "first", "waitingForStart"), path("first", "end"),
    )  # fmt: skip
    case = run(source).start()

    case.send("again")
    case.send("again")
    assert case.tokens("first"), "opened by the first"
    assert len(case.tokens("first")) == 1
    case.complete("a")
    case.complete("b")

    assert len(case.tokens("first")) == 3, "each of those that had to wait opens a round of its own"
    for _ in range(3):
        case.complete("first")
    assert case.status is Status.ENDED


def test_no_true_condition_when_it_opens_takes_the_default_or_is_an_incident(run: Begin) -> None:
    flows = flow("g", "first", "n = 1"), flow("g", "rest", "n = 2")
    case = run(joined("activationCount = 3", *flows, flow("g", "otherwise"), default="g_otherwise")).start(n=3)
    for each in "abc":
        case.complete(each)
    assert case.waits == ["otherwise", "otherwise"], "when it opens and when it is reset"

    case = run(joined("activationCount = 3", *flows, flow("g", "otherwise", "false"))).start(n=3)
    for each in "abc":
        case.complete(each)
    assert case.failures() == [("g", "engine.no_path_taken")]
    case.correct(n=1)
    case.retry("g")
    assert case.waits == ["first", "first"]


def test_a_condition_that_cannot_be_worked_out_is_one_incident_for_all_that_have_come(run: Begin) -> None:
    case = run(TWO.replace(b"activationCount &gt;= 2", b"activationCount &gt;= enough")).start(enough=2)
    case.complete("a")
    case.correct(enough="two")
    case.complete("b")
    assert [each for each, _ in case.failures()] == ["g"]

    case.correct(enough=3)
    case.retry("g")
    assert (case.waits, case.failures()) == (["c"], [])
    case.complete("c")

    assert case.waits == ["first", "rest"]


def test_it_opens_when_a_variable_makes_its_condition_true(run: Begin) -> None:
    case = run(TWO.replace(b"activationCount &gt;= 2", b"activationCount &gt;= 1 and go")).start(go=False)
    case.complete("a")
    assert case.waits == ["b", "c"]

    case.complete("b", go=True)

    assert case.waits == ["c", "first"]


@pytest.mark.parametrize(("n", "taken"), [(3, ["a", "b"]), (2, ["a"]), (1, ["c"])])
def test_without_an_activation_condition_it_splits_as_an_inclusive_gateway(
    run: Begin, n: int, taken: list[str]
) -> None:
    source = bpmn(
        start(), complex_gateway("g", default="g_c"), *(user(each) for each in "abc"), end(), path("start", "g"),
        flow("g", "a", "n > 1"), flow("g", "b", "n > 2"), flow("g", "c"), *(flow(each, "end") for each in "abc"),
    )  # fmt: skip

    assert run(source).start(n=n).waits == taken
