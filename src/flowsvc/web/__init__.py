"""The pages: one Flask application over the use cases. What a stranger may see, what browsers may run and how an error
is answered is decided here and holds for every route."""

import structlog
from flask import Flask, g, request, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from flowsvc.domain.access import Action, can
from flowsvc.domain.errors import InvalidInput, NotFound
from flowsvc.usecases.context import Context
from flowsvc.usecases.notices import unseen_count
from flowsvc.usecases.own_posts import own_posts
from flowsvc.web import (
    agreements,
    assets,
    auth,
    calendars,
    catalogue,
    comparing,
    conversions,
    demonstration,
    drafts,
    errors,
    escalations,
    health,
    here,
    inbox,
    instances,
    notices,
    releasing,
    reports,
    starting,
    tasks,
    together,
    trying,
)
from flowsvc.web.api import create_api
from flowsvc.web.here import Installation, WebSettings

__all__ = ["WebSettings", "create_web"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Case data is in no cache but that of the page on the screen; built files say otherwise of themselves.
    "Cache-Control": "no-store",
}
FORM_TEXT_LIMIT = 2_000_000
FORM_FIELD_LIMIT = 5_000


def create_web(ctx: Context, settings: WebSettings) -> Flask:
    """The application that answers browsers and programs."""
    app = Flask(__name__, static_folder=None)
    app.extensions["flowsvc"] = Installation(ctx, settings)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME=auth.cookie_name("flowsvc-page", is_https=settings.is_https),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        MAX_CONTENT_LENGTH=settings.upload_limit,
        MAX_FORM_MEMORY_SIZE=FORM_TEXT_LIMIT,
        MAX_FORM_PARTS=FORM_FIELD_LIMIT,
        # A form may stay open as long as its session does.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.before_request(_number)
    # Before the CSRF check, so that whoever has been signed out is asked to sign in rather than told of a key.
    app.before_request(auth.recognize)
    catalogue.install(app)
    app.before_request(_require_text)
    csrf = CSRFProtect(app)
    errors.install(app)
    app.after_request(_secure)
    app.context_processor(_frame)
    for room in (
        agreements,
        assets,
        auth,
        calendars,
        comparing,
        conversions,
        demonstration,
        drafts,
        escalations,
        health,
        inbox,
        instances,
        notices,
        releasing,
        reports,
        starting,
        tasks,
        together,
        trying,
    ):
        app.register_blueprint(room.pages)
    api = create_api(ctx, settings)
    csrf.exempt(api)
    app.register_blueprint(api)
    return app


def _number() -> None:
    g.request_id = here.context().clock.new_id()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _require_text() -> None:
    """Nothing that is sent holds a NUL sign, which no database takes as text. The API says by name where one stands."""
    if "\0" in request.path:
        raise NotFound("Det finns inget på den adressen.")
    if request.blueprint == "api":
        return
    for name, texts in (*request.args.lists(), *request.form.lists()):
        if any("\0" in text for text in (name, *texts)):
            raise InvalidInput("Det du skickade har ett tecken som inte är text (NUL). Ta bort det och skicka igen.")


def _secure(answer: Response) -> Response:
    for name, text in HEADERS.items():
        answer.headers.setdefault(name, text)
    if here.settings().is_https:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    answer.headers["X-Request-ID"] = g.get("request_id", "")
    return answer


def _frame() -> dict[str, object]:
    """What every template may ask."""
    ctx, visitor, language = here.context(), here.visitor(), here.language()
    may_have_posts = can(visitor, Action.SIGN_OUT)
    return {
        "asset": assets.asset,
        "can": lambda action: can(visitor, Action(action)),
        "demo_now": ctx.clock.now() if ctx.demo else None,
        "here": request.full_path.rstrip("?") if request.method == "GET" else url_for("inbox.mine"),
        "language": language,
        "posts": own_posts(ctx, visitor, language=language) if may_have_posts else (),
        "unseen_notices": lambda: unseen_count(ctx, visitor) if can(visitor, Action.READ_OWN_PAGES) else 0,
        "visitor": visitor,
    }
