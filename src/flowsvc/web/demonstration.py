"""The clock of a demonstration, moved from its banner."""

from flask import Blueprint, flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from flowsvc.domain.errors import NotFound
from flowsvc.usecases import demo_clock
from flowsvc.web import addresses, catalogue, here

pages = Blueprint("demonstration", __name__)

_MOVES = {"1": {"working_days": 1}, "5": {"working_days": 5}, "30": {"days": 30}}


@pages.post("/demonstration/clock")
def move() -> Response:
    """It is later: deadlines run out as they would have."""
    ctx, actor = here.context(), here.actor()
    by = _MOVES.get(request.form.get("by", ""))
    if not ctx.demo or by is None:
        raise NotFound("Det finns ingen klocka att flytta.")
    now = demo_clock.move_clock(ctx, actor, **by)
    here.wake()
    flash(_("Klockan är nu %(when)s.", when=catalogue.moment(now)))
    return addresses.see(addresses.wanted(addresses.home()))
