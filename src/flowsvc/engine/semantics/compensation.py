"""Compensation: what has been completed is undone, the latest first (BPMN 2.0.2, 10.7 and 13.5.5).

A completed activity that can be undone stays where it was, as a token that waits for nothing, with its own variables
and with what is kept inside it. Whoever throws compensation marks such tokens with its id; one after another is undone,
and the thrower goes on when none is left. The tokens stand in the order of completion; nothing else remembers it."""

from __future__ import annotations

from typing import Any

from flowsvc.domain.errors import NotFound
from flowsvc.engine.outcome import Happened
from flowsvc.engine.semantics.events import BoundaryEvent, EventSubprocessNode, boundaries
from flowsvc.engine.semantics.instance import FlowNode, Instance, Scope, Token

_BY = "by"
"""Whose compensation the token waits for or goes through."""


class CompensationEvent(BoundaryEvent):
    """The border event behind which stands the activity that undoes its own."""

    def __init__(self, *args: Any, undoes_with: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.undoes_with = undoes_with

    def enter(self, token: Token) -> bool:
        """The history says that the compensation has come."""
        self.show_start(token)
        token.instance.tell(token, Happened.CAUGHT)
        return True

    def leave(self, token: Token) -> None:
        """The activity that undoes begins; it sees the variables as its activity left them."""
        self.show_end(token)
        instance, done = token.instance, token.parent
        instance.discard(token)
        instance.spawn(token.workflow, token.workflow.spec.node(self.undoes_with), below=done)


def is_undoable(token: Token, *, is_whole: bool) -> bool:
    """The activity, which ends now, can be undone later: by what stands behind its border, or by what is kept inside.
    A repeated activity is undone time by time, not as a whole."""
    if token.parent.is_undoable:
        # What undoes is not undone.
        return False
    if any(each.is_undoable for each in token.children):
        return True
    return token.id in token.instance.subprocesses or (_border(token.node) is not None and not is_whole)


def _border(node: FlowNode) -> CompensationEvent | None:
    return next((each for each in boundaries(node) if isinstance(each, CompensationEvent)), None)


def begin(thrower: Token, activity_id: str) -> bool:
    """What has been completed in the thrower's scope, or the one activity there, begins to be undone; False where there
    is nothing to undo."""
    completed = _completed(thrower)
    return _undo_all(thrower, [each for each in completed if not activity_id or each.node.element.id == activity_id])


def begin_cancelling(thrower: Token) -> bool:
    """All else in the transaction is cancelled, and what was completed there begins to be undone; False where there is
    nothing to undo. A repeated transaction is cancelled whole, with the other times it is or has been done: its border
    is that of all of them (BPMN 2.0.2, 13.4.2 and 13.3.7)."""
    instance = thrower.instance
    instance.clear(thrower.workflow, but=thrower, keeps_done=True)
    found: list[Token] = []
    for body in _other_bodies(thrower):
        inner = instance.subprocesses.get(body.id)
        if body.is_undoable:
            found.append(body)
        elif inner is None:
            instance.cancel_token(body)
        else:
            instance.clear(inner, keeps_done=True)
            found.extend(each for each in inner.tokens() if _is_completed(each))
    return _undo_all(thrower, [*found, *_completed(thrower)])


def _other_bodies(thrower: Token) -> list[Token]:
    """The other times of the repeated activity in which the token stands."""
    owner = thrower.workflow.owner if isinstance(thrower.workflow, Scope) else None
    if owner is None or not owner.is_body:
        return []
    return [each for each in owner.parent.children if each.is_body and each is not owner]


def _undo_all(thrower: Token, found: list[Token]) -> bool:
    for each in found:
        each.internal_data[_BY] = thrower.key
    if found:
        _proceed(thrower.instance, thrower.key)
    return bool(found)


def _completed(thrower: Token) -> list[Token]:
    """What can be undone in the scope; from an event subprocess also what is around it."""
    found: list[Token] = []
    workflow: Instance | Scope = thrower.workflow
    while True:
        found.extend(each for each in workflow.tokens() if _is_completed(each))
        if not (isinstance(workflow, Scope) and isinstance(workflow.owner.node, EventSubprocessNode)):
            return found
        workflow = workflow.owner.workflow


def _is_completed(token: Token) -> bool:
    # What is being undone already is not undone twice; nor is an event subprocess that only waits to undo.
    return token.is_undoable and _BY not in token.internal_data and not _waits_to_undo(token)


def _waits_to_undo(token: Token) -> bool:
    return "undoes" in token.internal_data


def _proceed(instance: Instance, by: str) -> None:
    """The latest of what is left is undone; when nothing is left, whoever asked for it goes on."""
    left = [each for each in instance.all_tokens() if each.internal_data.get(_BY) == by]
    if left:
        _undo(left[-1])
        return
    try:
        asked = instance.find(by)
    except NotFound:
        # Cancelled meanwhile: what was left of its compensation is not gone on with.
        return
    if asked.is_undoable:
        undone(asked)
    else:
        instance.resume(asked)


def _undo(token: Token) -> None:
    instance = token.instance
    bodies = [each for each in token.children if each.is_undoable]
    border, inner = _border(token.node), instance.subprocesses.get(token.id)
    inside = bodies or (inner.tokens() if inner is not None else [])
    waiting = [each for each in inside if _waits_to_undo(each)]
    if border is not None and not bodies:
        instance.spawn(token.workflow, border, below=token)
    elif waiting and isinstance(waiting[0].node, EventSubprocessNode):
        waiting[0].node.begin(waiting[0].workflow, Happened.CAUGHT)
    else:
        for each in inside:
            each.internal_data[_BY] = token.key
        _proceed(instance, token.key)


def undone(token: Token) -> None:
    """The activity has been undone and is forgotten; the one before it is next."""
    instance, by = token.instance, token.internal_data.get(_BY)
    instance.discard(token)
    if by is not None:
        _proceed(instance, by)
