"""Asks a decision for its answer, outside any process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import InvalidInput
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.decisions import DecisionTree
from flowsvc.engine.feel import FeelFault, FeelUnavailable, MatchedRule
from flowsvc.usecases import models
from flowsvc.usecases.context import Context

_TEMPORAL: Mapping[str, Callable[[str], Value]] = {
    "date": date.fromisoformat,
    "dateTime": datetime.fromisoformat,
    "date and time": datetime.fromisoformat,
}


@dataclass(frozen=True)
class Evaluated:
    """What the newest version of a decision answered, and by which rules."""

    value: Value
    matched: tuple[MatchedRule, ...]
    version: int


def evaluate_decision(ctx: Context, actor: Actor, key: str, variables: Variables) -> Evaluated:
    """The answer of the newest version of the decision. NotFound where there is none; InvalidInput where the variables
    do not suffice. Plain ISO text counts as a date where a column declares one."""
    require(actor, Action.EVALUATE_DECISION)
    now = ctx.clock.now()
    with ctx.store.read() as tx:
        definition = models.latest(tx, DefinitionKind.DECISION, key)
    tree = models.decision_tree(ctx, definition)
    try:
        found = ctx.feel.decide(tree, _declared(tree, variables), now=now)
    except FeelUnavailable:
        raise
    except FeelFault as error:
        named = f" Det gäller {', '.join(error.names)}." if error.names else ""
        raise InvalidInput(f"Tabellen {definition.name or key} kan inte svara: {error.message}{named}") from error
    return Evaluated(found.value, found.matched, definition.version)


def _declared(tree: DecisionTree, variables: Variables) -> Variables:
    given: Variables = dict(variables)
    for column in (column for each in tree.all() for column in each.inputs):
        read, value = _TEMPORAL.get(column.type), given.get(column.expression)
        if read is None or not isinstance(value, str):
            continue
        try:
            given[column.expression] = read(value)
        except ValueError as error:
            raise InvalidInput(f"{column.expression} är inget datum. Skriv till exempel 2026-12-03.") from error
    return given
