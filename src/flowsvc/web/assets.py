"""The built style and scripts: found by their plain names, and kept by browsers for a year, since their content names
them."""

import json
from functools import cache
from pathlib import Path

from flask import Blueprint, send_from_directory, url_for
from werkzeug.wrappers import Response

DIST = Path(__file__).parent / "static/dist"

pages = Blueprint("assets", __name__)


@pages.get("/static/<path:name>")
def file(name: str) -> Response:
    """One built file."""
    answer = send_from_directory(DIST, name)
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


def asset(name: str) -> str:
    """The address of a built file by its plain name, such as `app.css`."""
    return url_for("assets.file", name=_manifest()[name])


@cache
def _manifest() -> dict[str, str]:
    found: dict[str, str] = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
    return found
