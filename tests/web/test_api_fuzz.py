"""Whatever is sent to the API, it is never the API that fails."""

import string
from collections.abc import Mapping
from datetime import datetime

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.usecases import office
from tests.web.conftest import PROPOSE, Installed
from tests.web.programs import BASE, program

TAGGED = st.fixed_dictionaries(
    {
        "$t": st.sampled_from(["date", "datetime", "time", "duration", "annat"]),
        "v": st.one_of(
            st.dates().map(str),
            st.datetimes().map(lambda at: at.isoformat() + "+14:00"),
            st.from_regex(r"-?P\d{1,14}[YMD](T\d{1,9}[HS])?", fullmatch=True),
            st.text(max_size=20),
        ),
    }
)
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=40),
    st.sampled_from(["2026-12-03", "", "\x00", "a" * 300, "responsibility", "genast"]),
)
ANY = st.recursive(
    PLAIN | TAGGED,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
SIGNS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
WORDS = st.text(st.characters(categories=["L", "M", "N", "S", "P"]), min_size=1, max_size=30)
SOUND_TAGGED = st.one_of(
    st.dates().map(lambda on: {"$t": "date", "v": str(on)}),
    st.datetimes(min_value=datetime(2, 1, 1)).map(lambda at: {"$t": "datetime", "v": f"{at.isoformat()}+00:00"}),  # noqa: DTZ001 - the zone is written
    st.integers(0, 99_999).map(lambda days: {"$t": "duration", "v": f"P{days}D"}),
)
SOUND_PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(-1e15, 1e15),
    SIGNS,
    st.sampled_from(["2026-12-03", "", "normal", "genast", "responsibility", "child_harmed", "bup-oppenvard"]),
)
SOUND = st.recursive(
    SOUND_PLAIN | SOUND_TAGGED,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SIGNS, inner, max_size=3),
    max_leaves=6,
)
"""Values that pass the door, whatever the rooms behind it think of them."""


def filled(
    *names: str, whole: Mapping[str, object] | None = None, values: st.SearchStrategy[object] = SOUND
) -> st.SearchStrategy[object]:
    """Bodies whose variables pass the door: a right form, or none, with some answers changed."""
    changed = st.dictionaries(st.sampled_from(names), values, max_size=3)
    return changed.map(lambda given: {"variables": {**(whole or {}), **given}})


def any_body(*names: str) -> st.SearchStrategy[object]:
    """Bodies that are nearly right, and bodies that are anything."""
    variables = st.dictionaries(st.text(max_size=20), ANY, max_size=4)
    others = st.dictionaries(st.sampled_from(["variables", *names]), ANY, max_size=3)
    return st.one_of(st.builds(lambda given, more: {**more, "variables": given}, variables, others), others, ANY)


MESSAGE = st.fixed_dictionaries(
    {"name": st.sampled_from(["svar", "bestallning"]) | WORDS, "variables": st.dictionaries(WORDS, SOUND, max_size=3)},
    optional={"correlationKeys": st.dictionaries(WORDS, WORDS, max_size=1), "businessKey": WORDS},
)
TOPIC = st.fixed_dictionaries(
    {"topicName": WORDS, "lockDuration": st.integers(1, 86_400_000)}, optional={"okänt": SOUND}
)
FETCH = st.fixed_dictionaries(
    {"workerId": st.text(string.ascii_letters + " ", min_size=1, max_size=9), "topics": st.lists(TOPIC, max_size=3)},
    optional={"maxTasks": st.integers(1, 100) | SOUND},
)
NEARLY_RIGHT: Mapping[str, st.SearchStrategy[object]] = {
    "start": filled(*sorted(office.REPORT), "okänt", whole=office.REPORT)
    | filled("description", "wanted", "tried", "child_view", whole=office.REPORT, values=WORDS),
    "complete": filled("proposed_party", "proposed_reason", "okänt"),
    "evaluate": filled("signs", "urgency", "okänt", whole={"signs": ["child_harmed"], "urgency": "normal"}),
    "message": MESSAGE,
    "fetch": FETCH,
}
ANYTHING: Mapping[str, st.SearchStrategy[object]] = {
    "start": any_body("businessKey", "startElementId"),
    "complete": any_body(),
    "evaluate": any_body(),
    "message": any_body("name", "correlationKeys", "businessKey", "timeToLive"),
    "fetch": any_body("workerId", "topics", "maxTasks"),
}


@pytest.fixture
def paths(pages: Installed) -> dict[str, str]:
    start = '<bpmn:startEvent id="start"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>'
    body = office.chain(("start", start), office.user_task("fraga"), office.END)
    office.deploy(pages.ctx, office.process("bestalld", body))
    return {
        "start": "/process-definitions/avvikelse/start",
        "complete": f"/user-tasks/{pages.task(PROPOSE)}/complete",
        "evaluate": "/decision-definitions/triage/evaluate",
        "message": "/messages",
        "fetch": "/external-tasks/fetch-and-lock",
    }


@pytest.mark.slow
@pytest.mark.parametrize("bodies", [NEARLY_RIGHT, ANYTHING], ids=["nearly right", "anything"])
@pytest.mark.parametrize("which", sorted(ANYTHING))
def test_no_body_makes_the_api_fail(
    pages: Installed, paths: dict[str, str], which: str, bodies: Mapping[str, st.SearchStrategy[object]]
) -> None:
    api = program(pages)

    @settings(
        max_examples=120,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(body=bodies[which])
    def ask(body: object) -> None:
        answer = api.send(paths[which], sent(body))
        assert answer.status_code < 500, (answer.text, body)
        if answer.status_code >= 400:
            assert answer.json is not None
            assert answer.json["code"]
            assert answer.json["detail"]

    ask()


def sent(body: object) -> bytes:
    """As JSON; halves of signs and great numbers as any program may write them."""
    try:
        return orjson.dumps(body)
    except TypeError:
        return b'{"variables": {"a": ' + str(2**200).encode() + b"}}"


@pytest.mark.slow
def test_no_bytes_make_the_api_fail(pages: Installed, paths: dict[str, str]) -> None:
    api = program(pages)

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(
        data=st.binary(max_size=60), kind=st.sampled_from(["application/json", "multipart/form-data", "", "text/plain"])
    )
    def ask(data: bytes, kind: str) -> None:
        for path in (*paths.values(), "/deployments"):
            assert api.send(path, data, kind).status_code < 500

    ask()


@pytest.mark.slow
def test_no_address_and_no_question_make_the_api_fail(pages: Installed) -> None:
    api = program(pages)
    lists = ["/process-instances", "/user-tasks", "/jobs", "/incidents", "/escalations", "/process-definitions"]
    names = ["limit", "after", "status", "state", "businessKey", "level", "processInstanceId", "key", "kind", "x"]

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(
        path=st.sampled_from(lists),
        query=st.dictionaries(st.sampled_from(names), st.text(max_size=20) | st.text(string.digits, max_size=20)),
        part=st.text(max_size=20),
        key=st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=20),
    )
    def ask(path: str, query: dict[str, str], part: str, key: str) -> None:
        said = {name: text.encode("utf-8", "replace").decode() for name, text in query.items()}
        assert api.get(path, **said).status_code < 500
        part = part.encode("utf-8", "replace").decode()
        for whole in (f"{path}/{part}", f"{path}/{part}/variables"):
            assert api.client.get(BASE + whole, headers=api.headers).status_code < 500
        written = api.client.post(f"{BASE}/user-tasks/0123/claim", headers={**api.headers, "Idempotency-Key": key})
        assert written.status_code < 500

    ask()
