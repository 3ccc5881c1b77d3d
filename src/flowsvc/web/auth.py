"""Signing in and out, and which language. The browser keeps a secret in a cookie that no script can read; what it opens
is decided by usecases.sessions."""

from datetime import timedelta

from flask import Blueprint, flash, g, make_response, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from flowsvc.domain.access import NOBODY
from flowsvc.domain.errors import InvalidInput, TooManyAttempts
from flowsvc.usecases import demo_people, sessions
from flowsvc.web import addresses, catalogue, errors, here

pages = Blueprint("auth", __name__)

_YEAR = timedelta(days=365)


def cookie_name(plain: str, *, is_https: bool) -> str:
    """The cookie's name; with https it is one that no other host and no unsafe page can set."""
    return f"__Host-{plain}" if is_https else plain


def recognize() -> None:
    """Who asks is known to the rest of the request. Programs are known by their token, built files are for all."""
    if (request.blueprint or "").partition(".")[0] in ("assets", "health", "api"):
        return
    ctx, settings = here.context(), here.settings()
    g.visitor = sessions.actor_of(ctx, _secret(), idle=settings.session_idle)


@pages.get("/sign-in")
def sign_in() -> Response | str:
    """The sign-in page; whoever is signed in goes on."""
    if here.visitor() is not NOBODY:
        return addresses.see(addresses.wanted(addresses.home()))
    return _sign_in_page()


@pages.post("/sign-in")
def sign_in_with() -> Response:
    """A new session, or the page again with what was wrong."""
    ctx, settings = here.context(), here.settings()
    try:
        secret = sessions.sign_in(
            ctx,
            username=request.form.get("username", ""),
            password=request.form.get("password", ""),
            address=request.remote_addr or "",
            lasts=settings.session_lifetime,
        )
    except (InvalidInput, TooManyAttempts) as error:
        answer = make_response(_sign_in_page(errors.message_of(error)), errors.status_of(error))
        if isinstance(error, TooManyAttempts):
            answer.headers["Retry-After"] = str(int(error.after.total_seconds()) + 1)
        return answer
    if old := _secret():
        sessions.sign_out(ctx, old)
    # A key that somebody planted before the sign-in is worth nothing after it.
    session.clear()
    onwards = addresses.see(addresses.wanted(addresses.home()))
    onwards.set_cookie(
        cookie_name("flowsvc", is_https=settings.is_https),
        secret,
        httponly=True,
        samesite="Lax",
        secure=settings.is_https,
    )
    return onwards


@pages.post("/sign-out")
def sign_out() -> Response:
    """The session is over, here and on the server."""
    settings = here.settings()
    if secret := _secret():
        sessions.sign_out(here.context(), secret)
    session.clear()
    flash(_("Du är utloggad."))
    answer = addresses.see(url_for("auth.sign_in"))
    answer.delete_cookie(
        cookie_name("flowsvc", is_https=settings.is_https), secure=settings.is_https, httponly=True, samesite="Lax"
    )
    return answer


@pages.post("/language")
def choose_language() -> Response:
    """Pages are in the chosen language from now on, in this browser."""
    chosen = request.form.get("language", "")
    answer = addresses.see(addresses.wanted(addresses.home()))
    if chosen in here.LANGUAGES:
        answer.set_cookie(
            catalogue.COOKIE,
            chosen,
            max_age=_YEAR,
            httponly=True,
            samesite="Lax",
            secure=here.settings().is_https,
        )
    return answer


def _secret() -> str | None:
    return request.cookies.get(cookie_name("flowsvc", is_https=here.settings().is_https))


def _sign_in_page(fault: str = "") -> str:
    ctx, settings = here.context(), here.settings()
    return render_template(
        "sign_in.html",
        fault=fault,
        username=request.form.get("username", ""),
        wanted=addresses.wanted(""),
        people=demo_people.groups(ctx, language=here.language()) if settings.demo_password else (),
        demo_password=settings.demo_password if ctx.demo else "",
    )
