"""The words of coded values (domain.md 11.2), in Swedish and English. What has no name is shown as it is."""

from collections.abc import Mapping
from enum import IntEnum

_LEVELS: Mapping[str, tuple[str, str]] = {
    "OPER": ("Verksamhetsnivå", "Operational level"),
    "UNIT": ("Enhetschefer", "Unit managers"),
    "AREA": ("Områdeschefer", "Area managers"),
    "DIR": ("Förvaltningschefer", "Directors"),
    "LEAD": ("Ledningsnivå", "Leadership"),
}
_LIFTED: Mapping[str, tuple[str, str]] = {
    "OPER": ("Lyft till verksamhetsnivå", "Lifted to operational level"),
    "UNIT": ("Lyft till enhetschefer", "Lifted to unit managers"),
    "AREA": ("Lyft till områdeschefer", "Lifted to area managers"),
    "DIR": ("Lyft till förvaltningschefer", "Lifted to directors"),
    "LEAD": ("Lyft till ledningsnivå", "Lifted to leadership"),
}
_RETURNED: Mapping[str, tuple[str, str]] = {
    "OPER": ("Tas upp på verksamhetsnivå", "Taken up at operational level"),
    "UNIT": ("Tas upp av enhetschefer", "Taken up by unit managers"),
    "AREA": ("Tas upp av områdeschefer", "Taken up by area managers"),
    "DIR": ("Tas upp av förvaltningschefer", "Taken up by directors"),
    "LEAD": ("Tas upp på ledningsnivå", "Taken up by leadership"),
}
_TIMES: tuple[Mapping[int, str], Mapping[int, str]] = (
    {2: "andra gången", 3: "tredje gången", 4: "fjärde gången", 5: "femte gången"},
    {2: "second time", 3: "third time", 4: "fourth time", 5: "fifth time"},
)
KINDS: Mapping[str, tuple[str, str]] = {
    "responsibility": ("Ansvar", "Responsibility"),
    "cost": ("Kostnad", "Cost"),
    "shortcoming": ("Brist i samverkan", "Shortcoming"),
    "other": ("Övrigt", "Other"),
}
"""Of a matter, by code."""
_ANSWERS: Mapping[str, tuple[str, str]] = {
    "accept": ("Godtar", "Accept"),
    "counter": ("Motförslag", "Counter"),
    "reject": ("Avvisar", "Reject"),
    "no_mandate": ("Saknar mandat", "No mandate"),
}
_STANCES: Mapping[str, tuple[str, str]] = {
    "own_responsibility": ("Vårt ansvar", "Our responsibility"),
    "other_responsibility": ("Annan parts ansvar", "Another party’s responsibility"),
    "shared": ("Delat", "Shared"),
    "unclear": ("Oklart", "Unclear"),
}
_COSTS: Mapping[str, tuple[str, str]] = {
    "accommodation": ("Boende", "Accommodation"),
    "treatment": ("Behandling", "Treatment"),
    "school": ("Skola", "School"),
    "travel": ("Resor", "Travel"),
    "health": ("Hälso- och sjukvård", "Health care"),
    "dental": ("Tandvård", "Dental care"),
    "other": ("Övrigt", "Other"),
}
_ENDS: Mapping[str, tuple[str, str]] = {
    "solved_operational": ("Löst på verksamhetsnivå", "Solved at operational level"),
    "solved_line": ("Löst i linjen", "Solved in the line"),
    "solved_leadership": ("Löst på ledningsnivå", "Solved at leadership"),
    "unsolved_at_leadership": ("Olöst på ledningsnivå", "Unsolved at leadership"),
    "transferred_to_IVO": ("Överflyttad via IVO", "Transferred via IVO"),
    "converted": ("Blev en tvist", "Became a dispute"),
    "withdrawn": ("Återkallad", "Withdrawn"),
    "registered_for_local_group": ("Listad för lokal samarbetsgrupp", "Listed for the local group"),
    "answered": ("Besvarad", "Answered"),
    "kept": ("Behållen", "Kept"),
    "editorial": ("Redaktionellt ändrad", "Editorially changed"),
    "revised": ("Ska revideras", "To be revised"),
    "extended": ("Förlängd", "Extended"),
    "ended": ("Avslutas", "To be ended"),
    "pending": ("Inväntar parterna", "Awaiting the parties"),
    "never_started": ("Ingen placering", "No placement"),
    "ended_planned": ("Avslutad som planerat", "Ended as planned"),
    "ended_breakdown": ("Avslutad efter sammanbrott", "Ended after a breakdown"),
    "custody_transferred": ("Vårdnaden överflyttad", "Custody transferred"),
    "transferred_municipality": ("Överflyttad till annan kommun", "Transferred to another municipality"),
    "ended_age": ("Avslutad vid åldersgränsen", "Ended at the age limit"),
    "ended_court": ("Avslutad efter beslut av domstol eller nämnd", "Ended by the court or the board"),
}
_STATUSES: Mapping[str, tuple[str, str]] = {
    "running": ("Pågår", "Running"),
    "suspended": ("Stoppat av driften", "Suspended"),
    "paused": ("Pausat", "Paused"),
    "ended": ("Avslutat", "Ended"),
    "cancelled": ("Avbrutet", "Cancelled"),
}
_ANSWER_STATES: Mapping[str, tuple[str, str]] = {
    "owed": ("Svar väntas", "Answer due"),
    "given": ("Har svarat", "Answered"),
    "silent": ("Ej besvarat", "No answer"),
    "unasked": ("Svar behövdes inte", "No answer needed"),
}
_INTERIM: Mapping[str, tuple[str, str]] = {
    "secured": ("Säkrat", "Secured"),
    "due": ("Ska säkras", "To be secured"),
    "late": ("Inte säkrat i tid, skulle säkras", "Not secured in time, was due"),
    "none": ("Inte satt", "Not set"),
}
_PROGRESS: Mapping[str, tuple[str, str]] = {
    "done": ("Klar", "Done"),
    "current": ("Pågår", "In progress"),
    "waiting": ("Väntar", "Waiting"),
    "failed": ("Står stilla", "Stands still"),
    "cancelled": ("Avbruten", "Cancelled"),
    "untouched": ("Ej påbörjad", "Not started"),
}
_NOTICES: Mapping[str, tuple[str, str]] = {
    "new_task": ("Ny uppgift", "New task"),
    "half_time": ("Halva tiden har gått", "Half of the time has passed"),
    "day_before": ("En arbetsdag kvar", "One working day left"),
    "overdue": ("Försenad uppgift", "Overdue task"),
    "feedback": ("Det du anmälde är avslutat", "What you reported is closed"),
    "moved": ("Ett ärende du bevakar har gått vidare", "A case that you follow has moved on"),
}
_GROUNDS: Mapping[str, tuple[str, str]] = {
    "reporter": ("Du har anmält ärendet", "You reported the case"),
    "candidate": ("Du har eller har haft en uppgift i ärendet", "You have or have had a task in the case"),
    "addressee": ("Du svarar för din part på en nivå", "You answer for your party at a level"),
}


VOCABULARIES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "levels": _LEVELS,
    "kinds": KINDS,
    "answers": _ANSWERS,
    "stances": _STANCES,
    "outcomes": _ENDS,
    "costs": _COSTS,
}
"""What a table of a form may show in words (flowsvc:words), by name."""


def said(vocabulary: str, code: str, language: str) -> str:
    """The code in the words of the vocabulary; as it is where it has none."""
    return _said(VOCABULARIES[vocabulary], code, language)


def _said(words: Mapping[str, tuple[str, str]], code: str, language: str) -> str:
    found = words.get(code)
    return code if found is None else found[1 if language == "en" else 0]


def _code(of: IntEnum | str) -> str:
    """Of a level: the directory, which knows them, is built on forms, and forms on these words."""
    return of if isinstance(of, str) else of.name


def level(of: IntEnum | str, language: str) -> str:
    """Those who answer at the level."""
    return _said(_LEVELS, _code(of), language)


def visit(to: IntEnum | str, number: int, language: str) -> str:
    """Those who answer at the level, and which time the matter stands there where it is not the first."""
    named = level(to, language)
    if number < 2:
        return named
    return f"{named}, {_counted(number, language)}"


def _counted(number: int, language: str) -> str:
    words = _TIMES[language == "en"]
    if number in words:
        return words[number]
    return f"time {number}" if language == "en" else f"gång {number}"


def lifted(to: IntEnum | str, language: str) -> str:
    """That a matter has been lifted to the level."""
    return _said(_LIFTED, _code(to), language)


def taken_up(at: IntEnum | str, language: str) -> str:
    """That a matter is taken up at the level, first or again."""
    return _said(_RETURNED, _code(at), language)


def kind(code: str, language: str) -> str:
    """What a matter is about."""
    return _said(KINDS, code, language)


def answer(code: str, language: str) -> str:
    """What a party says of a proposal."""
    return _said(_ANSWERS, code, language)


def end_state(code: str, language: str) -> str:
    """How a matter ended."""
    return _said(_ENDS, code, language)


def status(code: str, language: str) -> str:
    """Where a case stands."""
    return _said(_STATUSES, code, language)


def answer_state(code: str, language: str) -> str:
    """Whether a party has answered: owed, given, silent or unasked."""
    return _said(_ANSWER_STATES, code, language)


def interim(code: str, language: str) -> str:
    """Whether the child's support is secured: secured, due, late or none."""
    return _said(_INTERIM, code, language)


def progress(code: str, language: str) -> str:
    """How far an element has come: done, current, waiting, failed, cancelled or untouched."""
    return _said(_PROGRESS, code, language)


def notice(code: str, language: str) -> str:
    """What a notice says, in general words."""
    return _said(_NOTICES, code, language)


def ground(code: str, language: str) -> str:
    """Why somebody may read a case, said to that person."""
    return _said(_GROUNDS, code, language)
