"""*Provkörning*: a process owner tries a draft as those who will use it would, with a clock that can be moved. Hides
that what is shown and done lives in a database of its own."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from flowsvc.domain.access import SYSTEM
from flowsvc.domain.errors import Conflict, InvalidInput
from flowsvc.domain.forms import Submitted
from flowsvc.engine.parsing import Report
from flowsvc.usecases import case_pages, people, task_pages, trial_page, trying
from flowsvc.usecases import trial_acts as acts
from flowsvc.usecases.trying import Choice, Choices, Trial, Tried
from flowsvc.web import addresses, drafts, errors, filling, here, sentences
from flowsvc.web.filling import Blank

pages = Blueprint("trying", __name__, url_prefix="/drafts/<draft_id>/try")

T = TypeVar("T")
_MOVES = {"1": 1, "5": 5}
_EMPTY = ("", "–", "[]", "{}")
"""Values that are told apart from the others, of which a case may have many."""


# The trial as a whole


@pages.get("")
def show(draft_id: str) -> str:
    """The trial; before there is one, or where another is asked for, what may be tried."""
    tried = _tried(draft_id)
    if "choose" not in request.args and trying.is_trying(here.context(), here.actor(), draft_id):
        return _trial_page(tried)
    return _start_page(tried)


@pages.post("")
def begin(draft_id: str) -> Response:
    """A trial of the draft begins, in the place of an earlier one."""
    tried, form = _tried(draft_id), request.form
    return _begun(tried, process_key=form.get("process", ""), post_id=form.get("post", ""))


@pages.post("/restart")
def restart(draft_id: str) -> Response:
    """The same trial from its beginning, of the draft as it now stands."""
    tried = _tried(draft_id)
    process_key, post_id = _look(draft_id, lambda trial: (trial.process_key, trial.post_id))
    return _begun(tried, process_key=process_key, post_id=post_id)


@pages.post("/discard")
def discard(draft_id: str) -> Response:
    """The trial is thrown away."""
    trying.throw_away(here.context(), here.actor(), draft_id)
    flash(_("Provkörningen är kastad. Utkastet är kvar."))
    return make_response(addresses.see(url_for("drafts.show", draft_id=draft_id)))


def _begun(tried: Tried, *, process_key: str, post_id: str) -> Response:
    found = trying.choices(here.context(), here.actor(), tried)
    chosen = next((each for each in found.processes if each.key == process_key), None)
    fault = ""
    if found.problems:
        fault = _("Utkastet kan inte provas förrän det är rättat.")
    elif chosen is None:
        fault = _("Välj en process att prova.")
    elif post_id not in chosen.post_ids:
        fault = _("Välj en befattning som får starta processen.")
    if fault:
        return make_response(_start_page(tried, fault=fault), 422)
    trying.begin(here.context(), here.actor(), tried, process_key=process_key, post_id=post_id)
    return make_response(addresses.see(url_for("trying.start", draft_id=tried.draft_id)))


def _tried(draft_id: str) -> Tried:
    return trying.tried_of(here.context(), here.actor(), draft_id)


def _look(draft_id: str, say: Callable[[Trial], T]) -> T:
    return trying.look(here.context(), here.actor(), draft_id, say)


def _start_page(tried: Tried, *, fault: str = "") -> str:
    found = trying.choices(here.context(), here.actor(), tried)
    asked = request.values.get("process", "")
    only = found.processes[0] if len(found.processes) == 1 else None
    chosen = next((each for each in found.processes if each.key == asked), only)
    return render_template(
        "try_start.html",
        tried=tried,
        found=found,
        problems=drafts.problems(Report(found.problems, (), (), (), {})),
        chosen=chosen,
        posts=_posts(found, chosen) if chosen else [],
        fault=fault,
    )


def _posts(found: Choices, chosen: Choice) -> list[tuple[str, list[tuple[str, str]]]]:
    """The posts that may start it, by party."""
    known, language = found.directory, here.language()
    grouped: dict[str, list[tuple[str, str]]] = {}
    for post_id in chosen.post_ids:
        party = people.party_name(known, known.party_of_post(post_id).id, language)
        grouped.setdefault(party, []).append((post_id, people.post_name(known, post_id, language)))
    return sorted((party, sorted(posts, key=lambda post: post[1])) for party, posts in grouped.items())


def _trial_page(tried: Tried, *, fault: str = "") -> str:
    asked = request.values.get("case", "")
    page = _look(tried.draft_id, lambda trial: trial_page.page(trial, asked, language=here.language()))
    local = page.now.astimezone(ZoneInfo(here.context().zone)).date()
    return render_template(
        "try.html",
        tried=tried,
        page=page,
        is_older=page.mark != tried.mark,
        given=[(name, words) for name, words in page.variables if words not in _EMPTY],
        empty=[name for name, words in page.variables if words in _EMPTY],
        tomorrow=local + timedelta(days=1),
        anybody=acts.ANYBODY,
        told=lambda message: sentences.told(message, here.language()),
        fault=fault,
        typed=request.form,
    )


# What is done in it


@pages.post("/clock")
def move(draft_id: str) -> Response:
    """It is later in the trial."""
    by, on = request.form.get("by", ""), request.form.get("on", "")

    def later(trial: Trial) -> str:
        if by in _MOVES:
            return acts.move(trial, working_days=_MOVES[by])
        return acts.move(trial, to_next=True) if by == "next" else acts.move(trial, to=_date(on))

    return _acted(draft_id, later)


@pages.post("/calls/<job_id>")
def answer_call(draft_id: str, job_id: str) -> Response:
    """What would have been called outside has answered, or failed."""
    form = request.form

    def answered(trial: Trial) -> None:
        values = form.get("values", "")
        if form.get("with") == "error":
            acts.end_call_with_error(trial, job_id, form.get("code", ""), values)
        elif form.get("with") == "failure":
            acts.fail_call(trial, job_id)
        else:
            acts.complete_call(trial, job_id, values)

    return _acted(draft_id, answered)


@pages.post("/outside")
def send_from_outside(draft_id: str) -> Response:
    """A message or signal that somebody waits for has come."""
    form = request.form
    name, key, values = form.get("name", ""), form.get("correlation_key", ""), form.get("values", "")

    def sent(trial: Trial) -> None:
        if form.get("kind") == "signal":
            acts.send_signal(trial, name, values)
        else:
            acts.send_message(trial, name, key, values)

    return _acted(draft_id, sent)


@pages.post("/incidents/<incident_id>")
def try_again(draft_id: str, incident_id: str) -> Response:
    """What failed is tried again."""
    return _acted(draft_id, lambda trial: acts.try_again(trial, incident_id))


def _acted(draft_id: str, do: Callable[[Trial], object]) -> Response:
    """The trial's page afterwards; as it stands, with what was wrong and what was typed, where it could not be done."""
    tried, fault, status = _tried(draft_id), "", 303
    try:
        done = trying.act(here.context(), here.actor(), draft_id, do, revision=_revision())
        if done and isinstance(done, str):
            # The clock has been stopped on its way.
            flash(sentences.told(done, here.language()))
    except (InvalidInput, Conflict) as error:
        fault, status = errors.message_of(error), errors.status_of(error)
    if fault:
        return make_response(_trial_page(tried, fault=fault), status)
    return make_response(addresses.see(_address(draft_id, request.form.get("case", ""))))


def _address(draft_id: str, instance_id: str) -> str:
    return url_for("trying.show", draft_id=draft_id, case=instance_id or None)


def _revision() -> int:
    text = request.form.get("revision", "")
    # An unreadable one is never that of the trial.
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else -1


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("Välj ett datum att flytta klockan till.") from error


# Forms, filled in as any post


@pages.get("/start")
def start(draft_id: str) -> str:
    """The start form as the post meets it; where there is none, what to start with."""
    tried = _tried(draft_id)
    return _look(draft_id, lambda trial: _start_shown(tried, trial))


@pages.post("/start")
def answer_start(draft_id: str) -> Response:
    """The process has started, or its form is shown again."""
    tried = _tried(draft_id)
    if "values" not in request.form:
        return _filled(draft_id, lambda trial: _start_blank(tried, trial))
    try:
        started = trying.act(
            here.context(),
            here.actor(),
            draft_id,
            lambda trial: acts.start_by_hand(trial, request.form["values"]),
            revision=_revision(),
        )
    except (InvalidInput, Conflict) as error:
        fault = errors.message_of(error)
        shown = _look(draft_id, lambda trial: _start_by_hand(tried, trial, fault=fault))
        return make_response(shown, errors.status_of(error))
    return make_response(addresses.see(_address(draft_id, started)))


@pages.get("/tasks/<task_id>")
def task(draft_id: str, task_id: str) -> str:
    """The task with its form, as the post that the address names."""
    tried = _tried(draft_id)
    return _look(draft_id, lambda trial: filling.shown(_task_blank(tried, trial, task_id)))


@pages.post("/tasks/<task_id>")
def answer_task(draft_id: str, task_id: str) -> Response:
    """What was filled in is kept or sent."""
    tried = _tried(draft_id)
    return _filled(draft_id, lambda trial: _task_blank(tried, trial, task_id))


@pages.get("/offers/<instance_id>/<token>")
def offer(draft_id: str, instance_id: str, token: str) -> str:
    """The form of something that the post may do in the case now."""
    tried = _tried(draft_id)
    return _look(draft_id, lambda trial: filling.shown(_offer_blank(tried, trial, instance_id, token)))


@pages.post("/offers/<instance_id>/<token>")
def answer_offer(draft_id: str, instance_id: str, token: str) -> Response:
    """What was filled in is kept, or done."""
    tried = _tried(draft_id)
    return _filled(draft_id, lambda trial: _offer_blank(tried, trial, instance_id, token))


@pages.get("/diagrams/<instance_id>/<key>")
def diagram(draft_id: str, instance_id: str, key: str) -> Response:
    """The diagram's XML, for the picture."""
    source = _look(draft_id, lambda trial: case_pages.diagram_source(trial.ctx, SYSTEM, instance_id, key))
    return Response(source, mimetype="application/xml")


def _filled(draft_id: str, blank: Callable[[Trial], Blank]) -> Response:
    is_sent = request.form.get(filling.DO, "send") == "send"
    return trying.act(
        here.context(), here.actor(), draft_id, lambda trial: filling.answered(blank(trial)), is_move=is_sent
    )


def _start_shown(tried: Tried, trial: Trial) -> str:
    if acts.how_started(trial) == "form":
        return filling.shown(_start_blank(tried, trial))
    return _start_by_hand(tried, trial)


def _start_by_hand(tried: Tried, trial: Trial, *, fault: str = "") -> str:
    return render_template(
        "try_values.html",
        tried=tried,
        page=trial_page.heading(trial, language=here.language()),
        how=acts.how_started(trial),
        fault=fault,
        typed=request.form,
        revision=trial.revision,
    )


def _start_blank(tried: Tried, trial: Trial) -> Blank:
    actor, language = acts.as_post(trial, trial.post_id), here.language()
    key = trial.process_key

    def page(sent: Submitted | None, faults: Mapping[str, str], one_time_key: str) -> str:
        found = task_pages.start_page(trial.ctx, actor, key, language=language, sent=sent, errors=faults)
        return _form_page(tried, trial, found, one_time_key, post_id=trial.post_id, words=_("Starta ärendet"))

    return Blank(
        place=f"start:{key}",
        show=page,
        send=lambda sent: acts.start(trial, sent),
        done=lambda receipt: _address(tried.draft_id, receipt.instance_id),
        inside=(trial.ctx, actor),
    )


def _task_blank(tried: Tried, trial: Trial, task_id: str) -> Blank:
    post_id, language = request.args.get("as", ""), here.language()
    actor = acts.as_post(trial, post_id, task_id=task_id)

    def page(sent: Submitted | None, faults: Mapping[str, str], one_time_key: str) -> str:
        found = task_pages.task_page(trial.ctx, actor, task_id, language=language, sent=sent, errors=faults)
        return _form_page(tried, trial, found, one_time_key, post_id=post_id, words=_("Markera som klar"))

    return Blank(
        place=f"task:{task_id}",
        show=page,
        send=lambda sent: acts.complete_task(trial, post_id, task_id, sent),
        done=lambda receipt: _address(tried.draft_id, receipt.instance_id),
        inside=(trial.ctx, actor),
    )


def _offer_blank(tried: Tried, trial: Trial, instance_id: str, token: str) -> Blank:
    post_id, language = request.args.get("as", ""), here.language()
    actor = acts.as_post(trial, post_id)

    def page(sent: Submitted | None, faults: Mapping[str, str], one_time_key: str) -> str:
        found = task_pages.offer_page(trial.ctx, actor, instance_id, token, language=language, sent=sent, errors=faults)
        return _form_page(tried, trial, found, one_time_key, post_id=post_id, words=found.name)

    return Blank(
        place=f"offer:{instance_id}:{token}",
        show=page,
        send=lambda sent: acts.send_offered(trial, post_id, instance_id, token, sent),
        done=lambda receipt: _address(tried.draft_id, receipt.instance_id),
        inside=(trial.ctx, actor),
    )


def _form_page(
    tried: Tried,
    trial: Trial,
    found: task_pages.TaskPage | task_pages.StartPage,
    key: str,
    *,
    post_id: str,
    words: str,
) -> str:
    asked = found if isinstance(found, task_pages.TaskPage) else None
    return render_template(
        "try_form.html",
        tried=tried,
        heading=trial_page.heading(trial, post_id=post_id, language=here.language()),
        page=found,
        task=asked.task if asked else None,
        form=found.form,
        key=key,
        words=words,
        file_mark=lambda file_id, name: filling.file_mark(here.actor(), file_id, name),
    )
