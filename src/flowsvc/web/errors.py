"""The one table of which error is which HTTP status, and the pages that say what happened and what to do now. Nothing
below web knows a status code."""

from collections.abc import Mapping

import structlog
from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from flowsvc.domain import errors
from flowsvc.domain.errors import AlreadyCompleted, FlowError, NotSignedIn, TooManyAttempts
from flowsvc.web import addresses, here, sentences

STATUS: Mapping[type[FlowError], int] = {
    FlowError: 500,
    errors.InvalidInput: 422,
    errors.TooLarge: 413,
    errors.NotSignedIn: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooManyAttempts: 429,
}
"""By class; an error without a row of its own has its parent's status."""


def status_of(error: FlowError) -> int:
    """The HTTP status that answers the error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def install(app: Flask) -> None:
    """Every error has a page that helps."""
    app.register_error_handler(FlowError, _flow_error)
    app.register_error_handler(CSRFError, _form_is_old)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _fault)


def is_from_script() -> bool:
    """Whether a script of the page asks; it shows a sentence rather than a page."""
    return "HX-Request" in request.headers or "X-Requested-With" in request.headers


def message_of(error: FlowError) -> str:
    """What the error says, in the page's language; a general sentence where English has no other."""
    return sentences.said(error, here.language()) or _heading(status_of(error))


def _flow_error(error: FlowError) -> Response:
    status = status_of(error)
    if isinstance(error, NotSignedIn) and not is_from_script():
        wanted = request.full_path.rstrip("?") if request.method == "GET" else _page_of_form()
        return make_response(addresses.see(url_for("auth.sign_in", next=wanted)))
    if status >= 500:
        return _fault(error)
    answer = _page(status, message_of(error), error=error)
    if isinstance(error, TooManyAttempts):
        answer.headers["Retry-After"] = str(int(error.after.total_seconds()) + 1)
    return answer


def _page_of_form() -> str:
    """The page that a form was sent from: its own address where that can be read, otherwise the first page."""
    routes = current_app.create_url_adapter(request)
    return request.path if routes is not None and routes.test(request.path, method="GET") else addresses.home()


def _form_is_old(_error: CSRFError) -> Response:
    return _page(
        400,
        _("Sidan var för gammal, så inget har skickats. Gå tillbaka, ladda om sidan och skicka igen."),
        heading=_("Sidan är för gammal"),
    )


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    answer = _page(status, _advice(status))
    for name, text in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = text
    return answer


def _fault(error: Exception) -> Response:
    structlog.get_logger("flowsvc.web").error("request.failed", path=here.logged_path(), exc_info=error)
    return _page(500, _advice(500))


def _page(status: int, message: str, *, heading: str = "", error: FlowError | None = None) -> Response:
    if is_from_script():
        answer = make_response(message, status)
        answer.mimetype = "text/plain"
        return answer
    done = error if isinstance(error, AlreadyCompleted) else None
    return make_response(
        render_template(
            "error.html",
            heading=heading or _heading(status),
            message=message,
            by=done.by if done else "",
            at=done.at if done else None,
            request_id=g.get("request_id", "") if status >= 500 else "",
        ),
        status,
    )


def _heading(status: int) -> str:
    found: dict[int, str] = {
        401: _("Du behöver logga in"),
        403: _("Du kan se det här, men inte göra det"),
        404: _("Sidan finns inte"),
        409: _("Någon hann före"),
        413: _("Det är för stort"),
        422: _("Det går inte att använda som det är"),
        429: _("För många försök"),
        500: _("Något gick fel hos oss"),
    }
    return found.get(status) or str(_("Så går det inte att göra"))


def _advice(status: int) -> str:
    found: dict[int, str] = {
        404: _("Det finns inget här, eller så har du inte tillgång till det. Sök på ärendenumret eller börja om."),
        413: _("Det du skickade är för stort. Ta bort eller förminska bifogade filer och försök igen."),
        500: _("Inget av det du skickade har sparats. Försök igen. Händer det igen, säg numret nedan till supporten."),
    }
    return found.get(status) or str(_("Gå tillbaka och försök igen."))
