"""Names of variables that expressions read and nobody sets: mostly a slip of the pen, found before it is a fault."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.checking.diagram import Process
from flowsvc.engine.checking.findings import Findings, warned
from flowsvc.engine.dialect import local_name
from flowsvc.engine.fields import form_key_of
from flowsvc.engine.items import DATA, Items

_UNSET = warned(
    "name.unset",
    "Ingenting sätter {name}, som uttrycket ”{text}” läser.{near}",
    "Rätta namnet. Kommer värdet utifrån, med starten eller ett meddelande, så räkna upp det i flowsvc:variables på "
    "processen.",
    "Nothing sets {name}, which the expression “{text}” reads.{near_en}",
    "Correct the name. Where the value comes from outside, with the start or a message, list it in flowsvc:variables "
    "on the process.",
)

DECLARED = "variables"
"""The process's own property that lists what comes from outside."""

_GIVEN_IN_LOOPS = frozenset(
    {"loopCounter", "nrOfActiveInstances", "nrOfCompletedInstances", "nrOfInstances", "nrOfTerminatedInstances"}
    | {"numberOfActiveInstances", "numberOfCompletedInstances", "numberOfInstances", "numberOfTerminatedInstances"}
)
_NAMING_ATTRIBUTES = ("elementVariable", "initiator", "resultVariable")


@dataclass(frozen=True)
class Read:
    """An expression and where it stands."""

    text: str
    element: etree._Element


@dataclass
class Names:
    """The names that one process sets and reads."""

    process: Process
    reads: Sequence[Read]
    sets: set[str] = field(default_factory=set)
    hands_on: dict[str, set[str] | None] = field(default_factory=dict)
    """By called process, the names that it is given; None for all."""
    takes_all_from: set[str] = field(default_factory=set)
    is_open: bool = False
    """It uses a form that is not at hand, which may set anything."""


def names_of(process: Process, reads: Sequence[Read], forms: Mapping[str, frozenset[str]], items: Items) -> Names:
    """The names that the process sets by itself, and what it hands to the processes that it calls."""
    declared = dialect.properties(process.element).get(DECLARED, "")
    found = Names(process, reads, sets=set(dialect.split_names(declared)))
    for element in process.element.iter(etree.Element):
        kind = local_name(str(element.tag))
        found.sets |= {name for each in _NAMING_ATTRIBUTES if (name := dialect.attribute(element, each))}
        if kind in ("inputParameter", "outputParameter"):
            found.sets.add(element.get("name", ""))
        elif kind in ("inputDataItem", "outputDataItem"):
            found.sets |= {element.get("name", ""), element.get("id", "")}
        elif kind == "loopDataOutputRef":
            found.sets.add(items.name_for(dialect.text_of(element)))
        elif kind in DATA:
            found.sets.add(items.name_of(element))
        elif kind in ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics"):
            found.sets |= _GIVEN_IN_LOOPS
        elif kind == "callActivity":
            _hand_on(element, found)
        form = form_key_of(element)
        if form:
            found.sets |= forms.get(form, frozenset())
            found.is_open = found.is_open or form not in forms
    return found


def _hand_on(call: etree._Element, found: Names) -> None:
    called = call.get("calledElement", "")
    for entry in dialect.extensions(call, "out"):
        found.sets.add(entry.get("target", ""))
        if entry.get("variables") == "all":
            found.takes_all_from.add(called)
    for entry in dialect.extensions(call, "in"):
        given = found.hands_on.setdefault(called, set())
        if entry.get("variables") == "all":
            found.hands_on[called] = None
        elif given is not None:
            given.add(entry.get("target", ""))


def check_names(
    processes: Sequence[Names], findings: Mapping[str, Findings], variables: Callable[[str], Iterable[str]]
) -> None:
    """Every name that is read is set somewhere: here, or by a process that calls this one or is called by it. A name
    that is not is told of once. `findings` are by process key."""
    by_key = {each.process.key: each for each in processes}
    for _ in processes:
        # What is handed on may have been handed on before.
        passed_on = [_passed_on(each, by_key) for each in processes]
        if not any(passed_on):
            break
    for each in processes:
        if not each.is_open:
            _tell(each, findings[each.process.key], variables)


def _passed_on(names: Names, by_key: Mapping[str, Names]) -> bool:
    """Whether a process knows more names or is more open than before."""
    before = [(len(each.sets), each.is_open) for each in by_key.values()]
    for key, given in names.hands_on.items():
        if key in by_key:
            by_key[key].sets |= names.sets if given is None else given
            by_key[key].is_open |= given is None and names.is_open
    for key in names.takes_all_from:
        names.sets |= by_key[key].sets if key in by_key else set()
        names.is_open |= key not in by_key or by_key[key].is_open
    return before != [(len(each.sets), each.is_open) for each in by_key.values()]


def _tell(names: Names, findings: Findings, variables: Callable[[str], Iterable[str]]) -> None:
    told = set[str]()
    for read in names.reads:
        for name in _unset(read, names, variables):
            if name not in told:
                told.add(name)
                close = get_close_matches(name, sorted(names.sets), n=1)
                near, near_en = (f" Menas {close[0]}?", f" Is {close[0]} meant?") if close else ("", "")
                findings.add(_UNSET, read.element, name=name, text=read.text[:80], near=near, near_en=near_en)


def _unset(read: Read, names: Names, variables: Callable[[str], Iterable[str]]) -> Iterator[str]:
    for name in variables(read.text):
        if name not in names.sets:
            yield name
