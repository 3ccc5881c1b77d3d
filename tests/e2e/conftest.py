"""`flowsvc serve` with the demonstration county, as `make run` starts it, but for releases: somebody else approves."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where it answers; one service for all journeys, which starts in some seconds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    data: Path = tmp_path_factory.mktemp("journeys")
    own = {name: value for name, value in os.environ.items() if not name.startswith("FLOWSVC_")}
    served = subprocess.Popen(
        [sys.executable, "-m", "flowsvc", "serve"],
        env=own
        | {"FLOWSVC_DATA": str(data), "FLOWSVC_DEMO": "1", "FLOWSVC_PORT": port, "FLOWSVC_RELEASE_APPROVALS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert served.stdout is not None
    for line in served.stdout:
        if "flowsvc svarar på" in line:
            break
    assert answers(f"http://127.0.0.1:{port}/healthz")
    yield f"http://127.0.0.1:{port}"
    served.terminate()
    served.communicate(timeout=30)


def answers(url: str) -> bool:
    for _ in range(100):
        try:
            with urlopen(url, timeout=5) as response:  # noqa: S310 - our own address
                return bool(response.status == 200)
        except URLError:
            continue
    return False
