"""Decision files: what is read of them, what is refused, and what they answer when V8 walks them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from flowsvc.domain.errors import DefinitionInvalid
from flowsvc.domain.values import Value
from flowsvc.engine.decision_tree import Shape
from flowsvc.engine.decisions import NAMESPACES, DecisionTree, TextKind, check_decisions, parse_decisions
from flowsvc.engine.feel import DecisionAmbiguous, Feel, FeelSyntax, FeelType, FeelUnknownName, MatchedRule

NOW = datetime(2026, 12, 2, 23, 30, tzinfo=UTC)
DMN = NAMESPACES[2]


@pytest.fixture(scope="module")
def feel() -> Iterator[Feel]:
    with Feel() as feel:
        yield feel


def definitions(*parts: str, namespace: str = DMN) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="{namespace}" id="d" namespace="x">'
        f"{''.join(parts)}</definitions>"
    ).encode()


def text(tag: str, content: str, attributes: str = "") -> str:
    escaped = content.replace("&", "&amp;").replace("<", "&lt;")
    return f"<{tag} {attributes}><text>{escaped}</text></{tag}>"


def table(
    rows: Sequence[tuple[Sequence[str], Sequence[str]]],
    *,
    inputs: Sequence[str] = ("nivå",),
    outputs: Sequence[str] = ('name="dagar" typeRef="number"',),
    policy: str = 'hitPolicy="UNIQUE"',
    key: str = "frist",
    requires: Sequence[str] = (),
    input_type: str = "string",
) -> str:
    typed = f"typeRef={input_type!r}"
    columns = [
        f'<input id="in{at}" label="{name}">{text("inputExpression", name, typed)}</input>'
        for at, name in enumerate(inputs)
    ]
    answers = [f'<output id="out{at}" {attributes}/>' for at, attributes in enumerate(outputs)]
    rules = [
        f'<rule id="r{at}">{"".join(text("inputEntry", cell) for cell in cells)}'
        f"{''.join(text('outputEntry', value) for value in values)}</rule>"
        for at, (cells, values) in enumerate(rows, 1)
    ]
    needs = [
        f'<informationRequirement><requiredDecision href="#{name}"/></informationRequirement>' for name in requires
    ]
    return (
        f'<decision id="{key}" name="Beslut {key}">{"".join(needs)}<decisionTable {policy}>'
        f"{''.join((*columns, *answers, *rules))}</decisionTable></decision>"
    )


def read(*parts: str, key: str = "frist") -> DecisionTree:
    return next(tree for tree in parse_decisions(definitions(*parts), file_name="a.dmn") if tree.key == key)


LIMITS = [(('"OPER"',), ("5",)), (('"UNIT", "AREA"',), ("10",)), (('not("OPER", "UNIT", "AREA")',), ("20",))]


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_a_table_answers_in_every_version_of_dmn(feel: Feel, namespace: str) -> None:
    (tree,) = parse_decisions(definitions(table(LIMITS), namespace=namespace), file_name="a.dmn")

    answer = feel.decide(tree, {"nivå": "AREA", "annat": 1}, now=NOW)

    assert (answer.value, answer.names) == (10, ("nivå",))
    assert answer.matched == (MatchedRule("frist", "r2", 2),)


def test_a_table_is_read_with_its_labels_and_descriptions() -> None:
    xml = table(LIMITS).replace('<rule id="r1">', '<rule id="r1"><description>Handläggarna</description>')
    tree = read(xml)

    assert tree.table is not None
    assert (tree.name, tree.table.hit_policy, tree.inputs[0].label) == ("Beslut frist", "UNIQUE", "nivå")
    assert (tree.outputs[0].name, tree.outputs[0].type) == ("dagar", "number")
    assert tree.rules[0].description == "Handläggarna"
    assert tree.rules[1].cells == ('"UNIT", "AREA"',)


def test_several_outputs_are_a_context(feel: Feel) -> None:
    tree = read(table([(("-",), ('"x"', "2"))], outputs=('name="a"', 'name="b"')))

    assert feel.decide(tree, {"nivå": "Q"}, now=NOW).value == {"a": "x", "b": 2}


def test_no_match_is_null_or_the_default(feel: Feel) -> None:
    rows = [(('"A"',), ("1",))]
    plain = read(table(rows))
    with_default = read(
        table(rows).replace(
            '<output id="out0" name="dagar" typeRef="number"/>',
            f'<output id="out0" name="dagar">{text("defaultOutputEntry", "7")}</output>',
        )
    )

    assert feel.decide(plain, {"nivå": "B"}, now=NOW).value is None
    assert feel.decide(with_default, {"nivå": "B"}, now=NOW).value == 7
    assert feel.decide(plain, {"nivå": "B"}, now=NOW).matched == ()


def test_two_matches_of_a_unique_table_are_a_fault_that_names_the_rules(feel: Feel) -> None:
    tree = read(table([(('"A"',), ("1",)), (("-",), ("2",))]))

    with pytest.raises(DecisionAmbiguous, match="1, 2"):
        feel.decide(tree, {"nivå": "A"}, now=NOW)


TWO = [(('"A"',), ("1",)), (("-",), ("2",)), (("-",), ("4",))]


@pytest.mark.parametrize(
    ("policy", "value", "rules"),
    [
        ('hitPolicy="FIRST"', 1, [1]),
        ('hitPolicy="COLLECT"', [1, 2, 4], [1, 2, 3]),
        ('hitPolicy="RULE ORDER"', [1, 2, 4], [1, 2, 3]),
        ('hitPolicy="COLLECT" aggregation="SUM"', 7, [1, 2, 3]),
        ('hitPolicy="COLLECT" aggregation="MIN"', 1, [1, 2, 3]),
        ('hitPolicy="COLLECT" aggregation="MAX"', 4, [1, 2, 3]),
        ('hitPolicy="COLLECT" aggregation="COUNT"', 3, [1, 2, 3]),
    ],
)
def test_hit_policies_choose_and_gather(feel: Feel, policy: str, value: Value, rules: list[int]) -> None:
    answer = feel.decide(read(table(TWO, policy=policy)), {"nivå": "A"}, now=NOW)

    assert (answer.value, [rule.index for rule in answer.matched]) == (value, rules)


def test_any_wants_equal_answers(feel: Feel) -> None:
    equal = read(table([(("-",), ("1",)), (("-",), ("2 - 1",))], policy='hitPolicy="ANY"'))
    unequal = read(table([(("-",), ("1",)), (("-",), ("2",))], policy='hitPolicy="ANY"'))

    assert feel.decide(equal, {"nivå": "A"}, now=NOW).value == 1
    with pytest.raises(DecisionAmbiguous):
        feel.decide(unequal, {"nivå": "A"}, now=NOW)


def test_priority_and_output_order_follow_the_allowed_values(feel: Feel) -> None:
    def ordered(policy: str) -> DecisionTree:
        xml = table(
            [(("-",), ('"låg"',)), (("-",), ('"akut"',))],
            policy=f'hitPolicy="{policy}"',
            outputs=('name="p"',),
        )
        values = text("outputValues", '"akut", "hög", "låg"')
        return read(xml.replace('<output id="out0" name="p"/>', f'<output id="out0" name="p">{values}</output>'))

    assert feel.decide(ordered("PRIORITY"), {"nivå": "A"}, now=NOW).value == "akut"
    assert feel.decide(ordered("OUTPUT ORDER"), {"nivå": "A"}, now=NOW).value == ["akut", "låg"]


def test_a_text_in_a_number_column_is_a_fault_with_its_place(feel: Feel) -> None:
    tree = read(table([((">= 1000",), ("1",))], inputs=("belopp",), input_type="number"))

    with pytest.raises(FeelType, match="belopp") as caught:
        feel.decide(tree, {"belopp": "5000"}, now=NOW)

    assert "5000" not in str(caught.value)
    assert feel.decide(tree, {"belopp": 5000}, now=NOW).value == 1
    assert feel.decide(tree, {"belopp": None}, now=NOW).value is None


def test_a_cell_that_compares_unlike_values_is_a_fault_with_rule_and_column(feel: Feel) -> None:
    tree = read(table([(("> 3",), ("1",))], input_type="Any"))

    with pytest.raises(FeelType, match=r"rad r1, kolumn nivå"):
        feel.decide(tree, {"nivå": "x"}, now=NOW)


def test_an_input_that_does_not_exist_is_a_fault(feel: Feel) -> None:
    with pytest.raises(FeelUnknownName) as caught:
        feel.decide(read(table(LIMITS)), {}, now=NOW)

    assert caught.value.name == "nivå"


def test_allowed_values_are_held_to(feel: Feel) -> None:
    xml = table(LIMITS).replace("</inputExpression></input>", "</inputExpression>%s</input>")
    tree = read(xml.replace("%s", text("inputValues", '"OPER", "UNIT", "AREA", "DIR", "LEAD"')))

    assert feel.decide(tree, {"nivå": "LEAD"}, now=NOW).value == 20
    with pytest.raises(FeelType, match="tillåtet"):
        feel.decide(tree, {"nivå": "KLM"}, now=NOW)


def test_cells_may_read_other_variables_and_answers_may_be_worked_out(feel: Feel) -> None:
    tree = read(
        table([(("> gräns",), ("? != null and belopp > 0",))], inputs=("belopp",), input_type="number")
        .replace("? != null and ", "")
        .replace('typeRef="number"/>', "/>")
    )

    answer = feel.decide(tree, {"belopp": 5, "gräns": 3, "namn": "x"}, now=NOW)

    assert (answer.value, set(answer.names)) == (True, {"belopp", "gräns"})


def literal(key: str, expression: str, *, name: str = "", requires: Sequence[str] = (), typed: str = "") -> str:
    needs = "".join(
        f'<informationRequirement><requiredDecision href="#{each}"/></informationRequirement>' for each in requires
    )
    variable = f'<variable name="{name or key}" typeRef="{typed or "Any"}"/>'
    return (
        f'<decision id="{key}" name="{name or key}">{variable}{needs}'
        f"{text('literalExpression', expression, f'id={chr(34)}le_{key}{chr(34)}')}</decision>"
    )


def test_a_decision_uses_the_answers_of_those_it_requires(feel: Feel) -> None:
    parts = (
        literal("grund", "belopp * 2", name="Dubbelt belopp", typed="number"),
        table(
            [(("> 100",), ('"stort"',)), (("<= 100",), ('"litet"',))],
            inputs=("Dubbelt belopp",),
            outputs=('name="slag"',),
            key="slag",
            requires=("grund",),
            input_type="number",
        ),
        literal("frist", 'if slag = "stort" then grund + 1 else 0', requires=("slag", "grund")),
    )
    tree = read(*parts)

    answer = feel.decide(tree, {"belopp": 60}, now=NOW)

    assert answer.value == 121
    assert answer.matched == (MatchedRule("slag", "r1", 1),)
    assert answer.names == ("belopp",)
    assert feel.decide(tree, {"belopp": 1}, now=NOW).value == 0


def test_a_diamond_of_decisions_is_walked_once_each(feel: Feel) -> None:
    parts = [literal("d0", "x")]
    parts += [
        part
        for at in range(1, 25)
        for part in (
            literal(f"a{at}", f"d{at - 1} + 1", requires=(f"d{at - 1}",)),
            literal(f"b{at}", f"d{at - 1} + 1", requires=(f"d{at - 1}",)),
            literal(f"d{at}", f"a{at} + b{at}", requires=(f"a{at}", f"b{at}")),
        )
    ]
    tree = read(*parts, key="d24")

    assert len(tree.all()) == 73
    assert feel.decide(tree, {"x": 0}, now=NOW).value == 2**25 - 2


def test_a_decision_is_sent_anew_to_a_new_child(feel: Feel) -> None:
    tree = read(table(LIMITS))
    feel.decide(tree, {"nivå": "OPER"}, now=NOW)
    with pytest.raises(Exception, match="längre tid"):
        feel.evaluate("for i in 1..1000000000 return i", {}, now=NOW)

    assert feel.decide(tree, {"nivå": "OPER"}, now=NOW).value == 5


def test_types_of_the_file_are_followed_to_feels_own(feel: Feel) -> None:
    allowed = text("allowedValues", '"A"')
    item = f'<itemDefinition name="tNivå"><typeRef>string</typeRef>{allowed}</itemDefinition>'
    xml = item + table([(('"A"',), ("1",))], input_type="tNivå")
    tree = read(xml)

    assert tree.inputs[0].type == "tNivå"
    assert feel.decide(tree, {"nivå": "A"}, now=NOW).value == 1
    with pytest.raises(FeelType):
        feel.decide(tree, {"nivå": "B"}, now=NOW)


def test_now_is_the_time_that_is_handed_in(feel: Feel) -> None:
    tree = read(literal("frist", 'today() + duration("P10D")'))

    assert feel.decide(tree, {}, now=NOW).value == (NOW + timedelta(days=11)).date()


def refused(*parts: str) -> list[str]:
    with pytest.raises(DefinitionInvalid) as caught:
        parse_decisions(definitions(*parts), file_name="a.dmn")
    for problem in caught.value.problems:
        assert problem.file_name == "a.dmn"
        assert problem.line
        assert problem.what
        assert problem.cure
        assert problem.what_en
        assert problem.cure_en
    return [f"{problem.code} {problem.element_id}" for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("xml", "finding"),
    [
        ("", "decision.none d"),
        ('<decision id="a" name="A"/>', "decision.no_logic a"),
        (
            "<decision><literalExpression><text>1</text></literalExpression></decision>",
            "decision.no_id ",
        ),
        ('<decision id="a"><invocation id="i"/></decision>', "decision.empty i"),
        ('<decision id="a"><literalExpression id="l"/></decision>', "decision.empty l"),
        (
            '<import name="m" namespace="urn:ingen" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
            + table(LIMITS),
            "decision.import ",
        ),
        (table(LIMITS, policy='hitPolicy="BEST"'), "decision.hit_policy frist"),
        (table(LIMITS, policy='hitPolicy="PRIORITY"'), "decision.priority frist"),
        (table(LIMITS, outputs=()), "decision.no_output frist"),
        (table(LIMITS, outputs=('name="a"', 'name="a"')), "decision.output_names frist"),
        (table([(("-", "-"), ("1",))]), "decision.rule_shape r1"),
        (table(LIMITS, input_type="tOkänd"), "decision.type in0"),
        (table(LIMITS, inputs=("",)), "decision.empty in0"),
        (table(LIMITS, requires=("ingen",)), "decision.unknown_requirement frist"),
        (table(LIMITS, requires=("frist",)), "decision.circle frist"),
        (
            table(LIMITS).replace("<inputExpression ", '<inputExpression expressionLanguage="juel" '),
            "decision.language in0",
        ),
    ],
)
def test_what_cannot_run_is_refused_by_name(xml: str, finding: str) -> None:
    assert finding in refused(xml)


def test_a_file_that_is_not_dmn_is_refused() -> None:
    with pytest.raises(DefinitionInvalid) as caught:
        parse_decisions(b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', file_name="a.dmn")

    assert caught.value.problems[0].code == "decision.not_dmn"


def test_a_chain_of_decisions_too_long_is_refused_not_walked() -> None:
    parts = [literal("d0", "1"), *(literal(f"d{at}", "1", requires=(f"d{at - 1}",)) for at in range(1, 400))]

    assert refused(*reversed(parts))[0].startswith("decision.circle")


def test_texts_that_are_not_feel_are_found_with_their_lines(feel: Feel) -> None:
    def issues(body: str, kind: TextKind, names: Shape) -> list[tuple[str, str]]:
        return [(issue.message, issue.message_en) for issue in feel.check(body, kind=kind, names=names)]

    trees = parse_decisions(
        definitions(
            "\n",
            literal("Stort belopp", "1", typed="number"),
            "\n",
            table([(("> ",), ("1 +",))], requires=("Stort belopp",)),
        ),
        file_name="a.dmn",
    )

    problems = check_decisions(trees, issues=issues, file_name="a.dmn")

    assert [(problem.element_id, problem.line) for problem in problems] == [("r1", 3), ("r1", 3)]
    assert {problem.severity for problem in problems} == {"refused"}
    with pytest.raises(FeelSyntax):
        feel.decide(trees[1], {"nivå": "A"}, now=NOW)
