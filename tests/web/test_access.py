"""What strangers see, what forged and old requests get, and what every answer carries."""

import re

import pytest
from werkzeug.routing import Rule

from flowsvc import demo
from flowsvc.domain.access import SYSTEM
from flowsvc.usecases import directory
from flowsvc.web import create_web
from tests.usecases import office
from tests.web.conftest import MANAGER, REPORTER, Installed, settings

OPEN = {"auth.sign_in", "auth.sign_in_with", "auth.sign_out", "auth.choose_language", "assets.file", "calendars.feed"}
"""What anybody may ask for; everything else needs somebody who is signed in, or a token. A calendar's feed is opened by
the secret in its address."""
OPEN_ROOMS = ("health.",)


def rules(pages: Installed) -> list[Rule]:
    return [rule for rule in pages.app.url_map.iter_rules() if not rule.endpoint.startswith(OPEN_ROOMS)]


def path_of(rule: Rule) -> str:
    return re.sub(r"<[^>]+>", "00000000000000000000000000000000", rule.rule)


def test_every_page_but_sign_in_is_closed_to_strangers(pages: Installed) -> None:
    stranger = pages.visitor()

    for rule in rules(pages):
        if rule.endpoint in OPEN or rule.endpoint.startswith("api."):
            continue
        for method in {"GET", "POST"} & (rule.methods or set()):
            answer = stranger.get(path_of(rule)) if method == "GET" else stranger.send(path_of(rule))
            assert answer.status_code == 303, (rule, method)
            assert answer.headers["Location"].startswith("/sign-in?next="), (rule, method)


def test_every_form_without_its_key_is_refused(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)

    for rule in rules(pages):
        if "POST" in (rule.methods or set()) and not rule.endpoint.startswith("api."):
            assert visitor.client.post(path_of(rule)).status_code == 400, rule


def test_every_answer_carries_the_headers_that_keep_it_safe(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)
    style = re.search(r'href="(/static/app[^"]+)"', visitor.get("/tasks").text)
    assert style is not None

    for path in ("/sign-in", "/tasks", "/nowhere", "/healthz", style[1], f"/instances/{pages.instance_id}"):
        headers = visitor.get(path).headers
        assert "unsafe" not in headers["Content-Security-Policy"], path
        assert headers["Content-Security-Policy"].startswith("default-src 'none'"), path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["X-Request-ID"], path
    assert visitor.get(f"/instances/{pages.instance_id}").headers["Cache-Control"] == "no-store"
    assert "immutable" in visitor.get(style[1]).headers["Cache-Control"]


def test_cookies_are_kept_from_scripts_and_with_https_from_other_hosts(pages: Installed) -> None:
    def cookies(is_https: bool) -> list[str]:
        client = create_web(pages.ctx, settings(is_https=is_https)).test_client()
        base = "https://localhost" if is_https else "http://localhost"
        key = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in", base_url=base).text)
        assert key is not None
        fields = {"csrf_token": key[1], "username": REPORTER, "password": demo.PASSWORD}
        return client.post("/sign-in", data=fields, base_url=base, headers={"Referer": base}).headers.getlist(
            "Set-Cookie"
        )

    plain, secure = cookies(False), cookies(True)

    assert any(each.startswith("flowsvc=") for each in plain)
    assert all("HttpOnly" in each and "SameSite=Lax" in each for each in plain + secure)
    assert any(each.startswith("__Host-flowsvc=") and "Secure" in each for each in secure)
    assert all("Path=/" in each and "Domain" not in each for each in secure)


@pytest.mark.parametrize(
    "elsewhere",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)", ""],
)
def test_signing_in_never_leads_to_another_site(pages: Installed, elsewhere: str) -> None:
    fields = {"username": REPORTER, "password": demo.PASSWORD, "next": elsewhere}

    assert pages.visitor().send("/sign-in", fields).headers["Location"] == "/tasks"


def test_signing_in_leads_back_to_where_one_was_going(pages: Installed) -> None:
    visitor = pages.visitor()
    wanted = visitor.get("/tasks?search=SJ-AVV").headers["Location"]
    assert "next=/tasks?search%3DSJ-AVV" in wanted

    fields = {"username": REPORTER, "password": demo.PASSWORD, "next": "/tasks?search=SJ-AVV"}
    assert visitor.send("/sign-in", fields).headers["Location"] == "/tasks?search=SJ-AVV"


def test_a_wrong_password_is_said_in_words_and_many_wrong_ones_have_to_wait(pages: Installed) -> None:
    visitor = pages.visitor()
    wrong = {"username": REPORTER, "password": "fel lösenord igen"}

    first = visitor.send("/sign-in", wrong)
    answers = [visitor.send("/sign-in", wrong) for _ in range(5)]

    assert first.status_code == 422
    assert "<title>Fel: Logga in" in first.text
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_a_session_ends_when_its_person_is_disabled(pages: Installed) -> None:
    visitor = pages.visitor(REPORTER)
    assert visitor.get("/tasks").status_code == 200

    directory.disable_user(pages.ctx, SYSTEM, REPORTER)

    assert visitor.get("/tasks").status_code == 303


def test_a_session_ends_after_an_idle_hour_and_at_sign_out(pages: Installed) -> None:
    idle, leaving = pages.visitor(REPORTER), pages.visitor(MANAGER)

    leaving.send("/sign-out")
    assert leaving.get("/tasks").status_code == 303

    pages.clock.advance(hours=2)
    assert idle.get("/tasks").status_code == 303


def test_a_script_is_told_that_the_session_has_ended(pages: Installed) -> None:
    answer = pages.visitor().get("/tasks", **{"X-Requested-With": "fetch"})

    assert answer.status_code == 401
    assert "<html" not in answer.text


def test_a_body_over_the_limit_is_refused(pages: Installed) -> None:
    answer = pages.visitor(REPORTER).send("/start/avvikelse", {"description": "x" * 3_100_000})

    assert answer.status_code == 413


def test_somebody_elses_task_and_case_look_like_nothing(pages: Installed) -> None:
    other = pages.visitor("larare.alvsta")
    (task, *_) = office.open_tasks(pages.ctx, pages.instance_id)

    for path in (f"/tasks/{task.id}", f"/instances/{pages.instance_id}", f"/instances/{pages.instance_id}/messages/x"):
        assert other.get(path).status_code == 404
    assert "Ange" not in other.get(f"/instances?search={task.business_key}").text


def test_the_queue_of_escalations_is_for_managers(pages: Installed) -> None:
    assert pages.visitor(MANAGER).get("/escalations").status_code == 200
    assert pages.visitor(REPORTER).get("/escalations").status_code == 403


def test_drafts_are_tried_by_process_owners_alone(pages: Installed) -> None:
    trial = f"/drafts/{'0' * 32}/try"
    gets = ("", "/start", "/tasks/x", "/offers/x/y", "/diagrams/x/p")
    posts = ("", "/start", "/restart", "/discard", "/clock", "/calls/x", "/outside", "/incidents/x", "/tasks/x")

    for name, status in ((REPORTER, 403), (MANAGER, 403), ("driftansvarig", 403), ("processagare", 404)):
        visitor = pages.visitor(name)
        for path in gets:
            assert visitor.get(trial + path).status_code == status, (name, path)
        for path in (*posts, "/offers/x/y"):
            # Throwing away what is not there is done at once.
            wanted = 303 if (status, path) == (404, "/discard") else status
            assert visitor.send(trial + path, {"by": "1"}).status_code == wanted, (name, path)


def test_health_is_open_and_says_nothing_more(pages: Installed) -> None:
    stranger = pages.visitor()

    assert stranger.get("/healthz").json == {"status": "ok"}
    assert stranger.get("/readyz").json == {"status": "ok", "missing": [], "stuck": 0}
