"""The diagrams of a case in its pinned versions: the words for its elements, kept once read."""

from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import NotFound
from flowsvc.domain.tasks import UserTask
from flowsvc.engine.picture import Drawn, Picture, read_picture
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import models
from flowsvc.usecases.context import Context


def picture_of(ctx: Context, tx: Transaction, pins: dict[str, str], process_key: str) -> Picture:
    """The process as drawn in the version that an instance with these pins uses; NotFound."""
    definition = models.pinned(tx, pins, DefinitionKind.PROCESS, process_key)
    kept = ctx.parsed.get(f"picture:{definition.id}")
    if isinstance(kept, Picture):
        return kept
    picture = read_picture(definition.source, process_key)
    ctx.parsed.put(f"picture:{definition.id}", picture)
    return picture


def pictures_of(ctx: Context, tx: Transaction, pins: dict[str, str], root: str) -> dict[str, Picture]:
    """The process and every process called inside it, at any depth, by key."""
    found: dict[str, Picture] = {}
    waiting = [root]
    while waiting:
        key = waiting.pop(0)
        if key in found:
            continue
        found[key] = picture_of(ctx, tx, pins, key)
        called = (each for each in found[key].elements.values() if each.called_key and not each.is_own_case)
        waiting.extend(each.called_key for each in called)
    return found


def drawn(ctx: Context, tx: Transaction, pins: dict[str, str], process_key: str, element_id: str) -> Drawn | None:
    """The element as drawn; None where its diagram does not have it."""
    try:
        return picture_of(ctx, tx, pins, process_key).elements.get(element_id)
    except NotFound:
        return None


def lane_name(ctx: Context, tx: Transaction, pins: dict[str, str], task: UserTask, *, language: str) -> str:
    """The task's lane in the language."""
    if language != "en":
        return task.lane
    found = drawn(ctx, tx, pins, task.process_key, task.element_id)
    return (found.role(language) if found else "") or task.lane
