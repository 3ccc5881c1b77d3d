"""What a mail says: case numbers, kinds of tasks in the diagram's general words, and addresses here. Never a title, a
name of somebody or anything that was filled in (domain.md 7.3): mail leaves what flowsvc can guard."""

from collections.abc import Sequence
from dataclasses import dataclass

from flowsvc.domain import labels
from flowsvc.domain.notices import NoticeKind


@dataclass(frozen=True)
class Letter:
    """One mail, ready to be sent. `key` is the same when it is sent again."""

    to: str
    subject: str
    text: str
    language: str
    key: str


@dataclass(frozen=True)
class Line:
    """One thing that a letter tells: what kind, of which task (empty where it is about the case), where it is read."""

    kind: NoticeKind
    business_key: str
    task_name: str
    address: str


_WORDS = {
    "sv": (
        "flowsvc: {0} i ärende {1}",
        "flowsvc: {0} nya notiser",
        "Du har följande att läsa i flowsvc:",
        "Logga in för att se mer. Hur du får mejl väljer du här: {0}",
    ),
    "en": (
        "flowsvc: {0} in case {1}",
        "flowsvc: {0} new notices",
        "This is for you to read in flowsvc:",
        "Sign in to see more. Choose how you get mail here: {0}",
    ),
}


def letter(to: str, lines: Sequence[Line], *, language: str, settings_address: str, key: str) -> Letter:
    """One letter about all of it."""
    spoken = language if language in _WORDS else "sv"
    single, several, opening, closing = _WORDS[spoken]
    first = lines[0]
    subject = several.format(len(lines))
    if len(lines) == 1:
        said = labels.notice(first.kind, spoken)
        subject = single.format(said[:1].lower() + said[1:], first.business_key)
    told = [
        f"{labels.notice(each.kind, spoken)}: {', '.join(filter(None, (each.task_name, each.business_key)))}\n"
        f"{each.address}"
        for each in lines
    ]
    text = "\n\n".join((opening, *told, closing.format(settings_address))) + "\n"
    return Letter(to=to, subject=subject, text=text, language=spoken, key=key)
