"""Programs that ask the API: each holds a token."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flowsvc.domain.access import SCOPES, SYSTEM
from flowsvc.usecases import directory
from tests.web.conftest import Installed

BASE = "/api/v1"


@dataclass(frozen=True)
class Program:
    """A client of the API."""

    client: FlaskClient
    headers: Mapping[str, str]

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(BASE + path, query_string=query, headers=self.headers)

    def post(self, path: str, body: object = None, **headers: str) -> TestResponse:
        said = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.client.post(BASE + path, json=body, headers={**self.headers, **said})

    def put(self, path: str, body: object = None, **headers: str) -> TestResponse:
        said = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.client.put(BASE + path, json=body, headers={**self.headers, **said})

    def send(self, path: str, data: bytes, content_type: str = "application/json") -> TestResponse:
        """The bytes as they are."""
        return self.client.post(BASE + path, data=data, content_type=content_type, headers=self.headers)

    def deploy(self, *files: tuple[str, bytes], query: str = "", **fields: Any) -> TestResponse:
        """The files, as a form."""
        sent = {"files": [(data, name) for name, data in _streams(files)], **fields}
        return self.client.post(f"{BASE}/deployments{query}", data=sent, headers=self.headers)


def _streams(files: tuple[tuple[str, bytes], ...]) -> list[tuple[str, Any]]:
    return [(name, BytesIO(data)) for name, data in files]


def program(pages: Installed, *scopes: str) -> Program:
    """A program with these scopes, or with all."""
    secret = directory.issue_token(pages.ctx, SYSTEM, name="Journalen", scopes=scopes or sorted(SCOPES))
    return Program(pages.app.test_client(), {"Authorization": f"Bearer {secret}"})


def refused(answer: TestResponse, status: int, code: str) -> str:
    """The answer is a problem of this kind; returns what it says."""
    assert (answer.status_code, answer.json and answer.json["code"]) == (status, code), answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == status
    return str(answer.json["detail"])
