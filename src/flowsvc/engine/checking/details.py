"""What each element says in its attributes: expressions that can be read, timers that mean something, and names of
forms, decisions, processes, functions and groups that exist."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from flowsvc.domain.definitions import Binding, Reference
from flowsvc.domain.values import parse_duration
from flowsvc.engine import dialect
from flowsvc.engine.checking.diagram import Diagram, Element, Process
from flowsvc.engine.checking.findings import Findings, refused, warned
from flowsvc.engine.dialect import NotTranslatable, bpmn, local_name
from flowsvc.engine.feel import FeelIssue

EXPRESSION_LIMIT = 64_000

_FEEL = refused(
    "expression.feel",
    "Uttrycket ”{text}” går inte att läsa: {fault}",
    "Rätta uttrycket. Uttryck skrivs i FEEL.",
    "The expression “{text}” cannot be read: {fault_en}",
    "Correct the expression. Expressions are written in FEEL.",
)
_JUEL = refused(
    "expression.not_translatable",
    "Uttrycket ”{text}” säger mer än en variabel eller en jämförelse.",
    "Skriv det i FEEL, med ett likhetstecken först.",
    "The expression “{text}” says more than a path or a comparison.",
    "Write it in FEEL, beginning with an equals sign.",
)
_TIMER = refused(
    "timer.invalid",
    "Tiden ”{text}” går inte att använda.",
    "Skriv till exempel P5BD (arbetsdagar), PT2H, P30D eller ett datum som 2026-12-03, eller ett FEEL-uttryck med =.",
    "The time “{text}” cannot be used.",
    "Write for example P5BD (working days), PT2H, P30D, a date such as 2026-12-03, or FEEL beginning with =.",
)
_CYCLE = refused(
    "timer.cycle",
    "Återkommande tid stöds bara på en processens starthändelse.",
    "Använd en tid som går en gång, och rita en slinga.",
    "A time cycle is supported only on a start event of a process.",
    "Use a time that passes once, and draw a loop.",
)
_MISSING = refused(
    "reference.missing",
    "{what} {key} finns inte.",
    "Publicera den samtidigt, eller välj en som finns.",
    "There is no {what_en} {key}.",
    "Deploy it together with this, or choose one that exists.",
)
_UNNAMED = refused(
    "reference.unnamed",
    "{name} säger inte {what}.",
    "Fyll i det i egenskapspanelen.",
    "{name} does not say {what_en}.",
    "Fill it in, in the properties panel.",
)
_NOBODY = refused(
    "task.nobody",
    "Ingen är utsedd att göra {name}.",
    "Ange camunda:candidateGroups eller camunda:assignee.",
    "Nobody is named to do {name}.",
    "Give camunda:candidateGroups or camunda:assignee.",
)
_GROUP = warned(
    "group.unknown",
    "Gruppen {key} finns inte i katalogen.",
    "Lägg till den i katalogen, eller rätta namnet.",
    "There is no group {key} in the directory.",
    "Add it to the directory, or correct the name.",
)
_SCRIPT = refused(
    "script.language",
    "Skriptet är inte FEEL.",
    "Sätt scriptFormat till feel och skriv ett FEEL-uttryck.",
    "The script is not FEEL.",
    "Set scriptFormat to feel and write a FEEL expression.",
)
_SERVICE = refused(
    "service.unclear",
    "Tjänsteuppgiften ska ha exakt ett sätt att utföras.",
    "Ange flowsvc:function, flowsvc:connector eller camunda:type=external med ett ämne.",
    "The service task must be done in exactly one way.",
    "Give flowsvc:function, flowsvc:connector, or camunda:type=external with a topic.",
)

IssueReader = Callable[[str], Iterable[FeelIssue]]


@dataclass(frozen=True)
class Known:
    """What exists beside the files being checked."""

    processes: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    groups: frozenset[str] | None = None
    """None where no directory is at hand: then groups are taken as they stand."""
    connectors: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    calls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The processes that each of the known processes runs inside itself."""
    models: Mapping[str, bytes] = field(default_factory=dict)
    """Decision models that may be imported, by namespace."""


@dataclass
class Details:
    """Checks one process, and collects what it refers to."""

    diagram: Diagram
    known: Known
    issues: IssueReader
    findings: Findings
    references: list[Reference] = field(default_factory=list)

    def check(self, process: Process) -> tuple[Reference, ...]:
        """The details of every element are right or reported. Returns the references, in the order of the file."""
        for element in process.elements():
            match element.kind:
                case "userTask":
                    self._user_task(element)
                case "scriptTask":
                    self._script(element)
                case "businessRuleTask":
                    self._decision(element)
                case "serviceTask":
                    self._service(element)
                case "callActivity":
                    self._call(element)
                case "startEvent" | "boundaryEvent" | "endEvent":
                    self._event(element)
            self._extensions(element.element)
            self._loop(element)
            for flow in element.outgoing:
                if flow.condition is not None:
                    self._always_feel(dialect.text_of(flow.condition), flow.element)
        return tuple(self.references)

    def _user_task(self, element: Element) -> None:
        node = element.element
        people = [dialect.attribute(node, name) for name in ("assignee", "candidateUsers", "candidateGroups")]
        if not any(people):
            self.findings.add(_NOBODY, node, name=element.name or element.id)
        for name in ("assignee", "candidateUsers", "candidateGroups", "priority"):
            self._maybe_feel(dialect.attribute(node, name), node)
        for name in ("dueDate", "followUpDate"):
            self._time(dialect.attribute(node, name), node, may_be_now=True)
        for group in self._literal(dialect.attribute(node, "candidateGroups")):
            if (
                self.known.groups is not None
                and group not in self.known.groups
                and not group.startswith(("post:", "unit:"))
            ):
                self.findings.add(_GROUP, node, key=group)
        self._form(node, element.id)

    def _form(self, node: etree._Element, element_id: str) -> None:
        key = dialect.attribute(node, "formRef") or dialect.attribute(node, "formKey")
        if key:
            binding = dialect.attribute(node, "formRefBinding")
            self._refer(
                "form", key, element_id, node, known=self.known.forms, words=("Blanketten", "form"), binding=binding
            )

    def _script(self, element: Element) -> None:
        node = element.element
        text = dialect.text_of(node.find(bpmn("script")))
        if (node.get("scriptFormat") or "").lower() != "feel" or not text:
            self.findings.add(_SCRIPT, node)
            return
        if not dialect.attribute(node, "resultVariable"):
            words = {"what": "var resultatet ska sparas", "what_en": "where the result goes"}
            self.findings.add(_UNNAMED, node, name=element.name or element.id, **words)
        self._always_feel(text, node)

    def _decision(self, element: Element) -> None:
        node = element.element
        key = dialect.attribute(node, "decisionRef") or ""
        if not key:
            words = {"what": "vilken beslutstabell som ska användas", "what_en": "which decision to use"}
            self.findings.add(_UNNAMED, node, name=element.name or element.id, **words)
            return
        binding = dialect.attribute(node, "decisionRefBinding")
        words_of = ("Beslutstabellen", "decision")
        self._refer("decision", key, element.id, node, known=self.known.decisions, words=words_of, binding=binding)

    def _service(self, element: Element) -> None:
        node, own = element.element, dialect.properties(element.element)
        is_external = dialect.attribute(node, "type") == "external" and bool(dialect.attribute(node, "topic"))
        ways = [is_external, "function" in own, "connector" in own]
        if sum(ways) != 1:
            self.findings.add(_SERVICE, node)
        for name, known, words in (
            ("function", self.known.functions, ("Funktionen", "function")),
            ("connector", self.known.connectors, ("Kopplingen", "connector")),
        ):
            if name in own and own[name] not in known:
                self.findings.add(_MISSING, node, what=words[0], what_en=words[1], key=own[name])

    def _call(self, element: Element) -> None:
        node = element.element
        key = node.get("calledElement", "")
        if not key:
            words = {"what": "vilken process som ska anropas", "what_en": "which process to call"}
            self.findings.add(_UNNAMED, node, name=element.name or element.id, **words)
            return
        own_case = dialect.properties(node).get("ownCase") == "true"
        binding = dialect.attribute(node, "calledElementBinding")
        words_of = ("Processen", "process")
        self._refer(
            "process", key, element.id, node, known=self.known.processes, words=words_of, binding=binding, own=own_case
        )
        for entry in (*dialect.extensions(node, "in"), *dialect.extensions(node, "out")):
            if entry.get("sourceExpression"):
                self._always_feel(entry.get("sourceExpression", ""), node)
            self._maybe_feel(entry.get("businessKey"), node)

    def _event(self, element: Element) -> None:
        node = element.element
        if element.kind == "startEvent":
            self._form(node, element.id)
        for definition in element.definitions:
            kind = local_name(str(definition.tag)).removesuffix("EventDefinition")
            if kind == "timer":
                self._timer(element, definition)
            if kind in ("message", "error", "escalation"):
                shared = self.diagram.shared.get(definition.get(f"{kind}Ref", ""))
                code = {"message": "name", "error": "errorCode", "escalation": "escalationCode"}[kind]
                is_named = shared is not None and bool(shared.get(code))
                if not is_named and (kind == "message" or element.kind == "endEvent"):
                    words = {
                        "what": "vilket meddelande eller vilken kod det gäller",
                        "what_en": "which message or code",
                    }
                    self.findings.add(_UNNAMED, node, name=element.name or element.id, **words)

    def _timer(self, element: Element, definition: etree._Element) -> None:
        rules = [child for child in definition if local_name(str(child.tag)).startswith("time")]
        if len(rules) != 1 or not dialect.text_of(rules[0]):
            self.findings.add(_TIMER, element.element, text="")
            return
        text = dialect.text_of(rules[0])
        if local_name(str(rules[0].tag)) == "timeCycle":
            is_process_start = element.kind == "startEvent" and element.scope.owner is None
            if not is_process_start:
                self.findings.add(_CYCLE, element.element)
            elif not text.startswith("=") and not re.fullmatch(r"R\d*/\S+", text):
                self.findings.add(_TIMER, element.element, text=text)
            return
        self._time(text, element.element)

    def _time(self, text: str | None, node: etree._Element, *, may_be_now: bool = False) -> None:
        if may_be_now and text == "P0BD":
            return
        if text and self._maybe_feel(text, node) is None and not is_time(text):
            self.findings.add(_TIMER, node, text=text[:80])

    def _loop(self, element: Element) -> None:
        loop = element.loop
        if loop is None:
            return
        texts = [dialect.attribute(loop, "collection")]
        texts += [dialect.text_of(loop.find(bpmn(name))) for name in ("loopCardinality", "completionCondition")]
        for text in texts:
            if text:
                self._always_feel(text, element.element)

    def _extensions(self, node: etree._Element) -> None:
        for text in dialect.properties(node).values():
            self._maybe_feel(text, node)
        for holder in dialect.extensions(node, "inputOutput"):
            for kind in ("inputParameter", "outputParameter"):
                for entry in dialect.members(holder, kind):
                    self._maybe_feel(entry.text, node)

    def _refer(
        self,
        kind: str,
        key: str,
        element_id: str,
        node: etree._Element,
        *,
        known: frozenset[str],
        words: tuple[str, str],
        binding: str | None,
        own: bool = False,
    ) -> None:
        if key not in known:
            self.findings.add(_MISSING, node, what=words[0], what_en=words[1], key=key)
        bound = Binding.LATEST if binding == "latest" else Binding.DEPLOYMENT
        self.references.append(Reference(kind, key, element_id, bound, own))

    def _literal(self, text: str | None) -> Iterator[str]:
        if text and not text.strip().startswith(("=", "$", "#")):
            yield from dialect.split_names(text)

    def _maybe_feel(self, text: str | None, node: etree._Element) -> str | None:
        """Reads the text where it is FEEL; None where it is literal."""
        if not text:
            return None
        try:
            found = dialect.feel_of(text)
        except NotTranslatable:
            self.findings.add(_JUEL, node, text=text[:80])
            return text
        if found is not None:
            self._read(found, node)
        return found

    def _always_feel(self, text: str, node: etree._Element) -> None:
        try:
            self._read(dialect.condition_of(text), node)
        except NotTranslatable:
            self.findings.add(_JUEL, node, text=text[:80])

    def _read(self, text: str, node: etree._Element) -> None:
        if len(text) > EXPRESSION_LIMIT:
            words = {"fault": "det är längre än 64 kB.", "fault_en": "it is longer than 64 kB."}
            self.findings.add(_FEEL, node, text=text[:40], **words)
            return
        for issue in self.issues(text):
            self.findings.add(_FEEL, node, text=text[:80], fault=issue.message, fault_en=issue.message_en)
            return


def is_time(text: str) -> bool:
    """Whether a literal text is a time that can pass: a duration in working days, an ISO duration or an ISO date; more
    than nothing and at most a hundred years."""
    if days := re.fullmatch(r"P(\d{1,5})BD", text):
        return 0 < int(days[1]) <= 25_000
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}(T\S+)?", text):
        return True
    try:
        length = parse_duration(text)
    except (ValueError, OverflowError):
        return False
    months = getattr(length, "months", None)
    if months is not None:
        return bool(0 < months <= 1200)
    seconds = length.total_seconds()  # type: ignore[union-attr]  # months are dealt with above
    return bool(0 < seconds <= 100 * 366 * 86_400)
