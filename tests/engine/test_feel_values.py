"""FEEL's values by the specification (DMN 1.5, 10.3): each row of feel.json is an expression and what it gives where a
type error is null, as in a decision that is asked by itself."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowsvc.engine.decision_tree import DecisionTree, Text
from flowsvc.engine.feel import Feel

NOW = datetime(2026, 12, 2, 23, 30, tzinfo=UTC)
ROWS = json.loads((Path(__file__).parent / "data/feel.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def feel() -> Iterator[Feel]:
    with Feel() as feel:
        yield feel


@pytest.mark.parametrize(("text", "expected"), ROWS, ids=[text for text, _ in ROWS])
def test_an_expression_gives_what_the_standard_says(feel: Feel, text: str, expected: object) -> None:
    found = feel.answer(DecisionTree(key="d", name="d", logic=Text(text)), {}, now=NOW)

    assert found.value == expected
    assert isinstance(found.value, bool) == isinstance(expected, bool)
