"""A document as tagged PDF/A; hides typst. Texts reach the template as JSON data and are never read as markup."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path

import typst

from flowsvc.documents import wording
from flowsvc.documents.model import Document, Note
from flowsvc.documents.plain import Plain, by_number, plain

_NOT_SHOWN = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
_BY_NUMBER = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
_ALWAYS_SHOWN = 0x250
"""Below this number the fonts have every character: the letters of Latin script."""


def rendered(template: str, document: Document, *, language: str) -> bytes:
    """The document as PDF/A-2a and PDF/UA-1. A character that the fonts lack is written by its number, and a note at
    the end says so: PDF/A admits no missing glyph, and a record loses nothing in silence."""
    try:
        return _compiled(template, plain(document, language=language), document)
    except typst.TypstError as error:
        lacking = _lacking(error.diagnostic)
        if not lacking:
            raise
    explained = replace(document, blocks=(*document.blocks, Note(wording.words(language)["characters"])))
    numbers = {ord(each): by_number(each) for each in lacking}
    return _compiled(template, _translated(plain(explained, language=language), numbers), document)


def _lacking(diagnostic: str) -> frozenset[str]:
    """The characters that typst says it cannot show; it names all of them at once."""
    named = "".join(_NOT_SHOWN.findall(diagnostic))
    shown = _BY_NUMBER.sub(lambda found: chr(int(found[1], 16)), named)
    return frozenset(each for each in shown if ord(each) >= _ALWAYS_SHOWN)


def _translated(said: Plain, table: Mapping[int, str]) -> Plain:
    match said:
        case str():
            return said.translate(table)
        case list():
            return [_translated(each, table) for each in said]
        case dict():
            return {key: _translated(each, table) for key, each in said.items()}
        case _:
            return said


def _compiled(template: str, said: Plain, document: Document) -> bytes:
    folder = Path(str(resources.files("flowsvc.documents") / "templates"))
    compiler = typst.Compiler(folder / f"{template}.typ", root=folder, font_paths=_fonts())
    made = compiler.compile(
        format="pdf",
        sys_inputs={"document": json.dumps(said, ensure_ascii=False)},
        # To be kept for ever, and to be read by everybody.
        pdf_standards=["a-2a", "ua-1"],
        timestamp=int(document.made_at.timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError("typst made several files of one document")
    return made


@cache
def _fonts() -> typst.Fonts:
    # Only those inside typst, so that a document looks the same on every machine.
    return typst.Fonts(include_system_fonts=False)
