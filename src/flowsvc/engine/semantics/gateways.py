"""Gateways: one path (exclusive), or all paths and the wait for all (parallel)."""

from __future__ import annotations

from flowsvc.engine.semantics.facts import Flow
from flowsvc.engine.semantics.instance import FlowNode, Token


class PassedTask(FlowNode):
    """A task that nobody does: the flow goes straight through (a plain task, a manual task)."""


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
        return self.taken_or_default([taken] if taken else [])


class ParallelGateway(FlowNode):
    """Waits until a token has come by each incoming flow, then takes all outgoing ones (BPMN 2.0.2, 13.4.1)."""

    @property
    def is_join(self) -> bool:
        """It waits where more than one flow comes in."""
        return len(self.incoming) > 1

    def enter(self, token: Token) -> bool:
        """The token has joined those that came before it; True when it was the last."""
        if not self.is_join:
            self.show_start(token)
            return True
        via = token.internal_data.pop("via")
        for waiting in token.workflow.tokens():
            if waiting.task_spec is self and "joins" in waiting.internal_data:
                arrived = waiting.internal_data["arrived"]
                if via not in arrived:
                    waiting.internal_data["arrived"] = [*arrived, via]
                    self._join(token, waiting)
                    return False
        self.show_start(token)
        token.internal_data["arrived"] = [via]
        token.internal_data["joins"] = True
        return False

    def _join(self, token: Token, waiting: Token) -> None:
        instance = token.instance
        instance.discard(token)
        if len(waiting.internal_data["arrived"]) == len(self.incoming):
            # What comes by now belongs to the next round.
            del waiting.internal_data["joins"]
            instance.resume(waiting)
