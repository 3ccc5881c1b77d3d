"""The OpenAPI 3.1 description, made from the declarations of the routes."""

import re
from collections.abc import Sequence

from flowsvc.domain.access import SCOPES
from flowsvc.web.api.routes import Route
from flowsvc.web.api.shapes import Answered, Entry, Sent, Shape

_PART = re.compile(r"<(\w+)>")

PROBLEMS = {
    401: ("Unauthorized", "No valid token: `session.missing`."),
    403: ("Forbidden", "The token lacks the scope: `access.forbidden`."),
    404: ("NotFound", "There is no such thing, or it is not yours to see: `not_found`."),
    409: ("Conflict", "It has changed, somebody was first, or the key was used for something else."),
    413: ("TooLarge", "A stated limit is passed: `input.too_large`."),
    415: ("UnsupportedMediaType", "The body is of another type than the description says: `media_type.unsupported`."),
    422: ("Invalid", "What was sent cannot be used: `input.invalid`, `form.invalid`, `definition.invalid`."),
    500: ("Fault", "Something went wrong here: `flow.error`."),
}

_PROBLEM: dict[str, object] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; docs/api.md lists them all."},
        "detail": {"type": "string", "description": "What is wrong and what to do, for people."},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
        "problems": {"type": "array", "items": {"type": "object"}},
        "by": {"type": "string", "description": "Who was first."},
        "at": {"type": ["string", "null"], "format": "date-time"},
        "requestId": {"type": "string", "description": "Finds the fault in the log."},
    },
}


def document(routes: Sequence[Route], *, base: str, version: str) -> dict[str, object]:
    """The description of the routes under the base address."""
    paths: dict[str, dict[str, object]] = {}
    for route in routes:
        paths.setdefault(_PART.sub(r"{\1}", route.path), {})[route.method.lower()] = _operation(route)
    named = {name: shape for route in routes for name, shape in _named(route).items()}
    schemas = {name: shape.described() for name, shape in named.items() if isinstance(shape, Answered | Sent)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "flowsvc",
            "version": version,
            "description": "Processes, tasks, decisions and escalations. The scopes of tokens are "
            + ", ".join(f"`{scope}`" for scope in sorted(SCOPES))
            + ".",
        },
        "servers": [{"url": base}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {**dict(sorted(schemas.items())), "Problem": _PROBLEM},
            "responses": {
                name: {
                    "description": about,
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
                for name, about in PROBLEMS.values()
            },
        },
    }


def _named(route: Route) -> dict[str, Shape]:
    shapes = [shape for shape in (route.body, *route.answers.values()) if isinstance(shape, Shape)]
    return {name: shape for each in shapes for name, shape in each.named().items()}


def _operation(route: Route) -> dict[str, object]:
    parts = _PART.findall(route.path)
    parameters: list[dict[str, object]] = [
        {"name": part, "in": "path", "required": True, "schema": {"type": "string"}} for part in parts
    ]
    parameters += [_parameter(entry) for entry in route.query]
    made: dict[str, object] = {
        "operationId": route.name,
        "summary": route.about,
        "tags": [route.path.split("/")[1]],
        "x-scopes": list(route.scopes),
        "responses": _responses(route, has_parts=bool(parts)),
    }
    if route.is_write:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "A text of your own for what you want done. Sent again, the first answer comes again.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200},
            }
        )
    if parameters:
        made["parameters"] = parameters
    if route.body is not None:
        kind = "multipart/form-data" if route.takes_files else "application/json"
        schema = _with_files(route.body) if route.takes_files else route.body.schema()
        is_needed = route.takes_files or any(each.is_needed for each in route.body.entries)
        made["requestBody"] = {"required": is_needed, "content": {kind: {"schema": schema}}}
    return made


def _parameter(entry: Entry) -> dict[str, object]:
    made: dict[str, object] = {"name": entry.name, "in": "query", "required": False, "schema": entry.shape.schema()}
    return made | ({"description": entry.about} if entry.about else {})


def _with_files(body: Sent) -> dict[str, object]:
    files = {"type": "array", "items": {"type": "string", "contentMediaType": "application/octet-stream"}}
    return {"type": "object", "properties": {"files": files, **_properties(body)}, "required": ["files"]}


def _properties(body: Sent) -> dict[str, object]:
    return {each.name: each.shape.schema() for each in body.entries}


def _responses(route: Route, *, has_parts: bool) -> dict[str, object]:
    answers: dict[str, object] = {str(status): _answer(shape) for status, shape in sorted(route.answers.items())}
    has_body = route.body is not None
    takes = {404: has_parts or route.is_write, 409: route.is_write, 413: has_body, 415: has_body}
    for status, (name, _) in PROBLEMS.items():
        if takes.get(status, True):
            answers[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return answers


def _answer(shape: Shape | str | None) -> dict[str, object]:
    match shape:
        case None:
            return {"description": "Done."}
        case str():
            return {"description": "The file as it was deployed.", "content": {shape: {"schema": {"type": "string"}}}}
        case _:
            return {"description": "The answer.", "content": {"application/json": {"schema": shape.schema()}}}
