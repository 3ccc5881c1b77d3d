"""Tasks: done by people, by FEEL, by a decision table, by a function, or by somebody outside."""

from __future__ import annotations

from typing import Any

from flowsvc.domain.errors import EngineFault, FlowError, ScriptFailed
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.decision_tree import DecisionTree
from flowsvc.engine.outcome import CallRequested, DecisionMade, Due, Happened, TaskOpened
from flowsvc.engine.semantics import listening, throwing
from flowsvc.engine.semantics.activity import Activity
from flowsvc.engine.semantics.expressions import text_list, text_value, whole_number
from flowsvc.engine.semantics.facts import People, Service, Table, Trigger
from flowsvc.engine.semantics.instance import Instance, Scope, Token
from flowsvc.engine.semantics.variables import Chain

DEFAULT_PRIORITY = 50
"""Camunda's."""


class PassedTask(Activity):
    """A task that nobody does: the flow goes straight through (a plain task, a manual task)."""


class UserTask(Activity):
    """Waits for people."""

    def __init__(self, *args: Any, people: People, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people

    def work(self, token: Token, chain: Chain, properties: Variables) -> bool:
        """The task is open."""
        instance, people, element = token.instance, self.people, self.element
        assignee, users, groups, due, follow_up, priority, form_key = instance.expressions.texts(
            chain,
            [
                people.assignee,
                people.users,
                people.groups,
                people.due,
                people.follow_up,
                people.priority,
                people.form_key,
            ],
        )
        opened = TaskOpened(
            token=token.key,
            element_id=element.id,
            process_key=element.process_key,
            name=element.name,
            lane=_lane(token),
            scope=chain[0].scope,
            form_key=text_value(form_key, what="formKey"),
            assignee=text_value(assignee, what="assignee"),
            candidate_users=text_list(users, what="candidateUsers"),
            candidate_groups=text_list(groups, what="candidateGroups"),
            due=_due(instance, due),
            follow_up=_due(instance, follow_up),
            priority=whole_number(priority, what="priority", default=DEFAULT_PRIORITY),
            properties=properties,
        )
        instance.record.tasks.append(opened)
        token.internal_data["open"] = True
        return False


def _lane(token: Token) -> str:
    """The lane of the task, else of the nearest subprocess or call activity around it that stands in one."""
    lane = token.node.element.lane
    workflow = token.workflow
    while not lane and isinstance(workflow, Scope):
        lane = workflow.owner.node.element.lane
        workflow = workflow.owner.workflow
    return lane


def _due(instance: Instance, rule: Value) -> Due | None:
    return None if rule is None or rule == "" else listening.due_at(instance, rule)


class ScriptTask(Activity):
    """Evaluates a FEEL expression."""

    def __init__(self, *args: Any, script: str, result_variable: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.script = script
        self.result_variable = result_variable

    def work(self, token: Token, chain: Chain, properties: Variables) -> bool:
        """The result variable has the value. Without a script the task is passed straight through."""
        if not self.script:
            return True
        value = token.instance.expressions.value(chain, self.script)
        if self.result_variable:
            self.assign_outside(token, self.result_variable, value)
        return True


class DecisionTask(Activity):
    """Asks a decision table."""

    def __init__(self, *args: Any, table: Table, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table

    def work(self, token: Token, chain: Chain, properties: Variables) -> bool:
        """The table has answered, and the history knows by which rules."""
        instance, element = token.instance, self.element
        tree = instance.decisions.get(self.table.decision_key)
        if tree is None:
            raise EngineFault(f"Beslutet {self.table.decision_key} finns inte. Publicera det.")
        found = instance.feel.decide(tree, instance.variables.seen_from(chain), now=instance.around.now)
        instance.record.decisions.append(
            DecisionMade(
                token=token.key,
                element_id=element.id,
                process_key=element.process_key,
                decision_key=tree.key,
                matched=tuple(f"{rule.decision_key}#{rule.index}" for rule in found.matched),
                names=found.names,
            )
        )
        if self.table.result_variable:
            self.assign_outside(token, self.table.result_variable, mapped(found.value, tree, self.table.mapping))
        return True


def mapped(value: Value, tree: DecisionTree, mapping: str) -> Value:
    """The decision's answer in the form that camunda:mapDecisionResult asks for, else as DMN gives it.
    ScriptFailed where the answer has another number of rows or outputs."""
    if not mapping:
        return value
    rows: list[Value] = value if isinstance(value, list) else [] if value is None else [value]
    names = [column.name for column in tree.outputs]
    is_single = len(names) <= 1
    if mapping in ("singleEntry", "singleResult") and len(rows) > 1:
        raise ScriptFailed(f"Beslutet {tree.key} gav {len(rows)} rader där en väntades.", names=(tree.key,))
    if mapping in ("singleEntry", "collectEntries") and not is_single:
        raise ScriptFailed(f"Beslutet {tree.key} har flera utdata där ett väntades.", names=(tree.key,))
    contexts: list[Value] = [{(names[0] if names else tree.key): row} if is_single else row for row in rows]
    match mapping:
        case "singleEntry":
            return rows[0] if rows else None
        case "singleResult":
            return contexts[0] if contexts else None
        case "collectEntries":
            return rows
        case _:
            return contexts


class ServiceTask(Activity):
    """Done by a function of ours at once, or by a connector or an external worker later."""

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.service = service

    def work(self, token: Token, chain: Chain, properties: Variables) -> bool:
        """The function's result is kept for the outputs, or the call is asked for."""
        instance, service, element = token.instance, self.service, self.element
        inputs = _inputs(token)
        if service.kind == "function":
            self.take(token, _called(instance, service.name, inputs))
            return True
        (priority,) = instance.expressions.texts(chain, [service.priority])
        instance.record.calls.append(
            CallRequested(
                token=token.key,
                element_id=element.id,
                process_key=element.process_key,
                kind=service.kind,
                name=service.name,
                inputs=inputs,
                priority=whole_number(priority, what="taskPriority", default=0),
                retry_cycle=service.retry_cycle,
            )
        )
        token.internal_data["open"] = True
        return False

    def take(self, token: Token, value: Value) -> None:
        """The result stands where the task says: in its result variable, in the task's own scope for its outputs to
        read, or, from an external worker to a task without outputs, each name as it is."""
        if self.service.result_variable:
            self.assign_outside(token, self.service.result_variable, value)
        result: Variables = value if isinstance(value, dict) else {"result": value}
        if self.element.outputs or self.data.outputs:
            self.own(token, result)
        elif self.service.kind == "external":
            for name, each in result.items():
                self.assign_outside(token, name, each)


class WorkerEvent(ServiceTask):
    """An event whose message an external worker sends."""

    def show_end(self, token: Token) -> None:
        """The message has been sent."""
        token.instance.tell(token, Happened.THROWN)
        super().show_end(token)


class SendTask(Activity):
    """Sends a message, and does not wait for an answer."""

    def __init__(self, *args: Any, message: Trigger, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.message = message

    def work(self, token: Token, chain: Chain, properties: Variables) -> bool:
        """The message is on its way."""
        throwing.send(token, throwing.prepare_sending(token, [self.message], _inputs(token)))
        token.instance.tell(token, Happened.THROWN)
        return True


def _inputs(token: Token) -> Variables:
    """What the activity's data inputs and input parameters gave it."""
    names = (*token.node.data.inputs, *(entry.name for entry in token.node.element.inputs))
    own = token.instance.variables.of(token.internal_data["local"]) if names else {}
    return {name: own[name] for name in names}


def _called(instance: Instance, name: str, inputs: Variables) -> Value:
    function = instance.around.functions.get(name)
    if function is None:
        raise EngineFault(f"Funktionen {name} finns inte.")
    try:
        return function(inputs)
    except EngineFault:
        raise
    except FlowError as error:
        raise ScriptFailed(f"Funktionen {name}: {error.message}", names=(name,)) from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # The text of such an error may hold a value; its kind does not.
        raise ScriptFailed(f"Funktionen {name} stannade ({type(error).__name__}).", names=(name,)) from error
