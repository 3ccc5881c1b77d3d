"""Every text that the packages of the diagram editor can show has Swedish."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from py_mini_racer import MiniRacer

FRONTEND = Path(__file__).resolve().parents[2] / "src/flowsvc/web/frontend"
PACKAGES = (
    "bpmn-js/lib",
    "diagram-js/lib",
    "diagram-js-direct-editing/lib",
    "@bpmn-io/properties-panel/dist/index.esm.js",
    "bpmn-js-create-append-anything/dist/index.es.js",
    "diagram-js-minimap/dist/index.esm.js",
)
PANEL = "bpmn-js-properties-panel/dist/index.esm.js"
_TRANSLATED = re.compile(r"""translate\w*\(\s*(?:'((?:[^'\\]|\\.)+)'|"((?:[^"\\]|\\.)+)")""")
_LABEL = re.compile(r"""\b(?:label|title|name|group|search):\s*(?:'([A-Z](?:[^'\\]|\\.)*)'|"([A-Z](?:[^"\\]|\\.)*)")""")
SAME = {"Data", "Process", "Transaction"}
"""Said so in Swedish too."""
NO_TEXTS = {"HELLO {you}", "Align elements "}
"""An example in a comment; what a way of aligning is put after."""
ALIGNED = {f"Align elements {way}" for way in ("left", "right", "center", "top", "bottom", "middle")}
MADE = {
    "List contains {numOfItems} item",
    "List contains {numOfItems} items",
    "Click to remove dynamic value with FEEL expression",
}
"""Texts that are put together when they are shown."""


def sources() -> Iterator[str]:
    modules = FRONTEND / "node_modules"
    if not (modules / "bpmn-js").is_dir():
        pytest.skip("the editors' packages are not here: build the front end with `python hatch_build.py`")
    for name in PACKAGES:
        path = modules / name
        for file in sorted(path.rglob("*.js")) if path.is_dir() else [path]:
            yield file.read_text(encoding="utf-8")
    # Of this package the frame alone is used; the providers of other engines' properties are not.
    panel = (modules / PANEL).read_text(encoding="utf-8")
    frame = panel[panel.index("const PanelHeaderProvider") : panel.index("class BpmnPropertiesPanelRenderer")]
    yield frame


def type_names() -> set[str]:
    """The names of element types as the head of the panel writes them."""
    panel = (FRONTEND / "node_modules" / PANEL).read_text(encoding="utf-8")
    table = panel[panel.index("var iconsByType = {") :]
    found = re.findall(r"^  '(\w+)':|^  (\w+):", table[: table.index("\n};")], re.MULTILINE)
    return {re.sub(r"\B([A-Z])", r" \1", one or other) for one, other in found}


def texts() -> set[str]:
    found: set[str] = set()
    for source in sources():
        for pattern in (_TRANSLATED, _LABEL):
            found |= {one or other for one, other in pattern.findall(source)}
    # What an SVG transform puts together is no text.
    return {each for each in found if not each.startswith(" +")} - NO_TEXTS | ALIGNED | MADE


def swedish(wanted: set[str]) -> dict[str, str]:
    """What the editor says for each of the texts."""
    table = (FRONTEND / "src/modeler/sv.js").read_text(encoding="utf-8").replace("export ", "")
    reading = (FRONTEND / "src/modeler/translate.js").read_text(encoding="utf-8")
    kept = "\n".join(line for line in reading.splitlines() if not line.startswith(("import ", "export default")))
    engine = MiniRacer()
    engine.eval(f"const isEnglish = false;{table}\n{kept.replace('export ', '')}")
    return {each: str(engine.call("inSwedish", each)) for each in wanted}


def test_every_text_of_the_packages_has_swedish() -> None:
    wanted = texts()

    told = swedish(wanted)

    assert len(wanted) > 150
    assert sorted(each for each in wanted if told[each] == each and each not in SAME) == []


def test_every_type_of_element_has_a_swedish_name() -> None:
    list(sources())
    wanted = type_names()

    told = swedish(wanted)

    assert len(wanted) > 60
    assert sorted(each for each in wanted if told[each] == each and each not in SAME) == []
