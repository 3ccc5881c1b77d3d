"""The build of the front end: it is fresh, notices a feelin that has changed, and stops with the cure."""

import subprocess
from pathlib import Path

import pytest

import hatch_build

SCRIPT = """
import {{ readFileSync }} from 'node:fs';
import {{ patched }} from '{patches}';
patched(readFileSync('{feelin}', 'utf8'){change});
"""


def patch(change: str) -> subprocess.CompletedProcess[str]:
    node, _ = hatch_build._node()
    feelin = hatch_build.FRONTEND / "node_modules/@bpmn-io/feelin/dist/index.js"
    script = SCRIPT.format(
        patches=(hatch_build.FRONTEND / "src/feel/patches.mjs").as_uri(), feelin=feelin, change=change
    )
    command = [str(node), "--input-type=module", "-e", script]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_is_built_is_built_from_the_present_sources() -> None:
    assert hatch_build.is_fresh()
    assert hatch_build.build() is False


def test_all_patches_fit_the_locked_feelin() -> None:
    assert patch("").returncode == 0


def test_a_feelin_that_has_changed_stops_the_build_and_names_the_patch() -> None:
    ended = patch(".replace('return a instanceof b;', 'return b.isPrototypeOf(a);')")

    assert ended.returncode != 0
    assert "feelin has changed" in ended.stderr
    assert "instance of threw or was false" in ended.stderr
    assert "patches.mjs" in ended.stderr


def test_a_failed_build_says_why_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("package.json", "package-lock.json", "build.mjs", ".npmrc"):
        (tmp_path / name).write_text("throw new Error('broken on purpose')" if name == "build.mjs" else "{}")
    monkeypatch.setattr(hatch_build, "FRONTEND", tmp_path)
    monkeypatch.setattr(hatch_build, "STAMP", tmp_path / ".stamp")

    with pytest.raises(hatch_build.FrontendFailed, match="hatch_build") as caught:
        hatch_build.build()

    assert "broken on purpose" in str(caught.value)


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in (hatch_build.FRONTEND / "package-lock.json").read_text()
