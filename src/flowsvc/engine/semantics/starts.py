"""A scope that is drawn without a start event begins with all that no flow leads to, at once (BPMN 2.0.2, 10.5.2)."""

from __future__ import annotations

from flowsvc.domain.values import Value
from flowsvc.engine.checking.diagram import Scope
from flowsvc.engine.semantics.catching import StartEvent
from flowsvc.engine.semantics.facts import Element, Flow
from flowsvc.engine.semantics.instance import ProcessSpec, Token


class UndrawnStart(StartEvent):
    """Stands where no start event is drawn. The history says nothing of it."""

    def show_start(self, token: Token) -> dict[str, Value]:
        """Nothing is shown that is not drawn."""
        return {}

    def show_end(self, token: Token) -> None:
        """Nothing is shown that is not drawn."""


def add_undrawn(spec: ProcessSpec, scope: Scope, *, process_key: str) -> None:
    """The scope begins also where no start event is drawn. What an event sets off has a start event, and what stands in
    an ad hoc subprocess begins when somebody wants it to."""
    owner = scope.owner
    if scope.beginnings() or (owner is not None and (owner.is_event_subprocess or owner.kind == "adHocSubProcess")):
        return
    identity = scope.undrawn_start
    element = Element(id=identity, type="startEvent", name="", process_key=process_key, lane="")
    start = UndrawnStart(spec, identity, element=element, triggers=(), is_interrupting=True)
    start.flows = [Flow(id="", target=each.id) for each in scope.begins]
