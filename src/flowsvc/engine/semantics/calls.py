"""Call activities: another process run inside its caller, or as an instance of its own that the caller waits for."""

from __future__ import annotations

from typing import Any
from uuid import uuid5

from flowsvc.domain.errors import EngineFault
from flowsvc.domain.values import Variables
from flowsvc.engine.outcome import InstanceRequested
from flowsvc.engine.semantics.activity import Activity
from flowsvc.engine.semantics.data import open_items
from flowsvc.engine.semantics.expressions import text_value
from flowsvc.engine.semantics.facts import Call, Mapping
from flowsvc.engine.semantics.instance import Instance, ProcessSpec, Token
from flowsvc.engine.semantics.subprocess import start_of
from flowsvc.engine.semantics.variables import NOWHERE, Chain, Visible


class CallActivity(Activity):
    """Calls a process. What it gets is what camunda:in hands over, and what comes back is what camunda:out says."""

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call = call
        self.is_isolating = not call.is_own_case

    def inside_of(self, token: Token) -> ProcessSpec:
        """The called process."""
        called: ProcessSpec | None = token.instance.subprocess_specs.get(self.call.called_key)
        if called is None:
            raise EngineFault(f"Processen {self.call.called_key} finns inte. Publicera den.")
        return called

    def work(self, token: Token, chain: Chain, properties: Variables) -> bool:
        """The called process has begun inside, or an instance of it is asked for."""
        instance, call, element = token.instance, self.call, self.element
        own = instance.variables.of(token.internal_data.get("local", NOWHERE))
        given = {name: own[name] for name in self.data.inputs}
        # Where the activity has nothing of its own, the innermost scope is one around it.
        inner = chain[:1] if "local" in token.internal_data else ()
        for mapping in call.ins:
            given |= _handed(instance, inner if mapping.is_local else chain, mapping)
        if call.is_own_case:
            (business_key,) = instance.expressions.texts(chain, [call.business_key])
            instance.record.instances.append(
                InstanceRequested(
                    token=token.key,
                    element_id=element.id,
                    process_key=element.process_key,
                    called_key=call.called_key,
                    business_key=text_value(business_key, what="businessKey"),
                    variables=given,
                    is_awaited=call.is_awaited,
                )
            )
            if not call.is_awaited:
                return True
            token.internal_data["open"] = True
            return False
        called = self.inside_of(token)
        start = start_of(called)
        scope = instance.open_scope(token, called)
        open_items(instance, token.key, called.data, given=given, by_token=token.key)
        for name, value in given.items():
            instance.variables.put(token.key, name, value, by_token=token.key)
        instance.spawn(scope, start)
        return False

    def take(self, token: Token, value: Variables) -> None:
        """What the instance of its own ended with is at hand for camunda:out."""
        token.internal_data["result"] = token.internal_data["inner"] = uuid5(token.id, "result").hex
        for name, each in value.items():
            token.instance.variables.put(token.internal_data["result"], name, each, by_token=token.key)

    def write_outputs(self, token: Token) -> None:
        """What camunda:out names stands outside, and the data outputs have what the called process ended with under
        their names."""
        instance = token.instance
        called = token.internal_data.get("result") or token.internal_data.get("inner")
        if called is not None:
            back: Variables = {}
            for mapping in self.call.outs:
                found = _handed(instance, (Visible(called),), mapping)
                if mapping.is_local:
                    self.own(token, found)
                else:
                    back |= found
            ended = instance.variables.of(called)
            back |= {name: ended[name] for name in self.data.outputs if name in ended and name not in back}
            for name, value in back.items():
                self.assign_outside(token, name, value)
        super().write_outputs(token)


def _handed(instance: Instance, chain: Chain, mapping: Mapping) -> Variables:
    """The values that the mapping picks from what the chain sees."""
    seen = instance.variables.seen_from(chain)
    if mapping.is_all:
        return seen
    if mapping.expression:
        return {mapping.target: instance.expressions.value(chain, mapping.expression)}
    if mapping.source not in seen:
        raise EngineFault(f"Variabeln {mapping.source} finns inte att lämna över.", names=(mapping.source,))
    return {mapping.target: seen[mapping.source]}
