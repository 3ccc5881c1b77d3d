"""Decision graphs as DMN 1.5 has them: boxed expressions, functions, services, types and imported models."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from flowsvc.domain.errors import DefinitionInvalid
from flowsvc.engine.decisions import NAMESPACES, DecisionTree, check_decisions, parse_decisions
from flowsvc.engine.feel import Feel, FeelLimit, FeelType, FeelUnknownName

NOW = datetime(2026, 12, 2, 23, 30, tzinfo=UTC)
DMN = NAMESPACES[4]


@pytest.fixture(scope="module")
def feel() -> Iterator[Feel]:
    with Feel() as feel:
        yield feel


def model(*parts: str, namespace: str = "urn:a") -> bytes:
    return f'<definitions xmlns="{DMN}" id="d" name="d" namespace="{namespace}">{"".join(parts)}</definitions>'.encode()


def literal(text: str, attributes: str = "") -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return f"<literalExpression {attributes}><text>{escaped}</text></literalExpression>"


def needs(*hrefs: str) -> str:
    kinds = {"i": "requiredInput", "d": "requiredDecision", "b": "requiredKnowledge", "s": "requiredKnowledge"}
    made = []
    for href in hrefs:
        kind = kinds[href.rpartition("#")[2][0]]
        outer = "knowledgeRequirement" if kind == "requiredKnowledge" else "informationRequirement"
        made.append(f'<{outer}><{kind} href="{href if "#" in href else "#" + href}"/></{outer}>')
    return "".join(made)


def decision(key: str, logic: str, *required: str, name: str = "", typed: str = "") -> str:
    variable = f'<variable name="{name or key}" typeRef="{typed}"/>' if typed else f'<variable name="{name or key}"/>'
    return f'<decision id="{key}" name="{name or key}">{variable}{needs(*required)}{logic}</decision>'


def given(key: str, name: str, typed: str = "") -> str:
    return f'<inputData id="{key}" name="{name}"><variable name="{name}" typeRef="{typed}"/></inputData>'


def knowledge(key: str, name: str, parameters: Mapping[str, str], body: str, *required: str, kind: str = "") -> str:
    formal = "".join(f'<formalParameter name="{each}" typeRef="{typed}"/>' for each, typed in parameters.items())
    attribute = f'kind="{kind}"' if kind else ""
    return (
        f'<businessKnowledgeModel id="{key}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic {attribute}>{formal}{body}</encapsulatedLogic>{needs(*required)}</businessKnowledgeModel>"
    )


def tree_of(key: str, *parts: str, imported: Mapping[str, bytes] | None = None) -> DecisionTree:
    trees = parse_decisions(model(*parts), file_name="a.dmn", imported=imported)
    return next(tree for tree in trees if tree.key == key)


def value_of(feel: Feel, key: str, *parts: str, **variables: object) -> object:
    return feel.answer(tree_of(key, *parts), variables, now=NOW).value


def entry(name: str, logic: str, typed: str = "") -> str:
    return f'<contextEntry><variable name="{name}" typeRef="{typed}"/>{logic}</contextEntry>'


def inside(tag: str, text: str) -> str:
    return f"<{tag}>{literal(text)}</{tag}>"


TIMES_X = f'<functionDefinition><formalParameter name="n"/>{literal("n * x")}</functionDefinition>'


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (f"<context>{entry('a', literal('1'))}{entry('b', literal('a + 1'))}</context>", {"a": 1, "b": 2}),
        (f"<context>{entry('a b', literal('2'))}<contextEntry>{literal('a b * 3')}</contextEntry></context>", 6),
        (f"<list>{literal('1')}{literal('x')}</list>", [1, 4]),
        (
            '<relation><column name="a"/><column name="b c"/>'
            f"<row>{literal('1')}{literal('2')}</row><row>{literal('3')}{literal('x')}</row></relation>",
            [{"a": 1, "b c": 2}, {"a": 3, "b c": 4}],
        ),
        (f"<conditional>{inside('if', 'x > 3')}{inside('then', '1')}{inside('else', '2')}</conditional>", 1),
        (f"<conditional>{inside('if', 'null')}{inside('then', '1')}{inside('else', '2')}</conditional>", 2),
        (f'<for iteratorVariable="i">{inside("in", "1..3")}{inside("return", "i * x")}</for>', None),
        (f'<for iteratorVariable="i">{inside("in", "[1, 2]")}{inside("return", "i * x")}</for>', [4, 8]),
        (
            f'<for iteratorVariable="i">{inside("in", "[1, 2, 3]")}{inside("return", "i + count(partial)")}</for>',
            [1, 3, 5],
        ),
        (f'<every iteratorVariable="i">{inside("in", "[5, 6]")}{inside("satisfies", "i > x")}</every>', True),
        (f'<some iteratorVariable="i">{inside("in", "[1, 2]")}{inside("satisfies", "i > x")}</some>', False),
        (f"<filter>{inside('in', '[1, 5, 7]')}{inside('match', 'item > x')}</filter>", [5, 7]),
        (f"<filter>{inside('in', '[{a: 1}, {a: 9}]')}{inside('match', 'a > x')}</filter>", [{"a": 9}]),
        (
            f"<context>{entry('f', TIMES_X)}"
            f"<contextEntry>{literal('f(2)')}</contextEntry></context>",
            8,
        ),
    ],
)  # fmt: skip
def test_boxed_expressions_have_their_values(feel: Feel, logic: str, expected: object) -> None:
    parts = (given("i1", "x", "number"), decision("d1", logic, "i1"))

    assert value_of(feel, "d1", *parts, x=4) == expected


def test_a_business_knowledge_model_is_invoked_by_name_and_by_position(feel: Feel) -> None:
    parts = (
        given("i1", "Lånat belopp", "number"),
        knowledge("b1", "Årlig ränta", {"belopp": "number", "sats": "number"}, literal("belopp * sats / 100")),
        decision("d1", literal("Årlig ränta(Lånat belopp, 5)"), "i1", "b1", name="Ränta"),
        decision(
            "d2",
            f"<invocation>{literal('Årlig ränta')}"
            f'<binding><parameter name="sats"/>{literal("10")}</binding>'
            f'<binding><parameter name="belopp"/>{literal("Ränta")}</binding></invocation>',
            "d1",
            "b1",
        ),
    )

    assert value_of(feel, "d2", *parts, **{"Lånat belopp": 2000}) == 10
    assert value_of(feel, "b1", *parts, belopp=200, sats=3) == 6


def test_a_function_calls_itself_and_others_and_sees_nothing_but_what_it_requires(feel: Feel) -> None:
    parts = (
        given("i1", "x", "number"),
        knowledge("b1", "fak", {"n": "number"}, literal("if n < 2 then 1 else n * fak(n - 1)")),
        knowledge("b2", "dubbel", {"n": "number"}, literal("fak(n) * 2"), "b1"),
        knowledge("b3", "nyfiken", {}, literal("x")),
        decision("d1", literal("[dubbel(x), nyfiken()]"), "i1", "b2", "b3"),
    )

    assert value_of(feel, "d1", *parts, x=5) == [240, None]


def test_endless_recursion_is_a_limit_and_the_next_question_is_answered(feel: Feel) -> None:
    parts = (knowledge("b1", "f", {"n": "number"}, literal("f(n + 1) + 1")), decision("d1", literal("f(1)"), "b1"))

    with pytest.raises(FeelLimit):
        value_of(feel, "d1", *parts)

    assert value_of(feel, "d1", decision("d1", literal("1"))) == 1


def test_arguments_are_held_to_the_types_of_the_parameters(feel: Feel) -> None:
    parts = (
        knowledge("b1", "stor", {"t": "string"}, literal("upper case(t)")),
        decision("d1", literal('[stor("a"), stor(["b"]), stor(1), stor("a", "b")]'), "b1"),
    )

    assert value_of(feel, "d1", *parts) == ["A", "B", None, None]


SERVICE = (
    given("i1", "a", "number"),
    given("i2", "b", "number"),
    decision("d1", literal("a * 10"), "i1", name="Tio"),
    decision("d2", literal("Tio + b"), "d1", "i2", name="Summa"),
    decision("d3", literal("Summa * 2"), "d2", name="Dubbelt"),
    '<decisionService id="s1" name="Räkna"><variable name="Räkna"/><outputDecision href="#d2"/>'
    '<encapsulatedDecision href="#d1"/><inputData href="#i1"/><inputData href="#i2"/></decisionService>',
    '<decisionService id="s2" name="Två svar"><variable name="Två svar"/><outputDecision href="#d2"/>'
    '<outputDecision href="#d3"/><inputData href="#i2"/><inputDecision href="#d1"/></decisionService>',
)


def test_a_decision_service_answers_by_key_and_in_an_expression(feel: Feel) -> None:
    asks = decision("d9", literal("Räkna(2, 3) + Räkna(b: 1, a: 1)"), "s1")

    assert value_of(feel, "s1", *SERVICE, a=1, b=2) == 12
    assert value_of(feel, "s2", *SERVICE, b=2, Tio=7) == {"Summa": 9, "Dubbelt": 18}
    assert value_of(feel, "d9", *SERVICE, asks) == 34


TYPES = (
    '<itemDefinition name="tNivå"><typeRef>string</typeRef>'
    '<allowedValues><text>"OPER", "UNIT"</text></allowedValues></itemDefinition>',
    '<itemDefinition name="tBarn"><itemComponent name="Fullt namn"><typeRef>string</typeRef></itemComponent>'
    '<itemComponent name="Barn\'s name"><typeRef>string</typeRef></itemComponent>'
    '<itemComponent name="född"><typeRef>date</typeRef></itemComponent>'
    '<itemComponent name="nivåer" isCollection="true"><typeRef>tNivå</typeRef></itemComponent></itemDefinition>',
    '<itemDefinition name="tTal" isCollection="true"><typeRef>number</typeRef></itemDefinition>',
    '<itemDefinition name="tFå" isCollection="true"><typeRef>number</typeRef>'
    "<typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>",
)


def test_structured_input_is_read_by_its_type_also_when_names_have_spaces(feel: Feel) -> None:
    parts = (*TYPES, given("i1", "barn", "tBarn"), decision("d1", literal("[barn.Fullt namn, barn.född.year]"), "i1"))
    child = {"Fullt namn": "Åsa", "född": "2014-02-03", "nivåer": ["OPER"]}

    assert value_of(feel, "d1", *parts, barn=child) == ["Åsa", 2014]
    assert value_of(feel, "d1", *parts, barn=None) == [None, None]
    assert value_of(feel, "d1", *parts, barn={**child, "nivåer": ["LEAD"]}) == [None, None]


@pytest.mark.parametrize(
    ("typed", "text", "expected"),
    [
        ("number", "[5]", 5),
        ("number", '"5"', None),
        ("tTal", "5", [5]),
        ("tTal", '["a"]', None),
        ("tFå", "[1, 2]", [1, 2]),
        ("tFå", "[1, 2, 3]", None),
        ("tNivå", '"OPER"', "OPER"),
        ("tNivå", '"LEAD"', None),
        ("dateTime", 'date("2026-01-02")', {"$t": "datetime", "v": "2026-01-02T00:00:00Z"}),
        ("date", '"2026-01-02"', None),
        ("Any", "[1]", [1]),
    ],
)
def test_an_answer_is_made_to_fit_its_declared_type_or_null(
    feel: Feel, typed: str, text: str, expected: object
) -> None:
    assert value_of(feel, "d1", *TYPES, decision("d1", literal(text), typed=typed)) == expected


def test_types_of_the_model_are_asked_for_by_name(feel: Feel) -> None:
    assert value_of(feel, "d1", *TYPES, decision("d1", literal('"OPER" instance of tNivå'))) is True
    assert value_of(feel, "d1", *TYPES, decision("d1", literal('"LEAD" instance of tNivå'))) is False
    assert value_of(feel, "d1", *TYPES, decision("d1", literal("1 instance of tOkänd"))) is None


def test_types_that_hold_one_another_a_thousandfold_are_read_all_the_same(feel: Feel) -> None:
    wide = [
        f'<itemDefinition name="t{at}">'
        + "".join(f'<itemComponent name="del {n}"><typeRef>t{at + 1}</typeRef></itemComponent>' for n in range(20))
        + "</itemDefinition>"
        for at in range(20)
    ]
    circle = (
        '<itemDefinition name="t20"><itemComponent name="x"><typeRef>t20</typeRef></itemComponent></itemDefinition>'
    )
    parts = (*wide, circle, given("i1", "stor", "t0"), decision("d1", literal("stor.del 3"), "i1"))

    assert value_of(feel, "d1", *parts, stor={"del 3": None}) is None
    assert len(tree_of("d1", *parts).shape) > 0


def test_a_decision_sees_what_it_requires_and_nothing_else_that_is_declared(feel: Feel) -> None:
    parts = (
        given("i1", "x", "number"),
        decision("d1", literal("x"), "i1"),
        decision("d2", literal("[d1, x, fri]"), "d1"),
    )

    assert value_of(feel, "d2", *parts, x=1, fri=2) == [1, None, 2]


def test_a_decision_that_is_drawn_without_arrows_sees_all_that_was_given(feel: Feel) -> None:
    parts = (given("i1", "x", "number"), decision("d1", literal("x + 1")))

    assert value_of(feel, "d1", *parts, x=1) == 2
    assert feel.decide(tree_of("d1", *parts), {"x": 1}, now=NOW).value == 2


def test_what_is_not_given_is_null_in_a_decision_that_is_asked_by_itself(feel: Feel) -> None:
    parts = (given("i1", "x", "number"), decision("d1", literal("if x = null then 0 else x"), "i1"))

    assert value_of(feel, "d1", *parts) == 0
    with pytest.raises(FeelUnknownName):
        feel.decide(tree_of("d1", *parts), {}, now=NOW)


def test_a_fault_is_null_with_a_warning_by_itself_and_a_fault_in_a_process(feel: Feel) -> None:
    tree = tree_of("d1", decision("d1", literal('[1 + "a", 2]')))

    answer = feel.answer(tree, {}, now=NOW)

    assert answer.value == [None, 2]
    assert [type(each) for each in answer.warnings] == [FeelType]
    assert "d1" in answer.warnings[0].message
    with pytest.raises(FeelType):
        feel.decide(tree, {}, now=NOW)


def test_times_without_a_zone_stay_so_by_themselves_and_are_swedish_in_a_process(feel: Feel) -> None:
    tree = tree_of("d1", decision("d1", literal('date and time("2026-06-01T08:00:00")')))

    assert feel.answer(tree, {}, now=NOW).value == {"$t": "datetime", "v": "2026-06-01T08:00:00"}
    assert feel.decide(tree, {}, now=NOW).value == datetime(2026, 6, 1, 6, 0, tzinfo=UTC)


def test_a_function_in_another_language_is_a_warning_and_null_and_others_run(feel: Feel) -> None:
    parts = (
        knowledge("b1", "java", {"n": "number"}, "<context/>", kind="Java"),
        decision("d1", literal("java(1)"), "b1"),
        decision("d2", literal("2")),
    )
    trees = parse_decisions(model(*parts), file_name="a.dmn")

    problems = check_decisions(trees, issues=lambda *_: (), file_name="a.dmn")

    assert [(each.severity, each.code) for each in problems] == [("warned", "decision.foreign_function")]
    assert [value_of(feel, key, *parts) for key in ("d1", "d2")] == [None, 2]


def test_an_unreadable_expression_is_a_warning_outside_a_table_and_null(feel: Feel) -> None:
    trees = parse_decisions(model(decision("d1", literal("1 +"))), file_name="a.dmn")

    problems = check_decisions(trees, issues=lambda *_: [("Fel.", "Fault.")], file_name="a.dmn")

    assert [(each.severity, each.code) for each in problems] == [("warned", "decision.feel")]
    assert feel.answer(trees[0], {}, now=NOW).value is None


def test_a_test_of_a_type_that_cannot_be_read_is_told_with_its_line(feel: Feel) -> None:
    broken = '\n<itemDefinition id="t" name="t"><allowedValues><text>"a",, </text></allowedValues></itemDefinition>'
    trees = parse_decisions(model(broken, decision("d1", literal("1"))), file_name="a.dmn")

    problems = check_decisions(
        trees,
        issues=lambda text, kind, names: [(each.message, each.message_en) for each in feel.check(text, kind=kind)],
        file_name="a.dmn",
    )

    assert [(each.element_id, each.line, each.severity) for each in problems] == [("t", 2, "warned")]


def cell(text: str, *required: str) -> str:
    table = (
        '<decisionTable><input id="c"><inputExpression><text>1</text></inputExpression></input><output name="o"/>'
        f'<rule id="r"><inputEntry><text>-</text></inputEntry><outputEntry id="o"><text>{text}</text></outputEntry>'
        "</rule></decisionTable>"
    )
    return decision("d1", table, *required)


@pytest.mark.parametrize(("typed", "severity"), [("", "warned"), ("tTal", "refused"), ("tBarn", None)])
def test_a_cell_that_may_be_readable_once_there_is_a_value_is_not_refused(
    feel: Feel, typed: str, severity: str | None
) -> None:
    parts = (*TYPES, given("i1", "barn", typed), cell("barn.Barn's name", "i1"))
    trees = parse_decisions(model(*parts), file_name="a.dmn")

    problems = check_decisions(
        trees,
        issues=lambda text, kind, names: [
            (each.message, each.message_en) for each in feel.check(text, kind=kind, names=names)
        ],
        file_name="a.dmn",
    )

    assert [each.severity for each in problems] == [severity] * (severity is not None)
    if severity != "refused":
        assert value_of(feel, "d1", *parts, barn={"Barn's name": "Åsa"}) == "Åsa"


def test_rules_of_every_table_in_a_graph_are_told(feel: Feel) -> None:
    def table(name: str, cell: str, output: str) -> str:
        return (
            f'<decisionTable><input><inputExpression><text>{name}</text></inputExpression></input><output name="o"/>'
            f'<rule id="r"><inputEntry><text>{cell}</text></inputEntry><outputEntry><text>{output}</text></outputEntry>'
            "</rule></decisionTable>"
        )

    parts = (
        given("i1", "x"),
        knowledge("b1", "f", {"n": "number"}, table("n", "> 1", "n")),
        decision("d1", table("x", "-", "f(x)"), "i1", "b1"),
    )

    answer = feel.answer(tree_of("d1", *parts), {"x": 3}, now=NOW)

    assert answer.value == 3
    assert [(rule.decision_key, rule.index) for rule in answer.matched] == [("b1", 1), ("d1", 1)]


# -- imported models

IMPORT = f'<import name="%s" namespace="%s" importType="{DMN}"/>'
INNER = model(
    *TYPES,
    given("i1", "namn", "string"),
    decision("d1", literal('"Hej " + namn'), "i1", name="hälsning"),
    knowledge("b1", "utrop", {"t": "string"}, literal('t + "!"')),
    namespace="urn:inre",
)


def test_what_a_model_imports_has_the_name_of_the_import_before_it(feel: Feel) -> None:
    tree = tree_of(
        "d2",
        IMPORT % ("inre", "urn:inre"),
        decision(
            "d2",
            literal("[inre.utrop(inre.hälsning), inre.hälsning instance of inre.tTal]"),
            "urn:inre#d1",
            "urn:inre#b1",
        ),
        imported={"urn:inre": INNER},
    )

    assert feel.answer(tree, {"namn": "Åsa"}, now=NOW).value == ["Hej Åsa!", False]
    assert feel.answer(tree, {"inre": {"namn": "Bo"}}, now=NOW).value == ["Hej Bo!", False]
    assert feel.answer(tree, {"inre.namn": "Ida"}, now=NOW).value == ["Hej Ida!", False]


def test_a_model_that_is_imported_twice_over_has_inputs_of_its_own_each_time(feel: Feel) -> None:
    middle = [
        model(
            IMPORT % ("inre", "urn:inre"),
            decision("d5", literal("inre.hälsning"), "urn:inre#d1", name="svar"),
            namespace=f"urn:{name}",
        )
        for name in ("b", "c")
    ]
    tree = tree_of(
        "d6",
        IMPORT % ("B", "urn:b"),
        IMPORT % ("C C", "urn:c"),
        decision("d6", literal('B.svar + ", " + C C.svar'), "urn:b#d5", "urn:c#d5"),
        imported={"urn:inre": INNER, "urn:b": middle[0], "urn:c": middle[1]},
    )

    answer = feel.answer(tree, {"B": {"inre": {"namn": "b"}}, "C C.inre.namn": "c"}, now=NOW)

    assert answer.value == "Hej b, Hej c"


def test_an_import_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(DefinitionInvalid) as caught:
        parse_decisions(model(IMPORT % ("inre", "urn:inre"), decision("d1", literal("1"))), file_name="a.dmn")

    assert [problem.code for problem in caught.value.problems] == ["decision.import"]
    assert "inre" in caught.value.problems[0].what
