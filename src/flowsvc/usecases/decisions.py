"""Asks a decision for its answer, outside any process."""

from collections.abc import Mapping
from dataclasses import dataclass

from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.errors import InvalidInput
from flowsvc.engine.feel import FeelFault, FeelUnavailable, MatchedRule
from flowsvc.usecases import models
from flowsvc.usecases.context import Context


@dataclass(frozen=True)
class Evaluated:
    """What the newest version of a decision answered, by which rules, and why something in it is null. The value is
    JSON with tagged dates and times."""

    value: object
    matched: tuple[MatchedRule, ...]
    warnings: tuple[FeelFault, ...]
    version: int


def evaluate_decision(ctx: Context, actor: Actor, key: str, variables: Mapping[str, object]) -> Evaluated:
    """The answer, as DMN 1.5 has it, of the newest version of the decision, business knowledge model or decision
    service with the key or the name. `variables` are JSON with tagged dates and times; plain ISO text does where the
    model declares one. NotFound where there is none; InvalidInput where the variables do not suffice."""
    require(actor, Action.EVALUATE_DECISION)
    now = ctx.clock.now()
    with ctx.store.read() as tx:
        definition = models.decision_named(tx, key)
    tree = models.decision_tree(ctx, definition)
    try:
        found = ctx.feel.answer(tree, variables, now=now)
    except FeelUnavailable:
        raise
    except FeelFault as error:
        named = f" Det gäller {', '.join(error.names)}." if error.names else ""
        raise InvalidInput(f"Beslutet {definition.name or key} kan inte svara: {error.message}{named}") from error
    return Evaluated(found.value, found.matched, found.warnings, definition.version)
