"""Decision trees: what a DMN file says, as plain values that V8 can walk."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

import orjson

TextKind: TypeAlias = Literal["expression", "unary"]


@dataclass(frozen=True)
class InputColumn:
    """What a column asks: a FEEL expression, its type and, where stated, the values that it may have."""

    label: str
    expression: str
    type: str
    variable: str = ""
    allowed: str = ""


@dataclass(frozen=True)
class OutputColumn:
    """What a column answers; `allowed` stands in order of priority."""

    name: str
    label: str
    type: str
    allowed: str = ""
    default: str = ""


@dataclass(frozen=True)
class Rule:
    """One row: a test per input, an expression per output."""

    id: str
    cells: tuple[str, ...]
    outputs: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True)
class DecisionText:
    """One FEEL text of a decision and where it stands in the file."""

    element_id: str
    line: int
    kind: TextKind
    text: str


@dataclass(frozen=True)
class DecisionTree:
    """One decision: a table (with a hit policy) or a literal expression (without), and what it requires."""

    key: str
    name: str
    hit_policy: str
    aggregation: str = ""
    inputs: tuple[InputColumn, ...] = ()
    outputs: tuple[OutputColumn, ...] = ()
    rules: tuple[Rule, ...] = ()
    expression: str = ""
    type: str = "any"
    variable: str = ""
    # Shared among trees: comparing or printing through them would walk a diamond of decisions over and over.
    requires: tuple["DecisionTree", ...] = field(default=(), repr=False, compare=False)
    declared: tuple[str, ...] = field(default=(), repr=False, compare=False)
    texts: tuple[DecisionText, ...] = field(default=(), repr=False, compare=False)

    @cached_property
    def id(self) -> str:
        """A hash of all that the answer depends on."""
        return hashlib.sha256(orjson.dumps(self.to_json(), option=orjson.OPT_SORT_KEYS)).hexdigest()

    def to_json(self) -> dict[str, object]:
        """The decision and all it requires, each once, as the child reads them."""
        return {"root": self.key, "decisions": {tree.key: tree._own_json() for tree in self.all()}}

    def all(self) -> tuple["DecisionTree", ...]:
        """This decision and those it requires, directly or not, each once."""
        found: dict[str, DecisionTree] = {}
        waiting = [self]
        while waiting:
            tree = waiting.pop()
            if tree.key not in found:
                found[tree.key] = tree
                waiting.extend(tree.requires)
        return tuple(found.values())

    def _own_json(self) -> dict[str, object]:
        return {
            "key": self.key,
            "name": self.name,
            "variable": self.variable,
            "hitPolicy": self.hit_policy,
            "aggregation": self.aggregation,
            "inputs": [vars(column) for column in self.inputs],
            "outputs": [vars(column) for column in self.outputs],
            "rules": [{"id": rule.id, "cells": rule.cells, "outputs": rule.outputs} for rule in self.rules],
            "expression": self.expression,
            "type": self.type,
            "requires": [tree.key for tree in self.requires],
        }
