"""The documentation names all that can be set, run or met: a new one without a line in docs/ fails here."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowsvc.cli import build_parser
from flowsvc.domain.errors import EngineFault, FlowError
from flowsvc.settings import SETTINGS, Setting

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def commands(parser: argparse.ArgumentParser, prefix: str = "flowsvc") -> Iterator[str]:
    """`flowsvc serve`, `flowsvc db upgrade` … every command that does something."""
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not inner:
        yield prefix
    for action in inner:
        for name, child in action.choices.items():
            yield from commands(child, f"{prefix} {name}")


def error_codes(kind: type[FlowError] = FlowError) -> Iterator[str]:
    yield kind.code
    for child in kind.__subclasses__():
        yield from error_codes(child)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_in_the_operating_manual_with_its_default(setting: Setting) -> None:
    row = f"| `{setting.name}` | {f'`{setting.default}`' if setting.default else '–'} | {setting.meaning} |"

    assert row in (DOCS / "operating.md").read_text(encoding="utf-8")


def test_the_operating_manual_names_no_setting_that_does_not_exist() -> None:
    named = set(re.findall(r"FLOWSVC_[A-Z_]+", (DOCS / "operating.md").read_text(encoding="utf-8")))

    assert {name for name in named if not name.startswith("FLOWSVC_TEST_")} == {each.name for each in SETTINGS}


@pytest.mark.parametrize("command", sorted(commands(build_parser())))
def test_every_command_is_in_the_operating_manual(command: str) -> None:
    assert f"`{command}" in (DOCS / "operating.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", sorted(set(error_codes()) - set(error_codes(EngineFault))))
def test_every_error_code_that_a_caller_can_meet_is_in_the_api_manual(code: str) -> None:
    assert f"`{code}`" in (DOCS / "api.md").read_text(encoding="utf-8")


def test_the_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "make run" in readme
    assert "make test" in readme


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in [ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")]
        for target in re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8"))
        if "://" not in target and not (document.parent / target).exists()
    ]

    assert broken == []
