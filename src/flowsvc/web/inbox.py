"""What waits: mine, and what my groups and I may take. Claiming and releasing happen in the list."""

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from flowsvc.store.paging import COUNT_LIMIT
from flowsvc.usecases import inbox
from flowsvc.usecases import tasks as moves
from flowsvc.web import addresses, here

pages = Blueprint("inbox", __name__)


@pages.get("/")
def first() -> Response:
    """The day begins with what waits for me."""
    here.actor()
    return addresses.see(addresses.home())


@pages.get("/tasks")
def mine() -> str:
    """*Mina uppgifter*."""
    return _listed("mine")


@pages.get("/tasks/group")
def group() -> str:
    """*Gruppens uppgifter*."""
    return _listed("group")


@pages.post("/tasks/<task_id>/claim")
def claim(task_id: str) -> Response:
    """I hold the task."""
    moves.claim_task(here.context(), here.actor(), task_id)
    flash(_("Du har tagit uppgiften. Den ligger nu under Mina uppgifter."))
    return addresses.see(addresses.wanted(url_for("tasks.show", task_id=task_id)))


@pages.post("/tasks/<task_id>/unclaim")
def unclaim(task_id: str) -> Response:
    """Nobody holds the task."""
    moves.unclaim_task(here.context(), here.actor(), task_id)
    flash(_("Du har lämnat tillbaka uppgiften. Andra som kan göra den ser den nu."))
    return addresses.see(addresses.wanted(addresses.home()))


def _listed(which: str) -> str:
    ctx, actor, language = here.context(), here.actor(), here.language()
    search, after = request.args.get("search", "").strip()[:80], request.args.get("after") or None
    listed = inbox.my_tasks if which == "mine" else inbox.group_tasks
    page = listed(ctx, actor, language=language, search=search, after=after)
    return render_template(
        "inbox.html",
        which=which,
        page=page,
        counts=inbox.counts(ctx, actor),
        count_limit=COUNT_LIMIT,
        search=search,
        is_first=after is None,
    )
