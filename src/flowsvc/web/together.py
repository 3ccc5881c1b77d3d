"""What people add to a case beside its tasks: comments, following it, and links to other cases."""

from flask import Blueprint, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from flowsvc.domain.errors import InvalidInput
from flowsvc.usecases import comments, following
from flowsvc.web import addresses, here

pages = Blueprint("together", __name__)


@pages.post("/instances/<instance_id>/comments")
def comment(instance_id: str) -> Response:
    """A comment for my party, or for all where that is said."""
    actor, seen_by = here.actor(), request.form.get("seen_by", "")
    if seen_by not in ("own", "all"):
        raise InvalidInput("Välj vem som ska se kommentaren.")
    comments.add_comment(
        here.context(), actor, instance_id, text=request.form.get("text", ""), is_shared=seen_by == "all"
    )
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


def _back(instance_id: str, place: str | None = None) -> Response:
    return addresses.see(url_for("instances.show", instance_id=instance_id, _anchor=place))
