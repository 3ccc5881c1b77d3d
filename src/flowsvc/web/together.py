"""What people do with a case beside its tasks: comment on it, follow it, link it to others, pause and resume it."""

from datetime import date

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from flowsvc.domain.errors import InvalidInput
from flowsvc.usecases import case_pages, comments, following, pausing
from flowsvc.web import addresses, errors, here

pages = Blueprint("together", __name__)


@pages.post("/instances/<instance_id>/comments")
def comment(instance_id: str) -> Response:
    """A comment for my party, or for all where that is said."""
    ctx, actor, form = here.context(), here.actor(), request.form
    seen_by = form.get("seen_by", "")
    try:
        if seen_by not in ("own", "all"):
            raise InvalidInput("Välj vem som ska se kommentaren.")
        comments.add_comment(ctx, actor, instance_id, text=form.get("text", ""), is_shared=seen_by == "all")
    except InvalidInput as error:
        return _again(instance_id, "comment", error)
    flash(_("Kommentaren är sparad."))
    return _back(instance_id, "comments")


@pages.post("/instances/<instance_id>/follow")
def follow(instance_id: str) -> Response:
    """I follow the case."""
    following.follow_instance(here.context(), here.actor(), instance_id)
    flash(_("Du bevakar ärendet. Du får en notis när det lyfts eller avslutas."))
    return _back(instance_id)


@pages.post("/instances/<instance_id>/unfollow")
def unfollow(instance_id: str) -> Response:
    """I do not follow the case."""
    following.stop_following(here.context(), here.actor(), instance_id)
    flash(_("Du bevakar inte ärendet längre."))
    return _back(instance_id)


@pages.post("/instances/<instance_id>/links")
def link(instance_id: str) -> Response:
    """The case belongs with another one."""
    following.link_instances(
        here.context(),
        here.actor(),
        instance_id,
        business_key=request.form.get("business_key", ""),
        reason=request.form.get("reason", ""),
    )
    flash(_("Ärendena är länkade."))
    return _back(instance_id, "related")


@pages.post("/instances/<instance_id>/pause")
def pause(instance_id: str) -> Response:
    """The case rests, for the reason and until the day that I say."""
    form = request.form
    try:
        until = _day(form.get("until", "").strip())
        reason = form.get("reason", "")
        pausing.pause_instance(here.context(), here.actor(), instance_id, reason=reason, until=until)
    except InvalidInput as error:
        return _again(instance_id, "pause", error)
    flash(_("Ärendet är pausat. Alla som har ärendet ser varför."))
    return _back(instance_id)


@pages.post("/instances/<instance_id>/resume")
def resume(instance_id: str) -> Response:
    """The paused case goes on."""
    pausing.resume_paused(here.context(), here.actor(), instance_id)
    flash(_("Ärendet är återupptaget. Tiderna räknas vidare där de var."))
    return _back(instance_id)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidInput("Skriv dagen som 2026-12-03.") from error


def _again(instance_id: str, form: str, error: InvalidInput) -> Response:
    """The case with what was typed still in the form, and what is wrong with it."""
    page = case_pages.case_page(here.context(), here.actor(), instance_id, language=here.language())
    refused = {form: errors.message_of(error)}
    return make_response(render_template("instance.html", page=page, typed=request.form, refused=refused), 422)


def _back(instance_id: str, place: str | None = None) -> Response:
    return addresses.see(url_for("instances.show", instance_id=instance_id, _anchor=place))
