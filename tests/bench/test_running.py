"""The benchmark of the engine measures every figure. What it prints is for people: no test looks at a time."""

from flowsvc.bench import lines
from flowsvc.bench.running import Sizes, figures

SMALL = Sizes(tasks=4, definitions=2, laps=12, bodies=20, elements=20, tries=2)


def test_every_figure_is_a_ratio_against_a_yardstick_of_the_same_run() -> None:
    found = list(figures(SMALL))

    assert [each.yardstick for each in found] == [
        "the library's parser",
        "the library's serializer",
        "the library's loop and serializer",
        "lap 10",
        "one of 10",
        "among 10",
    ]
    assert all(each.took > 0 and each.yardstick_took > 0 for each in found)


def test_a_line_says_what_was_measured_and_against_what() -> None:
    (first, *_) = lines(figures(SMALL))

    assert first.startswith("loading 2 definitions: ")
    assert " × the library's parser (" in first
