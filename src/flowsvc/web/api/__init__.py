"""The API for programs: /api/v1, over the same use cases as the pages. A request is known by its bearer token alone, is
read by the declaration of its route, and every error is answered as problem+json with a stable code."""

import hashlib
import re
from typing import Any

import orjson
import structlog
from flask import Blueprint, Response, g, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import Map, Rule

from flowsvc import __version__
from flowsvc.domain.access import Actor, ActorKind, can
from flowsvc.domain.errors import (
    AlreadyCompleted,
    DefinitionInvalid,
    FlowError,
    Forbidden,
    FormInvalid,
    InvalidInput,
    NotFound,
    NotSignedIn,
    TooLarge,
    TooManyAttempts,
)
from flowsvc.engine.parsing import SourceFile
from flowsvc.usecases import sessions
from flowsvc.usecases.context import Context
from flowsvc.usecases.once import Once
from flowsvc.web import here, sentences
from flowsvc.web.api import agreements, data_stores, definitions, instances, operations, tasks
from flowsvc.web.api.openapi import document
from flowsvc.web.api.routes import Answer, Asked, Route
from flowsvc.web.api.shapes import BODY, Entry, Shape, Text, require_sound, require_sound_text
from flowsvc.web.errors import status_of
from flowsvc.web.here import WebSettings

__all__ = ["BASE", "JSON_LIMIT", "ROUTES", "TITLES", "create_api"]

BASE = "/api/v1"
ROUTES: tuple[Route, ...] = (
    *definitions.ROUTES,
    *instances.ROUTES,
    *tasks.ROUTES,
    *operations.ROUTES,
    *agreements.ROUTES,
    *data_stores.ROUTES,
)
JSON_LIMIT = 2_000_000
"""Bytes of a JSON body; files may be as large as the installation allows uploads to be."""

TITLES = {
    400: "Bad request",
    401: "No valid token",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    422: "Cannot be used",
    429: "Too many attempts",
    500: "Something went wrong here",
}
_CODES = {404: NotFound.code, 405: "method.not_allowed", 413: TooLarge.code, 415: "media_type.unsupported"}
"""Of what is refused before it reaches a use case."""
_PART = re.compile(r"<(\w+)>")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class _UnsupportedMediaType(InvalidInput):
    """The body is not of the type that the route takes."""

    code = "media_type.unsupported"


def create_api(ctx: Context, settings: WebSettings) -> Blueprint:
    """The blueprint of /api/v1. Cookies open nothing in it, so it needs no protection against forged forms."""
    api = Blueprint("api", __name__, url_prefix=BASE)
    described = orjson.dumps(document(ROUTES, base=BASE, version=__version__), option=orjson.OPT_INDENT_2)
    index = _index()
    known = Map([Rule(BASE + route.path, methods=[route.method]) for route in ROUTES])

    def opened(route: Route) -> Any:
        def view(**path: str) -> Response:
            answer = _run(ctx, settings, route, path)
            if route.is_write:
                settings.wake()
            return _written(route, answer)

        return view

    def unknown(rest: str) -> Response:
        allowed = sorted(known.bind("").allowed_methods(f"{BASE}/{rest}"))
        if allowed:
            answer = _problem(405, _CODES[405], f"{request.method} går inte här. Använd {', '.join(allowed)}.")
            answer.headers["Allow"] = ", ".join(allowed)
            return answer
        return _problem(404, _CODES[404], f"Det finns inget på den adressen. {BASE}/ listar allt som finns.")

    for route in ROUTES:
        rule = _PART.sub(r"<string:\1>", route.path)
        api.add_url_rule(rule, route.name, opened(route), methods=[route.method], provide_automatic_options=False)
    api.add_url_rule("/", "index", lambda: Response(index, mimetype="text/plain"))
    api.add_url_rule("/openapi.json", "openapi", lambda: Response(described, mimetype="application/json"))
    api.add_url_rule("/<path:rest>", "unknown", unknown, methods=_METHODS, provide_automatic_options=False)
    api.before_request(_choose_language)
    api.register_error_handler(FlowError, _flow_error)
    api.register_error_handler(HTTPException, _http_error)
    api.register_error_handler(Exception, _fault)
    return api


def _choose_language() -> None:
    """Errors are told in the language that the program asks for, and in no other for what a cookie says."""
    g.language = request.accept_languages.best_match(here.LANGUAGES, here.LANGUAGES[0])


def _index() -> str:
    lines = [f"{route.method:5}{BASE}{route.path:48} {route.about}" for route in ROUTES]
    return "\n".join(
        [
            f"flowsvc {__version__}. The whole description: {BASE}/openapi.json. Authorization: Bearer TOKEN",
            "",
            *lines,
            "",
        ]
    )


# From a request to a use case and back


def _run(ctx: Context, settings: WebSettings, route: Route, path: dict[str, str]) -> Answer:
    actor = _client(ctx)
    if not can(actor, route.action):
        raise Forbidden(f"Nyckeln får inte göra det här. Den behöver behörigheten {' eller '.join(route.scopes)}.")
    for part in path.values():
        _require_name(part)
    query = _query(route)
    sent: object = {}
    files: tuple[SourceFile, ...] = ()
    if route.takes_files:
        request.max_content_length = settings.upload_limit
        sent, files = _form()
    elif route.body is not None:
        request.max_content_length = min(JSON_LIMIT, settings.upload_limit)
        sent = _json()
    body = route.body.read(sent, BODY) if route.body is not None else {}
    once = _once(actor, sent, files) if route.is_write else None
    return route.run(Asked(ctx, actor, path, query, body, files, once))


def _client(ctx: Context) -> Actor:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer" and secret.strip():
        found = sessions.client_of(ctx, secret.strip())
        if found.kind is ActorKind.CLIENT:
            return found
    raise NotSignedIn("Nyckeln saknas eller gäller inte. Skicka den så: Authorization: Bearer NYCKEL.")


def _require_name(part: str) -> None:
    try:
        Text().read(part, "adressen")
        require_sound_text(part, "adressen")
    except InvalidInput as error:
        raise NotFound("Det finns inget på den adressen.") from error


def _query(route: Route) -> dict[str, Any]:
    known: dict[str, Entry] = {each.name: each for each in route.query}
    for name, texts in request.args.lists():
        if name not in known:
            raise InvalidInput(f"{name[:50]!r} är ingen känd fråga här. Kända är {', '.join(known) or 'inga'}.")
        if len(texts) > 1:
            raise InvalidInput(f"{name} står mer än en gång.")
        require_sound_text(texts[0], name)
    return {
        name: each.shape.read_text(request.args[name], name) if name in request.args else each.default
        for name, each in known.items()
    }


def _json() -> object:
    data = request.get_data(cache=False)
    if not data:
        return {}
    if request.mimetype != "application/json":
        raise _UnsupportedMediaType("Skicka begäran som JSON: Content-Type: application/json.")
    try:
        found: object = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"Begäran är ingen JSON: {error}.") from error
    require_sound(found)
    return found


def _form() -> tuple[dict[str, object], tuple[SourceFile, ...]]:
    if request.mimetype != "multipart/form-data":
        raise _UnsupportedMediaType("Skicka filerna som ett formulär: Content-Type: multipart/form-data.")
    fields: MultiDict[str, str] = request.form
    sent: dict[str, object] = {name: fields[name] for name in fields}
    require_sound(sent)
    files = []
    for _, each in request.files.items(multi=True):
        # Some programs send the whole path.
        name = re.split(r"[/\\]", each.filename or "")[-1]
        files.append(SourceFile(Text().read(name, "Filens namn"), each.stream.read()))
    return sent, tuple(files)


def _once(actor: Actor, sent: object, files: tuple[SourceFile, ...]) -> Once | None:
    """The key of the request with a fingerprint of all that it asks, whatever order its names come in."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    Text().read(key, "Idempotency-Key")
    whole = [
        request.method,
        request.path,
        sorted(request.args.items()),
        sent,
        [[each.name, hashlib.sha256(each.data).hexdigest()] for each in files],
    ]
    fingerprint = hashlib.sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return Once(principal=f"client:{actor.person_id}", key=key, fingerprint=fingerprint)


def _written(route: Route, answer: Answer) -> Response:
    shape = route.answers[answer.status]
    if isinstance(shape, Shape):
        response = Response(orjson.dumps(shape.write(answer.value)), answer.status, mimetype="application/json")
    elif shape is not None:
        response = Response(answer.value, answer.status, mimetype=shape)
    else:
        response = Response(status=answer.status)
    if answer.location:
        response.headers["Location"] = BASE + answer.location
    return response


# Errors


def _flow_error(error: FlowError) -> Response:
    status = 415 if isinstance(error, _UnsupportedMediaType) else status_of(error)
    if status >= 500:
        return _fault(error)
    more: dict[str, object] = {}
    match error:
        case FormInvalid():
            more["fields"] = {name: sentences.told(fault, here.language()) for name, fault in error.fields.items()}
        case DefinitionInvalid():
            problems = definitions.told(error.problems)
            more["problems"] = [definitions.PROBLEM.write(each) for each in problems]
        case AlreadyCompleted():
            more |= {"by": error.by, "at": error.at.isoformat() if error.at else None}
    answer = _problem(status, error.code, sentences.said(error, here.language()) or error.message, more)
    if isinstance(error, TooManyAttempts):
        answer.headers["Retry-After"] = str(int(error.after.total_seconds()) + 1)
    if isinstance(error, NotSignedIn):
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if isinstance(error, RequestEntityTooLarge):
        return _problem(413, _CODES[413], "Begäran är för stor. Dela upp den.")
    if status < 400:
        return Response(status=status, headers=[each for each in error.get_headers() if each[0] == "Location"])
    if status >= 500:
        return _fault(error)
    return _problem(422, InvalidInput.code, "Begäran går inte att läsa. Rätta den och försök igen.")


def _fault(error: Exception) -> Response:
    structlog.get_logger("flowsvc.web").error("request.failed", path=request.path, exc_info=error)
    detail = "Något gick fel hos oss, och inget har sparats. Försök igen, eller sök i loggen efter requestId."
    return _problem(500, FlowError.code, detail, {"requestId": str(g.get("request_id", ""))})


def _problem(status: int, code: str, detail: str, more: dict[str, object] | None = None) -> Response:
    told = {"type": "about:blank", "title": TITLES[status], "status": status, "code": code}
    # Half a sign in what was sent must not break the answer about it.
    said = sentences.told(detail, here.language()).encode(errors="replace").decode()
    answer = Response(orjson.dumps({**told, "detail": said, **(more or {})}), status)
    answer.mimetype = "application/problem+json"
    answer.headers["Content-Language"] = here.language()
    answer.vary.add("Accept-Language")
    return answer
