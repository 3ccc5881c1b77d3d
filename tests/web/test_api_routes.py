"""What each route of the API does, over the same use cases as the pages."""

from dataclasses import replace
from typing import Any

import pytest

from flowsvc.store import attachments, audit, instances
from flowsvc.store.attachments import Attachment
from flowsvc.usecases import comments
from flowsvc.usecases import jobs as worker
from tests.conftest import ROOT
from tests.engine.test_elements_parameters import NAMES
from tests.usecases import office
from tests.web.conftest import MANAGER, PROPOSE, REPORTER, Installed
from tests.web.programs import Program, program, refused

LETTER = office.process(
    "brevet",
    office.chain(
        office.START,
        (
            "skicka",
            '<bpmn:serviceTask id="skicka" camunda:type="external" camunda:topic="brev"><bpmn:extensionElements>'
            '<camunda:inputOutput><camunda:inputParameter name="till">= mottagare</camunda:inputParameter>'
            "</camunda:inputOutput></bpmn:extensionElements></bpmn:serviceTask>",
        ),
        office.END,
        (
            "nej",
            '<bpmn:boundaryEvent id="nej" attachedToRef="skicka"><bpmn:errorEventDefinition errorRef="e"/>'
            "</bpmn:boundaryEvent>",
        ),
    ).replace(office.flow("end", "nej"), "")
    + '<bpmn:endEvent id="slut2"/>'
    + office.flow("nej", "slut2"),
)
WAITING = office.process(
    "vantar",
    office.chain(
        office.START,
        office.user_task("fraga"),
        office.END,
    ),
)
BROKEN = office.process(
    "trasig",
    office.chain(
        office.START,
        (
            "rakna",
            '<bpmn:scriptTask id="rakna" scriptFormat="feel" camunda:resultVariable="x">'
            "<bpmn:script>number(tal)</bpmn:script></bpmn:scriptTask>",
        ),
        office.END,
    ),
)
ZONE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="d" namespace="urn:zon">
  <itemDefinition name="tTider" isCollection="true"><typeRef>dateTime</typeRef></itemDefinition>
  <inputData id="i" name="at"><variable name="at" typeRef="tTider"/></inputData>
  <decision id="zon" name="Zon"><informationRequirement><requiredInput href="#i"/></informationRequirement>
    <literalExpression><text>at</text></literalExpression></decision>
</definitions>"""


@pytest.fixture
def api(pages: Installed) -> Program:
    return program(pages)


def told(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json


def test_files_are_checked_without_being_deployed(api: Program) -> None:
    report = told(api.deploy((WAITING.name, WAITING.data), query="?dryRun=true"))

    assert report["refused"] is False
    assert told(api.get("/process-definitions", key="vantar"))["items"] == []


def test_files_are_deployed_and_found_again(api: Program) -> None:
    made = told(api.deploy((WAITING.name, WAITING.data), name="Prov", note="Vi provar"), 201)
    (definition,) = made["definitions"]

    assert made["deploymentId"]
    assert (definition["key"], definition["version"], definition["kind"]) == ("vantar", 1, "process")
    one = told(api.get(f"/process-definitions/{definition['id']}"))
    assert [each["elementId"] for each in one["starts"]] == ["start"]
    source = api.get(f"/process-definitions/{definition['id']}/xml")
    assert (source.data, source.mimetype) == (WAITING.data, "application/xml")
    assert told(api.get("/process-definitions", key="vantar"))["items"] == [definition]
    refused(api.get(f"/form-definitions/{definition['id']}"), 404, "not_found")


def test_an_unchanged_file_makes_no_new_version(api: Program) -> None:
    told(api.deploy((WAITING.name, WAITING.data)), 201)

    assert told(api.deploy((WAITING.name, WAITING.data)), 201)["definitions"] == []


def test_a_file_that_is_refused_says_per_element_why(api: Program) -> None:
    bad = WAITING.data.replace(b"userTask", b"adHocSubProcess")

    answer = api.deploy((WAITING.name, bad))

    refused(answer, 422, "definition.invalid")
    assert answer.json is not None
    (problem, *_) = [each for each in answer.json["problems"] if each["severity"] == "refused"]
    assert problem["elementId"] == "fraga"
    assert problem["what"]
    assert problem["cure"]
    assert told(api.deploy((WAITING.name, bad), query="?dryRun=true"))["refused"] is True


def test_a_deployment_without_files_or_with_other_fields_is_refused(api: Program) -> None:
    form = "multipart/form-data; boundary=x"
    nothing = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nTom\r\n--x--\r\n'
    refused(api.send("/deployments", nothing, form), 422, "input.invalid")
    assert "owner" in refused(api.deploy((WAITING.name, WAITING.data), owner="x"), 422, "input.invalid")
    assert "dryRun" in refused(api.deploy((WAITING.name, b"x"), query="?dryRun=ja"), 422, "input.invalid")
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="stor.bpmn"\r\n\r\n'
    for size, status, code in ((2_100_000, 422, "definition.invalid"), (3_100_000, 413, "input.too_large")):
        whole = head + b"<" + b"x" * size + b"\r\n--x--\r\n"
        refused(api.send("/deployments", whole, form), status, code)


def test_decisions_and_forms_are_listed_and_read(api: Program) -> None:
    decisions = told(api.get("/decision-definitions", key="triage"))["items"]
    xml = api.get(f"/decision-definitions/{decisions[0]['id']}/xml")
    form = told(api.get("/form-definitions", limit=1))["items"][0]

    assert b"<decision" in xml.data
    assert told(api.get(f"/form-definitions/{form['id']}"))["schema"]["components"]


def test_a_decision_says_its_answer_and_its_rules(api: Program) -> None:
    path = "/decision-definitions/triage/evaluate"

    found = told(api.post(path, {"variables": {"signs": ["child_harmed"], "urgency": "normal"}}))

    assert found["value"]
    assert found["matchedRules"][0]["decisionKey"] == "triage"
    assert found["matchedRules"][0]["number"] == 1
    assert "urgency" in refused(api.post(path, {"variables": {"signs": []}}), 422, "input.invalid")
    refused(api.post("/decision-definitions/finns-inte/evaluate", {}), 404, "not_found")


def test_a_decision_takes_and_gives_dates_with_and_without_a_zone(api: Program) -> None:
    told(api.deploy(("zon.dmn", ZONE)), 201)
    path = "/decision-definitions/zon/evaluate"
    local = {"$t": "datetime", "v": "2026-06-01T08:00:00"}
    zoned = {"$t": "datetime", "v": "12026-06-01T08:00:00.123456789+05:30"}

    found = told(api.post(path, {"variables": {"at": [local, zoned]}}))
    plain = told(api.post(path, {"variables": {"at": "2026-06-01T08:00:00"}}))

    assert found["value"] == [local, zoned]
    assert plain["value"] == [local]
    assert found["warnings"] == []
    assert "at" in refused(api.post(path, {"variables": {"at": {"$t": "dag", "v": "x"}}}), 422, "input.invalid")
    assert "at" in refused(api.post(path, {"variables": {"at": {"$t": "date", "v": "x"}}}), 422, "input.invalid")


def test_an_instance_starts_with_its_form_and_is_found(api: Program) -> None:
    answer = api.post("/process-definitions/avvikelse/start", {"variables": office.REPORT})
    receipt = told(answer, 201)
    found = told(api.get(answer.headers["Location"].removeprefix("/api/v1")))

    assert receipt["businessKey"].startswith("SJ-")
    assert (found["businessKey"], found["status"]) == (receipt["businessKey"], "running")
    assert {each["partyId"] for each in found["parties"]}
    listed = told(api.get("/process-instances", businessKey=receipt["businessKey"], status="running"))["items"]
    assert [each["id"] for each in listed] == [receipt["processInstanceId"]]


def test_a_start_form_with_faults_names_its_fields(api: Program) -> None:
    answer = api.post("/process-definitions/avvikelse/start", {"variables": {**office.REPORT, "event_date": "igår"}})

    refused(answer, 422, "form.invalid")
    assert answer.json is not None
    assert "event_date" in answer.json["fields"]


def test_a_taken_case_number_is_a_conflict(api: Program) -> None:
    told(api.deploy((WAITING.name, WAITING.data)), 201)
    told(api.post("/process-definitions/vantar/start", {"businessKey": "A-1"}), 201)

    refused(api.post("/process-definitions/vantar/start", {"businessKey": "A-1"}), 409, "conflict")
    refused(api.post("/process-definitions/finns-inte/start", {}), 404, "not_found")


def test_variables_are_typed_and_what_a_party_keeps_is_only_named(api: Program) -> None:
    receipt = told(api.post("/process-definitions/avvikelse/start", {"variables": office.REPORT}), 201)

    found = told(api.get(f"/process-instances/{receipt['processInstanceId']}/variables"))

    by_name = {each["name"]: each for each in found["items"]}
    assert by_name["event_date"]["value"] == {"$t": "date", "v": "2026-11-20"}
    assert by_name["event_date"]["type"] == "date"
    assert all(each["ownerParty"] is None for each in found["items"])


def test_what_a_party_owns_is_withheld_from_programs(pages: Installed, api: Program) -> None:
    with pages.ctx.store.begin() as tx:
        from_form = next(
            each for each in instances.variables_of(tx, pages.instance_id) if (each.scope, each.name) == ("", "wanted")
        )
        instances.set_variables(tx, pages.instance_id, [replace(from_form, owner_party="region")])

    found = told(api.get(f"/process-instances/{pages.instance_id}/variables"))

    assert found["withheld"] == ["wanted"]
    assert ("", "wanted") not in {(each["scope"], each["name"]) for each in found["items"]}


def test_the_history_names_every_element(pages: Installed, api: Program) -> None:
    found = told(api.get(f"/process-instances/{pages.instance_id}/history", limit=200))["items"]

    assert {"startEvent", "userTask"} <= {each["elementType"] for each in found}
    assert all(each["token"] and each["at"] and each["happened"] for each in found)


def test_every_reading_of_an_instance_is_on_record(pages: Installed, api: Program) -> None:
    for path in ("", "/variables", "/history", "/incidents"):
        told(api.get(f"/process-instances/{pages.instance_id}{path}"))

    with pages.ctx.store.read() as tx:
        readings = audit.readings_of(tx, pages.instance_id)

    assert [each.items for each in readings[:4]] == [("incidents",), ("history",), ("variables",), ()]
    assert {each.ground for each in readings[:4]} == {"client"}


def test_a_program_comments_for_all_and_sees_no_partys_own_comment(pages: Installed, api: Program) -> None:
    path = f"/process-instances/{pages.instance_id}/comments"
    comments.add_comment(pages.ctx, office.as_post(pages.ctx, REPORTER), pages.instance_id, text="Internt")

    added = told(api.post(path, {"text": "Till alla", "shared": True}), 201)

    assert told(api.get(path))["items"] == [added]
    assert added["ownerParty"] is None
    refused(api.post(path, {"text": "Till ingen"}), 422, "input.invalid")
    refused(api.post(path, {"shared": True}), 422, "input.invalid")


def test_the_shared_files_of_an_instance_are_listed_and_no_partys_own(pages: Installed, api: Program) -> None:
    with pages.ctx.store.begin() as tx:
        for name, party in (("plan.txt", None), ("internt.txt", "region")):
            added = Attachment(
                name, pages.instance_id, None, "anna", party, name, "text/plain", 3, "0" * 64, pages.clock.now()
            )
            attachments.add(tx, added, b"hej")

    (found,) = told(api.get(f"/process-instances/{pages.instance_id}/attachments"))["items"]

    assert (found["name"], found["size"], found["ownerParty"]) == ("plan.txt", 3, None)
    refused(api.get("/process-instances/finns-inte/attachments"), 404, "not_found")


def test_an_instance_is_suspended_resumed_and_cancelled(pages: Installed, api: Program) -> None:
    path = f"/process-instances/{pages.instance_id}"
    task = pages.task(PROPOSE)

    told(api.post(f"{path}/suspend", {"reason": "Fel person"}), 204)
    assert told(api.get(path))["status"] == "suspended"
    told(api.post(f"{path}/resume"), 204)
    told(api.post(f"{path}/cancel"), 204)

    assert told(api.get(path))["status"] == "cancelled"
    answer = api.post(f"/user-tasks/{task}/complete")
    refused(answer, 409, "task.already_completed")
    refused(api.post(f"{path}/cancel"), 409, "conflict")


def test_an_instance_is_paused_and_resumed(pages: Installed, api: Program) -> None:
    office.deploy(pages.ctx, office.process("vila", office.properties(pausable="true") + office.chain(*VILA)))
    path = f"/process-instances/{office.start(pages.ctx, REPORTER, 'vila').instance_id}"

    for wrong in ({}, {"reason": ""}, {"reason": "Väntar", "until": "i morgon"}, {"reason": "Väntar", "until": 7}):
        refused(api.post(f"{path}/pause", wrong), 422, "input.invalid")
    refused(api.post(f"{path}/pause", {"reason": "Väntar", "until": "2020-01-01"}), 422, "input.invalid")
    refused(api.post(f"/process-instances/{pages.instance_id}/pause", {"reason": "Väntar"}), 409, "conflict")
    told(api.post(f"{path}/pause", {"reason": "Väntar", "until": "2026-12-03"}), 204)

    assert told(api.get(path))["status"] == "paused"
    refused(api.post(f"{path}/pause", {"reason": "Väntar"}), 409, "instance.suspended")
    told(api.post(f"{path}/resume"), 204)
    assert told(api.get(path))["status"] == "running"


VILA = (office.START, office.user_task("A"), office.END)


def test_tasks_are_found_by_what_they_are(pages: Installed, api: Program) -> None:
    task = told(api.get(f"/user-tasks/{pages.task(PROPOSE)}"))
    questions: list[dict[str, str]] = [
        {"processInstanceId": task["processInstanceId"], "elementId": task["elementId"]},
        {"candidateGroup": f"post:{task['candidatePosts'][0]}"},
        {"businessKey": task["businessKey"], "state": "open"},
    ]

    for question in questions:
        assert task in told(api.get("/user-tasks", **question))["items"]
    assert told(api.get("/user-tasks", assignee="ingen"))["items"] == []


def test_a_task_gives_its_form(pages: Installed, api: Program) -> None:
    form = told(api.get(f"/user-tasks/{pages.task(PROPOSE)}/form"))

    assert form["schema"]["components"]
    assert form["key"]


def test_a_task_without_a_form_has_none(api: Program) -> None:
    task = waiting_task(api)

    refused(api.get(f"/user-tasks/{task}/form"), 404, "not_found")


def waiting_task(api: Program) -> str:
    """The one task of a new instance."""
    told(api.deploy((WAITING.name, WAITING.data)), 201)
    receipt = told(api.post("/process-definitions/vantar/start", {}), 201)
    (task,) = told(api.get("/user-tasks", processInstanceId=receipt["processInstanceId"]))["items"]
    return str(task["id"])


def test_a_task_is_claimed_let_go_and_given_to_a_person(pages: Installed, api: Program) -> None:
    task = waiting_task(api)
    person = office.as_post(pages.ctx, REPORTER).person_id

    told(api.post(f"/user-tasks/{task}/claim"), 204)
    refused(program(pages, "tasks:write").post(f"/user-tasks/{task}/claim"), 409, "task.already_claimed")
    told(api.post(f"/user-tasks/{task}/unclaim"), 204)
    told(api.post(f"/user-tasks/{task}/assign", {"personId": person}), 204)

    assert told(api.get(f"/user-tasks/{task}"))["assignee"] == person
    other = office.as_post(pages.ctx, MANAGER).person_id
    refused(api.post(f"/user-tasks/{task}/assign", {"personId": other}), 422, "input.invalid")
    assert "personId" in refused(api.post(f"/user-tasks/{task}/assign"), 422, "input.invalid")


def test_a_task_is_completed_and_its_variables_are_kept(api: Program) -> None:
    task = waiting_task(api)

    sent = {"svar": "ja", "dag": {"$t": "date", "v": "2026-12-03"}}
    receipt = told(api.post(f"/user-tasks/{task}/complete", {"variables": sent}))

    assert receipt["userTaskId"] == task
    path = f"/process-instances/{receipt['processInstanceId']}"
    assert told(api.get(path))["status"] == "ended"
    found = {each["name"]: each["value"] for each in told(api.get(f"{path}/variables"))["items"]}
    assert found["dag"] == sent["dag"]


def test_the_loser_of_a_race_is_told_who_was_first_and_when(pages: Installed, api: Program) -> None:
    task = waiting_task(api)
    instance = told(api.get(f"/user-tasks/{task}"))["processInstanceId"]
    office.complete(pages.ctx, instance, "fraga")

    answer = api.post(f"/user-tasks/{task}/complete", {})

    refused(answer, 409, "task.already_completed")
    assert answer.json is not None
    assert answer.json["by"]
    assert answer.json["at"].startswith("2026-11-24T08:00")


def test_a_program_that_was_first_is_named_by_its_token(pages: Installed, api: Program) -> None:
    task = waiting_task(api)
    told(api.post(f"/user-tasks/{task}/complete", {}))

    answer = program(pages, "tasks:write").post(f"/user-tasks/{task}/complete", {})

    refused(answer, 409, "task.already_completed")
    assert (answer.json or {})["by"] == "Journalen"


def test_a_message_that_nobody_waits_for_is_not_found(api: Program) -> None:
    refused(api.post("/messages", {"name": "okänt", "correlationKeys": {"nr": "1"}}), 404, "not_found")
    many = {"name": "okänt", "correlationKeys": {"a": "1", "b": "2"}}
    assert "correlationKeys" in refused(api.post("/messages", many), 422, "input.invalid")


def test_a_message_with_a_time_to_live_waits_for_somebody(api: Program) -> None:
    body = {"name": "okänt", "correlationKeys": {"nr": "1"}, "timeToLive": 60_000, "variables": {"antal": 3}}

    found = told(api.post("/messages", body, Idempotency_Key="v"), 202)
    again = told(api.post("/messages", body, Idempotency_Key="v"), 202)

    assert found == again == {"processInstanceId": None, "started": False, "waiting": True}
    (job,) = told(api.get("/jobs", kind="send_message"))["items"]
    assert job["processInstanceId"] is None
    assert "timeToLive" in refused(api.post("/messages", body | {"timeToLive": 0}), 422, "input.invalid")


def test_a_signal_that_nobody_waits_for_reaches_nobody(api: Program) -> None:
    found = told(api.post("/signals", {"name": "larm", "variables": {"antal": 3}}, Idempotency_Key="s"), 202)
    again = told(api.post("/signals", {"name": "larm", "variables": {"antal": 3}}, Idempotency_Key="s"), 202)

    assert found == again == {"instances": 0, "starts": []}
    assert "name" in refused(api.post("/signals", {}), 422, "input.invalid")


def test_messages_and_signals_have_a_scope_of_their_own(pages: Installed) -> None:
    sender = program(pages, "messages:send")

    told(sender.post("/signals", {"name": "larm"}), 202)
    told(sender.post("/messages", {"name": "okänt", "timeToLive": 1000}), 202)
    refused(sender.get("/process-instances"), 403, "access.forbidden")


def test_a_message_starts_a_process(api: Program) -> None:
    start = '<bpmn:startEvent id="start"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>'
    process = office.process("bestalld", office.chain(("start", start), office.user_task("fraga"), office.END))
    told(api.deploy((process.name, process.data)), 201)

    found = told(api.post("/messages", {"name": "bestallning", "variables": {"antal": 3}}, Idempotency_Key="b"))
    again = told(api.post("/messages", {"name": "bestallning", "variables": {"antal": 3}}, Idempotency_Key="b"))

    assert found["started"] is True
    assert again == found


def letter(api: Program) -> str:
    """The instance of a letter that waits to be sent."""
    told(api.deploy((LETTER.name, LETTER.data)), 201)
    receipt = told(api.post("/process-definitions/brevet/start", {"variables": {"mottagare": "Älvsta"}}), 201)
    return str(receipt["processInstanceId"])


def fetch(api: Program, topic: str = "brev") -> list[dict[str, Any]]:
    body = {"workerId": "w1", "topics": [{"topicName": topic, "lockDuration": 60_000}]}
    found: list[dict[str, Any]] = told(api.post("/external-tasks/fetch-and-lock", body))["items"]
    return found


def test_an_external_task_is_fetched_once_held_longer_and_completed(api: Program) -> None:
    instance = letter(api)
    assert fetch(api, "annat") == []

    (task,) = fetch(api)
    assert fetch(api) == []

    assert task["variables"] == {"till": "Älvsta"}
    assert task["processInstanceId"] == instance
    path = f"/external-tasks/{task['id']}"
    told(api.post(f"{path}/extend", {"workerId": "w1", "newDuration": 120_000}), 204)
    refused(api.post(f"{path}/complete", {"workerId": "w2"}), 409, "conflict")
    told(api.post(f"{path}/complete", {"workerId": "w1", "variables": {"kvitto": 7}}, Idempotency_Key="k"), 204)
    told(api.post(f"{path}/complete", {"workerId": "w1", "variables": {"kvitto": 7}}, Idempotency_Key="k"), 204)
    assert told(api.get(f"/process-instances/{instance}"))["status"] == "ended"


def test_a_fetch_that_is_sent_twice_gives_the_tasks_that_are_still_held(api: Program) -> None:
    letter(api)
    body = {"workerId": "w1", "topics": [{"topicName": "brev", "lockDuration": 60_000}]}

    first = told(api.post("/external-tasks/fetch-and-lock", body, Idempotency_Key="h"))
    again = told(api.post("/external-tasks/fetch-and-lock", body, Idempotency_Key="h"))
    (task,) = first["items"]
    told(api.post(f"/external-tasks/{task['id']}/complete", {"workerId": "w1"}), 204)

    assert again == first
    assert told(api.post("/external-tasks/fetch-and-lock", body, Idempotency_Key="h"))["items"] == []


def test_an_external_task_without_tries_is_an_incident_and_may_be_tried_again(api: Program) -> None:
    instance = letter(api)
    (task,) = fetch(api)

    told(api.post(f"/external-tasks/{task['id']}/failure", {"workerId": "w1", "retries": 0}), 204)

    (incident,) = told(api.get("/incidents"))["items"]
    assert (incident["processInstanceId"], incident["elementId"]) == (instance, "skicka")
    assert told(api.get(f"/process-instances/{instance}/incidents"))["items"] == [incident]
    (job,) = told(api.get("/jobs", processInstanceId=instance, state="failed"))["items"]
    told(api.post(f"/jobs/{job['id']}/retry"), 204)
    assert told(api.get("/incidents"))["items"] == []
    assert len(fetch(api)) == 1


def test_an_external_task_may_end_in_an_error_of_the_diagram(api: Program) -> None:
    instance = letter(api)
    (task,) = fetch(api)

    body = {"workerId": "w1", "errorCode": "NEJ", "errorMessage": "Ingen adress"}
    told(api.post(f"/external-tasks/{task['id']}/bpmn-error", body), 204)

    history = told(api.get(f"/process-instances/{instance}/history", limit=200))["items"]
    assert "slut2" in {each["elementId"] for each in history}


def test_a_worker_that_asks_wrongly_is_told_what_is_wrong(api: Program) -> None:
    path = "/external-tasks/fetch-and-lock"
    topic = {"topicName": "brev", "lockDuration": 60_000}

    assert "workerId" in refused(api.post(path, {"topics": [topic]}), 422, "input.invalid")
    assert "topics" in refused(api.post(path, {"workerId": "w", "topics": []}), 422, "input.invalid")
    wrong = {"workerId": "w", "topics": [topic, {"topicName": "brev", "lockDuration": -1}]}
    assert "topics[1].lockDuration" in refused(api.post(path, wrong), 422, "input.invalid")
    refused(api.post("/external-tasks/0123/complete", {"workerId": "w"}), 404, "not_found")


def test_what_failed_is_tried_again_from_its_incident(api: Program) -> None:
    told(api.deploy((BROKEN.name, BROKEN.data)), 201)
    told(api.post("/process-definitions/trasig/start", {"variables": {"tal": "inget tal"}}), 201)
    (incident,) = told(api.get("/incidents"))["items"]
    assert incident["elementId"] == "rakna"

    told(api.post(f"/incidents/{incident['id']}/retry"), 204)

    (again,) = told(api.get("/incidents"))["items"]
    assert again["id"] != incident["id"]
    refused(api.post(f"/incidents/{incident['id']}/retry"), 409, "conflict")


def test_jobs_are_listed_without_values(pages: Installed, api: Program) -> None:
    found = told(api.get("/jobs", processInstanceId=pages.instance_id, kind="timer"))["items"]

    assert found
    assert all(each["dueAt"] and "request" not in each for each in found)


def test_escalations_are_listed_with_what_is_owed(pages: Installed, api: Program) -> None:
    pages.clock.advance(days=30)
    while worker.run_due_jobs(pages.ctx, owner="prov"):
        pass

    found = told(api.get("/escalations", state="open"))["items"]

    mine = next(each for each in found if each["processInstanceId"] == pages.instance_id)
    assert mine["level"] in {"OPER", "UNIT", "AREA", "DIR", "LEAD"}
    assert told(api.get("/escalations", level=mine["level"], childWaiting="true"))["items"]
    refused(api.get("/escalations", level="TAKET"), 422, "input.invalid")


def test_the_manual_shows_only_what_there_is() -> None:
    manual = (ROOT / "docs/api.md").read_text(encoding="utf-8")

    for path in ("/start", "/complete", "/evaluate", "/fetch-and-lock"):
        assert path in manual


def test_agreements_are_listed_and_shown_whole(pages: Installed, api: Program) -> None:
    listed = told(api.get("/agreements"))["items"]

    assert {each["id"] for each in listed} >= {"barn-och-unga", "utskrivning"}
    shown = told(api.get("/agreements/barn-och-unga"))
    assert shown["agreement"]["validUntil"] is None
    assert [each["number"] for each in shown["versions"]] == [2, 1]
    assert shown["changes"][0]["changeClass"] == "editorial"
    refused(api.get("/agreements/nej"), 404, "not_found")


def test_a_data_store_is_set_read_listed_and_removed(api: Program) -> None:
    value = {"från": {"$t": "date", "v": "2026-01-01"}, "dygn": [900, None]}

    made = told(api.put("/data-stores/Taxor 2026", {"value": value}))

    assert (made["name"], made["value"], made["version"]) == ("Taxor 2026", value, 1)
    assert told(api.get("/data-stores/Taxor 2026")) == made
    assert told(api.get("/data-stores"))["items"] == [made]
    refused(api.put("/data-stores/Taxor 2026", {"value": 1, "version": 0}), 409, "revision.stale")
    assert told(api.put("/data-stores/Taxor 2026", {"value": None, "version": 1}))["value"] is None
    assert "Taxor 2026" in refused(api.get("/data-stores/Taxor 2026"), 404, "not_found")
    assert told(api.get("/data-stores"))["items"] == []


def test_a_data_store_takes_no_value_that_a_variable_could_not_hold(api: Program) -> None:
    refused(api.put("/data-stores/taxor", {}), 422, "input.invalid")
    refused(api.put("/data-stores/taxor", {"value": {"$t": "date", "v": "i dag"}}), 422, "input.invalid")


def test_a_data_store_that_is_set_twice_with_one_key_is_set_once(api: Program) -> None:
    first = told(api.put("/data-stores/taxor", {"value": 1}, Idempotency_Key="k"))

    assert told(api.put("/data-stores/taxor", {"value": 1}, Idempotency_Key="k")) == first
    assert told(api.get("/data-stores/taxor"))["version"] == 1


def test_variables_of_any_name_come_back_as_they_were_sent(api: Program) -> None:
    told(api.deploy((WAITING.name, WAITING.data)), 201)
    given = {name: {name: [{name: 1}, None]} for name in NAMES if name}

    receipt = told(api.post("/process-definitions/vantar/start", {"variables": given}), 201)

    found = told(api.get(f"/process-instances/{receipt['processInstanceId']}/variables"))
    assert {each["name"]: each["value"] for each in found["items"]} == given
