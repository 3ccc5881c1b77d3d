"""Gateways: one path (exclusive), all paths and the wait for all (parallel), some paths and the wait for those that can
still come (inclusive)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flowsvc.engine.semantics.facts import Flow
from flowsvc.engine.semantics.instance import FlowNode, Instance, Scope, Token
from flowsvc.engine.semantics.paths import Paths


class ExclusiveGateway(FlowNode):
    """Takes the first flow, in the order of the file, whose condition is true, else the default flow."""

    def chosen(self, token: Token) -> list[Flow]:
        """One flow; NoPathTaken where no condition is true and there is no default (BPMN 2.0.2, 13.4.2)."""
        asked = [flow for flow in self.flows if not flow.is_default]
        conditions = [flow.condition for flow in asked if flow.condition]
        if not conditions:
            return self.flows[:1]
        instance = token.instance
        answers = iter(instance.expressions.conditions(instance.chain(token), conditions))
        taken = next((flow for flow in asked if not flow.condition or next(answers)()), None)
        found = [flow for flow in self.flows if flow is taken or (taken is None and flow.is_default)]
        return found or self.no_path()


class JoiningGateway(FlowNode):
    """Waits, where more than one flow comes in; one token stands for all that have come in the same round."""

    @property
    def is_join(self) -> bool:
        """It waits where more than one flow comes in."""
        return len(self.incoming) > 1

    def enter(self, token: Token) -> bool:
        """The token has joined those that came before it by other flows; what comes by the same flow again belongs to
        the next round."""
        if not self.is_join:
            self.show_start(token)
            return True
        via = token.internal_data.pop("via")
        for waiting in token.workflow.tokens():
            if waiting.task_spec is self and "joins" in waiting.internal_data:
                arrived = waiting.internal_data["arrived"]
                if via not in arrived:
                    waiting.internal_data["arrived"] = [*arrived, via]
                    token.instance.discard(token)
                    self.joined(waiting)
                    return False
        self.show_start(token)
        token.internal_data["arrived"] = [via]
        token.internal_data["joins"] = True
        return False

    def joined(self, waiting: Token) -> None:
        """One more token has come to those that the waiting one stands for."""

    def close_round(self, waiting: Token) -> None:
        """What comes by now belongs to the next round."""
        del waiting.internal_data["joins"]


class ParallelGateway(JoiningGateway):
    """Waits until a token has come by each incoming flow, then takes all outgoing ones (BPMN 2.0.2, 13.4.1)."""

    def joined(self, waiting: Token) -> None:
        """The last one that was missing opens the gateway."""
        if len(waiting.internal_data["arrived"]) == len(self.incoming):
            self.close_round(waiting)
            waiting.instance.resume(waiting)


class InclusiveGateway(JoiningGateway):
    """Takes each flow whose condition is true, else the default flow; waits for the tokens that can still come by a
    flow on which none has come (BPMN 2.0.2, 13.4.3)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._reach: Mapping[str, frozenset[str]] = {}

    def survey(self, paths: Paths) -> None:
        """It knows by which of its flows a token from each element can come."""
        self.watches_scope = self.is_join
        self._reach = paths.into(self.element.id, self.incoming)

    def may_open(self, token: Token) -> bool:
        """No token of the scope is on its way to an empty flow alone."""
        if is_awaited(token, self._reach, filled=token.internal_data["arrived"]):
            return False
        self.close_round(token)
        return True


def is_awaited(token: Token, reach: Mapping[str, frozenset[str]], *, filled: Collection[str]) -> bool:
    """Some other token of the scope can come to an empty incoming flow of the gateway without passing it, and not to a
    filled one. A token that can do both is not waited for: BPMN 2.0.2, 13.4.3. An activity's border is a way out of it,
    and what runs inside an activity leaves by the activity."""
    workflow: Instance | Scope = token.workflow
    have = set(filled)
    # What has been completed, and is kept for compensation, goes nowhere.
    found = (reach.get(each.node.element.id) for each in workflow.tokens() if not each.is_undoable)
    return any(flows and have.isdisjoint(flows) for flows in found)
