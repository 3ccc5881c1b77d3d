"""Deployments, and the process, decision and form definitions in them."""

from dataclasses import dataclass
from typing import Any

import orjson

from flowsvc.domain.access import Action
from flowsvc.domain.definitions import Definition, DefinitionKind
from flowsvc.domain.errors import NotFound
from flowsvc.usecases import decisions, deployments, instances, models
from flowsvc.usecases.filling import Sent as SentForm
from flowsvc.web import here
from flowsvc.web.api.routes import PAGING, Answer, Asked, Route
from flowsvc.web.api.shapes import (
    Answered,
    ByName,
    Each,
    Entry,
    Flag,
    Maybe,
    Moment,
    Said,
    Sent,
    Shape,
    Tagged,
    Text,
    Whole,
    listed,
    shown,
)

_SAID = Said()
_VERSION = (
    shown("id", _SAID),
    shown("key", _SAID),
    shown("version", Whole()),
    shown("name", _SAID),
    shown("nameEn", _SAID),
    shown("fileName", _SAID),
    shown("sha256", _SAID),
    shown("shipped", Flag()),
    shown("deploymentId", _SAID),
    shown("deployedAt", Moment()),
    shown("deployedBy", _SAID),
)
DEFINITION = Answered("Definition", (shown("kind", _SAID), *_VERSION))
START = Answered(
    "StartElement",
    tuple(shown(name, _SAID) for name in ("elementId", "kind", "formKey", "message", "signal")),
)
PROCESS = Answered(
    "ProcessDefinition",
    (
        *DEFINITION.parts,
        shown("documentation", _SAID, lambda found: models.facts_of(found).documentation),
        shown("documentationEn", _SAID, lambda found: models.facts_of(found).documentation_en),
        shown("versionTag", _SAID, lambda found: models.facts_of(found).version_tag),
        shown("starts", Each(START), lambda found: models.facts_of(found).starts),
    ),
)
FORM = Answered("FormDefinition", (*DEFINITION.parts, shown("schema", Shape(), lambda found: schema_of(found))))
PROBLEM = Answered(
    "DefinitionProblem",
    (
        shown("severity", _SAID),
        shown("code", _SAID),
        shown("fileName", _SAID),
        shown("elementId", _SAID),
        shown("attribute", _SAID),
        shown("line", Whole()),
        shown("what", _SAID),
        shown("cure", _SAID),
        shown("whatEn", _SAID),
        shown("cureEn", _SAID),
    ),
)
REPORT = Answered("Report", (shown("refused", Flag()), shown("problems", Each(PROBLEM))))
DEPLOYED = Answered(
    "Deployed",
    (
        shown("deploymentId", Maybe(_SAID)),
        shown("definitions", Each(DEFINITION)),
        shown("problems", Each(PROBLEM), lambda found: told(found.report.problems)),
    ),
)
WAITING = Answered(
    "WaitingForApproval",
    (
        shown("draftId", _SAID),
        shown("url", _SAID),
        shown("problems", Each(PROBLEM), lambda found: told(found.done.report.problems)),
    ),
)
RECEIPT = Answered(
    "Receipt",
    (
        shown("submissionId", _SAID),
        shown("processInstanceId", _SAID, "instance_id"),
        shown("businessKey", _SAID),
        shown("userTaskId", Maybe(_SAID), "task_id"),
        shown("at", Moment()),
    ),
)
RULE = Answered(
    "MatchedRule", (shown("decisionKey", _SAID), shown("ruleId", _SAID), shown("number", Whole(1), "index"))
)
WARNING = Answered("DecisionWarning", (shown("code", _SAID), shown("name", _SAID), shown("message", _SAID)))
EVALUATED = Answered(
    "Evaluated",
    (
        shown("value", Tagged()),
        shown("matchedRules", Each(RULE), "matched"),
        shown("warnings", Each(WARNING)),
        shown("version", Whole()),
    ),
)
VARIABLES = Entry("variables", ByName(), default={}, about="Values by name.")


@dataclass(frozen=True)
class Waiting:
    """What was sent is not live: a second person has to approve the draft, and where that is done."""

    draft_id: str
    url: str
    done: deployments.Deployed


def schema_of(definition: Definition) -> object:
    """The form as it was deployed."""
    return orjson.loads(definition.source)


def told(problems: Any) -> list[Any]:
    """What a deployment says: not what is simply used."""
    return [each for each in problems if each.severity != "used"]


def _deploy(asked: Asked) -> Answer:
    if asked.query["dryRun"]:
        return Answer(deployments.check_files(asked.ctx, asked.actor, asked.files))
    done = deployments.deploy(
        asked.ctx,
        asked.actor,
        asked.files,
        name=asked.body["name"],
        note=asked.body["note"],
        once=asked.once,
    )
    if done.draft_id:
        url = f"{here.settings().public_url}/drafts/{done.draft_id}/release"
        return Answer(Waiting(done.draft_id, url, done), status=202)
    return Answer(done, status=201)


def _list(kind: DefinitionKind) -> Any:
    def run(asked: Asked) -> Answer:
        return Answer(deployments.definitions_page(asked.ctx, asked.actor, kind=kind, **asked.query))

    return run


def _one(kind: DefinitionKind) -> Any:
    def run(asked: Asked) -> Answer:
        return Answer(_of_kind(asked, kind))

    return run


def _source(kind: DefinitionKind) -> Any:
    def run(asked: Asked) -> Answer:
        return Answer(_of_kind(asked, kind).source)

    return run


def _of_kind(asked: Asked, kind: DefinitionKind) -> Definition:
    found = deployments.definition_source(asked.ctx, asked.actor, asked.path["id"])
    if found.kind is not kind:
        raise NotFound("Det finns ingen sådan definition.")
    return found


def _start(asked: Asked) -> Answer:
    receipt = instances.start_instance(
        asked.ctx,
        asked.actor,
        asked.path["key"],
        SentForm(variables=asked.body["variables"], language=here.language()),
        business_key=asked.body["businessKey"],
        start_element=asked.body["startElementId"],
        initiator_post=asked.body["initiatorPost"],
        once=asked.once,
    )
    return Answer(receipt, status=201, location=f"/process-instances/{receipt.instance_id}")


def _evaluate(asked: Asked) -> Answer:
    return Answer(decisions.evaluate_decision(asked.ctx, asked.actor, asked.path["key"], asked.body["variables"]))


_LISTING = (Entry("key", Text(), about="Only the versions under this key."), *PAGING)


def _reading(kind: DefinitionKind, path: str, word: str, whole: Answered) -> tuple[Route, ...]:
    return (
        Route(
            f"list{word}Definitions",
            "GET",
            path,
            "Every version, newest first under each key.",
            Action.READ_DEFINITIONS,
            _list(kind),
            query=_LISTING,
            answers={200: listed(DEFINITION)},
        ),
        Route(
            f"get{word}Definition",
            "GET",
            f"{path}/<id>",
            "One version.",
            Action.READ_DEFINITIONS,
            _one(kind),
            answers={200: whole},
        ),
    )


def _xml(kind: DefinitionKind, path: str, word: str) -> Route:
    return Route(
        f"get{word}DefinitionXml",
        "GET",
        f"{path}/<id>/xml",
        "The file as it was deployed.",
        Action.READ_DEFINITIONS,
        _source(kind),
        answers={200: "application/xml"},
    )


ROUTES = (
    Route(
        "deploy",
        "POST",
        "/deployments",
        "Check and put live the files (.bpmn, .dmn, .form); with dryRun=true, only check. 202: they wait for approval.",
        Action.DEPLOY,
        _deploy,
        query=(Entry("dryRun", Flag(), default=False, about="Only the report; nothing is deployed."),),
        body=Sent(
            "Deployment",
            (
                Entry("name", Text(shortest=0), default="", about="What is put live, in words."),
                Entry("note", Text(longest=2000, shortest=0), default="", about="Why."),
            ),
        ),
        takes_files=True,
        answers={200: REPORT, 201: DEPLOYED, 202: WAITING},
        is_write=True,
    ),
    *_reading(DefinitionKind.PROCESS, "/process-definitions", "Process", PROCESS),
    _xml(DefinitionKind.PROCESS, "/process-definitions", "Process"),
    Route(
        "startInstance",
        "POST",
        "/process-definitions/<key>/start",
        "Start the newest version of a process.",
        Action.START_INSTANCE,
        _start,
        body=Sent(
            "Start",
            (
                Entry("businessKey", Text(), default="", about="The case number; without one it is given the next."),
                VARIABLES,
                Entry("startElementId", Text(), about="Which start event, where there are several."),
                Entry("initiatorPost", Text(), default="", about="The post that the program starts it for."),
            ),
        ),
        answers={201: RECEIPT},
        is_write=True,
    ),
    *_reading(DefinitionKind.DECISION, "/decision-definitions", "Decision", DEFINITION),
    _xml(DefinitionKind.DECISION, "/decision-definitions", "Decision"),
    Route(
        "evaluateDecision",
        "POST",
        "/decision-definitions/<key>/evaluate",
        "The answer of the newest version of a decision, by which rules, and why something in it is null.",
        Action.EVALUATE_DECISION,
        _evaluate,
        body=Sent("Evaluation", (Entry("variables", Tagged(), default={}, about="Values by name, as DMN has them."),)),
        answers={200: EVALUATED},
    ),
    *_reading(DefinitionKind.FORM, "/form-definitions", "Form", FORM),
)
