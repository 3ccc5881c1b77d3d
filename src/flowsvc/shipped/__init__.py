"""Where the shipped processes and forms lie; hides whether flowsvc runs from a wheel or from a checkout."""

from importlib import resources
from pathlib import Path

PROCESS_SUFFIXES = frozenset({".bpmn", ".dmn"})
FORM_SUFFIXES = frozenset({".form"})


def process_files() -> tuple[Path, ...]:
    """The shipped diagrams and decision tables, by name."""
    return _files("processes", PROCESS_SUFFIXES)


def form_files() -> tuple[Path, ...]:
    """The shipped forms, by name."""
    return _files("forms", FORM_SUFFIXES)


def _files(folder: str, suffixes: frozenset[str]) -> tuple[Path, ...]:
    package = Path(str(resources.files("flowsvc.shipped")))
    # The wheel carries the folders inside this package; a checkout has them at its top.
    places = (package / folder, package.parents[2] / folder)
    found = next((place for place in places if place.is_dir()), None)
    if found is None:
        return ()
    return tuple(sorted(path for path in found.iterdir() if path.suffix in suffixes))
