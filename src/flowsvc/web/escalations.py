"""*Eskaleringar*: the managers' queue, with filters that are an address to keep."""

from flask import Blueprint, render_template, request

from flowsvc.usecases import escalation_queue
from flowsvc.web import here

pages = Blueprint("escalations", __name__)

_TRUTHS = {"yes": True, "no": False}


@pages.get("/escalations")
def listed() -> str:
    """Who owes an answer, on which side, since when, and for which child that waits."""
    asked = {name: request.args.get(name, "") for name in ("level", "kind", "party", "waiting", "overdue")}
    state, sort = request.args.get("state", "open"), request.args.get("sort", "lift")
    after = request.args.get("after") or None
    page = escalation_queue.escalation_queue(
        here.context(),
        here.actor(),
        language=here.language(),
        level=asked["level"] or None,
        kind=asked["kind"] or None,
        party=asked["party"] or None,
        waiting=_TRUTHS.get(asked["waiting"]),
        overdue=_TRUTHS.get(asked["overdue"]),
        state=state,
        sort=sort,
        after=after,
    )
    choices = escalation_queue.filter_choices(here.context(), here.actor(), language=here.language())
    return render_template(
        "escalations.html",
        page=page,
        asked=asked,
        state=state,
        sort=sort,
        choices=choices,
        is_first=after is None,
        is_filtered=any(asked.values()) or state != "open",
    )
