"""What each element says in its attributes: expressions that can be read, timers that mean something, and names of
forms, decisions, processes, functions and groups that exist."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from flowsvc.domain.definitions import Binding, Reference
from flowsvc.engine import dialect
from flowsvc.engine.checking.diagram import EVENTS, Diagram, Element, Process
from flowsvc.engine.checking.findings import Findings, refused, warned
from flowsvc.engine.checking.mappings import check_mappings
from flowsvc.engine.checking.names import Read
from flowsvc.engine.checking.parameters import check_parameters
from flowsvc.engine.checking.times import check_time, check_timer
from flowsvc.engine.dialect import NotTranslatable, bpmn, local_name
from flowsvc.engine.feel import FeelIssue
from flowsvc.engine.fields import form_key_of
from flowsvc.engine.items import Items

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
_NOBODY = warned(
    "task.nobody",
    "Ingen är utsedd att göra {name}: bara den som fördelar arbete kan ge uppgiften till någon.",
    "Ange camunda:candidateGroups eller camunda:assignee.{lane}",
    "Nobody is named to do {name}: only who distributes work can give the task to somebody.",
    "Give camunda:candidateGroups or camunda:assignee.{lane_en}",
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
    "Skriptet är skrivet i {language}, och bara FEEL körs.",
    "Sätt scriptFormat till feel och skriv ett FEEL-uttryck.",
    "The script is written in {language}, and only FEEL is run.",
    "Set scriptFormat to feel and write a FEEL expression.",
)
_NO_RESULT = warned(
    "script.no_result",
    "Det som skriptet i {name} räknar ut sparas inte.",
    "Ange en resultatvariabel, eller ta bort skriptet.",
    "What the script in {name} works out is not kept.",
    "Give a result variable, or remove the script.",
)
_BINDING = refused(
    "reference.binding",
    "{key} hänvisas till med versionen {binding}, och det stöds inte.",
    "Välj deployment (den version som publiceras samtidigt) eller latest (den nyaste).",
    "{key} is referred to by the version {binding}, which is not supported.",
    "Choose deployment (the version deployed together with this) or latest.",
)
_SERVICE = refused(
    "service.unclear",
    "Tjänsteuppgiften ska ha exakt ett sätt att utföras.",
    "Ange flowsvc:function, flowsvc:connector eller camunda:type=external med ett ämne.",
    "The service task must be done in exactly one way.",
    "Give flowsvc:function, flowsvc:connector, or camunda:type=external with a topic.",
)

_WORKER = refused(
    "event.worker",
    "En extern uppgift (camunda:type=external) kan bara sända ett enda meddelande.",
    "Sätt den på en händelse som bara sänder det meddelandet, eller på en sändaruppgift.",
    "An external worker (camunda:type=external) can only send a single message.",
    "Put it on an event that sends that message alone, or on a send task.",
)
_NAME_AT_START = refused(
    "event.name_at_start",
    "Namnet på det som startar {name} är ett uttryck, men före starten finns inga variabler att räkna ut det ur.",
    "Skriv namnet som det är.",
    "The name of what starts {name} is an expression, but before the start there are no variables to work it out from.",
    "Write the name as it is.",
)
_NAMED_BY = {"message": "name", "signal": "name", "error": "errorCode", "escalation": "escalationCode"}

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
    items: Items
    known: Known
    issues: IssueReader
    findings: Findings
    references: list[Reference] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    """The expressions that can be read, with their places."""

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
                case "sendTask" | "receiveTask":
                    self._message_task(element)
                case "complexGateway":
                    self._condition(element, "activationCondition")
                case "adHocSubProcess":
                    self._condition(element, "completionCondition")
                case kind if kind in EVENTS:
                    self._event(element)
            self._extensions(element.element)
            check_mappings(element.element, self.findings)
            self._data(element.element)
            self._loop(element)
            for flow in element.outgoing:
                if flow.condition is not None:
                    self._always_feel(dialect.text_of(flow.condition), flow.element)
        return tuple(self.references)

    def _user_task(self, element: Element) -> None:
        node = element.element
        people = [dialect.attribute(node, name) for name in ("assignee", "candidateUsers", "candidateGroups")]
        if not any(people):
            lane = {"lane": "", "lane_en": ""}
            if element.lane:
                lane["lane"] = f" Banan {element.lane} säger det inte av sig själv."
                lane["lane_en"] = f" The lane {element.lane} does not say it by itself."
            self.findings.add(_NOBODY, node, name=element.name or element.id, **lane)
        for name in ("assignee", "candidateUsers", "candidateGroups", "priority"):
            self._maybe_feel(dialect.attribute(node, name), node)
        for name in ("dueDate", "followUpDate"):
            check_time(dialect.attribute(node, name), node, self.findings, self._maybe_feel, may_be_now=True)
        for group in self._literal(dialect.attribute(node, "candidateGroups")):
            if (
                self.known.groups is not None
                and group not in self.known.groups
                and not group.startswith(("post:", "unit:"))
            ):
                self.findings.add(_GROUP, node, key=group)
        self._form(node, element.id)

    def _form(self, node: etree._Element, element_id: str) -> None:
        key = form_key_of(node)
        if key:
            binding = dialect.attribute(node, "formRefBinding")
            self._refer(
                "form", key, element_id, node, known=self.known.forms, words=("Blanketten", "form"), binding=binding
            )

    def _script(self, element: Element) -> None:
        node = element.element
        text = dialect.text_of(node.find(bpmn("script")))
        language = (node.get("scriptFormat") or "feel").strip()
        if "feel" not in language.lower():
            self.findings.add(_SCRIPT, node, language=language[:40])
            return
        if not text:
            # Without a script it is the equivalent of an abstract task (BPMN 2.0.2, table 10.12).
            return
        if not dialect.attribute(node, "resultVariable"):
            self.findings.add(_NO_RESULT, node, name=element.name or element.id)
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
                is_answer = local_name(str(entry.tag)) == "out"
                self._always_feel(entry.get("sourceExpression", ""), node, is_answer=is_answer)
            if own_case or not dialect.is_own_key(entry.get("businessKey", "")):
                self._maybe_feel(entry.get("businessKey"), node)

    def _message_task(self, element: Element) -> None:
        node = element.element
        if element.kind == "sendTask" and element.is_service:
            self._service(element)
        else:
            self._named(element, node, "message")

    def _event(self, element: Element) -> None:
        node = element.element
        if element.kind == "startEvent":
            self._form(node, element.id)
        for definition in element.definitions:
            kind = local_name(str(definition.tag)).removesuffix("EventDefinition")
            match kind:
                case "timer":
                    self._timer(element, definition)
                case "message" if element.worker_topic is not None:
                    self._worker(element)
                case "conditional":
                    condition = dialect.text_of(definition.find(bpmn("condition")))
                    if condition:
                        self._always_feel(condition, node)
                    else:
                        words = {"what": "vilket villkor det väntar på", "what_en": "which condition it waits for"}
                        self.findings.add(_UNNAMED, node, name=element.name or element.id, **words)
                case "message" | "signal" | "error" | "escalation":
                    self._named(element, definition, kind)

    def _worker(self, element: Element) -> None:
        if element.kind not in ("endEvent", "intermediateThrowEvent") or len(element.definitions) > 1:
            self.findings.add(_WORKER, element.element)
        elif not element.worker_topic:
            self.findings.add(_SERVICE, element.element)

    def _named(self, element: Element, reference: etree._Element, kind: str) -> None:
        """The message, signal, error or escalation has a name or code, where it must have one."""
        node = element.element
        shared = self.diagram.shared.get(reference.get(f"{kind}Ref", ""))
        name = shared.get(_NAMED_BY[kind], "") if shared is not None else ""
        is_any = kind in ("error", "escalation") and element.kind in ("boundaryEvent", "startEvent")
        if not name and not is_any:
            words = {
                "what": "vilket meddelande, vilken signal eller vilken kod det gäller",
                "what_en": "which message, signal or code",
            }
            self.findings.add(_UNNAMED, node, name=element.name or element.id, **words)
        is_feel = kind in ("message", "signal") and self._maybe_feel(name, node) is not None
        if is_feel and element.scope.owner is None and element in element.scope.starters():
            self.findings.add(_NAME_AT_START, node, name=element.name or element.id)

    def _timer(self, element: Element, definition: etree._Element) -> None:
        check_timer(element, definition, self.findings, self._maybe_feel)

    def _condition(self, element: Element, name: str) -> None:
        if text := dialect.text_of(element.element.find(bpmn(name))):
            self._always_feel(text, element.element)

    def _loop(self, element: Element) -> None:
        loop = element.loop
        if loop is None:
            return
        texts = [dialect.attribute(loop, "collection")]
        reference = dialect.text_of(loop.find(bpmn("loopDataInputRef")))
        if self.items.name_for(reference) == reference:
            texts.append(reference)
        names = ("loopCardinality", "completionCondition", "loopCondition")
        texts += [dialect.text_of(loop.find(bpmn(name))) for name in names]
        texts += [
            dialect.text_of(each) for each in loop.iterfind(f"{bpmn('complexBehaviorDefinition')}/{bpmn('condition')}")
        ]
        for text in texts:
            if text:
                self._always_feel(text, element.element)

    def _data(self, node: etree._Element) -> None:
        for kind in ("dataInputAssociation", "dataOutputAssociation"):
            for drawn in node.iterfind(bpmn(kind)):
                texts = (drawn.find(bpmn("transformation")), *drawn.iterfind(f"{bpmn('assignment')}/{bpmn('from')}"))
                for text in filter(None, map(dialect.text_of, texts)):
                    self._always_feel(text, node)

    def _extensions(self, node: etree._Element) -> None:
        for name, text in dialect.properties(node).items():
            if name == "timeToLive":
                check_time(text, node, self.findings, self._maybe_feel)
            else:
                self._maybe_feel(text, node)
        is_call = local_name(str(node.tag)) in ("serviceTask", "callActivity", "sendTask", "businessRuleTask")
        check_parameters(
            node,
            self.findings,
            maybe=lambda text, is_output: self._maybe_feel(text, node, is_answer=is_output and is_call),
            always=lambda text, is_output: self._always_feel(text, node, is_answer=is_output and is_call),
        )

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
        if binding not in (None, "", "latest", "deployment"):
            self.findings.add(_BINDING, node, key=key, binding=binding)
        bound = Binding.LATEST if binding == "latest" else Binding.DEPLOYMENT
        self.references.append(Reference(kind, key, element_id, bound, own))

    def _literal(self, text: str | None) -> Iterator[str]:
        if text and not text.strip().startswith(("=", "$", "#")):
            yield from dialect.split_names(text)

    def _maybe_feel(self, text: str | None, node: etree._Element, *, is_answer: bool = False) -> str | None:
        """Reads the text where it is FEEL; None where it is literal. The names in what `is_answer` are known to what
        is called, and not here."""
        if not text:
            return None
        try:
            found = dialect.feel_of(text)
        except NotTranslatable:
            self.findings.add(_JUEL, node, text=text[:80])
            return text
        if found is not None:
            self._read(found, node, is_answer=is_answer)
        return found

    def _always_feel(self, text: str, node: etree._Element, *, is_answer: bool = False) -> None:
        try:
            self._read(dialect.condition_of(text), node, is_answer=is_answer)
        except NotTranslatable:
            self.findings.add(_JUEL, node, text=text[:80])

    def _read(self, text: str, node: etree._Element, *, is_answer: bool = False) -> None:
        if len(text) > EXPRESSION_LIMIT:
            words = {"fault": "det är längre än 64 kB.", "fault_en": "it is longer than 64 kB."}
            self.findings.add(_FEEL, node, text=text[:40], **words)
            return
        for issue in self.issues(text):
            self.findings.add(_FEEL, node, text=text[:80], fault=issue.message, fault_en=issue.message_en)
            return
        if not is_answer:
            self.reads.append(Read(text, node))
