"""FEEL as processes see it: the language's traps, its limits, and the fate of the process that runs it."""

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from flowsvc.domain.errors import Misconfigured
from flowsvc.domain.values import MonthsDuration, Value
from flowsvc.engine.feel import (
    Feel,
    FeelFault,
    FeelLimit,
    FeelMemory,
    FeelSyntax,
    FeelTimeout,
    FeelType,
    FeelUnavailable,
    FeelUnknownName,
)

# Half an hour into 3 December in Stockholm, still the 2nd in UTC.
NOW = datetime(2026, 12, 2, 23, 30, tzinfo=UTC)
PARTIES: Value = [{"namn": "Åre", "aktiv": True}, {"namn": "Region", "aktiv": False}]
GROWTH = 'replace(replace(replace(replace("{}", "a", "{}"), "b", "cccccccc"), "c", "dddddddd"), "d", "e")'


@pytest.fixture(scope="module")
def feel() -> Iterator[Feel]:
    with Feel() as feel:
        yield feel


def child_of(feel: Feel) -> int:
    """The process id of the running child."""
    child = feel._crossing._child
    assert child is not None
    return child._process.pid


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


@pytest.mark.parametrize(
    ("text", "context", "expected"),
    [
        ("belopp > 1000 and nivå = \"A\"", {"belopp": 5000, "nivå": "A"}, True),
        ("=belopp * 2", {"belopp": 21}, 42),
        (" = belopp", {"belopp": 1}, 1),
        ("0.1 + 0.2 = 0.3", {}, True),
        ("sum([0.1, 0.2])", {}, 0.3),
        ("if svar = null then \"tyst\" else svar", {"svar": None}, "tyst"),
        ("svar != null and svar > 3", {"svar": None}, False),
        ("median([10, 9, 1])", {}, 9),
        ("for i in -2..0 return i", {}, [-2, -1, 0]),
        ("[1, 2, 3][item > 1]", {}, [2, 3]),
        ("parter[aktiv].namn", {"parter": PARTIES}, ["Åre"]),
        ("some p in parter satisfies p = \"åäö\"", {"parter": ["åäö"]}, True),
        ("[false, null, 0][item = null]", {}, [None]),
        ("string length(\"åäö🙂\")", {}, 4),
        ("{a: 1, b: a + 1}", {}, {"a": 1, "b": 2}),
        ("1 instance of number and not(\"1\" instance of number)", {}, True),
        ("during(5, [1..10])", {}, True),
        ("\"b\" in (\"a\", \"b\")", {}, True),
        ("5 between 1 and 10", {}, True),
        ("list contains([@\"2026-01-01\"], @\"2026-01-01\")", {}, True),
        ("count", {"count": 3}, 3),
    ],
)  # fmt: skip
def test_an_expression_has_its_value(feel: Feel, text: str, context: dict[str, Value], expected: Value) -> None:
    assert feel.evaluate(text, context, now=NOW) == expected


@pytest.mark.parametrize(
    ("text", "context", "fault"),
    [
        ("5 > \"4\"", {}, FeelType),
        ("belopp > 1000", {"belopp": "5000"}, FeelType),
        ("5 = \"5\"", {}, FeelType),
        ("5 != \"5\"", {}, FeelType),
        ("if \"text\" then 1 else 2", {}, FeelType),
        ("if svar > 3 then 1 else 2", {"svar": None}, FeelType),
        ("true > false", {}, FeelType),
        ("nul > 3", {}, FeelUnknownName),
        ("person.namn", {"person": {"Namn": "x"}}, FeelUnknownName),
        ("\"5\" in [1..10]", {}, FeelType),
        ("1 + \"a\"", {}, FeelType),
        ("null + 1", {}, FeelType),
        ("1 / 0", {}, FeelType),
        ("10 ** 400", {}, FeelType),
        ("9007199254740993", {}, FeelType),
        ("number(\"\")", {}, FeelType),
        ("contains(5, \"a\")", {}, FeelType),
        ("date(2026, 2, 30)", {}, FeelType),
        ("date(\"i morgon\")", {}, FeelType),
        ("today() > now()", {}, FeelType),
        ("duration(\"P1M\") > duration(\"P30D\")", {}, FeelType),
        ("matches(\"a\", \"(\")", {}, FeelType),
        ("count", {}, FeelType),
        ("[1..3]", {}, FeelType),
        ("for x in 1 return x", {}, FeelType),
        ("date and time(\"2026-06-01T08:00:00.123456789\").second + \"\"", {}, FeelType),
        ("\"x\" and true", {}, FeelType),
        ("nope(1)", {}, FeelUnknownName),
        ("1 +", {}, FeelSyntax),
        ("", {}, FeelSyntax),
        ("for i in 1..1001 return i", {}, FeelLimit),
        ("date(\"12026-12-03\")", {}, FeelType),
        ("[@\"P1999999999D\"]", {}, FeelType),
    ],
)  # fmt: skip
def test_what_feelin_lets_pass_in_silence_is_a_fault(
    feel: Feel, text: str, context: dict[str, Value], fault: type[FeelFault]
) -> None:
    with pytest.raises(fault):
        feel.evaluate(text, context, now=NOW)


def test_a_fault_names_the_variable_and_the_place_but_never_a_value(feel: Feel) -> None:
    with pytest.raises(FeelUnknownName) as unknown:
        feel.evaluate("= namn = okänd", {"namn": "Hemliga Kalle"}, now=NOW)
    with pytest.raises(FeelType) as unlike:
        feel.evaluate("namn > 3", {"namn": "Hemliga Kalle"}, now=NOW)

    assert (unknown.value.name, unknown.value.names, unknown.value.position) == ("okänd", ("okänd",), (9, 14))
    assert "Kalle" not in str(unknown.value) + str(unlike.value)
    assert unlike.value.position == (0, 8)


@pytest.mark.parametrize(
    ("want", "text"),
    [
        ("bool", "null"),
        ("bool", "1"),
        ("bool", "\"true\""),
        ("number", "\"1\""),
        ("text", "null"),
        ("date", "\"2026-01-01\""),
        ("duration", "5"),
        ("list", "1"),
    ],
)  # fmt: skip
def test_an_answer_of_another_kind_than_wanted_is_a_fault(feel: Feel, want: str, text: str) -> None:
    with pytest.raises(FeelType):
        feel.evaluate(text, {}, now=NOW, want=want)  # type: ignore[arg-type] # parametrised


@pytest.mark.parametrize(
    "value",
    [
        None, True, 7, -0.5, "å", "\"\\\n\u2028", date(2026, 12, 3), datetime(2026, 6, 1, 6, 0, tzinfo=UTC),
        time(8, 30), timedelta(days=3, hours=4, seconds=1.5), timedelta(0), -timedelta(hours=5),
        MonthsDuration(14), MonthsDuration(-1),
        [1, [date(1900, 1, 1)]], {"a b": {"ö": [None]}, "__proto__": 1, "constructor": "x"},
    ],
)  # fmt: skip
def test_a_value_comes_back_as_it_went_in(feel: Feel, value: Value) -> None:
    assert feel.evaluate("x", {"x": value}, now=NOW) == value


@pytest.mark.parametrize("value", [2**53 + 1, datetime(2026, 1, 1), object()])  # noqa: DTZ001 - naive on purpose
def test_a_value_that_feel_cannot_hold_is_a_fault_that_does_not_show_it(feel: Feel, value: Value) -> None:
    with pytest.raises(FeelType) as caught:
        feel.evaluate("x = 1", {"x": value}, now=NOW)

    assert "9007199254740993" not in str(caught.value)


def test_names_with_spaces_and_operators_are_names_when_they_are_variables(feel: Feel) -> None:
    context: dict[str, Value] = {"Antal dygn": 3, "a-b": 1, "barn": {"Fullt namn": "Åsa"}, "date": 5}

    assert feel.evaluate("Antal dygn + a-b", context, now=NOW) == 4
    assert feel.evaluate("barn.Fullt namn", context, now=NOW) == "Åsa"
    assert feel.evaluate("date + 1", context, now=NOW) == 6
    assert feel.evaluate('date("2026-01-01").year', {}, now=NOW) == 2026


def test_days_are_swedish_days(feel: Feel) -> None:
    context: dict[str, Value] = {"mottaget": datetime(2026, 6, 1, 22, 30, tzinfo=UTC)}

    assert feel.evaluate("today()", {}, now=NOW) == date(2026, 12, 3)
    assert feel.evaluate("date(mottaget)", context, now=NOW) == date(2026, 6, 2)
    assert feel.evaluate("mottaget.hour", context, now=NOW) == 0
    assert feel.evaluate("(now() - mottaget).days", context, now=NOW) == 184
    assert feel.evaluate("now()", {}, now=NOW) == NOW
    assert feel.evaluate('date and time("2026-06-01T08:00:00")', {}, now=NOW) == datetime(2026, 6, 1, 6, tzinfo=UTC)
    assert feel.evaluate('date and time("2026-06-01T00:00:00Z")', {}, now=NOW) == datetime(2026, 6, 1, tzinfo=UTC)
    assert feel.evaluate('date and time(today(), time("16:30:00"))', {}, now=NOW) == datetime(
        2026, 12, 3, 15, 30, tzinfo=UTC
    )


def test_a_day_keeps_the_wall_clock_over_summer_time_and_24_hours_do_not(feel: Feel) -> None:
    context: dict[str, Value] = {"t": datetime(2026, 3, 28, 11, 0, tzinfo=UTC)}

    assert feel.evaluate('t + duration("P1D")', context, now=NOW) == datetime(2026, 3, 29, 10, 0, tzinfo=UTC)
    assert feel.evaluate('t + duration("PT24H")', context, now=NOW) == datetime(2026, 3, 29, 11, 0, tzinfo=UTC)
    assert feel.evaluate('@"2026-03-29T02:30:00@Europe/Stockholm"', {}, now=NOW) == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )


def test_durations_are_exact(feel: Feel) -> None:
    assert feel.evaluate('@"2026-01-31" + duration("P1M")', {}, now=NOW) == date(2026, 2, 28)
    assert feel.evaluate('duration("P1D") * 2 + -duration("PT12H")', {}, now=NOW) == timedelta(hours=36)
    assert feel.evaluate('years and months duration(@"2026-01-15", @"2027-03-14")', {}, now=NOW) == MonthsDuration(13)
    assert feel.evaluate('string(@"2026-12-03" - @"2026-06-01")', {}, now=NOW) == "P185D"


@pytest.mark.parametrize(
    ("cell", "value", "context", "expected"),
    [
        ("-", 3, {}, True),
        ("> 1000", 5000, {}, True),
        ("[1..10]", 10, {}, True),
        ("]1..10[", 10, {}, False),
        ("\"a\", \"b\"", "b", {}, True),
        ("not(\"a\")", "b", {}, True),
        ("> 1000", None, {}, False),
        ("not(> 5)", None, {}, False),
        ("null", None, {}, True),
        ("flagga", False, {"flagga": False}, True),
        ("not(flagga)", False, {"flagga": False}, False),
        ("true", False, {}, False),
        ("? > 3", 5, {}, True),
        ("contains(?, \"x\")", "ax", {}, True),
        ("lista", "a", {"lista": ["a", "b"]}, True),
        ("< gräns", 4, {"gräns": 5}, True),
    ],
)  # fmt: skip
def test_a_cell_tests_its_input(feel: Feel, cell: str, value: Value, context: dict[str, Value], expected: bool) -> None:
    assert feel.unary_test(cell, value, context, now=NOW) is expected


def test_a_cell_of_another_kind_than_its_input_is_a_fault(feel: Feel) -> None:
    with pytest.raises(FeelType):
        feel.unary_test("> 1000", "5000", {}, now=NOW)


def test_a_gateway_is_asked_in_one_crossing_and_each_flow_answers_for_itself(feel: Feel) -> None:
    answers = feel.evaluate_many(["a > 1", 'a > "x"', "b", "a < 1"], {"a": 2, "b": None}, now=NOW)

    assert (answers[0], answers[3]) == (True, False)
    assert isinstance(answers[1], FeelType)
    assert isinstance(answers[2], FeelType)


def test_variables_are_the_names_a_text_reads_and_nothing_else(feel: Feel) -> None:
    text = "for i in lista return i.x + tal + count(rader[item.y = z]) + {k: q, m: k}.m + (function(f) f + g)(2)"

    assert set(feel.variables(text)) == {"lista", "tal", "rader", "z", "q", "g"}
    assert feel.variables("=Antal dygn > a-b", names=["Antal dygn", "a-b"]) == ("Antal dygn", "a-b")
    assert feel.variables("> gräns", kind="unary") == ("gräns",)
    assert feel.variables("now() > count", names=["count"]) == ("count",)
    with pytest.raises(FeelSyntax):
        feel.variables("1 +")


def test_check_says_where_a_text_stops_being_feel(feel: Feel) -> None:
    (issue,) = feel.check("=belopp > ) 3")

    assert 8 <= issue.start <= 10
    assert "FEEL" in issue.message
    assert "FEEL" in issue.message_en
    assert feel.check("belopp > 3") == ()
    assert feel.check("> 3, < 1", kind="unary") == ()
    assert feel.check("Antal dygn > 3", names=["Antal dygn"]) == ()
    assert feel.variables("Antal dygn > 3") == ("Antal dygn",)
    assert feel.check("x" * 70_000) != ()


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..100000000 return i",
        "some i in 1..1000000000 satisfies i < 0",
        "matches(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\", \"^(a+)+$\")",
        "(" * 30_000 + "1" + ")" * 30_000,
        "for i in 1..100000, j in 1..100000 return \"aaaaaaaaaaaaaaaaaaaaaaaaaa\"",
        "(function(f, x) f(f, f(f, x + x)))(function(f, x) f(f, f(f, x + x)), \"aaaaaaaa\")",
        GROWTH.format("a" * 5000, "b" * 500),
    ],
)  # fmt: skip
def test_an_expression_that_would_eat_the_machine_is_cut_off_and_the_next_one_runs(feel: Feel, text: str) -> None:
    with pytest.raises((FeelTimeout, FeelMemory, FeelLimit)):
        feel.evaluate(text, {}, now=NOW)

    assert feel.evaluate("1 + 1", {}, now=NOW) == 2


def test_a_check_of_a_monstrous_text_is_an_issue_not_a_hang(feel: Feel) -> None:
    assert feel.check("(" * 30_000 + "1" + ")" * 30_000) != ()


def test_stated_sizes_are_limits(feel: Feel) -> None:
    with pytest.raises(FeelLimit):
        feel.evaluate('"' + "a" * 64_000 + '"', {}, now=NOW)
    with pytest.raises(FeelLimit):
        feel.evaluate("x = null", {"x": "a" * 256_000}, now=NOW)

    assert feel.evaluate("string length(x)", {"x": "a" * 200_000, "unread": "b" * 256_000}, now=NOW) == 200_000


def test_names_of_the_interpreters_own_language_are_only_names(feel: Feel) -> None:
    with pytest.raises(FeelFault):
        feel.evaluate("globalThis", {}, now=NOW)
    with pytest.raises(FeelFault):
        feel.evaluate('"a".constructor("return 1")()', {}, now=NOW)
    with pytest.raises(FeelFault):
        feel.evaluate("x.constructor", {"x": {"a": 1}}, now=NOW)
    assert feel.evaluate("{__proto__: {a: 1}, b: 2}.b", {}, now=NOW) == 2


def test_a_child_that_was_killed_is_replaced_and_the_question_answered(feel: Feel) -> None:
    feel.evaluate("1", {}, now=NOW)
    os.kill(child_of(feel), signal.SIGKILL)

    assert feel.evaluate("1 + 1", {}, now=NOW) == 2


def test_a_child_that_hangs_is_given_up(feel: Feel, monkeypatch: pytest.MonkeyPatch) -> None:
    feel.evaluate("1", {}, now=NOW)
    monkeypatch.setattr("flowsvc.engine.crossing.GRACE_SECONDS", 0.1)
    stopped = child_of(feel)
    os.kill(stopped, signal.SIGSTOP)

    with pytest.raises(FeelTimeout):
        feel.evaluate("1 + 1", {}, now=NOW)

    assert not is_alive(stopped)
    monkeypatch.undo()
    assert feel.evaluate("1 + 1", {}, now=NOW) == 2


def test_threads_share_one_child(feel: Feel) -> None:
    answers: list[Value] = []

    def ask(number: int) -> None:
        answers.extend(feel.evaluate("a + 1", {"a": number}, now=NOW) for _ in range(20))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, answers)) == sorted(str(number + 1) for number in range(8) for _ in range(20))


def test_a_forked_process_gets_a_child_of_its_own_and_leaves_the_parents_alone() -> None:
    program = """
        import os, sys
        from datetime import UTC, datetime
        from flowsvc.engine.feel import Feel
        now = datetime(2026, 1, 1, tzinfo=UTC)
        feel = Feel()
        feel.evaluate("1", {}, now=now)
        mine = feel._crossing._child._process.pid
        forked = os.fork()
        if forked == 0:
            assert feel.evaluate("1 + 1", {}, now=now) == 2
            assert feel._crossing._child._process.pid != mine
            sys.exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]) == 7
        assert feel.evaluate("2 + 1", {}, now=now) == 3
        assert feel._crossing._child._process.pid == mine
        print("whole")
    """
    ended = run(program)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "whole\n", "")


def test_a_process_that_ends_without_close_ends_at_once_and_takes_its_child_along() -> None:
    for ending in ("", "raise SystemExit(0)", "os._exit(0)", "os.kill(os.getpid(), 9)"):
        program = f"""
            import os
            from datetime import UTC, datetime
            from flowsvc.engine.feel import Feel
            feel = Feel()
            feel.evaluate("1", {{}}, now=datetime(2026, 1, 1, tzinfo=UTC))
            print(feel._crossing._child._process.pid, flush=True)
            {ending}
        """
        ended = run(program)

        assert wait_gone(int(ended.stdout)), ending


def test_a_feel_that_nobody_holds_ends_its_child() -> None:
    feel = Feel()
    feel.evaluate("1", {}, now=NOW)
    pid = child_of(feel)

    del feel
    gc.collect()

    assert wait_gone(pid)


def test_after_close_it_answers_no_more() -> None:
    feel = Feel()
    feel.evaluate("1", {}, now=NOW)
    pid = child_of(feel)
    feel.close()
    feel.close()

    assert wait_gone(pid)
    with pytest.raises(FeelUnavailable):
        feel.evaluate("1", {}, now=NOW)


def test_a_missing_bundle_is_named_with_its_cure(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"hatch_build\.py"):
        Feel(bundle=tmp_path / "feel.js")


def test_a_broken_bundle_is_unavailable_not_a_hang(tmp_path: Path) -> None:
    (tmp_path / "feel.js").write_text("this is no script")
    feel = Feel(bundle=tmp_path / "feel.js")

    with pytest.raises(FeelUnavailable):
        feel.evaluate("1", {}, now=NOW)


def test_the_bundle_has_a_hash(feel: Feel) -> None:
    assert len(feel.bundle_hash) == 64


def run(program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "dev", "-c", textwrap.dedent(program)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def wait_gone(pid: int) -> bool:
    # A pipe's end is noticed when the kernel next runs the child: not at once, and nothing tells us when.
    for _ in range(500):
        if not is_alive(pid):
            return True
        threading.Event().wait(0.01)
    return False
