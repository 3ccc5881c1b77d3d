"""A decision table is told as a reader takes it: its hit policy, its cells, and codes in words."""

import pytest

from flowsvc.engine.decision_tree import DecisionTree, InputColumn, OutputColumn, Rule, Table
from flowsvc.engine.dmn import telling

CODES = {"": {"UNIT": "Enhetschefer"}, "urgency": {"acute": "Akut", "normal": "Normal"}}


def tree(cell: str, answer: str = "5", *, policy: str = "UNIQUE", expression: str = "urgency") -> DecisionTree:
    columns = (OutputColumn("days", "Dagar", "number"), OutputColumn("who", "Vem", "string"))
    english = OutputColumn("who_en", "Who", "string")
    return DecisionTree(
        key="d",
        name="D",
        logic=Table(
            hit_policy=policy,
            inputs=(InputColumn("Brådska", expression, "string"),),
            outputs=(*columns, english),
            rules=(Rule("r", (cell,), (answer, '"Chefen"', '"The manager"')),),
        ),
    )


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("-", "alla"),
        ("", "alla"),
        ('"acute"', "Akut"),
        ('"acute","normal"', "Akut eller Normal"),
        ('not("acute")', "inte Akut"),
        ('"UNIT"', "Enhetschefer"),
        ('"okänd, kod"', "okänd, kod"),
        ("true", "ja"),
        ("< 18", "mindre än 18"),
        ("[0..20]", "0–20"),
        ('list contains(?, "acute") or list contains(?, "x")', "Akut eller x finns med"),
        ("? in other", "? in other"),
    ],
)
def test_a_cell_is_told_in_words(cell: str, words: str) -> None:
    told = telling.told(tree(cell), CODES, language="sv")

    assert told is not None
    assert told.rows[0].asked == (words,)


def test_of_two_languages_the_readers_own_is_told() -> None:
    swedish, english = (telling.told(tree("-"), CODES, language=each) for each in ("sv", "en"))

    assert swedish is not None
    assert english is not None
    assert swedish.rows[0].answered == ("5", "Chefen")
    assert english.rows[0].answered == ("5", "The manager")
    assert [each.label for each in english.answers] == ["Dagar", "Who"]
    assert "At most one rule" in english.policy


@pytest.mark.parametrize(("answer", "words"), [('"P1BD"', "1 arbetsdag"), ('"P0BD"', "samma dag"), ('""', "–")])
def test_an_answer_is_told_in_words(answer: str, words: str) -> None:
    told = telling.told(tree("-", answer), CODES, language="sv")

    assert told is not None
    assert told.rows[0].answered[0] == words


def test_what_is_no_table_has_nothing_to_tell() -> None:
    assert telling.told(DecisionTree(key="d", name="D"), CODES, language="sv") is None
