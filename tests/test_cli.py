"""The command line as an operator uses it."""

from pathlib import Path

import pytest

from flowsvc.cli import main

ROOT = Path(__file__).resolve().parent.parent


def test_the_shipped_tables_and_forms_pass_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(ROOT / "processes"), str(ROOT / "forms")]) == 0
    assert "Inget att rätta." in capsys.readouterr().out


def test_a_broken_table_is_refused_with_its_name_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "trasig.dmn"
    broken.write_text("<definitions>")

    assert main(["check", str(broken)]) == 1
    assert "trasig.dmn" in capsys.readouterr().out


def test_a_path_that_is_no_table_ends_with_two_and_the_cure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "finns-inte.dmn")]) == 2
    assert "finns inte" in capsys.readouterr().err


def test_a_form_with_a_condition_that_is_no_feel_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "a.form"
    broken.write_text('{"id": "a", "components": [{"type": "text", "text": "x", "conditional": {"hide": "=1 +"}}]}')

    assert main(["check", str(broken)]) == 1
    assert "Villkoret 1 +" in capsys.readouterr().out


def test_the_tables_are_made_in_the_data_folder_and_a_second_time_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWSVC_DATA", str(tmp_path / "data"))

    assert main(["db", "upgrade"]) == 0
    assert main(["db", "upgrade"]) == 0
    assert (tmp_path / "data/flowsvc.db").exists()


def test_an_unknown_setting_ends_with_two_and_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FLOWSVC_PROT", "1")

    assert main(["db", "upgrade"]) == 2
    assert "FLOWSVC_PROT" in capsys.readouterr().err


def test_the_demonstration_county_is_sound_and_a_broken_directory_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "a.json"
    broken.write_text('{"parties": [{"id": "x"}]}')

    assert main(["directory", "check", str(ROOT / "src/flowsvc/demo/county.json")]) == 0
    assert main(["directory", "check", str(broken)]) == 1
