"""*Starta ärende*: what I may start, and its start form."""

from collections.abc import Mapping

from flask import Blueprint, Response, render_template, url_for

from flowsvc.domain.forms import Submitted
from flowsvc.usecases import instances as moves
from flowsvc.usecases import task_pages
from flowsvc.web import filling, here
from flowsvc.web.filling import Blank

pages = Blueprint("starting", __name__)


@pages.get("/start")
def choose() -> str:
    """What I may start."""
    found = moves.startable(here.context(), here.actor())
    return render_template("start_list.html", startable=found)


@pages.get("/start/<key>")
def show(key: str) -> str:
    """The start form."""
    return filling.shown(_blank(key))


@pages.post("/start/<key>")
def answer(key: str) -> Response:
    """What was filled in is kept, or a case is started."""
    here.actor()
    return filling.answered(_blank(key))


def _blank(key: str) -> Blank:
    ctx, actor, language = here.context(), here.actor(), here.language()

    def page(sent: Submitted | None, errors: Mapping[str, str], one_time_key: str) -> str:
        found = task_pages.start_page(ctx, actor, key, language=language, sent=sent, errors=errors)
        return render_template(
            "start.html",
            page=found,
            form=found.form,
            key=one_time_key,
            file_mark=lambda file_id, name: filling.file_mark(actor, file_id, name),
        )

    return Blank(
        place=f"start:{key}",
        show=page,
        send=lambda sent: moves.start_instance(ctx, actor, key, sent),
        done=lambda receipt: url_for("tasks.receipt", submission_id=receipt.submission_id),
    )
