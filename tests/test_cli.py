"""The command line as an operator uses it."""

from pathlib import Path

import pytest

from flowsvc.cli import main

ROOT = Path(__file__).resolve().parent.parent


def test_the_shipped_decision_tables_pass_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(ROOT / "processes")]) == 0
    assert "Inget att rätta." in capsys.readouterr().out


def test_a_broken_table_is_refused_with_its_name_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "trasig.dmn"
    broken.write_text("<definitions>")

    assert main(["check", str(broken)]) == 1
    assert "trasig.dmn" in capsys.readouterr().out


def test_a_path_that_is_no_table_ends_with_two_and_the_cure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "finns-inte.dmn")]) == 2
    assert "finns inte" in capsys.readouterr().err
