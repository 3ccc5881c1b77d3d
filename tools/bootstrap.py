"""Makes .venv ready for `make`: locked libraries, the project itself and its front end. Needs Python alone.

Whatever has not changed since the last time is left as it is, so that a second `make` starts at once.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / "flowsvc-stamps"
OLDEST_PYTHON = (3, 11)


def main() -> None:
    """`run` or `dev`: .venv holds what that needs, or the cure has been printed and the exit code is 2."""
    kind = sys.argv[1]
    _check_python()
    _make_venv()
    _install_libraries(kind)
    _build_frontend()
    _install_project()


def _check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(str(part) for part in sys.version_info[:3])
        _give_up(
            f"flowsvc needs Python 3.11 or later; {sys.executable} is {found}.",
            "Install a newer one and name it: make run PYTHON=python3.11",
        )
    try:
        import ensurepip  # noqa: F401, PLC0415 - whether it can be imported is the question
        import venv  # noqa: F401, PLC0415
    except ImportError as error:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        _give_up(
            f"{sys.executable} has no working venv module ({error.name} is missing).",
            f"On Debian or Ubuntu: sudo apt install python{version}-venv",
        )


def _make_venv() -> None:
    if _venv_works():
        return
    print("Creating .venv", flush=True)
    _run([sys.executable, "-m", "venv", "--clear", str(VENV)], cure="See the message above.")


def _venv_works() -> bool:
    if not _python().exists():
        return False
    question = f"import sys, pip; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    return subprocess.run([str(_python()), "-c", question], check=False, capture_output=True).returncode == 0


def _install_libraries(kind: str) -> None:
    # What the tests need includes what a run needs, in the same versions.
    sufficient = ("run", "dev") if kind == "run" else ("dev",)
    if any(_is_fresh(f"libraries-{each}", _requirements_hash(each)) for each in sufficient):
        return
    print("Installing the locked libraries (the first time takes some minutes)", flush=True)
    _pip(
        ["install", "--require-hashes", "--no-deps", "-r", str(ROOT / "requirements" / f"{kind}.txt")],
        cure="If a download failed, check the network (HTTPS_PROXY names a proxy) and run it again.",
    )
    _stamp(f"libraries-{kind}", _requirements_hash(kind))


def _build_frontend() -> None:
    # It knows by itself whether anything has changed.
    _run([str(_python()), str(ROOT / "hatch_build.py")], cure="The lines above say why, and what to do.")


def _install_project() -> None:
    inputs = _hash([ROOT / "pyproject.toml", ROOT / "hatch_build.py"])
    if _is_fresh("project", inputs):
        return
    print("Installing flowsvc", flush=True)
    _pip(
        ["install", "--no-deps", "--no-build-isolation", "-e", str(ROOT)],
        cure="The lines above say why.",
    )
    _stamp("project", inputs)


def _requirements_hash(kind: str) -> str:
    return _hash([ROOT / "requirements" / f"{kind}.txt"])


def _hash(files: "list[Path]") -> str:
    total = hashlib.sha256(f"{sys.version_info[:2]} {ROOT}".encode())
    for path in files:
        total.update(str(path.relative_to(ROOT)).encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def _is_fresh(name: str, inputs: str) -> bool:
    stamp = STAMPS / name
    return stamp.exists() and stamp.read_text() == inputs


def _stamp(name: str, inputs: str) -> None:
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(inputs)


def _python() -> Path:
    return VENV / "Scripts/python.exe" if os.name == "nt" else VENV / "bin/python"


def _pip(arguments: "list[str]", *, cure: str) -> None:
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    _run([str(_python()), "-m", "pip", *arguments, *quiet], cure=cure)


def _run(command: "list[str]", *, cure: str) -> None:
    environment = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    if subprocess.run(command, check=False, cwd=ROOT, env=environment).returncode != 0:
        _give_up(f"This did not work: {' '.join(command)}", cure)


def _give_up(fault: str, cure: str) -> None:
    print(f"{fault}\n{cure}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
