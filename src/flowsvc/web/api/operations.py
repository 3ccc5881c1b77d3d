"""Messages, signals, external tasks, escalations, and what operators look after: incidents and jobs."""

from flowsvc.domain.access import Action
from flowsvc.domain.directory import Level
from flowsvc.domain.escalations import EscalationState
from flowsvc.domain.jobs import JobKind, JobState
from flowsvc.usecases import external_tasks, jobs, messages, records
from flowsvc.web.api.definitions import VARIABLES
from flowsvc.web.api.instances import INCIDENT
from flowsvc.web.api.routes import ID, PAGING, Answer, Asked, Route, done
from flowsvc.web.api.shapes import (
    Answered,
    ByName,
    Day,
    Each,
    Entry,
    Flag,
    Key,
    Maybe,
    Milliseconds,
    Moment,
    Said,
    Sent,
    Text,
    Whole,
    listed,
    one_of,
    shown,
)

_SAID = Said()
_DAY = 86_400_000
CORRELATED = Answered(
    "Correlated",
    (
        shown("processInstanceId", Maybe(_SAID), "instance_id"),
        shown("started", Flag()),
        shown("waiting", Flag(), "waits"),
    ),
)
REACHED = Answered("Reached", (shown("instances", Whole()), shown("starts", Each(_SAID))))
JOB = Answered(
    "Job",
    (
        shown("id", _SAID),
        shown("kind", _SAID),
        shown("state", _SAID),
        shown("processInstanceId", Maybe(_SAID), lambda found: found.instance_id or None),
        shown("processDefinitionKey", _SAID, "process_key"),
        shown("elementId", _SAID),
        shown("token", _SAID),
        shown("dueAt", Moment()),
        shown("attempts", Whole()),
        shown("retriesLeft", Whole()),
        shown("lockedUntil", Maybe(Moment()), "lease_until"),
        shown("createdAt", Moment()),
    ),
)
EXTERNAL_TASK = Answered(
    "ExternalTask",
    (
        shown("id", _SAID),
        shown("topicName", _SAID, "topic"),
        shown("processInstanceId", _SAID, "instance_id"),
        shown("businessKey", _SAID),
        shown("processDefinitionKey", _SAID, "process_key"),
        shown("elementId", _SAID),
        shown("priority", Whole()),
        shown("retriesLeft", Whole()),
        shown("lockedUntil", Moment()),
        shown("variables", ByName()),
    ),
)
FETCHED = Answered("FetchedTasks", (shown("items", Each(EXTERNAL_TASK), lambda found: found),))
OWED = Answered(
    "OwedAnswer",
    (
        shown("partyId", _SAID),
        shown("level", _SAID, "level.name"),
        shown("posts", Each(_SAID)),
        shown("dueOn", Maybe(Day())),
        shown("dueAt", Moment()),
        shown("givenAt", Maybe(Moment())),
        shown("silentAt", Maybe(Moment())),
    ),
)
ESCALATION = Answered(
    "Escalation",
    (
        shown("processInstanceId", _SAID, "instance_id"),
        shown("businessKey", _SAID),
        shown("title", _SAID),
        shown("kind", _SAID),
        shown("level", _SAID, "level.name"),
        shown("levelSince", Moment()),
        shown("liftOn", Maybe(Day())),
        shown("liftAt", Maybe(Moment())),
        shown("state", _SAID),
        shown("outcome", _SAID),
        shown("childWaiting", Flag()),
        shown("interimParty", Maybe(_SAID)),
        shown("interimDueAt", Maybe(Moment())),
        shown("interimSecuredAt", Maybe(Moment())),
        shown("amount", Maybe(Whole())),
        shown("openedAt", Moment()),
        shown("closedAt", Maybe(Moment())),
        shown("answers", Each(OWED)),
    ),
)


def _correlate(asked: Asked) -> Answer:
    body = asked.body
    found = messages.correlate(
        asked.ctx,
        asked.actor,
        name=body["name"],
        correlation_key=body["correlationKeys"],
        variables=body["variables"],
        business_key=body["businessKey"],
        time_to_live=body["timeToLive"],
        once=asked.once,
    )
    return Answer(found, status=202 if found.waits else 200)


def _send_signal(asked: Asked) -> Answer:
    name, variables = asked.body["name"], asked.body["variables"]
    found = messages.send_signal(asked.ctx, asked.actor, name=name, variables=variables, once=asked.once)
    return Answer(found, status=202)


def _fetch(asked: Asked) -> Answer:
    body = asked.body
    found = external_tasks.fetch_and_lock(
        asked.ctx,
        asked.actor,
        worker=body["workerId"],
        topics={topic["topicName"]: topic["lockDuration"] for topic in body["topics"]},
        limit=body["maxTasks"],
        once=asked.once,
    )
    return Answer(found)


def _finish(asked: Asked) -> None:
    worker, variables = asked.body["workerId"], asked.body["variables"]
    external_tasks.complete(
        asked.ctx, asked.actor, asked.path["id"], worker=worker, variables=variables, once=asked.once
    )


def _fail(asked: Asked) -> None:
    external_tasks.fail(
        asked.ctx,
        asked.actor,
        asked.path["id"],
        worker=asked.body["workerId"],
        retries=asked.body["retries"],
        wait_for=asked.body["retryTimeout"],
        once=asked.once,
    )


def _bpmn_error(asked: Asked) -> None:
    external_tasks.bpmn_error(
        asked.ctx,
        asked.actor,
        asked.path["id"],
        worker=asked.body["workerId"],
        code=asked.body["errorCode"],
        message=asked.body["errorMessage"],
        variables=asked.body["variables"],
        once=asked.once,
    )


def _extend(asked: Asked) -> None:
    worker, lock_for = asked.body["workerId"], asked.body["newDuration"]
    external_tasks.extend(asked.ctx, asked.actor, asked.path["id"], worker=worker, lock_for=lock_for, once=asked.once)


def _incidents(asked: Asked) -> Answer:
    return Answer(jobs.open_incidents(asked.ctx, asked.actor, **asked.query))


def _retry_incident(asked: Asked) -> None:
    jobs.retry_incident(asked.ctx, asked.actor, asked.path["id"], once=asked.once)


def _jobs(asked: Asked) -> Answer:
    query = asked.query
    page = jobs.jobs_page(
        asked.ctx,
        asked.actor,
        instance_id=query["processInstanceId"],
        kind=JobKind(query["kind"]) if query["kind"] else None,
        state=JobState(query["state"]) if query["state"] else None,
        after=query["after"],
        limit=query["limit"],
    )
    return Answer(page)


def _retry_job(asked: Asked) -> None:
    jobs.retry_job(asked.ctx, asked.actor, asked.path["id"], once=asked.once)


def _escalations(asked: Asked) -> Answer:
    query = asked.query
    page = records.escalations_page(
        asked.ctx,
        asked.actor,
        state=EscalationState(query["state"]) if query["state"] else None,
        level=Level[query["level"]] if query["level"] else None,
        party=query["partyId"],
        child_waiting=query["childWaiting"],
        after=query["after"],
        limit=query["limit"],
    )
    return Answer(page)


_WORKER = Entry("workerId", Text(), is_needed=True, about="The name under which the task is held.")
_TOPIC = Sent(
    "Topic",
    (
        Entry("topicName", Text(), is_needed=True),
        Entry("lockDuration", Milliseconds(1, _DAY), is_needed=True, about="How long the task is held."),
    ),
)

ROUTES = (
    Route(
        "correlateMessage",
        "POST",
        "/messages",
        "Hand a message to the one instance that waits for it, or start a process by it.",
        Action.CORRELATE_MESSAGE,
        _correlate,
        body=Sent(
            "Message",
            (
                Entry("name", Text(), is_needed=True),
                Entry("correlationKeys", Key(), default="", about="What says which instance; at most one."),
                VARIABLES,
                Entry("businessKey", Text(), default="", about="The case number, where several wait."),
                Entry(
                    "timeToLive",
                    Milliseconds(1, 400 * _DAY),
                    about="How long it waits for somebody to begin to wait for it; without one it does not.",
                ),
            ),
        ),
        answers={200: CORRELATED, 202: CORRELATED},
        is_write=True,
    ),
    Route(
        "sendSignal",
        "POST",
        "/signals",
        "Send a signal to every instance that waits for it now, and start the processes that begin with it.",
        Action.SEND_SIGNAL,
        _send_signal,
        body=Sent("Signal", (Entry("name", Text(), is_needed=True), VARIABLES)),
        answers={202: REACHED},
        is_write=True,
    ),
    Route(
        "listIncidents",
        "GET",
        "/incidents",
        "What stands still, longest first.",
        Action.READ_OPERATIONS,
        _incidents,
        query=PAGING,
        answers={200: listed(INCIDENT)},
    ),
    Route(
        "retryIncident",
        "POST",
        "/incidents/<id>/retry",
        "Try what failed again.",
        Action.RETRY_JOB,
        done(_retry_incident),
        answers={204: None},
        is_write=True,
    ),
    Route(
        "listJobs",
        "GET",
        "/jobs",
        "What waits to be done: timers, calls, messages.",
        Action.READ_OPERATIONS,
        _jobs,
        query=(
            Entry("processInstanceId", ID),
            Entry("kind", one_of(JobKind)),
            Entry("state", one_of(JobState)),
            *PAGING,
        ),
        answers={200: listed(JOB)},
    ),
    Route(
        "retryJob",
        "POST",
        "/jobs/<id>/retry",
        "Do the job now, with all its tries.",
        Action.RETRY_JOB,
        done(_retry_job),
        answers={204: None},
        is_write=True,
    ),
    Route(
        "fetchAndLock",
        "POST",
        "/external-tasks/fetch-and-lock",
        "Take tasks of some topics and hold them for a time.",
        Action.WORK_EXTERNAL_TASKS,
        _fetch,
        body=Sent(
            "Fetch",
            (
                _WORKER,
                Entry("maxTasks", Whole(1, external_tasks.MOST_AT_ONCE), default=10),
                Entry("topics", Each(_TOPIC), is_needed=True),
            ),
        ),
        answers={200: FETCHED},
        is_write=True,
    ),
    *(
        Route(
            f"{name}ExternalTask",
            "POST",
            f"/external-tasks/<id>/{verb}",
            about,
            Action.WORK_EXTERNAL_TASKS,
            done(act),
            body=Sent(body, (_WORKER, *entries)),
            answers={204: None},
            is_write=True,
        )
        for name, verb, about, act, body, entries in (
            ("complete", "complete", "The task is done.", _finish, "ExternalCompletion", (VARIABLES,)),
            (
                "fail",
                "failure",
                "The task failed; it is offered again, or becomes an incident when no retries are left.",
                _fail,
                "ExternalFailure",
                (
                    Entry("retries", Whole(0, 1000), about="How many tries are left."),
                    Entry("retryTimeout", Milliseconds(0, 30 * _DAY), about="How long to wait before the next."),
                ),
            ),
            (
                "endWithError",
                "bpmn-error",
                "The task ended in an error that the diagram catches.",
                _bpmn_error,
                "ExternalError",
                (
                    Entry("errorCode", Text(), is_needed=True),
                    Entry("errorMessage", Text(longest=1000, shortest=0), default=""),
                    VARIABLES,
                ),
            ),
            (
                "extend",
                "extend",
                "Hold the task longer, from now.",
                _extend,
                "ExternalExtension",
                (Entry("newDuration", Milliseconds(1, _DAY), is_needed=True),),
            ),
        )
    ),
    Route(
        "listEscalations",
        "GET",
        "/escalations",
        "Escalations with the answers owed at their level; the one that is lifted first comes first.",
        Action.READ_ESCALATIONS,
        _escalations,
        query=(
            Entry("state", one_of(EscalationState)),
            Entry("level", Text(among=tuple(level.name for level in Level))),
            Entry("partyId", ID),
            Entry("childWaiting", Flag()),
            *PAGING,
        ),
        answers={200: listed(ESCALATION)},
    ),
)
