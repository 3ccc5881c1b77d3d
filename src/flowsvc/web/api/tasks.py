"""User tasks, as other programs find, hold and complete them."""

from flowsvc.domain.access import Action
from flowsvc.domain.errors import NotFound
from flowsvc.domain.tasks import TaskFilter, TaskState
from flowsvc.usecases import records, tasks
from flowsvc.usecases.filling import Sent as SentForm
from flowsvc.web import here
from flowsvc.web.api.definitions import RECEIPT, VARIABLES, schema_of
from flowsvc.web.api.routes import ID, PAGING, Answer, Asked, Route, done
from flowsvc.web.api.shapes import (
    Answered,
    ByName,
    Day,
    Each,
    Entry,
    Flag,
    Maybe,
    Moment,
    Said,
    Sent,
    Shape,
    Text,
    Whole,
    listed,
    one_of,
    shown,
)

_SAID = Said()
TASK = Answered(
    "UserTask",
    (
        shown("id", _SAID),
        shown("name", _SAID),
        shown("nameEn", _SAID),
        shown("state", _SAID),
        shown("processInstanceId", _SAID, "instance_id"),
        shown("businessKey", _SAID),
        shown("processDefinitionKey", _SAID, "process_key"),
        shown("elementId", _SAID),
        shown("token", _SAID),
        shown("lane", _SAID),
        shown("partyId", Maybe(_SAID)),
        shown("assignee", Maybe(_SAID)),
        shown("assignedPost", Maybe(_SAID)),
        shown("candidatePosts", Each(_SAID)),
        shown("candidateGroups", Each(_SAID)),
        shown("formKey", _SAID),
        shown("dueOn", Maybe(Day())),
        shown("dueAt", Maybe(Moment())),
        shown("followUpAt", Maybe(Moment())),
        shown("priority", Whole()),
        shown("deliversSupport", Flag()),
        shown("childWaiting", Flag()),
        shown("openedAt", Moment()),
        shown("closedAt", Maybe(Moment())),
        shown("closedBy", Maybe(_SAID)),
    ),
)
TASK_FORM = Answered(
    "TaskForm",
    (
        shown("definitionId", _SAID, "definition.id"),
        shown("key", _SAID, "definition.key"),
        shown("version", Whole(), "definition.version"),
        shown("schema", Shape(), lambda found: schema_of(found.definition)),
        shown("values", ByName()),
    ),
)


def _list(asked: Asked) -> Answer:
    query = asked.query
    state = query["state"]
    wanted = TaskFilter(
        state=TaskState(state) if state else None,
        assignee=query["assignee"],
        candidate_group=query["candidateGroup"],
        instance_id=query["processInstanceId"],
        process_key=query["processDefinitionKey"],
        element_id=query["elementId"],
        search=query["businessKey"],
    )
    page = records.tasks_page(asked.ctx, asked.actor, wanted, after=query["after"], limit=query["limit"])
    return Answer(page)


def _one(asked: Asked) -> Answer:
    return Answer(records.task_record(asked.ctx, asked.actor, asked.path["id"]))


def _form(asked: Asked) -> Answer:
    found = records.task_form(asked.ctx, asked.actor, asked.path["id"])
    if found is None:
        raise NotFound("Uppgiften har ingen blankett: skicka variablerna som de är.")
    return Answer(found)


def _claim(asked: Asked) -> None:
    tasks.claim_task(asked.ctx, asked.actor, asked.path["id"], once=asked.once)


def _unclaim(asked: Asked) -> None:
    tasks.unclaim_task(asked.ctx, asked.actor, asked.path["id"], once=asked.once)


def _assign(asked: Asked) -> None:
    person, why = asked.body["personId"], asked.body["reason"]
    tasks.assign_task(asked.ctx, asked.actor, asked.path["id"], person_id=person, reason=why, once=asked.once)


def _complete(asked: Asked) -> Answer:
    sent = SentForm(variables=asked.body["variables"], language=here.language())
    return Answer(tasks.complete_task(asked.ctx, asked.actor, asked.path["id"], sent, once=asked.once))


_NOTHING = Sent("Nothing", ())

ROUTES = (
    Route(
        "listTasks",
        "GET",
        "/user-tasks",
        "User tasks, by due time.",
        Action.READ_TASK,
        _list,
        query=(
            Entry("state", one_of(TaskState)),
            Entry("assignee", ID, about="The id of the person or token that holds it."),
            Entry("candidateGroup", Text(), about="A group's name, or post:ID."),
            Entry("processInstanceId", ID),
            Entry("processDefinitionKey", Text()),
            Entry("elementId", Text()),
            Entry("businessKey", Text(), default="", about="How the case number begins."),
            *PAGING,
        ),
        answers={200: listed(TASK)},
    ),
    Route("getTask", "GET", "/user-tasks/<id>", "One user task.", Action.READ_TASK, _one, answers={200: TASK}),
    Route(
        "getTaskForm",
        "GET",
        "/user-tasks/<id>/form",
        "The task's form, and the shared values that its fields start with.",
        Action.READ_TASK,
        _form,
        answers={200: TASK_FORM},
    ),
    *(
        Route(
            f"{verb}Task",
            "POST",
            f"/user-tasks/<id>/{verb}",
            about,
            action,
            done(act),
            body=body,
            answers={204: None},
            is_write=True,
        )
        for verb, about, action, act, body in (
            ("claim", "Hold the task.", Action.CLAIM_TASK, _claim, _NOTHING),
            ("unclaim", "Let the task go.", Action.CLAIM_TASK, _unclaim, _NOTHING),
            (
                "assign",
                "Give the task to a person who may do it.",
                Action.ASSIGN_TASK,
                _assign,
                Sent(
                    "Assignment",
                    (
                        Entry("personId", ID, is_needed=True),
                        Entry(
                            "reason",
                            Text(longest=tasks.LONGEST_REASON, shortest=0),
                            default="",
                            about="Why, for the history; the person's own party alone sees it.",
                        ),
                    ),
                ),
            ),
        )
    ),
    Route(
        "completeTask",
        "POST",
        "/user-tasks/<id>/complete",
        "Complete the task with the values of its form.",
        Action.COMPLETE_TASK,
        _complete,
        body=Sent("Completion", (VARIABLES,)),
        answers={200: RECEIPT},
        is_write=True,
    ),
)
