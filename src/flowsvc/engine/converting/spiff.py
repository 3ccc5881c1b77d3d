"""Diagrams of SpiffWorkflow and SpiffArena: what spiffworkflow: elements say, said in our dialect. Python is never run:
what is a plain assignment or comparison becomes FEEL, and the rest is kept as a text for who draws it anew."""

import re
from collections.abc import Callable, Mapping

from lxml import etree

from flowsvc.engine import dialect
from flowsvc.engine.converting.report import Rewriting, Words
from flowsvc.engine.dialect import SPIFF, NotTranslatable, bpmn, feel_of, local_name, text_of

_NO_PYTHON: Words = (
    "flowsvc kör aldrig Python ur ett diagram. Koden står kvar i beskrivningen.",
    "flowsvc never runs Python of a diagram. The code is kept in the description.",
)
_DRAW_FEEL: Words = (
    "Räkna ut det med FEEL i en skriptuppgift, en beslutstabell eller som in- och utdata.",
    "Work it out with FEEL in a script task, in a decision table, or as input and output.",
)
_LITERALS = {"True": "true", "False": "false", "None": "null"}
_LEFT_OUT: Mapping[str, tuple[Words, Words]] = {
    "allowGuest": (
        ("bara den som är inloggad kan göra uppgifter.", "only those who are signed in can do tasks."),
        ("Låt någon i verksamheten fylla i åt gästen.", "Let somebody of the staff fill it in for the guest."),
    ),
    "guestConfirmation": (("gäster finns inte.", "there are no guests."), ("", "")),
    "messagePayload": (
        ("ett meddelande bär det som ges som indata.", "a message carries what is given as input."),
        ("Lägg till indata på händelsen som sänder.", "Add input to the event that sends."),
    ),
    "messageVariable": (
        ("det som kommer ligger under sina egna namn.", "what comes stands under its own names."),
        ("Använd namnen i uttrycken.", "Use those names in the expressions."),
    ),
    "scriptsOnInstances": (
        ("flowsvc kör aldrig Python ur ett diagram.", "flowsvc never runs Python of a diagram."),
        _DRAW_FEEL,
    ),
    "signalButtonLabel": (
        ("en signal sänds inte med en knapp.", "a signal is not sent by a button."),
        ("Erbjud ett meddelande med flowsvc:offer.", "Offer a message with flowsvc:offer."),
    ),
    "unitTests": (
        (
            "prov på skript finns inte, för det finns inget Python.",
            "there are no tests of scripts, as there is no Python.",
        ),
        ("Pröva utkastet med Prova.", "Try the draft with Try it."),
    ),
}


def rewrite(rewriting: Rewriting) -> dict[str, bytes]:
    """The diagram says it all in our dialect."""
    _Spiff(rewriting).done()
    return {}


class _Spiff:
    def __init__(self, rewriting: Rewriting) -> None:
        self._to = rewriting
        self._readers: Mapping[str, Callable[[etree._Element, etree._Element], None]] = {
            "calledDecisionId": self._decision,
            "instructionsForEndUser": self._instructions,
            "postScript": self._after,
            "preScript": self._before,
            "processVariableCorrelation": self._correlation,
            "properties": self._properties,
            "serviceTaskOperator": self._operator,
        }

    def done(self) -> None:
        for owner, each in self._to.foreign(SPIFF):
            name = local_name(str(each.tag))
            if name in self._readers:
                self._readers[name](owner, each)
                continue
            unknown = (("det finns inget som motsvarar det.", "there is nothing that corresponds to it."), ("", ""))
            why, cure = _LEFT_OUT.get(name, unknown)
            self._to.left_out(owner, f"spiffworkflow:{name}", why, cure)
        self._flow()

    def _flow(self) -> None:
        """What stands in BPMN's own places and is Python, and what runs otherwise here."""
        lanes = {
            text_of(ref): lane.get("name", "")
            for lane in self._to.root.iter(bpmn("lane"))
            for ref in lane.iterfind(bpmn("flowNodeRef"))
        }
        for each in list(self._to.root.iter(etree.Element)):
            match local_name(str(each.tag)):
                case "conditionExpression" | "completionCondition" | "loopCondition" | "condition":
                    self._condition(each)
                case "timeDuration" | "timeDate" | "timeCycle":
                    self._time(each)
                case "scriptTask":
                    self._script(each)
                case "manualTask":
                    why = ("Någon ska bekräfta: den är nu en uppgift.", "Somebody confirms it: it is now a user task.")
                    self._to.retag(each, "userTask", why)
                    self._lane(each, lanes)
                case "userTask":
                    self._lane(each, lanes)
                case "callActivity":
                    for kind in ("in", "out"):
                        self._to.mapping(each, kind, variables="all")
                    words = (
                        "Anropet lämnar över alla variabler, som förut.",
                        "The call hands over all variables, as before.",
                    )
                    self._to.note("converted", each, words)

    def _lane(self, task: etree._Element, lanes: Mapping[str, str]) -> None:
        lane = lanes.get(task.get("id", ""), "")
        if lane and not dialect.attribute(task, "candidateGroups"):
            self._to.attribute(task, "candidateGroups", lane, f"Banan {lane}")

    def _condition(self, each: etree._Element) -> None:
        text = text_of(each)
        found = in_feel(text)
        if not text or text.startswith("="):
            return
        if found is None:
            what = (
                f"Villkoret ”{text[:80]}” är Python och står kvar som det är.",
                f"The condition “{text[:80]}” is Python and stays as it is.",
            )
            self._to.note("kept", each, what, ("Skriv det i FEEL.", "Write it in FEEL."))
        else:
            each.text = f"={found}"
            self._to.converted(each, f"”{text[:80]}”", f"={found[:80]}")

    def _time(self, each: etree._Element) -> None:
        quoted = re.fullmatch(r"""(["'])(.*)\1""", text_of(each))
        if quoted:
            each.text = quoted[2]
            self._to.converted(each, text_of(each) + " (Python)", quoted[2])
        elif text_of(each) and not re.match(r"[PR=\d@]", text_of(each)):
            what = (
                f"Tiden ”{text_of(each)[:80]}” är Python och står kvar.",
                f"The time “{text_of(each)[:80]}” is Python and stays.",
            )
            self._to.note("kept", each, what, ("Skriv den som P5BD eller i FEEL.", "Write it as P5BD or in FEEL."))

    def _script(self, task: etree._Element) -> None:
        script = task.find(bpmn("script"))
        if script is None or not text_of(script) or "feel" in task.get("scriptFormat", "").lower():
            return
        given = _assignments(text_of(script))
        if given is not None and len(given) == 1:
            ((name, feel),) = given
            task.set("scriptFormat", "feel")
            script.text = feel
            self._to.attribute(task, "resultVariable", name, f"{name} = …")
            return
        # The check refuses it by name, so that nobody releases a process without what was worked out here.
        task.set("scriptFormat", "python")
        what = ("Skriptet är Python och körs inte.", "The script is Python and is not run.")
        self._to.note("kept", task, what, _DRAW_FEEL)

    def _before(self, owner: etree._Element, each: etree._Element) -> None:
        self._scripted(owner, each, "input", "spiffworkflow:preScript")

    def _after(self, owner: etree._Element, each: etree._Element) -> None:
        self._scripted(owner, each, "output", "spiffworkflow:postScript")

    def _scripted(self, owner: etree._Element, each: etree._Element, kind: str, said: str) -> None:
        code = text_of(each)
        if not code:
            return
        given = _assignments(code)
        if given is None:
            self._to.document(owner, f"{said} (Python):\n{code}")
            self._to.left_out(owner, said, _NO_PYTHON, _DRAW_FEEL)
            return
        for name, feel in given:
            self._to.parameter(owner, kind, name, f"={feel}")
            self._to.converted(owner, f"{said} {name}", f"camunda:{kind}Parameter")

    def _instructions(self, owner: etree._Element, each: etree._Element) -> None:
        text = text_of(each)
        if not text:
            return
        self._to.document(owner, text)
        cure = ("", "")
        if "{{" in text or "{%" in text:
            cure = (
                "Texten har fält ur Jinja, som inte fylls i. Visa dem i blanketten.",
                "The text has fields of Jinja, which are not filled in. Show them in the form.",
            )
        words = ("Anvisningen står nu i beskrivningen.", "The instruction now stands in the description.")
        self._to.note("converted", owner, words, cure)

    def _decision(self, owner: etree._Element, each: etree._Element) -> None:
        key = text_of(each)
        self._to.attribute(owner, "decisionRef", key, "spiffworkflow:calledDecisionId")
        if not dialect.attribute(owner, "resultVariable"):
            name = re.sub(r"\W+", "_", key) or "result"
            self._to.attribute(owner, "resultVariable", name, "spiffworkflow:calledDecisionId")
            what = (
                f"Svaret ligger nu i {name}, inte som variabler för sig.",
                f"The answer is now in {name}, not in variables of its own.",
            )
            self._to.note(
                "converted",
                owner,
                what,
                (f"Skriv {name}.<utdata> i uttrycken.", f"Write {name}.<output> in the expressions."),
            )

    def _operator(self, owner: etree._Element, each: etree._Element) -> None:
        topic = re.sub(r"[^\w.-]+", "-", each.get("id", ""))
        said = f"spiffworkflow:serviceTaskOperator {each.get('id', '')}"
        self._to.attribute(owner, "type", "external", said)
        self._to.attribute(owner, "topic", topic, said)
        self._to.attribute(owner, "resultVariable", each.get("resultVariable", ""), said)
        for entry in each.iter(f"{{{SPIFF}}}parameter"):
            value, name = entry.get("value", ""), entry.get("id", "")
            feel = in_feel(value)
            if feel is None:
                what = (f"{name}: ”{value[:80]}” är Python.", f"{name}: “{value[:80]}” is Python.")
                self._to.document(owner, f"{name} = {value}")
                self._to.note("left_out", owner, what, _DRAW_FEEL)
            else:
                self._to.parameter(owner, "input", name, f"={feel}")
                self._to.converted(owner, f"spiffworkflow:parameter {name}", "camunda:inputParameter")
        what = ("Tjänsten anropas nu av en arbetare utanför.", "The service is now called by a worker outside.")
        cure = (
            "Bygg en arbetare för ämnet, eller använd flowsvc:connector.",
            "Build a worker for the topic, or use flowsvc:connector.",
        )
        self._to.note("converted", owner, what, cure)

    def _properties(self, owner: etree._Element, each: etree._Element) -> None:
        for entry in each.findall(f"{{{SPIFF}}}property"):
            name, value = entry.get("name", ""), entry.get("value", "")
            if name == "formJsonSchemaFilename":
                key = re.sub(r"[-_.]?schema$", "", value.rpartition("/")[2].removesuffix(".json"))
                self._to.attribute(owner, "formRef", key, f"formJsonSchemaFilename {value}")
                what = (f"Blanketten {value} är ett JSON-schema.", f"The form {value} is a JSON schema.")
                cure = (
                    f"Rita den på nytt som en blankett med nyckeln {key}.",
                    f"Draw it anew as a form with the key {key}.",
                )
                self._to.note("left_out", owner, what, cure)
            elif name == "formUiSchemaFilename":
                why = ("utseendet hör till blanketten.", "the look belongs to the form.")
                self._to.left_out(owner, f"formUiSchemaFilename {value}", why)
            else:
                self._to.property(owner, name, value)
                self._to.converted(owner, f"spiffworkflow:property {name}", "camunda:property")

    def _correlation(self, owner: etree._Element, each: etree._Element) -> None:
        text = text_of(each.find(f"{{{SPIFF}}}expression"))
        feel = in_feel(text)
        places = (
            self._to.referring("messageRef", owner.get("id", ""))
            if local_name(str(owner.tag)) == "message"
            else [owner]
        )
        if feel is None:
            cure = ("Ange flowsvc:correlationKey på båda sidor.", "Give flowsvc:correlationKey on both sides.")
            self._to.left_out(
                owner, "processVariableCorrelation", ("uttrycket är Python.", "the expression is Python."), cure
            )
            return
        for place in places:
            self._to.own(place, "correlationKey", f"={feel}")
            self._to.converted(place, "processVariableCorrelation", "flowsvc:correlationKey")


def in_feel(text: str) -> str | None:
    """The FEEL of a Python expression that is a path, a literal or a comparison; None where it says more."""
    # Split at strings, so that words in them stay.
    pieces = re.split(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", text.strip())
    for n in range(0, len(pieces), 2):
        pieces[n] = re.sub(r"\b(True|False|None)\b", lambda found: _LITERALS[found[1]], pieces[n])
    try:
        return feel_of("${" + "".join(pieces) + "}") if text.strip() else None
    except NotTranslatable:
        return None


def _assignments(code: str) -> list[tuple[str, str]] | None:
    """Names and FEEL of a script that does nothing but assign plain values; None where it does more."""
    found: list[tuple[str, str]] = []
    for line in code.splitlines():
        plain = line.strip()
        if not plain or plain.startswith("#"):
            continue
        match = re.fullmatch(r"([^\W\d]\w*)\s*=(?!=)\s*(.+)", plain)
        feel = in_feel(match[2]) if match and line[:1] not in " \t" else None
        if match is None or feel is None:
            return None
        found.append((match[1], feel))
    return found or None
