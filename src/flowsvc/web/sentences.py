"""What errors and incidents say, in the reader's language. The code says it in Swedish; the English stands in
`errors.po`, keyed by the Swedish with `{0}`, `{1}` … for what is put in. Hides how a sentence is found again."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from flowsvc.domain.errors import DefinitionInvalid, FlowError
from flowsvc.engine import faults

_FILE = Path(__file__).parent / "translations/en/LC_MESSAGES/errors.po"
_GAP = re.compile(r"\{(\d)\}")
_DEEPEST = 8
"""How many sentences may stand inside one another; a fault in a decision table is made of six."""


def said(error: FlowError, language: str) -> str:
    """What the error says, in the language; empty where English has no words for it."""
    if language != "en":
        return error.message
    return error.english if isinstance(error, DefinitionInvalid) else in_english(error.message)


def told(message: str, language: str) -> str:
    """The sentence in the language; as it is where English has no words for it."""
    return (in_english(message) if language == "en" else "") or message


def in_english(message: str) -> str:
    """The English of a Swedish sentence of ours; empty where there is none."""
    return _english(message, _DEEPEST)


@dataclass(frozen=True)
class _Sentence:
    pieces: tuple[str, ...]
    """The Swedish around what is put in."""
    english: str

    @property
    def has_words(self) -> bool:
        return any(letter.isalpha() for piece in self.pieces for letter in piece)

    def gaps(self, message: str) -> tuple[str, ...] | None:
        """What is put in, where the message is this sentence. Reads the message once, whatever stands in it."""
        first, last = self.pieces[0], self.pieces[-1]
        if not message.startswith(first) or not message.endswith(last):
            return None
        at, end = len(first), len(message) - len(last)
        found = []
        for piece in self.pieces[1:-1]:
            here = message.find(piece, at + 1, end)
            if here < 0:
                return None
            found.append(message[at:here])
            at = here + len(piece)
        return (*found, message[at:end]) if at < end else None


@cache
def _sentences() -> tuple[dict[str, str], tuple[_Sentence, ...]]:
    """The sentences that are always the same, and the others, the one with the most words of its own first."""
    with _FILE.open("rb") as written:
        catalogue = read_po(written, locale="en")
    pairs = {str(each.id): str(each.string) for each in catalogue if each.id and each.string} | dict(faults.SENTENCES)
    plain = {swedish: english for swedish, english in pairs.items() if not _GAP.search(swedish)}
    others = [
        _Sentence(tuple(_GAP.split(swedish)[::2]), english)
        for swedish, english in pairs.items()
        if swedish not in plain
    ]
    return plain, tuple(sorted(others, key=lambda each: -sum(map(len, each.pieces))))


def _english(message: str, deeper: int) -> str:
    plain, others = _sentences()
    if message in plain or not deeper:
        return plain.get(message, "")
    for sentence in others:
        gaps = sentence.gaps(message)
        if gaps is None:
            continue
        quoted = [_english(gap, deeper - 1) for gap in gaps]
        # What is little more than a pair of brackets around something is ours only if the something is.
        if sentence.has_words or quoted[0]:
            put_in = [english or gap for english, gap in zip(quoted, gaps, strict=True)]
            return _GAP.sub(lambda found, put_in=put_in: put_in[int(found[1])], sentence.english)  # type: ignore[misc]
    return ""
