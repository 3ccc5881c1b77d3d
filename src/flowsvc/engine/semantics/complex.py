"""Complex gateways: how many tokens open it is the diagram's own condition, and the rest is taken care of afterwards
(BPMN 2.0.2, 13.4.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow import TaskState

from flowsvc.domain.errors import EngineFault, NoPathTaken
from flowsvc.domain.values import Variables
from flowsvc.engine.semantics.facts import Flow
from flowsvc.engine.semantics.gateways import is_awaited
from flowsvc.engine.semantics.instance import FlowNode, Token
from flowsvc.engine.semantics.paths import Paths
from flowsvc.engine.semantics.variables import NOWHERE, Chain, Visible


class ComplexGateway(FlowNode):
    """Takes each flow whose condition is true, else the default flow. With an activation condition it waits until that
    is true of the tokens that have come, lets the flow go on, then waits for what can still come by the other flows,
    and lets the flow go on again. One token stands for all that are there: `queued` counts them by flow, and `taken`
    names the flows that opened it."""

    def __init__(self, *args: Any, activation: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._activation = activation
        self._reach: Mapping[str, frozenset[str]] = {}

    @property
    def is_join(self) -> bool:
        """It waits where it says what for."""
        return bool(self._activation)

    def survey(self, paths: Paths) -> None:
        """It knows by which of its flows a token from each element can come."""
        self.watches_scope = self.is_join
        self._reach = paths.into(self.element.id, self.incoming)

    def enter(self, token: Token) -> bool:
        """The token is counted among those that have come; True when the gateway opens by it."""
        data = token.internal_data
        if not self.is_join:
            self.show_start(token)
            return True
        if "via" in data:
            via = data.pop("via")
            holder = self._holder(token)
            if holder is not None:
                self._add(token, via, holder)
                return False
            data["queued"] = {via: 1}
        if "waits" not in data:
            self.show_start(token)
            data["waits"] = True
        return "taken" not in data and self.may_open(token)

    def may_open(self, token: Token) -> bool:
        """The activation condition is true; or nothing more can come, and the gateway is reset."""
        data = token.internal_data
        queued: dict[str, int] = data["queued"]
        if "taken" in data:
            taken = data["taken"]
            if is_awaited(token, self._reach, filled=[*queued, *taken]):
                return False
            data["queued"] = _without(queued, [flow for flow in queued if flow not in taken])
            data["resets"] = True
            return True
        if not self._is_active(token, queued):
            return False
        data["taken"] = list(queued)
        data["queued"] = _without(queued, list(queued))
        return True

    def leave(self, token: Token) -> None:
        """The flow goes on. Another token stands for what is left: the wait for the rest, or the next round."""
        data = token.internal_data
        flows = self.chosen(token)
        left: dict[str, Any] = {"queued": data.get("queued", {})}
        if "taken" in data and "resets" not in data:
            left["taken"] = data["taken"]
        if left["queued"] or "taken" in left:
            token.instance.spawn(token.workflow, self, **left)
        self.go_on(token, flows)

    def chosen(self, token: Token) -> list[Flow]:
        """The flows that are taken; there may be none when the gateway is reset."""
        try:
            return super().chosen(token)
        except NoPathTaken:
            if "resets" in token.internal_data:
                return []
            raise

    def seen_by_flows(self, token: Token) -> Chain:
        """The conditions also see whether the gateway opens or is reset."""
        told: Variables = {"waitingForStart": "resets" not in token.internal_data}
        return (Visible(NOWHERE, told=told), *super().seen_by_flows(token))

    def _holder(self, token: Token) -> Token | None:
        return next(
            (
                each
                for each in token.workflow.tokens()
                if each is not token and each.task_spec is self and "queued" in each.internal_data
            ),
            None,
        )

    def _add(self, token: Token, via: str, holder: Token) -> None:
        queued: dict[str, int] = dict(holder.internal_data["queued"])
        queued[via] = queued.get(via, 0) + 1
        holder.internal_data["queued"] = queued
        instance = token.instance
        instance.discard(token)
        if holder.state != TaskState.STARTED or "taken" in holder.internal_data:
            return
        try:
            opens = self.may_open(holder)
        except EngineFault as fault:
            # The one that stands for all fails, so that there is one incident and one to try again.
            instance.fail(holder, fault)
            return
        if opens:
            instance.resume(holder)

    def _is_active(self, holder: Token, queued: Mapping[str, int]) -> bool:
        instance = holder.instance
        also: Variables = {
            "activationCount": sum(queued.values()),
            "activationCounts": {flow: queued.get(flow, 0) for flow in self.incoming},
        }
        chain = instance.chain(holder)
        return instance.expressions.value(chain, self._activation, want="bool", also=also) is True


def _without(queued: Mapping[str, int], flows: list[str]) -> dict[str, int]:
    """What is left when one token of each of the flows has gone on."""
    left = {flow: count - (flow in flows) for flow, count in queued.items()}
    return {flow: count for flow, count in left.items() if count}
