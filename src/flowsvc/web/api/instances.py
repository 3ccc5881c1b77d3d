"""Process instances: what they are, hold and have been through; suspending, resuming and cancelling."""

from collections.abc import Callable

from flowsvc.domain import pauses
from flowsvc.domain.access import Action
from flowsvc.domain.errors import InvalidInput
from flowsvc.domain.instances import InstanceStatus
from flowsvc.usecases import attachments, comments, instances, pausing, records
from flowsvc.web.api.routes import PAGING, Answer, Asked, Route, done
from flowsvc.web.api.shapes import (
    Answered,
    Anything,
    Day,
    Each,
    Entry,
    Flag,
    Maybe,
    Moment,
    Said,
    Sent,
    Sentence,
    Shown,
    Text,
    Whole,
    listed,
    one_of,
    shown,
)

_SAID = Said()
INSTANCE = Answered(
    "ProcessInstance",
    (
        shown("id", _SAID),
        shown("businessKey", _SAID),
        shown("title", _SAID),
        shown("status", _SAID),
        shown("processDefinitionId", _SAID, "definition_id"),
        shown("processDefinitionKey", _SAID, "process_key"),
        shown("processName", _SAID),
        shown("leadParty", Maybe(_SAID)),
        shown("childWaiting", Flag()),
        shown("startedAt", Moment()),
        shown("startedBy", _SAID),
        shown("startedPost", Maybe(_SAID)),
        shown("endedAt", Maybe(Moment())),
        shown("endState", _SAID),
        shown("parentInstanceId", Maybe(_SAID), "parent_instance"),
    ),
)


def _of_listed(part: Shown) -> Shown:
    return shown(part.name, part.shape, lambda found: part.of(found.listed))


PARTY = Answered("Party", (shown("partyId", _SAID), shown("role", _SAID), shown("registrationNumber", _SAID)))
WHOLE_INSTANCE = Answered(
    "ProcessInstanceInFull",
    (
        *(_of_listed(each) for each in INSTANCE.parts),
        shown("version", Whole(), "instance.version"),
        shown("parties", Each(PARTY), "instance.parties"),
    ),
)
VARIABLE = Answered(
    "Variable",
    (
        shown("name", _SAID),
        shown("scope", _SAID),
        shown("type", _SAID),
        shown("value", Anything()),
        shown("ownerParty", Maybe(_SAID)),
        shown("setBy", _SAID),
        shown("setAt", Moment()),
    ),
)
VARIABLES = Answered("Variables", (shown("items", Each(VARIABLE), "shown"), shown("withheld", Each(_SAID))))
EVENT = Answered(
    "HistoryEvent",
    (
        shown("sequence", Whole()),
        shown("at", Moment()),
        shown("happened", _SAID),
        shown("elementId", _SAID),
        shown("elementType", _SAID),
        shown("name", _SAID),
        shown("processDefinitionKey", _SAID, "process_key"),
        shown("token", _SAID),
        shown("personId", Maybe(_SAID)),
        shown("postId", Maybe(_SAID)),
        shown("onBehalfOf", Maybe(_SAID)),
    ),
)
INCIDENT = Answered(
    "Incident",
    (
        shown("id", _SAID),
        shown("processInstanceId", Maybe(_SAID), lambda found: found.instance_id or None),
        shown("jobId", Maybe(_SAID)),
        shown("processDefinitionKey", _SAID, "process_key"),
        shown("elementId", _SAID),
        shown("token", _SAID),
        shown("code", _SAID),
        shown("message", Sentence()),
        shown("names", Each(_SAID)),
        shown("at", Moment()),
        shown("resolvedAt", Maybe(Moment())),
        shown("resolvedBy", Maybe(_SAID)),
    ),
)
INCIDENTS = Answered("Incidents", (shown("items", Each(INCIDENT), lambda found: found),))


COMMENT = Answered(
    "Comment",
    (
        shown("id", _SAID),
        shown("ownerParty", Maybe(_SAID)),
        shown("personId", _SAID),
        shown("postId", Maybe(_SAID)),
        shown("text", _SAID),
        shown("at", Moment()),
    ),
)
ATTACHMENT = Answered(
    "Attachment",
    (
        shown("id", _SAID),
        shown("submissionId", Maybe(_SAID)),
        shown("ownerParty", Maybe(_SAID)),
        shown("personId", _SAID),
        shown("name", _SAID),
        shown("contentType", _SAID),
        shown("size", Whole()),
        shown("sha256", _SAID),
        shown("at", Moment()),
    ),
)
ATTACHMENTS = Answered("Attachments", (shown("items", Each(ATTACHMENT), lambda found: found),))
COMMENTS = Answered("Comments", (shown("items", Each(COMMENT), lambda found: found),))


def _list(asked: Asked) -> Answer:
    query = asked.query
    status = query["status"]
    page = records.instances_page(
        asked.ctx,
        asked.actor,
        statuses=(InstanceStatus(status),) if status else (),
        process_key=query["processDefinitionKey"],
        search=query["businessKey"],
        after=query["after"],
        limit=query["limit"],
    )
    return Answer(page)


def _one(asked: Asked) -> Answer:
    return Answer(records.instance_record(asked.ctx, asked.actor, asked.path["id"]))


def _variables(asked: Asked) -> Answer:
    return Answer(records.variables_of(asked.ctx, asked.actor, asked.path["id"]))


def _history(asked: Asked) -> Answer:
    after = asked.query["after"]
    if not after.isascii() or not after.isdecimal():
        raise InvalidInput("after ska vara numret i next på sidan före.")
    limit = asked.query["limit"]
    return Answer(records.history_of(asked.ctx, asked.actor, asked.path["id"], after=int(after), limit=limit))


def _incidents(asked: Asked) -> Answer:
    return Answer(records.incidents_of(asked.ctx, asked.actor, asked.path["id"]))


def _attachments(asked: Asked) -> Answer:
    return Answer(attachments.attachments_of(asked.ctx, asked.actor, asked.path["id"]))


def _comments(asked: Asked) -> Answer:
    return Answer(comments.comments_of(asked.ctx, asked.actor, asked.path["id"]))


def _comment(asked: Asked) -> Answer:
    body = asked.body
    added = comments.add_comment(
        asked.ctx, asked.actor, asked.path["id"], text=body["text"], is_shared=body["shared"], once=asked.once
    )
    return Answer(added, status=201)


def _with_reason(act: Callable[..., None]) -> Callable[[Asked], Answer]:
    return done(
        lambda asked: act(asked.ctx, asked.actor, asked.path["id"], reason=asked.body["reason"], once=asked.once)
    )


_REASON = Sent("Reason", (Entry("reason", Text(longest=500, shortest=0), default="", about="Why, for the history."),))


def _pause(asked: Asked) -> None:
    body = asked.body
    pausing.pause_instance(
        asked.ctx,
        asked.actor,
        asked.path["id"],
        reason=body["reason"],
        until=body["until"],
        once=asked.once,
    )


ROUTES = (
    Route(
        "listInstances",
        "GET",
        "/process-instances",
        "Process instances, newest first.",
        Action.READ_INSTANCE,
        _list,
        query=(
            Entry("status", one_of(InstanceStatus)),
            Entry("processDefinitionKey", Text()),
            Entry("businessKey", Text(), default="", about="How the case number begins."),
            *PAGING,
        ),
        answers={200: listed(INSTANCE)},
    ),
    Route(
        "getInstance",
        "GET",
        "/process-instances/<id>",
        "One process instance with its parties.",
        Action.READ_INSTANCE,
        _one,
        answers={200: WHOLE_INSTANCE},
    ),
    Route(
        "getVariables",
        "GET",
        "/process-instances/<id>/variables",
        "The shared variables; what a party keeps for itself is named under `withheld`.",
        Action.READ_INSTANCE,
        _variables,
        answers={200: VARIABLES},
    ),
    Route(
        "getHistory",
        "GET",
        "/process-instances/<id>/history",
        "Every element that ran, oldest first.",
        Action.READ_INSTANCE,
        _history,
        query=(PAGING[0], Entry("after", Text(longest=15), default="0", about="The `next` of the page before.")),
        answers={200: listed(EVENT)},
    ),
    Route(
        "getIncidentsOfInstance",
        "GET",
        "/process-instances/<id>/incidents",
        "What has failed in the instance, resolved or not.",
        Action.READ_INSTANCE,
        _incidents,
        answers={200: INCIDENTS},
    ),
    Route(
        "getAttachments",
        "GET",
        "/process-instances/<id>/attachments",
        "The uploaded files that are shared, without their content; those inside a party are for its people alone.",
        Action.READ_INSTANCE,
        _attachments,
        answers={200: ATTACHMENTS},
    ),
    Route(
        "getComments",
        "GET",
        "/process-instances/<id>/comments",
        "The comments that are shared; those inside a party are for its people alone.",
        Action.READ_INSTANCE,
        _comments,
        answers={200: COMMENTS},
    ),
    Route(
        "addComment",
        "POST",
        "/process-instances/<id>/comments",
        "Comment on the instance. A program belongs to no party: what it writes has to be shared.",
        Action.COMMENT_INSTANCE,
        _comment,
        body=Sent(
            "NewComment",
            (
                Entry("text", Text(longest=comments.LONGEST), is_needed=True),
                Entry("shared", Flag(), default=False, about="Whether all parties see it."),
            ),
        ),
        answers={201: COMMENT},
        is_write=True,
    ),
    *(
        Route(
            f"{verb}Instance",
            "POST",
            f"/process-instances/<id>/{verb}",
            about,
            action,
            _with_reason(act),
            body=_REASON,
            answers={204: None},
            is_write=True,
        )
        for verb, about, action, act in (
            ("suspend", "Let the instance stand still.", Action.SUSPEND_INSTANCE, instances.suspend_instance),
            (
                "resume",
                "Let the suspended or paused instance go on.",
                Action.SUSPEND_INSTANCE,
                instances.resume_instance,
            ),
            ("cancel", "End the instance early.", Action.CANCEL_INSTANCE, instances.cancel_instance),
        )
    ),
    Route(
        "pauseInstance",
        "POST",
        "/process-instances/<id>/pause",
        "Let the instance rest, where its processes allow it: lengths of time keep what is left of them.",
        Action.PAUSE_INSTANCE,
        done(_pause),
        body=Sent(
            "Pause",
            (
                Entry("reason", Text(longest=pauses.LONGEST_REASON), is_needed=True, about="Why; all parties see it."),
                Entry("until", Day(), about="The day on which it is resumed by itself."),
            ),
        ),
        answers={204: None},
        is_write=True,
    ),
)
