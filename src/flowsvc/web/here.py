"""What a request stands on: the use cases' context, the settings of the pages, who asks and in which language."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from flask import current_app, g, request

from flowsvc.domain.access import NOBODY, Actor
from flowsvc.domain.errors import NotSignedIn
from flowsvc.usecases.context import Context

LANGUAGES = ("sv", "en")


def _nothing() -> None:
    """Nobody waits for new jobs."""


@dataclass(frozen=True)
class WebSettings:
    """What the operator decides of the pages. `wake` is called after a write, so that the worker looks for new jobs;
    `demo_password` is shown on the sign-in page of a demonstration, and there alone."""

    secret_key: bytes
    is_https: bool
    session_idle: timedelta
    session_lifetime: timedelta
    upload_limit: int
    public_url: str
    wake: Callable[[], None] = _nothing
    demo_password: str = ""


@dataclass(frozen=True)
class Installation:
    """One application's context and settings."""

    ctx: Context
    settings: WebSettings


def installation() -> Installation:
    """That of the application that answers this request."""
    return cast(Installation, current_app.extensions["flowsvc"])


def context() -> Context:
    """What every use case is handed."""
    return installation().ctx


def settings() -> WebSettings:
    """What the operator decided of the pages."""
    return installation().settings


def actor() -> Actor:
    """Who is signed in; NotSignedIn where nobody is. Asking is what makes a page closed to strangers."""
    found = visitor()
    if found is NOBODY:
        raise NotSignedIn("Logga in för att fortsätta.")
    return found


def visitor() -> Actor:
    """Who asks, signed in or not; for the frame of a page alone."""
    return cast(Actor, g.get("visitor", NOBODY))


def language() -> str:
    """`sv` or `en`."""
    return str(g.get("language", LANGUAGES[0]))


def logged_path() -> str:
    """The address as a log may keep it: with the names of its parts where one of them is a secret."""
    rule = request.url_rule
    is_secret = rule is not None and "secret" in rule.arguments
    return rule.rule if rule is not None and is_secret else request.path


def wake() -> None:
    """The worker looks for jobs that a write has made due."""
    settings().wake()
