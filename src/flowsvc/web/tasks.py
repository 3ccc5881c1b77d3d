"""One task: its form, who does it and for whom, handing it over, and the receipt."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from flowsvc.domain.errors import InvalidInput
from flowsvc.domain.forms import Submitted
from flowsvc.usecases import handing_over, inbox, task_pages
from flowsvc.usecases import tasks as moves
from flowsvc.web import addresses, errors, filling, here
from flowsvc.web.filling import Blank

pages = Blueprint("tasks", __name__)


@pages.get("/tasks/<task_id>")
def show(task_id: str) -> str:
    """The task with its form."""
    return filling.shown(_blank(task_id))


@pages.post("/tasks/<task_id>")
def answer(task_id: str) -> Response:
    """What was filled in is kept or sent."""
    here.actor()
    return filling.answered(_blank(task_id))


@pages.get("/tasks/<task_id>/hand-over")
def hand_over_form(task_id: str) -> str:
    """To whom, and why."""
    page = handing_over.hand_over_page(here.context(), here.actor(), task_id, language=here.language())
    return render_template("hand_over.html", page=page, typed={}, refused="")


@pages.post("/tasks/<task_id>/hand-over")
def hand_over(task_id: str) -> AnyResponse:
    """Somebody else of my party has the task."""
    ctx, actor, form = here.context(), here.actor(), request.form
    page = handing_over.hand_over_page(ctx, actor, task_id, language=here.language())
    try:
        handing_over.hand_over_task(
            ctx,
            actor,
            task_id,
            to=form.get("to", ""),
            reason=form.get("reason", ""),
            is_conflict=form.get("why") == "conflict",
        )
    except InvalidInput as error:
        # What was typed stays in the form.
        shown = render_template("hand_over.html", page=page, typed=form, refused=errors.message_of(error))
        return make_response(shown, 422)
    flash(_("Uppgiften är överlämnad."))
    return addresses.see(url_for("instances.show", instance_id=page.instance_id))


@pages.get("/receipts/<submission_id>")
def receipt(submission_id: str) -> str:
    """What was sent, when, in which case, and what is next."""
    ctx, actor, language = here.context(), here.actor(), here.language()
    sent = moves.receipt_of(ctx, actor, submission_id)
    waiting = inbox.my_tasks(ctx, actor, language=language, search=sent.business_key, limit=5)
    following = [task for task in waiting.items if task.id != sent.task_id]
    return render_template("receipt.html", receipt=sent, following=following, counts=inbox.counts(ctx, actor))


def _blank(task_id: str) -> Blank:
    ctx, actor, language = here.context(), here.actor(), here.language()

    def page(sent: Submitted | None, errors: Mapping[str, str], key: str) -> str:
        found = task_pages.task_page(ctx, actor, task_id, language=language, sent=sent, errors=errors)
        return render_template(
            "task.html",
            page=found,
            form=found.form,
            key=key,
            file_mark=lambda file_id, name: filling.file_mark(actor, file_id, name),
        )

    return Blank(
        place=f"task:{task_id}",
        show=page,
        send=lambda sent: moves.complete_task(ctx, actor, task_id, sent),
        done=lambda receipt: url_for("tasks.receipt", submission_id=receipt.submission_id),
    )
