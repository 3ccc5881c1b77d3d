"""Where a visitor is sent next. Refuses every address that leaves this service."""

import re
from urllib.parse import urlsplit

from flask import redirect, request, url_for
from werkzeug.wrappers import Response


def is_ours(address: str) -> bool:
    """Whether the address is a path of this service. Browsers read `//host` and `/\\host` as another host."""
    if not re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]*", address):
        return False
    parts = urlsplit(address)
    return not parts.scheme and not parts.netloc


def wanted(default: str) -> str:
    """The return address that came with the request if it is ours, otherwise the default."""
    given = request.values.get("next", "")
    return given if is_ours(given) else default


def see(address: str) -> Response:
    """The browser reads the address with GET, whatever it has just sent."""
    return redirect(address, code=303)


def home() -> str:
    """Where the day begins."""
    return url_for("inbox.mine")
