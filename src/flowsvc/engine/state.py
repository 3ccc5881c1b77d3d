"""Where an instance stands, as bytes: its tokens, what they wait for and how they nest. Hides the format.

The state holds ids, counts and the names of scopes and flows; no value of a variable and nothing of a specification."""

from typing import Any
from uuid import UUID

import orjson
from SpiffWorkflow import TaskState

from flowsvc.domain.errors import EngineFault
from flowsvc.engine.outcome import Status
from flowsvc.engine.semantics.instance import Instance, Scope, Token

FORMAT = 1
"""A change of what is written below is a new number, and the old one is still read."""

_UNREADABLE = "Ärendets läge går inte att läsa. Återställ databasen från en säkerhetskopia."

# One letter for each state that a token can be at rest in.
_LETTERS = {TaskState.STARTED: "s", TaskState.WAITING: "w", TaskState.ERROR: "e"}
_STATES = {letter: state for state, letter in _LETTERS.items()}


def encode(instance: Instance) -> bytes:
    """The position of an instance at rest."""
    status = instance.status.value
    return orjson.dumps({"format": FORMAT, "status": status, "tokens": _tokens(instance, instance.tokens())})


def decode(state: bytes, instance: Instance) -> None:
    """The instance, fresh from its specification, stands where the state says. EngineFault for a format that this
    version cannot read, for what is no state, and for an element that the specification does not have."""
    try:
        found = orjson.loads(state)
        written = found["format"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise EngineFault(_UNREADABLE) from error
    if written != FORMAT:
        raise EngineFault(
            f"Ärendets läge är sparat i format {written}, och den här versionen läser bara format {FORMAT}. "
            "Kör den version av flowsvc som sparade det, eller en nyare."
        )
    try:
        instance.status = Status(found["status"])
        _plant(instance, instance.task_tree, found["tokens"], instance)
    except (KeyError, TypeError, ValueError) as error:
        raise EngineFault(_UNREADABLE) from error


def _tokens(instance: Instance, tokens: list[Token]) -> list[list[Any]]:
    return [_token(instance, token) for token in tokens]


def _token(instance: Instance, token: Token) -> list[Any]:
    """Id, element, state, what is known of the visit, tokens below it, tokens inside it; the empty end is left out."""
    inner = instance.subprocesses.get(token.id)
    found = [
        token.key,
        token.node.element.id,
        _LETTERS[token.state],
        token.internal_data,
        _tokens(instance, token.children),
        None if inner is None else _tokens(instance, inner.tokens()),
    ]
    while not found[-1]:
        # An open inside is never empty, so nothing is lost.
        found.pop()
    return found


def _plant(instance: Instance, below: Token, written: list[list[Any]], workflow: Instance | Scope) -> None:
    for each in written:
        whole: list[Any] = [*each, *([None] * (6 - len(each)))]
        key, element_id, letter, data, children, inner = whole
        node = workflow.spec.node(element_id)
        token = Token(workflow, node, below, _STATES[letter], id=UUID(hex=key))
        token.internal_data = data or {}
        _plant(instance, token, children or [], workflow)
        if inner is not None:
            scope = instance.open_scope(token, node.inside_of(token))
            _plant(instance, scope.task_tree, inner, scope)
