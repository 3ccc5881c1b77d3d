"""The deploy check has nothing to say of the shipped files."""

from flowsvc.engine.feel import Feel
from flowsvc.engine.functions import FUNCTION_NAMES
from flowsvc.engine.parsing import Known, SourceFile, check
from tests.conftest import ROOT

FILES = sorted(path for folder in ("processes", "forms") for path in (ROOT / folder).iterdir())


def test_the_shipped_files_are_neither_refused_nor_warned_about() -> None:
    files = [SourceFile(path.name, path.read_bytes()) for path in FILES]

    with Feel() as feel:
        report = check(files, known=Known(functions=FUNCTION_NAMES, groups=frozenset({"samordning"})), feel=feel)

    assert [each for each in report.problems if each.severity != "used"] == []
    assert len(report.processes) + len(report.decisions) + len(report.forms) == len(FILES)


def test_every_shipped_process_says_what_it_is_in_two_languages() -> None:
    files = [SourceFile(path.name, path.read_bytes()) for path in FILES]

    with Feel() as feel:
        report = check(files, known=Known(functions=FUNCTION_NAMES, groups=frozenset({"samordning"})), feel=feel)

    for facts in report.processes:
        assert facts.name
        assert facts.name_en
        assert facts.documentation
        assert facts.documentation_en
    assert {form.name_en for form in report.forms}.isdisjoint({""})
