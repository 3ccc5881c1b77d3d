"""A diagram as an ordered list in words, which says the same as the picture. Hides how a flow is told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flowsvc.engine.picture import Drawn, Picture, Way


@dataclass(frozen=True)
class Line:
    """One line of the outline. `number` is that of the line around it and its own: 4.2."""

    depth: int
    number: str
    process_key: str
    element: Drawn
    kind: str
    name: str
    lane: str
    note: str


def lines(pictures: Mapping[str, Picture], root: str, *, language: str) -> tuple[Line, ...]:
    """The process of the key `root` as an ordered list, called processes of `pictures` inside their callers."""
    return tuple(_lines(pictures, pictures[root].order, language=language, path=(root,), depth=0, prefix=""))


def _lines(
    pictures: Mapping[str, Picture],
    order: Sequence[Drawn],
    *,
    language: str,
    path: tuple[str, ...],
    depth: int,
    prefix: str,
) -> Iterator[Line]:
    telling = _Telling(order, prefix, language)
    for place, each in enumerate(order):
        line = Line(
            depth=depth,
            number=telling.numbers[each.id],
            process_key=path[-1],
            element=each,
            kind=telling.kind(each),
            name=each.title(language),
            lane=each.role(language),
            note=telling.note(place),
        )
        yield line
        inside, inner_path = each.inside, path
        called = pictures.get(each.called_key)
        if called is not None and not each.is_own_case and called.key not in path:
            inside, inner_path = called.order, (*path, called.key)
        yield from _lines(
            pictures, inside, language=language, path=inner_path, depth=depth + 1, prefix=f"{line.number}."
        )


class _Telling:
    """Tells the elements of one scope, which know each other by number."""

    def __init__(self, order: Sequence[Drawn], prefix: str, language: str) -> None:
        self._order = order
        self._is_english = language == "en"
        self._language = language
        self.numbers = {each.id: f"{prefix}{n}" for n, each in enumerate(order, 1)}
        self._places = {each.id: n for n, each in enumerate(order)}
        self._with_boundary = {each.attached_to for each in order if each.attached_to}

    def _say(self, swedish: str, english: str) -> str:
        return english if self._is_english else swedish

    def kind(self, each: Drawn) -> str:
        """What the element is, in words."""
        if each.kind == "boundaryEvent":
            return self._boundary(each)
        if each.is_event_subprocess:
            return self._say("Händelse", "Event")
        if each.kind.endswith("Gateway"):
            return self._gateway(each)
        if each.kind in ("startEvent", "endEvent"):
            return self._end(each)
        if each.kind == "callActivity" and each.is_own_case:
            return self._say("Eget ärende", "Case of its own")
        swedish, english = _KINDS.get(each.kind, (each.kind, each.kind))
        return self._say(swedish, english)

    def _boundary(self, each: Drawn) -> str:
        swedish, english = _TRIGGERS.get(each.trigger, ("Om det händer", "If it happens"))
        beside = ("", "") if each.is_interrupting else (", vid sidan av", ", beside it")
        return self._say(swedish + beside[0], english + beside[1])

    def _gateway(self, each: Drawn) -> str:
        if len(each.ways) < 2:
            if each.kind == "parallelGateway":
                return self._say("Väntar in alla grenar", "Waits for all branches")
            if each.kind == "inclusiveGateway":
                return self._say("Väntar in grenarna som är på väg", "Waits for the branches on their way")
            if each.kind == "complexGateway":
                return self._say("Väntar tills det räcker", "Waits until it is enough")
            return self._say("Vägarna möts", "The paths meet")
        if each.kind == "parallelGateway":
            return self._say("Delas i grenar", "Splits into branches")
        if each.kind in ("inclusiveGateway", "complexGateway"):
            return self._say("Vägval, en eller flera", "Choice of one or more")
        return self._say("Vägval", "Choice")

    def _end(self, each: Drawn) -> str:
        if each.kind == "startEvent":
            return self._say(*_STARTS.get(each.trigger, ("Start", "Start")))
        return self._say(*_ENDS.get(each.trigger, ("Slut", "End")))

    def note(self, place: int) -> str:
        """How it is done and where it leads, as far as the next line does not say so."""
        each = self._order[place]
        parts = [self._loop(each)]
        if each.is_event_subprocess:
            parts.append(
                self._say("Kan ske när som helst och avbryter det andra.", "May happen at any time and ends the rest.")
                if each.is_interrupting
                else self._say("Kan ske när som helst.", "May happen at any time.")
            )
        if each.attached_to in self._places:
            of = self._ref(each.attached_to)
            parts.append(self._sentence(self._say(f"Gäller {of}", f"Concerns {of}")))
        parts.append(self._onwards(place))
        return " ".join(filter(None, parts))

    def _loop(self, each: Drawn) -> str:
        match each.loop:
            case "parallel":
                return self._say("En för varje, samtidigt.", "One for each, at the same time.")
            case "sequential":
                return self._say("En för varje, i tur och ordning.", "One for each, one after another.")
            case "standard":
                return self._say("Kan göras flera gånger.", "May be done several times.")
            case _:
                return ""

    def _onwards(self, place: int) -> str:
        each = self._order[place]
        ways = [way for way in each.ways if way.target in self.numbers]
        if not ways:
            return ""
        if len(ways) == 1 and not self._label(ways[0]):
            if self._is_next(place, ways[0].target):
                return ""
            return self._sentence(self._to(place, ways[0].target))
        told = [self._told(place, way, alone=len(ways) == 1) for way in ways]
        is_choice = any(way.has_condition or way.is_default for way in ways)
        if len(ways) > 1 and not is_choice:
            return self._sentence(self._say("Samtidigt: ", "At the same time: ") + "; ".join(told))
        return self._sentence("; ".join(told))

    def _told(self, place: int, way: Way, *, alone: bool) -> str:
        label = self._label(way)
        if not label and not alone and way.is_default:
            label = self._say("annars", "otherwise")
        elif not label and way.has_condition:
            label = self._say("om villkoret stämmer", "if the condition holds")
        to = self._to(place, way.target)
        return f"{label}: {to}" if label else to

    def _label(self, way: Way) -> str:
        return (way.name_en if self._is_english else "") or way.name

    def _is_next(self, place: int, target: str) -> bool:
        each = self._order[place]
        if each.attached_to or each.id in self._with_boundary:
            return False
        return place + 1 < len(self._order) and self._order[place + 1].id == target

    def _to(self, place: int, target: str) -> str:
        back = self._places[target] <= place
        word = self._say("tillbaka till", "back to") if back else self._say("till", "to")
        return f"{word} {self._ref(target)}"

    def _ref(self, target: str) -> str:
        drawn = self._order[self._places[target]]
        name = drawn.title(self._language) or f"({self.kind(drawn).lower()})"
        return f"{self.numbers[target]} {name}"

    @staticmethod
    def _sentence(text: str) -> str:
        return text[:1].upper() + text[1:] + ("" if text.endswith(("?", ".", "!")) else ".")


_KINDS: Mapping[str, tuple[str, str]] = {
    "task": ("Moment", "Activity"),
    "manualTask": ("Görs för hand", "Done by hand"),
    "userTask": ("Uppgift", "Task"),
    "serviceTask": ("Automatiskt steg", "Automatic step"),
    "scriptTask": ("Automatiskt steg", "Automatic step"),
    "businessRuleTask": ("Beslutstabell", "Decision table"),
    "subProcess": ("Delprocess", "Subprocess"),
    "adHocSubProcess": ("Delprocess i valfri ordning", "Subprocess in any order"),
    "callActivity": ("Anropad process", "Called process"),
    "transaction": ("Transaktion", "Transaction"),
    "intermediateCatchEvent": ("Väntar", "Waits"),
    "intermediateThrowEvent": ("Händelse", "Event"),
    "receiveTask": ("Väntar på meddelande", "Waits for a message"),
    "sendTask": ("Sänder meddelande", "Sends a message"),
}
_TRIGGERS: Mapping[str, tuple[str, str]] = {
    "timer": ("Om tiden går ut", "If time runs out"),
    "message": ("Om meddelandet kommer", "If the message comes"),
    "error": ("Om det blir fel", "If there is an error"),
    "escalation": ("Om det lyfts", "If it is escalated"),
    "signal": ("Om signalen kommer", "If the signal comes"),
    "conditional": ("Om villkoret blir sant", "If the condition becomes true"),
    "compensate": ("Om det ska göras ogjort", "If it is to be undone"),
    "cancel": ("Om det avbryts", "If it is cancelled"),
}
_STARTS: Mapping[str, tuple[str, str]] = {
    "timer": ("Start när tiden är inne", "Starts when it is time"),
    "message": ("Start när meddelandet kommer", "Starts when the message comes"),
    "error": ("Start om det blir fel", "Starts if there is an error"),
    "escalation": ("Start om det lyfts", "Starts if it is escalated"),
    "signal": ("Start när signalen kommer", "Starts when the signal comes"),
    "conditional": ("Start när villkoret blir sant", "Starts when the condition becomes true"),
    "compensate": ("Start om det ska göras ogjort", "Starts if it is to be undone"),
}
_ENDS: Mapping[str, tuple[str, str]] = {
    "terminate": ("Slut, avbryter allt som pågår", "End, stops all that goes on"),
    "error": ("Slut med fel", "End with an error"),
    "escalation": ("Slut, lyfts", "End, escalated"),
    "message": ("Slut, sänder meddelande", "End, sends a message"),
    "signal": ("Slut, sänder signal", "End, sends a signal"),
    "compensate": ("Slut, gör ogjort", "End, undoes what was done"),
    "cancel": ("Slut, avbryter transaktionen", "End, cancels the transaction"),
}
