"""Whether this process lives, and whether it can do its work."""

from flask import Blueprint, Response, jsonify

from flowsvc.usecases import readiness
from flowsvc.web import here

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify({"status": "ok"})


@pages.get("/readyz")
def ready() -> tuple[Response, int]:
    """The database answers and has this release's tables, and FEEL can be asked; 503 says which of them is missing.
    Then also how many instances are stuck: that is a fault to look into, and keeps nobody from working."""
    ctx = here.context()
    missing = readiness.missing(ctx)
    if missing:
        return jsonify({"status": "missing", "missing": list(missing)}), 503
    return jsonify({"status": "ok", "missing": [], "stuck": readiness.stuck(ctx)}), 200
