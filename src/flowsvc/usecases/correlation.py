"""Who takes a message: the one event that waits for it, else the one process that it starts."""

from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import AmbiguousMessage
from flowsvc.domain.messages import MessageSubscription
from flowsvc.store import definitions, messages, tasks
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import models
from flowsvc.usecases.instances import Asked


def waiting_for(tx: Transaction, name: str, correlation_key: str, business_key: str) -> MessageSubscription | None:
    """The one event that waits for the message, in the instance with the number where one is given; AmbiguousMessage
    names them where they are several."""
    found = messages.subscriptions_for(tx, name, correlation_key)
    numbers = {each.instance_id: tasks.business_key_of(tx, each.instance_id) for each in found}
    if business_key:
        found = tuple(each for each in found if numbers[each.instance_id] == business_key)
    if len(found) > 1:
        named = ", ".join(f"{numbers[each.instance_id]} ({each.element_id})" for each in found)
        raise AmbiguousMessage(f"Flera väntar på meddelandet {name} med den nyckeln: {named}. Ange ärendets nummer.")
    return found[0] if found else None


def started_by(tx: Transaction, name: str) -> Asked | None:
    """The one start that the message sets off, in the newest version of its process; AmbiguousMessage names them where
    they are several."""
    found = [
        Asked(definition, start)
        for definition in definitions.all_latest(tx, DefinitionKind.PROCESS)
        for start in models.facts_of(definition).starts
        if start.kind == "message" and start.message == name
    ]
    if len(found) > 1:
        named = ", ".join(f"{each.definition.key} ({each.start.element_id})" for each in found)
        raise AmbiguousMessage(f"Flera processer startas av meddelandet {name}: {named}. Ge dem olika namn.")
    return found[0] if found else None
