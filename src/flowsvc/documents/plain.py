"""A document as plain JSON, ready for either form: text in paragraphs of lines, dates in words, and no character
that hides or turns the text around."""

import re
import unicodedata
from dataclasses import asdict
from typing import TypeAlias

from flowsvc.documents import wording
from flowsvc.documents.model import Block, Document, Heading, Note, Paragraph, Signature, Signatures, Table, Terms

Plain: TypeAlias = "str | int | bool | list[Plain] | dict[str, Plain]"

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Explicit bidirectional marks: with them a text can look like another one (Unicode report 36)."""


def plain(document: Document, *, language: str) -> dict[str, Plain]:
    """What the templates are given."""
    return {
        "language": "en" if language == "en" else "sv",
        "words": dict(wording.words(language)),
        "title": visible(document.title),
        "case_no": visible(document.case_no),
        "made": wording.moment(document.made_at, language),
        "about": [_term(*row) for row in document.about],
        "blocks": [_block(block) for block in document.blocks],
    }


def visible(text: str) -> str:
    """The text with every character that cannot be seen, or that turns the text around, written by its number."""
    return "".join(by_number(each) if _is_hidden(each) else each for each in text.expandtabs(4))


def by_number(character: str) -> str:
    """The character's number in Unicode, as it is written where it cannot be shown."""
    return f"[U+{ord(character):04X}]"


def _is_hidden(character: str) -> bool:
    if character in "\n\r":
        return False
    # Control, surrogate, private and unassigned: none of them has a look, and PDF/A admits none of them.
    return character in _TURNING or unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn"}


def _block(block: Block) -> dict[str, Plain]:
    match block:
        case Heading(text=text, level=level):
            return {"kind": block.kind, "text": visible(text), "level": level}
        case Paragraph(text=text) | Note(text=text):
            return {"kind": block.kind, "paragraphs": _paragraphs(text)}
        case Terms(rows=rows):
            return {"kind": block.kind, "rows": [_term(*row) for row in rows]}
        case Table():
            return {
                "kind": block.kind,
                "caption": visible(block.caption),
                "header": [visible(each) for each in block.header],
                "rows": [[_paragraphs(cell) for cell in row] for row in block.rows],
                "numeric": [number in block.numeric for number in range(len(block.header))],
            }
        case Signatures(people=people):
            return {"kind": block.kind, "people": [_signature(each) for each in people]}


def _signature(each: Signature) -> dict[str, Plain]:
    return {name: visible(text) for name, text in asdict(each).items()}


def _term(label: str, text: str) -> dict[str, Plain]:
    return {"label": visible(label), "paragraphs": _paragraphs(text)}


def _paragraphs(text: str) -> list[Plain]:
    """The text as paragraphs of lines: an empty line parts paragraphs."""
    lines = visible(text).replace("\r\n", "\n").replace("\r", "\n").strip()
    return [[*part.split("\n")] for part in re.split(r"\n[^\S\n]*\n\s*", lines)]
