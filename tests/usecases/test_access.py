"""Every use case that somebody asks for refuses a nobody before anything else, and changes nothing."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from flowsvc import usecases
from flowsvc.domain.access import NOBODY, Action
from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import NotSignedIn
from flowsvc.domain.notices import Preferences
from flowsvc.domain.tasks import TaskFilter
from flowsvc.store.tables import metadata
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
from flowsvc.usecases.trying import Tried
from tests.usecases.office import END, START, chain, deploy, open_tasks, process, start, user_task

ARGUMENTS: dict[str, object] = {
    "action": Action.READ_INSTANCE,
    "chosen": Preferences("okand"),
    "key": "prov",
    "kind": DefinitionKind.PROCESS,
    "file_name": "prov.bpmn",
    "source": b"x",
    "revision": 1,
    "current": 1,
    "version": 1,
    "everything": False,
    "model": b"",
    "decision": "frist",
    "before": 1,
    "after": 2,
    "note": "",
    "ground": "",
    "text": "Hej",
    "to": "post:bup.lakare",
    "business_key": "SJ-PRO-2026-00001",
    "reason": "Samma fråga",
    "process_key": "prov",
    "name": "namn",
    "place": "start:prov",
    "values": {},
    "value": 1,
    "variables": {},
    "sent": Sent(variables={}),
    "submitted": {},
    "correlation_key": "",
    "worker": "w",
    "topics": {"t": timedelta(minutes=1)},
    "wanted": TaskFilter(),
    "limit": 5,
    "lock_for": timedelta(minutes=1),
    "code": "K",
    "content_type": "text/plain",
    "content": b"hej",
    "data": b"{}",
    "files": (),
    "language": "sv",
    "template": "dossier",
    "form": "html",
    "search": "",
    "scopes": ("instances:read",),
    "expires": datetime(2030, 1, 1, tzinfo=UTC),
    "expires_at": datetime(2030, 1, 1, tzinfo=UTC),
    "username": "anna",
    "password": "ett långt lösenord",
    "person_id": "okand",
    "tried": Tried("okand", "", (), mark=""),
    "show": lambda trial: trial,
    "do": lambda trial: trial,
}
"""Something to ask with, by the parameter's name. Ids are those of a running instance and its task."""


def asked_for() -> Iterator[tuple[str, Callable[..., object]]]:
    """Every public function of the use cases that begins with a context and an actor. What takes a transaction or what
    was read in one is a part of a use case that has asked."""
    for module in pkgutil.iter_modules(usecases.__path__):
        found = importlib.import_module(f"flowsvc.usecases.{module.name}")
        for name, function in inspect.getmembers(found, inspect.isfunction):
            is_own = function.__module__ == found.__name__ and not name.startswith("_")
            if is_own and list(inspect.signature(function).parameters)[:2] == ["ctx", "actor"]:
                yield f"{module.name}.{name}", function


def arguments(function: Callable[..., object], ids: dict[str, str]) -> dict[str, Any]:
    """Whatever the function needs; a parameter that the table does not know fails the test."""
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in ("ctx", "actor") or parameter.default is not inspect.Parameter.empty:
            continue
        if parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
            continue
        if name in ids:
            given[name] = ids[name]
        elif name in ARGUMENTS:
            given[name] = ARGUMENTS[name]
        elif name.endswith("_id") or name == "token":
            given[name] = "0" * 32
        else:
            pytest.fail(f"{function.__module__}.{function.__name__}: what is `{name}`? Add it to ARGUMENTS.")
    return given


def everything(ctx: Context) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    with ctx.store.read() as tx:
        return {
            table.name: [tuple(row) for row in tx.conn.execute(sa.select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
        }


def test_there_are_use_cases_to_look_at() -> None:
    names = {name for name, _ in asked_for()}

    assert {"tasks.complete_task", "instances.start_instance", "jobs.retry_job", "messages.correlate"} <= names
    assert {"deployments.deploy", "attachments.read_attachment", "external_tasks.complete"} <= names


@pytest.fixture
def ids(ctx: Context) -> dict[str, str]:
    """A running instance and its task."""
    deploy(ctx, process("prov", chain(START, user_task("A"), END)))
    instance_id = start(ctx, "bup.behandlare", "prov").instance_id
    (task,) = open_tasks(ctx, instance_id)
    return {"instance_id": instance_id, "task_id": task.id}


def test_every_use_case_refuses_a_nobody_and_changes_nothing(ctx: Context, ids: dict[str, str]) -> None:
    before = everything(ctx)
    answered: list[str] = []

    for name, function in asked_for():
        try:
            function(ctx, NOBODY, **arguments(function, ids))
        except NotSignedIn:
            continue
        except Exception as error:
            answered.append(f"{name} ({type(error).__name__}: {error})")
        else:
            answered.append(name)

    assert answered == []
    assert everything(ctx) == before
