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
    """The database answers and has this release's tables, and FEEL can be asked; 503 says which of them is missing."""
    missing = readiness.missing(here.context())
    return jsonify({"status": "missing" if missing else "ok", "missing": list(missing)}), 503 if missing else 200
