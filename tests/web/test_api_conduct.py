"""How the API behaves on every route: who is let in, what is refused, repeated requests, pages, the description."""

import re
from typing import Any

import orjson
import pytest

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.errors import FlowError
from flowsvc.usecases import directory
from flowsvc.web.api import BASE, ROUTES
from flowsvc.web.api.routes import Route
from tests.conftest import ROOT
from tests.usecases import office
from tests.web.conftest import Installed
from tests.web.programs import Program, program, refused


@pytest.fixture
def api(pages: Installed) -> Program:
    return program(pages)


def address_of(route: Route) -> str:
    return re.sub(r"<\w+>", "0" * 32, route.path)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_route_is_closed_without_a_token(pages: Installed, route: Route) -> None:
    answer = pages.app.test_client().open(BASE + address_of(route), method=route.method)

    refused(answer, 401, "session.missing")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_route_names_the_scope_that_a_token_lacks(pages: Installed, route: Route) -> None:
    other = "directory:write" if "directory:write" not in route.scopes else "decisions:evaluate"
    assert other not in route.scopes

    asked = program(pages, other)
    answer = asked.client.open(BASE + address_of(route), method=route.method, headers=asked.headers)

    detail = refused(answer, 403, "access.forbidden")
    assert any(scope in detail for scope in route.scopes)


def test_a_revoked_token_opens_nothing(pages: Installed, api: Program) -> None:
    assert api.get("/user-tasks").status_code == 200
    (token,) = directory.list_tokens(pages.ctx, SYSTEM)

    directory.revoke_token(pages.ctx, SYSTEM, token.id)

    refused(api.get("/user-tasks"), 401, "session.missing")


@pytest.mark.parametrize("said", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer fel", "Bearer å\u00a0b"])
def test_a_token_that_nobody_was_given_opens_nothing(pages: Installed, said: str) -> None:
    answer = pages.app.test_client().get(f"{BASE}/user-tasks", headers={"Authorization": said})

    refused(answer, 401, "session.missing")


def test_a_signed_in_person_has_no_way_into_the_api_by_cookie(pages: Installed) -> None:
    browser = pages.visitor("verksamhetschef.bup")

    refused(browser.get(f"{BASE}/user-tasks"), 401, "session.missing")


def test_a_write_needs_no_key_against_forged_forms(pages: Installed, api: Program) -> None:
    answer = api.post(f"/user-tasks/{pages.task('Föreslå vem som ansvarar tills vidare')}/claim")

    assert answer.status_code == 204
    assert pages.woken


def test_what_is_not_there_and_the_wrong_method_are_problems_too(api: Program) -> None:
    refused(api.get("/finns-inte"), 404, "not_found")
    refused(api.get("/user-tasks/0123"), 404, "not_found")
    refused(api.get("/user-tasks/%00"), 404, "not_found")
    refused(api.get(f"/process-instances/{'x' * 300}"), 404, "not_found")

    answer = api.post("/process-instances")

    assert "GET" in refused(answer, 405, "method.not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "många"}, "limit"),
        ({"limit": "9" * 400}, "limit"),
        ({"limit": "²"}, "limit"),
        ({"status": "sovande"}, "status"),
        ({"okänd": "1"}, "okänd"),
        ({"limit": ["1", "2"]}, "limit"),
        ({"businessKey": "a\x00b"}, "businessKey"),
        ({"after": "inget märke"}, "sida"),
        ({"after": "WyJcdTAwMDAiXQ"}, "sida"),
        ({"after": "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"}, "sida"),
    ],
)
def test_a_question_that_cannot_be_read_is_refused_by_its_name(
    api: Program, query: dict[str, str | list[str]], named: str
) -> None:
    assert named in refused(api.get("/process-instances", **query), 422, "input.invalid")


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"{", "JSON"),
        (b"\xff\xfe", "JSON"),
        (b'{"variables": NaN}', "JSON"),
        (b'{"variables": {"a": "\\ud800"}}', "JSON"),
        (b"[1]", "objekt"),
        (b'{"variabler": {}}', "variabler"),
        (b'{"variables": []}', "variables"),
        (b'{"businessKey": 7}', "businessKey"),
        (b'{"businessKey": ""}', "businessKey"),
        (b'{"businessKey": "a\\nb"}', "businessKey"),
        (b'{"variables": {"a": "b\\u0000c"}}', "variables.a"),
        (b'{"variables": {"a\\u0000": 1}}', "variables"),
        (b'{"variables": {"a": 9007199254740993}}', "variables.a"),
        (b'{"variables": {"a": ' + b"9" * 400 + b"}}", "JSON"),
        (b'{"variables": {"a": ' + b"9" * 40 + b"}}", "variables.a"),
        (b'{"variables": {"a": ' + b"[" * 60 + b"]" * 60 + b"}}", "djupare"),
        (b'{"variables": {"a": ' + b"[" * 5000 + b"]" * 5000 + b"}}", "JSON"),
        (b'{"variables": {"a": {"$t": "date", "v": "2026-13-01"}}}', "variables.a"),
        (b'{"variables": {"a": {"$t": "date", "v": 7}}}', "variables.a"),
        (b'{"variables": {"a": {"$t": "datetime", "v": "2026-12-03T10:00"}}}', "variables.a"),
        (b'{"variables": {"a": {"$t": "datetime", "v": "0001-01-01T00:00:00+14:00"}}}', "variables.a"),
        (b'{"variables": {"a": {"$t": "duration", "v": "P99999999999999D"}}}', "variables.a"),
        (b'{"variables": {"a": {"$t": "gissning", "v": "1"}}}', "variables.a"),
        (b'{"variables": {"": 1}}', "variables"),
    ],
)
def test_a_body_that_cannot_be_used_is_refused_by_the_name_of_its_field(api: Program, data: bytes, named: str) -> None:
    answer = api.send("/process-definitions/avvikelse/start", data)

    assert answer.status_code == 422, answer.text
    assert named in refused(answer, 422, "input.invalid")


def test_a_body_of_another_type_is_refused(api: Program) -> None:
    path = "/process-definitions/avvikelse/start"

    refused(api.send(path, b"<a/>", "application/xml"), 415, "media_type.unsupported")
    refused(api.send(path, b"a=1", "application/x-www-form-urlencoded"), 415, "media_type.unsupported")
    refused(api.send("/deployments", b"{}"), 415, "media_type.unsupported")
    refused(api.send("/deployments", b"x", "multipart/form-data"), 422, "input.invalid")


def test_a_body_past_the_limit_is_refused(api: Program) -> None:
    refused(api.send("/messages", b'{"name": "' + b"a" * 2_100_000 + b'"}'), 413, "input.too_large")


def test_a_request_sent_again_with_its_key_gets_its_first_answer(api: Program) -> None:
    body = {"variables": office.REPORT}
    path = "/process-definitions/avvikelse/start"

    first = api.post(path, body, Idempotency_Key="rapport 17")
    # The same request, with its names in another order.
    again = api.post(path, {"variables": dict(reversed(list(office.REPORT.items())))}, Idempotency_Key="rapport 17")
    other = api.post(path, {"variables": {**office.REPORT, "wanted": "Något annat"}}, Idempotency_Key="rapport 17")

    assert first.status_code == again.status_code == 201
    assert first.json == again.json
    assert first.headers["Location"] == again.headers["Location"]
    refused(other, 409, "idempotency.key_reused")
    refused(api.post(path, body, Idempotency_Key="k" * 201), 422, "input.invalid")


def test_two_programs_may_use_the_same_key(pages: Installed, api: Program) -> None:
    body, path = {"variables": office.REPORT}, "/process-definitions/avvikelse/start"

    first = api.post(path, body, Idempotency_Key="1")
    second = program(pages, "instances:write").post(path, body, Idempotency_Key="1")

    assert first.json is not None
    assert second.json is not None
    assert first.json["processInstanceId"] != second.json["processInstanceId"]


def test_pages_of_a_list_hold_everything_once(api: Program) -> None:
    for _ in range(3):
        api.post("/process-definitions/avvikelse/start", {"variables": office.REPORT})
    everything = api.get("/process-instances", limit=200).json
    assert everything is not None

    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = api.get("/process-instances", limit=2, **after).json
        assert page is not None
        assert len(page["items"]) <= 2
        found += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}

    assert found == [each["id"] for each in everything["items"]]
    assert len(set(found)) == len(found) >= 4


def test_the_history_comes_in_pages_by_its_numbers(pages: Installed, api: Program) -> None:
    path = f"/process-instances/{pages.instance_id}/history"
    whole = api.get(path, limit=200).json
    assert whole is not None
    first = api.get(path, limit=3).json
    assert first is not None

    second = api.get(path, limit=3, after=first["next"]).json

    assert second is not None
    assert [each["sequence"] for each in first["items"] + second["items"]] == [1, 2, 3, 4, 5, 6]
    assert first["items"] + second["items"] == whole["items"][:6]
    refused(api.get(path, after="-1"), 422, "input.invalid")


# The description


def described(pages: Installed) -> Any:
    answer = pages.app.test_client().get(f"{BASE}/openapi.json")
    assert answer.status_code == 200
    return orjson.loads(answer.data)


def test_the_description_and_the_routes_are_the_same(pages: Installed) -> None:
    open_to_all = {"/", "/openapi.json", "/<path:rest>"}
    served = {
        (method, re.sub(r"<(?:string:)?(\w+)>", r"{\1}", rule.rule.removeprefix(BASE)))
        for rule in pages.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.rule.removeprefix(BASE) not in open_to_all
        for method in (rule.methods or set()) - {"HEAD"}
    }
    told = {(method.upper(), path) for path, operations in described(pages)["paths"].items() for method in operations}

    assert told == served


def test_the_description_holds_together(pages: Installed) -> None:
    whole = described(pages)
    text = orjson.dumps(whole).decode()
    components = whole["components"]
    operations = [each for path in whole["paths"].values() for each in path.values()]
    names = [each["operationId"] for each in operations]

    assert whole["openapi"] == "3.1.0"
    assert len(names) == len(set(names)) == len(ROUTES)
    for kind, name in re.findall(r'"#/components/(\w+)/(\w+)"', text):
        assert name in components[kind], name
    for path, methods in whole["paths"].items():
        for operation in methods.values():
            parts = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
            assert parts == set(re.findall(r"{(\w+)}", path))
            assert any(status.startswith("2") for status in operation["responses"])
            assert operation["x-scopes"]


def test_every_answer_is_as_it_is_described(pages: Installed, api: Program) -> None:
    schemas = described(pages)["components"]["schemas"]

    (item, *_) = (api.get("/user-tasks").json or {})["items"]

    assert set(item) == set(schemas["UserTask"]["properties"])


def test_the_first_page_lists_every_route(pages: Installed) -> None:
    answer = pages.app.test_client().get(f"{BASE}/")

    assert answer.mimetype == "text/plain"
    assert all(f"{BASE}{route.path}" in answer.text for route in ROUTES)


def test_every_code_that_the_api_answers_is_in_its_manual() -> None:
    manual = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    source = "".join(path.read_text() for path in (ROOT / "src/flowsvc/web/api").glob("*.py"))
    own = set(re.findall(r'"((?:method|media_type)\.\w+)"', source))

    assert own
    assert {code for code in {*own, FlowError.code} if f"`{code}`" not in manual} == set()
