"""What a diagram says of each element, in words: who does it, by when, with which form, under which conditions."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flowsvc.domain.directory import Directory
from flowsvc.domain.forms import Form
from flowsvc.domain.forms.model import flat
from flowsvc.engine import limits
from flowsvc.engine.decision_tree import DecisionTree
from flowsvc.engine.dmn import telling
from flowsvc.engine.outline import Line
from flowsvc.engine.particulars import Particulars, Said
from flowsvc.usecases.people import party_name, post_name


@dataclass(frozen=True)
class Link:
    """A definition that is mentioned: `process`, `decision` or `form`."""

    kind: str
    key: str
    name: str


@dataclass(frozen=True)
class Fact:
    """One thing that is said of an element. `code` is FEEL for which there are no words."""

    label: str
    text: str
    code: str = ""
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Doers:
    """Who does something: in words, and the posts that are known by name."""

    words: tuple[str, ...]
    posts: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """What the words are taken from: names of definitions by kind and key, decisions and forms by key."""

    titles: Mapping[tuple[str, str], str]
    decisions: Mapping[str, DecisionTree]
    forms: Mapping[str, Form]
    directory: Directory
    names_in: Callable[[str], Sequence[str]]
    """The variables that a FEEL text reads."""


_BUILT = re.compile(r'"P"\s*\+\s*string\(\s*(\w+)\.(\w+)\s*\)\s*\+\s*"(BD|D|M|Y)"')
_PATH = re.compile(r"(\w+)((?:\.\w+)*)")
_SHIFTED = re.compile(r'(\w+(?:\.\w+)*)\s*([+-])\s*duration\(\s*"([^"]+)"\s*\)')
_OFFERED: Mapping[str, tuple[str, str]] = {
    "addressees": ("nivåns adressater", "the addressees of the level"),
    "leadParty": ("parten som tog upp ärendet", "the party that raised the case"),
}
_TEXTS = re.compile(r'"([^"]*)"')


class Telling:
    """Tells of the elements of one process."""

    def __init__(
        self, lines: Sequence[Line], particulars: Mapping[str, Particulars], known: Known, *, language: str
    ) -> None:
        self._lines = {line.element.id: line for line in lines}
        self._particulars, self._known, self._language = particulars, known, language
        self._setters = self._found_setters()

    def _say(self, swedish: str, english: str) -> str:
        return english if self._language == "en" else swedish

    def of(self, element_id: str) -> Particulars:
        """What the element says of itself."""
        return self._particulars.get(element_id, Particulars())

    def facts(self, element_id: str) -> tuple[Fact, ...]:
        """All that there is to say of the element beside its name and its place in the flow."""
        return tuple(self._facts(self._lines[element_id], self.of(element_id)))

    def _facts(self, line: Line, own: Particulars) -> Iterator[Fact]:
        doers = self.doers(line.element.id)
        if doers.words:
            yield Fact(self._say("Vem", "Who"), "; ".join(doers.words))
        if doers.posts:
            yield Fact(self._say("Befattningar", "Posts"), ", ".join(doers.posts))
        for label, kind, key in (
            (self._say("Blankett", "Form"), "form", own.form_key),
            (self._say("Beslutstabell", "Decision table"), "decision", own.decision_key),
            (self._say("Process", "Process"), "process", line.element.called_key),
        ):
            if key:
                yield self._referring(label, kind, key)
        yield from self.times(line.element.id)
        if own.message:
            yield Fact(self._say("Meddelande", "Message"), own.message)
        if own.signal:
            yield Fact(self._say("Signal", "Signal"), own.signal)
        yield from self._boundaries(line)
        for target, condition in own.conditions:
            to = self._numbered(target)
            yield Fact(self._say(f"Villkor för {to}", f"Condition for {to}"), "", condition)

    def _referring(self, label: str, kind: str, key: str) -> Fact:
        name = self._known.titles.get((kind, key), "")
        return Fact(label, "" if name else key, links=(Link(kind, key, name),) if name else ())

    def times(self, element_id: str) -> Iterator[Fact]:
        """The element's time limits and timer."""
        own = self.of(element_id)
        for label, said in (
            (self._say("Ska vara klart", "Due"), own.due),
            (self._say("Följs upp", "Followed up"), own.follow_up),
            (self._say("Svar väntas", "Answer due"), own.answer_within),
        ):
            if said is not None:
                yield self._limit(label, said, element_id)
        if own.timer is not None:
            yield self._limit(self._say("När", "When"), own.timer, element_id, is_timer=True)

    def _boundaries(self, line: Line) -> Iterator[Fact]:
        for each in self._lines.values():
            if each.element.attached_to == line.element.id:
                named = f"{each.number} {each.name}".strip()
                when = "; ".join(filter(None, (fact.text for fact in self.times(each.element.id))))
                text = f"{when}: {named}" if when else named
                yield Fact(each.kind, f"{text}. {each.note.partition('. ')[2]}".strip())

    # Who

    def doers(self, element_id: str) -> Doers:
        """Who does it: those the diagram names, and where they come from when a case decides that."""
        words, posts = dict[str, None](), dict[str, None]()
        offered_to = self.of(element_id).offered_to
        if offered_to:
            words[_OFFERED.get(offered_to, (offered_to,) * 2)[self._language == "en"]] = None
        for said in self.of(element_id).candidates:
            names = _TEXTS.findall(said.text) if said.is_feel else [said.text]
            for name in names:
                found = self._posts(name)
                if found:
                    posts.update(dict.fromkeys(found))
                elif not said.is_feel:
                    words[name] = None
            if said.is_feel:
                words.update(dict.fromkeys(self._sources(said.text, element_id)))
        return Doers(tuple(words), tuple(posts))

    def _posts(self, name: str) -> tuple[str, ...]:
        """The posts of the group, or the post itself, each name once with its parties."""
        known, language = self._known.directory, self._language
        post_id = name.removeprefix("post:")
        if post_id in known.posts:
            members = [known.posts[post_id]]
        else:
            members = [post for post in known.posts.values() if name in post.groups]
        parties: dict[str, dict[str, None]] = {}
        for post in members:
            party = party_name(known, known.party_of_post(post.id).id, language)
            parties.setdefault(post_name(known, post.id, language), {})[party] = None
        return tuple(f"{title} ({self._several(tuple(found))})" for title, found in parties.items())

    def _several(self, parties: Sequence[str]) -> str:
        if len(parties) > 3:
            return self._say(f"{len(parties)} parter", f"{len(parties)} parties")
        return ", ".join(parties)

    def _sources(self, feel: str, element_id: str) -> Iterator[str]:
        """Which elements decide what the text says; the variables' own names where the diagram does not say."""
        for name in self._known.names_in(feel):
            setters = self._setters_of(name, element_id)
            if setters:
                told = self._say(" eller ", " or ").join(self._numbered(each) for each in setters)
                yield self._say(f"de som {told} anger", f"those given by {told}")
            else:
                yield self._say("de som ärendet anger", "those given by the case")

    # When

    def _limit(self, label: str, said: Said, element_id: str, *, is_timer: bool = False) -> Fact:
        if not said.is_feel:
            words = limits.after(said.text, self._language) if is_timer else limits.within(said.text, self._language)
            return Fact(label, words, "" if words else said.text)
        built = _BUILT.fullmatch(said.text)
        if built is not None and self._decision(built[1]):
            unit = limits.units(limits.unit_of(built[3]), self._language)
            before = self._say("efter", "after") if is_timer else self._say("inom", "within")
            return self._by_decision(label, built[1], built[2], unit, before=before)
        path = _PATH.fullmatch(said.text)
        if path is not None and path[2] and self._decision(path[1]):
            return self._by_decision(label, path[1], path[2].removeprefix("."), "")
        shifted = _SHIFTED.fullmatch(said.text)
        source = shifted[1] if shifted else said.text if path else ""
        day = self._day(source.partition(".")[0], element_id) if source else ""
        if not day:
            return Fact(label, "", said.text)
        if shifted is None:
            return Fact(label, self._say(f"den dag som {day}", f"on the day that {day}"))
        length = limits.length(shifted[3], self._language)
        side = self._say("före", "before") if shifted[2] == "-" else self._say("efter", "after")
        return Fact(label, f"{length} {side} " + self._say(f"den dag som {day}", f"the day that {day}"))

    def _decision(self, variable: str) -> str:
        """The key of the decision whose answer the variable holds."""
        own = next((each for each in self._particulars.values() if each.result == variable and variable), None)
        return own.decision_key if own is not None and own.decision_key in self._known.decisions else ""

    def _by_decision(self, label: str, variable: str, answer: str, unit: str, *, before: str = "") -> Fact:
        key = self._decision(variable)
        tree = self._known.decisions[key]
        values = telling.answers_of(tree, answer, language=self._language)
        said = telling.label_of(tree, answer)
        text = " ".join(filter(None, (before, values, unit))) if values else unit
        by = self._say(f"enligt beslutstabellen, ”{said}”", f"by the decision table, “{said}”")
        name = self._known.titles.get(("decision", key), key)
        return Fact(label, f"{text} {by}".strip(), links=(Link("decision", key, name),))

    def _day(self, variable: str, element_id: str) -> str:
        setters = self._setters_of(variable, element_id)
        if not setters:
            return ""
        told = self._say(" eller ", " or ").join(self._numbered(each) for each in setters)
        return self._say(f"{told} anger", f"{told} gives")

    # Where variables come from

    def _found_setters(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for element_id in self._lines:
            own = self.of(element_id)
            form = self._known.forms.get(own.form_key)
            fields = [each.key for each in flat(form.components) if each.key] if form is not None else []
            for name in dict.fromkeys((*own.sets, *fields)):
                found.setdefault(name, []).append(element_id)
        return found

    def _setters_of(self, variable: str, element_id: str) -> tuple[str, ...]:
        """The elements that set it; none where there are more than two, since nobody could tell which one. What stands
        for one of many is set where the many are."""
        collection = next(
            (own.each_of[1] for own in self._particulars.values() if own.each_of[0] == variable and variable), ""
        )
        names = self._known.names_in(collection) if collection else (variable,)
        found = dict.fromkeys(each for name in names for each in self._setters.get(name, ()) if each != element_id)
        return tuple(found) if len(found) < 3 else ()

    def _numbered(self, element_id: str) -> str:
        line = self._lines.get(element_id)
        return f"{line.number} {line.name or line.kind.lower()}" if line is not None else element_id


def used_keys(particulars: Iterable[Particulars]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The decisions and the forms that the elements name, each once."""
    own = tuple(particulars)
    decisions = dict.fromkeys(each.decision_key for each in own if each.decision_key)
    forms = dict.fromkeys(each.form_key for each in own if each.form_key)
    return tuple(decisions), tuple(forms)
