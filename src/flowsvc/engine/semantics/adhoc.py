"""Ad hoc subprocesses: activities that no flow leads to, each begun by itself, until a condition says that it is enough
(BPMN 2.0.2, 10.3.5 and 13.3.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowsvc.domain.errors import EngineFault
from flowsvc.domain.values import Variables
from flowsvc.engine.semantics.activity import Activity
from flowsvc.engine.semantics.facts import AdHoc
from flowsvc.engine.semantics.instance import Scope, Token
from flowsvc.engine.semantics.subprocess import Subprocess
from flowsvc.engine.semantics.variables import Chain


class AdHocSubprocess(Subprocess):
    """Begins everything inside that no flow leads to, at once or in the order of the file one after another. It is done
    when its condition is true as an activity inside ends; without a condition, when nothing is left."""

    def __init__(self, *args: Any, ad_hoc: AdHoc, begins: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ad_hoc = ad_hoc
        self._begins = tuple(begins)

    def work(self, token: Token, chain: Chain, properties: Variables) -> bool:
        """The first, or all, have begun."""
        scope = token.instance.open_scope(token, self.inside)
        token.internal_data["next"] = 0
        self.refill(scope)
        return False

    def refill(self, scope: Scope) -> bool:
        """Nothing runs inside: the next ones have begun; False where none are left."""
        first = int(scope.owner.internal_data["next"])
        if scope.is_closing or first == len(self._begins):
            return False
        after = first + 1 if self._ad_hoc.is_sequential else len(self._begins)
        scope.owner.internal_data["next"] = after
        for element_id in self._begins[first:after]:
            scope.owner.instance.spawn(scope, self.inside.node(element_id))
        return True

    def is_enough(self, scope: Scope) -> bool:
        """The condition is true now, or has been."""
        return scope.is_closing or (bool(self._ad_hoc.completion) and self._holds(scope.owner))

    def end_inside(self, scope: Scope) -> None:
        """Nothing more begins inside; what runs goes on to its end, or is cancelled."""
        instance, owner = scope.owner.instance, scope.owner
        if scope.is_closing or owner.id not in instance.subprocesses:
            return
        owner.internal_data["closing"] = True
        for token in scope.tokens():
            if token.is_undoable:
                continue
            is_running = isinstance(token.node, Activity) and token.is_shown
            if self._ad_hoc.cancels_rest or not is_running:
                instance.cancel_token(token)
        instance.settle(scope)

    def leave(self, token: Token) -> None:
        """Where nothing is left to do the condition is asked once more: EngineFault where it is still not true."""
        is_whole = self.repetition is not None and not token.is_body
        if not is_whole and self._ad_hoc.completion and "closing" not in token.internal_data and not self._holds(token):
            raise EngineFault(
                f"I {self.element.name or self.element.id} är inget kvar att göra, men villkoret för att bli klar är "
                "inte sant. Rätta variablerna och försök igen."
            )
        super().leave(token)

    def _holds(self, owner: Token) -> bool:
        instance = owner.instance
        return instance.expressions.value(instance.chain(owner), self._ad_hoc.completion, want="bool") is True
