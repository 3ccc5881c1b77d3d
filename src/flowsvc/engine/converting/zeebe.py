"""Diagrams of Camunda 8: what zeebe: elements say, said in our dialect. FEEL stays FEEL, for both write it with `=`."""

import json
import re
from collections.abc import Callable, Mapping

from lxml import etree

from flowsvc.engine.converting.report import Rewriting, Words
from flowsvc.engine.dialect import MODELER, ZEEBE, bpmn, local_name, text_of

_EMBEDDED = "camunda-forms:bpmn:"
_WORKERS = frozenset({"serviceTask", "sendTask"})
_LISTENERS: Words = ("flowsvc kör ingen kod vid sidan av elementen.", "flowsvc runs no code beside the elements.")
_DRAW: Words = (
    "Rita det som ett eget automatiskt steg före eller efter.",
    "Draw it as an automatic step of its own before or after.",
)


def rewrite(rewriting: Rewriting) -> dict[str, bytes]:
    """The diagram says it all in our dialect. Returns the forms that it held, by file name."""
    return _Zeebe(rewriting).done()


class _Zeebe:
    def __init__(self, rewriting: Rewriting) -> None:
        self._to = rewriting
        self._forms: dict[str, bytes] = {}
        self._readers: Mapping[str, Callable[[etree._Element, etree._Element], None]] = {
            "assignmentDefinition": self._assignment,
            "calledDecision": self._decision,
            "calledElement": self._call,
            "executionListeners": self._listeners,
            "formDefinition": self._form,
            "ioMapping": self._mapping,
            "loopCharacteristics": self._loop,
            "priorityDefinition": lambda owner, each: self._to.attribute(
                owner, "priority", each.get("priority", ""), "zeebe:priorityDefinition"
            ),
            "properties": self._properties,
            "script": self._script,
            "subscription": self._subscription,
            "taskDefinition": self._work,
            "taskHeaders": self._headers,
            "taskListeners": self._listeners,
            "taskSchedule": self._schedule,
            "userTask": self._native,
            "userTaskForm": self._embedded,
            "versionTag": lambda owner, each: self._to.attribute(
                owner, "versionTag", each.get("value", ""), "zeebe:versionTag"
            ),
        }

    def done(self) -> dict[str, bytes]:
        for owner, each in self._to.foreign(ZEEBE):
            name = local_name(str(each.tag))
            reader = self._readers.get(name)
            if reader is None:
                why = ("det finns inget som motsvarar det.", "there is nothing that corresponds to it.")
                cure = (
                    "Se efter om det behövs, och rita det i så fall.",
                    "See whether it is needed, and if so draw it.",
                )
                self._to.left_out(owner, f"zeebe:{name}", why, cure)
            else:
                reader(owner, each)
        self._platform()
        return self._forms

    def _platform(self) -> None:
        root = self._to.root
        if root.get(f"{{{MODELER}}}executionPlatform"):
            root.attrib.pop(f"{{{MODELER}}}executionPlatformVersion", None)
            root.set(f"{{{MODELER}}}executionPlatform", "Camunda Platform")
            words = "Filen är nu skriven för Camunda 7.", "The file is now written for Camunda 7."
            self._to.note("converted", root, words)

    def _assignment(self, owner: etree._Element, each: etree._Element) -> None:
        for name in ("assignee", "candidateUsers", "candidateGroups"):
            self._to.attribute(owner, name, each.get(name, ""), f"zeebe:assignmentDefinition {name}")

    def _schedule(self, owner: etree._Element, each: etree._Element) -> None:
        for name in ("dueDate", "followUpDate"):
            self._to.attribute(owner, name, each.get(name, ""), f"zeebe:taskSchedule {name}")

    def _native(self, owner: etree._Element, each: etree._Element) -> None:
        words = (
            "zeebe:userTask behövs inte: alla uppgifter sköts av flowsvc.",
            "zeebe:userTask is not needed: all tasks are kept by flowsvc.",
        )
        self._to.note("kept", owner, words)

    def _form(self, owner: etree._Element, each: etree._Element) -> None:
        said, key = (
            "zeebe:formDefinition",
            each.get("formId") or each.get("formKey") or each.get("externalReference") or "",
        )
        if key.startswith(_EMBEDDED):
            key = _plain(key.removeprefix(_EMBEDDED))
        self._to.attribute(owner, "formRef", key, said)
        if each.get("externalReference"):
            what = (f"Blanketten {key} låg utanför diagrammet.", f"The form {key} lay outside the diagram.")
            cure = ("Lägg in den som en .form-fil med den nyckeln.", "Put it in as a .form file with that key.")
            self._to.note("kept", owner, what, cure)
        self._binding(owner, each, "formRefBinding")

    def _embedded(self, owner: etree._Element, each: etree._Element) -> None:
        key = _plain(each.get("id", ""))
        try:
            schema = json.loads(text_of(each))
        except (ValueError, RecursionError):
            schema = None
        if not key or not isinstance(schema, dict):
            self._to.left_out(
                owner, "zeebe:userTaskForm", ("blanketten går inte att läsa.", "the form cannot be read.")
            )
            return
        schema["id"] = key
        self._forms[f"{key}.form"] = (json.dumps(schema, ensure_ascii=False, indent=2) + "\n").encode()
        self._to.converted(owner, f"zeebe:userTaskForm {each.get('id')}", f"{key}.form")

    def _binding(self, owner: etree._Element, each: etree._Element, name: str) -> None:
        binding = each.get("bindingType", "")
        if binding in ("latest", "deployment"):
            self._to.attribute(owner, name, binding, f"bindingType={binding}")
        elif binding:
            why = ("versioner väljs som deployment eller latest.", "versions are chosen as deployment or latest.")
            self._to.left_out(owner, f"bindingType={binding}", why)

    def _work(self, owner: etree._Element, each: etree._Element) -> None:
        kind, topic = local_name(str(owner.tag)), each.get("type", "")
        said = f"zeebe:taskDefinition {topic}"
        target = next((part for part in owner if part.tag == bpmn("messageEventDefinition")), owner)
        if target is owner and kind not in _WORKERS:
            why = (
                f"Steget görs av en arbetare och är nu ett automatiskt steg (var {kind}).",
                f"It is done by a worker and is now a service task (was {kind}).",
            )
            self._to.retag(owner, "serviceTask", why)
        self._to.attribute(target, "type", "external", said)
        self._to.attribute(target, "topic", topic, said)
        retries = each.get("retries", "")
        if retries.isascii() and retries.isdecimal():
            self._to.plain(owner, "failedJobRetryTimeCycle", f"R{retries}/PT5M")
            instead = f"camunda:failedJobRetryTimeCycle R{retries}/PT5M"
            self._to.converted(owner, f"retries={retries}", instead)
        elif retries:
            why = ("antalet försök kan inte vara ett uttryck.", "the number of tries cannot be an expression.")
            self._to.left_out(owner, f"retries={retries}", why)
        if each.getparent() is not None and each.getparent().find(f"{{{ZEEBE}}}ioMapping") is None:  # type: ignore[union-attr]  # asked just before
            what = (
                "Arbetaren fick alla variabler. Nu får den bara det som ges som indata.",
                "The worker had all variables. Now it has only what is given as input.",
            )
            cure = ("Lägg till det den behöver som indata.", "Add what it needs as input.")
            self._to.note("left_out", owner, what, cure)

    def _headers(self, owner: etree._Element, each: etree._Element) -> None:
        for header in each.findall(f"{{{ZEEBE}}}header"):
            name = header.get("key", "")
            self._to.parameter(owner, "input", name, header.get("value", ""))
            self._to.converted(owner, f"zeebe:header {name}", "camunda:inputParameter")

    def _mapping(self, owner: etree._Element, each: etree._Element) -> None:
        is_call = local_name(str(owner.tag)) == "callActivity"
        for kind in ("input", "output"):
            given: dict[str, list[tuple[str, str]]] = {}
            for entry in each.findall(f"{{{ZEEBE}}}{kind}"):
                head, _, rest = entry.get("target", "").partition(".")
                given.setdefault(head, []).append((rest, entry.get("source", "")))
            for target, parts in given.items():
                text = _joined(parts)
                if is_call:
                    expression = text if text.startswith("=") else f"={json.dumps(text, ensure_ascii=False)}"
                    self._to.mapping(
                        owner, "in" if kind == "input" else "out", sourceExpression=expression, target=target
                    )
                    instead = f"camunda:{'in' if kind == 'input' else 'out'}"
                else:
                    self._to.parameter(owner, kind, target, text)
                    instead = f"camunda:{kind}Parameter"
                self._to.converted(owner, f"zeebe:{kind} {target}", instead)
                if kind == "output" and any(rest for rest, _ in parts):
                    what = (
                        f"{target} görs på nytt av delarna; annat som fanns i den försvinner.",
                        f"{target} is made anew of its parts; what else it held is gone.",
                    )
                    cure = (
                        "Använd context put i uttrycket, om annat ska finnas kvar.",
                        "Use context put in the expression if the rest must stay.",
                    )
                    self._to.note("converted", owner, what, cure)

    def _call(self, owner: etree._Element, each: etree._Element) -> None:
        key = each.get("processId", "")
        if key.startswith("="):
            why = ("vilken process som anropas kan inte räknas ut.", "which process is called cannot be worked out.")
            cure = ("Rita ett vägval med ett anrop för varje process.", "Draw a choice with a call for each process.")
            self._to.left_out(owner, f"processId={key}", why, cure)
        elif key:
            owner.set("calledElement", key)
            self._to.converted(owner, f"zeebe:calledElement {key}", "calledElement")
        for name, kind in (("propagateAllParentVariables", "in"), ("propagateAllChildVariables", "out")):
            # Both are true where Camunda 8 is told nothing.
            if each.get(name, "true") != "false":
                self._to.mapping(owner, kind, variables="all")
                self._to.converted(owner, name, f"camunda:{kind} variables=all")
            else:
                words = (
                    f"{name}=false: bara det som nämns lämnas över.",
                    f"{name}=false: only what is named is handed over.",
                )
                self._to.note("kept", owner, words)
        self._binding(owner, each, "calledElementBinding")

    def _decision(self, owner: etree._Element, each: etree._Element) -> None:
        said = "zeebe:calledDecision"
        key = each.get("decisionId", "")
        if key.startswith("="):
            why = (
                "vilken beslutstabell som används kan inte räknas ut.",
                "which decision is asked cannot be worked out.",
            )
            self._to.left_out(owner, f"decisionId={key}", why, ("Rita ett vägval.", "Draw a choice."))
        else:
            self._to.attribute(owner, "decisionRef", key, f"{said} {key}")
        self._to.attribute(owner, "resultVariable", each.get("resultVariable", ""), said)
        self._binding(owner, each, "decisionRefBinding")

    def _script(self, owner: etree._Element, each: etree._Element) -> None:
        owner.set("scriptFormat", "feel")
        for old in owner.findall(bpmn("script")):
            owner.remove(old)
        etree.SubElement(owner, bpmn("script")).text = each.get("expression", "").removeprefix("=").strip()
        self._to.converted(owner, "zeebe:script", 'scriptFormat="feel"')
        self._to.attribute(owner, "resultVariable", each.get("resultVariable", ""), "zeebe:script resultVariable")

    def _subscription(self, owner: etree._Element, each: etree._Element) -> None:
        key = each.get("correlationKey", "")
        for place in self._to.referring("messageRef", owner.get("id", "")):
            is_event = local_name(str(place.tag)).endswith(("Event", "Task"))
            around = place.getparent()
            # What starts a process has nothing to compare with yet.
            starts = place.tag == bpmn("startEvent") and around is not None and around.tag == bpmn("process")
            if key and is_event and not starts:
                self._to.own(place, "correlationKey", key)
                self._to.converted(place, "zeebe:subscription", "flowsvc:correlationKey")

    def _loop(self, owner: etree._Element, each: etree._Element) -> None:
        said = "zeebe:loopCharacteristics"
        self._to.attribute(owner, "collection", each.get("inputCollection", ""), said)
        self._to.attribute(owner, "elementVariable", each.get("inputElement", ""), said)
        target, item = each.get("outputCollection", ""), each.get("outputElement", "").removeprefix("=").strip()
        if not (target and item):
            return
        name = item
        if not re.fullmatch(r"[^\W\d]\w*", item):
            # What is collected is a variable of each body; Camunda 8 collects any expression.
            name, activity = f"{target}_item", owner.getparent()
            if activity is not None:
                self._to.parameter(activity, "output", name, f"={item}")
        after = [part for part in owner if part.tag in (bpmn("completionCondition"), bpmn("complexBehaviorDefinition"))]
        reference, collected = etree.Element(bpmn("loopDataOutputRef")), etree.Element(bpmn("outputDataItem"))
        reference.text = target
        collected.set("id", f"{place_id(owner)}_{name}")
        collected.set("name", name)
        place = owner.index(after[0]) if after else len(owner)
        owner[place:place] = [reference, collected]
        self._to.converted(owner, f"{said} outputCollection", "loopDataOutputRef, outputDataItem")

    def _properties(self, owner: etree._Element, each: etree._Element) -> None:
        for entry in each.findall(f"{{{ZEEBE}}}property"):
            self._to.property(owner, entry.get("name", ""), entry.get("value", ""))
            self._to.converted(owner, f"zeebe:property {entry.get('name')}", "camunda:property")

    def _listeners(self, owner: etree._Element, each: etree._Element) -> None:
        for entry in each:
            said = f"{local_name(str(entry.tag))} {entry.get('eventType', '')} {entry.get('type', '')}"
            self._to.left_out(owner, " ".join(said.split()), _LISTENERS, _DRAW)


def place_id(mark: etree._Element) -> str:
    """The id of the activity that carries the mark."""
    activity = mark.getparent()
    return activity.get("id", "loop") if activity is not None else "loop"


def _joined(parts: list[tuple[str, str]]) -> str:
    """One value of what is given for a variable, whole or in parts: `a.b` and `a.c` make the context {b: …, c: …}."""
    whole = [text for rest, text in parts if not rest]
    if whole:
        return whole[-1]
    fields: dict[str, list[tuple[str, str]]] = {}
    for rest, text in parts:
        head, _, further = rest.partition(".")
        fields.setdefault(head, []).append((further, text))
    told = []
    for name, inner in fields.items():
        text = _joined(inner)
        told.append(
            f"{json.dumps(name)}: {text[1:].strip() if text.startswith('=') else json.dumps(text, ensure_ascii=False)}"
        )
    return "={" + ", ".join(told) + "}"


def _plain(key: str) -> str:
    return re.sub(r"[^\w.-]+", "-", key)
