"""How tests speak of what people do: who holds a post, what lies in a case, and sending forms."""

from datetime import datetime
from typing import Any

from flowsvc.domain.access import SYSTEM, Actor, ActorKind
from flowsvc.domain.instances import ProcessInstance
from flowsvc.domain.jobs import Incident
from flowsvc.domain.tasks import UserTask
from flowsvc.domain.values import Variables
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import instances, jobs, tasks
from flowsvc.usecases import deployments, sessions
from flowsvc.usecases import instances as moves
from flowsvc.usecases import jobs as worker
from flowsvc.usecases import tasks as desk
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import Sent
from flowsvc.usecases.tasks import Receipt

CLIENT = Actor(
    kind=ActorKind.CLIENT,
    person_id="klient",
    name="Testklient",
    scopes=frozenset({"instances:write", "tasks:write", "external-tasks", "operations:write"}),
)

REPORT: Variables = {
    "kind": "responsibility",
    "area": "placement",
    "urgency": "normal",
    "child_waiting": True,
    "event_date": "2026-11-20",
    "discovered": "2026-11-23",
    "place": "bup-oppenvard",
    "counterparts": [{"unit": "alvsta-barn"}],
    "description": "Oklart vem som ger behandlingen på hemmet.",
    "consequence": "delay",
    "wanted": "Ett beslut om ansvar.",
    "tried": "Två möten mellan handläggarna.",
    "child_heard": "yes",
    "child_view": "Vill bo kvar.",
    "support_part": "social",
}
"""A dispute about responsibility between the region and a municipality."""

POSITION: Variables = {
    "stance": "other_responsibility",
    "legal_basis": "29 kap. 2 § SoL",
    "child_best_assessment": "Barnet behöver behandlingen nu.",
}

_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="defs" targetNamespace="t">'
    '<bpmn:message id="m" name="bestallning"/><bpmn:message id="m2" name="svar"/>'
    '<bpmn:error id="e" errorCode="NEJ"/>'
)


def as_post(ctx: Context, post: str) -> Actor:
    """The person who holds the post today, signed in."""
    with ctx.store.read() as tx:
        whole = tx.directory()
    holder = next(held for held in whole.assignments if held.post_id == post)
    return sessions.acting_as(ctx, whole, holder.person_id, now=ctx.clock.now())


def flow(source: str, target: str, inside: str = "") -> str:
    """A sequence flow."""
    name = f"{source}_{target}"
    return f'<bpmn:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'


def process(key: str, body: str, attributes: str = "") -> SourceFile:
    """A file with one process."""
    text = f'{_HEAD}<bpmn:process id="{key}" name="Prov" isExecutable="true" {attributes}>{body}</bpmn:process>'
    return SourceFile(f"{key}.bpmn", f"{text}</bpmn:definitions>".encode())


def chain(*elements: tuple[str, str]) -> str:
    """Elements after each other: (id, XML)."""
    ids = [name for name, _ in elements]
    return "".join(xml for _, xml in elements) + "".join(map(flow, ids, ids[1:]))


START = ("start", '<bpmn:startEvent id="start"/>')
END = ("end", '<bpmn:endEvent id="end"/>')


def user_task(name: str, groups: str = "post:bup.behandlare", inside: str = "") -> tuple[str, str]:
    """A user task without a form."""
    groups_said = f'camunda:candidateGroups="{groups}"'
    return name, f'<bpmn:userTask id="{name}" name="{name}" {groups_said}>{inside}</bpmn:userTask>'


def properties(**values: str) -> str:
    """Own properties of an element."""
    said = "".join(f'<camunda:property name="flowsvc:{name}" value="{value}"/>' for name, value in values.items())
    return f"<bpmn:extensionElements><camunda:properties>{said}</camunda:properties></bpmn:extensionElements>"


def deploy(ctx: Context, *files: SourceFile) -> None:
    """The files are deployed."""
    deployments.deploy(ctx, SYSTEM, files)


def start(ctx: Context, post: str, key: str, **values: Any) -> Receipt:
    """The holder of the post starts the process."""
    return moves.start_instance(ctx, as_post(ctx, post), key, Sent(variables=dict(values)))


def report(ctx: Context, post: str = "bup.behandlare", **values: Any) -> str:
    """A reported dispute; the id of its instance."""
    return start(ctx, post, "avvikelse", **{**REPORT, **values}).instance_id


def instance_of(ctx: Context, instance_id: str) -> ProcessInstance:
    with ctx.store.read() as tx:
        return tx.instance(instance_id)


def open_tasks(ctx: Context, instance_id: str, name: str = "", *, party: str = "") -> list[UserTask]:
    with ctx.store.read() as tx:
        found = tasks.of_instance(tx, instance_id, open_only=True)
    return [task for task in found if name in ("", task.name) and party in ("", task.party_id)]


def names(ctx: Context, instance_id: str) -> list[str]:
    return sorted(task.name for task in open_tasks(ctx, instance_id))


def complete(ctx: Context, instance_id: str, name: str, *, party: str = "", **values: Any) -> Receipt:
    """The one open task of that name (and party) is done by the first of its candidate posts that somebody holds."""
    (task,) = open_tasks(ctx, instance_id, name, party=party)
    return desk.complete_task(ctx, holder_of(ctx, task), task.id, Sent(variables=dict(values)))


def holder_of(ctx: Context, task: UserTask) -> Actor:
    """Somebody who may do the task."""
    with ctx.store.read() as tx:
        whole = tx.directory()
    for post in whole.posts.values():
        if post.id in task.candidate_posts or set(post.groups) & set(task.candidate_groups):
            actor = as_post(ctx, post.id)
            if actor.posts:
                return actor
    raise AssertionError(f"nobody may do {task.name}")


def run_jobs(ctx: Context) -> int:
    """Everything that is due now is done."""
    done = 0
    while count := worker.run_due_jobs(ctx, owner="test"):
        done += count
    return done


def pass_until(ctx: Context, clock: Any, moment: datetime) -> None:
    """Time passes; every job on the way is done at its time."""
    run_jobs(ctx)
    while (due := worker.next_due_at(ctx)) is not None and due <= moment:
        clock.set(max(due, clock.now()))
        run_jobs(ctx)
    clock.set(max(moment, clock.now()))


def variables_of(ctx: Context, instance_id: str) -> dict[str, Any]:
    """The instance's own variables."""
    with ctx.store.read() as tx:
        return {row.name: row.value for row in instances.variables_of(tx, instance_id) if row.scope == ""}


def incidents_of(ctx: Context, instance_id: str) -> list[Incident]:
    with ctx.store.read() as tx:
        return [each for each in jobs.incidents_of(tx, instance_id) if each.resolved_at is None]
