"""The deploy check: files in, a report out. Every element and attribute is used, warned about or refused by name; any
bytes at all give a named reason."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

from lxml import etree

from flowsvc.domain.definitions import ProcessFacts, Reference, StartElement
from flowsvc.domain.errors import DefinitionInvalid, FlowError, Problem, TooLarge
from flowsvc.domain.forms import form_conditions, parse_form
from flowsvc.engine import dialect
from flowsvc.engine.checking import diagram as diagrams
from flowsvc.engine.checking.attributes import check_attributes, check_spaces
from flowsvc.engine.checking.contents import check_contents
from flowsvc.engine.checking.data import check_data
from flowsvc.engine.checking.details import Details, Known
from flowsvc.engine.checking.diagram import Diagram, Element, Process
from flowsvc.engine.checking.elements import check_elements
from flowsvc.engine.checking.fields import check_fields
from flowsvc.engine.checking.files import check_roots, is_diagram
from flowsvc.engine.checking.findings import Findings, refused
from flowsvc.engine.checking.graph import check_graph, is_too_large
from flowsvc.engine.checking.names import Names, check_names, names_of
from flowsvc.engine.checking.references import check_ids, check_references
from flowsvc.engine.checking.schema import check_schema
from flowsvc.engine.decisions import check_decisions, heading_of, parse_decisions
from flowsvc.engine.dialect import bpmn, local_name
from flowsvc.engine.feel import Feel
from flowsvc.engine.fields import form_data, form_key_of, schema_of
from flowsvc.engine.items import Items
from flowsvc.engine.standard import GLOBAL_TASKS
from flowsvc.engine.xml import parse_xml

__all__ = ["Known", "Report", "SourceFile", "check"]

_UNKNOWN_FILE = refused(
    "file.unknown",
    "Filtypen känns inte igen.",
    "Använd .bpmn, .dmn eller .form.",
    "The kind of file is not known.",
    "Use .bpmn, .dmn or .form.",
)
_TOO_LARGE = refused(
    "input.too_large",
    "Filen är större än 2 MB.",
    "Dela upp den i flera filer.",
    "The file is larger than 2 MB.",
    "Split it into several files.",
)
_UNREADABLE = refused(
    "file.unreadable",
    "Filen går inte att läsa: {why}",
    "Rätta den, eller spara den på nytt.",
    "The file cannot be read ({code}).",
    "Correct it, or save it again.",
)
_KEY_TWICE = refused(
    "key.duplicate",
    "Nyckeln {key} finns i flera filer.",
    "Behåll en av dem.",
    "The key {key} is in several files.",
    "Keep one of them.",
)
_ONLY_TYPES = refused(
    "decision.none",
    "Filen har inget beslut, bara typer.",
    "Publicera den tillsammans med filen som importerar den.",
    "The file has no decision, only types.",
    "Deploy it together with the file that imports it.",
)
_CALLS_ITSELF = refused(
    "call.recursion",
    "Processen {key} anropar sig själv.",
    "Låt den anropade processen vara ett eget ärende, eller rita en slinga.",
    "The process {key} calls itself.",
    "Let the called process be a case of its own, or draw a loop.",
)


@dataclass(frozen=True)
class SourceFile:
    """A file to be checked or deployed."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Named:
    """A decision or form that a file holds."""

    key: str
    name: str
    name_en: str
    file_name: str
    namespace: str = ""
    imports: tuple[str, ...] = ()
    """The namespaces of all models that a decision reads beside its own."""
    source: str = ""
    """The form itself, where a diagram draws it."""


@dataclass(frozen=True)
class Report:
    """What the check found, and what the files hold."""

    problems: tuple[Problem, ...]
    processes: tuple[ProcessFacts, ...]
    decisions: tuple[Named, ...]
    forms: tuple[Named, ...]
    process_files: Mapping[str, str]
    """The name of the file that holds each process, by the process's key."""

    @property
    def refused(self) -> bool:
        """Whether something stops the deployment."""
        return any(each.severity == "refused" for each in self.problems)

    def as_json(self) -> dict[str, object]:
        """The report as plain JSON."""
        return asdict(self)


def check(files: Sequence[SourceFile], *, known: Known, feel: Feel) -> Report:
    """The report on the files; what one file names may stand in another of them or be `known`."""
    checked = _Check(known, feel)
    others = [each for each in files if not each.name.endswith(".bpmn")]
    checked.announce_models(others)
    for each in others:
        checked.other(each)
    roots = [(each, root) for each in files if each.name.endswith(".bpmn") and (root := checked.root(each)) is not None]
    checked.announce(root for _, root in roots)
    for each, root in roots:
        checked.diagram(each, root)
    checked.names()
    checked.calls()
    return Report(
        problems=tuple(checked.problems),
        processes=tuple(checked.processes),
        decisions=tuple(checked.decisions),
        forms=tuple(checked.forms),
        process_files=checked.process_files,
    )


class _Check:
    def __init__(self, known: Known, feel: Feel) -> None:
        self._known, self._feel = known, feel
        self.problems: list[Problem] = []
        self.processes: list[ProcessFacts] = []
        self.process_files: dict[str, str] = {}
        self.decisions: list[Named] = []
        self.forms: list[Named] = []
        self._form_names: dict[str, frozenset[str]] = {}
        self._names: list[Names] = []
        self._models: dict[str, bytes] = dict(known.models)
        self._imported: set[str] = set()

    def announce_models(self, files: Iterable[SourceFile]) -> None:
        """The decision models of these files may be imported by each other."""
        for each in files:
            if each.name.endswith(".dmn"):
                # One that cannot be read is told of in its turn.
                with suppress(FlowError):
                    heading = heading_of(each.data, file_name=each.name)
                    self._models[heading.namespace] = each.data
                    self._imported.update(heading.imports)

    def other(self, file: SourceFile) -> None:
        """A decision or a form is read."""
        findings = Findings(file.name)
        if file.name.endswith(".dmn"):
            self._reading(file, findings, lambda: self._tables(file, findings))
        elif file.name.endswith(".form"):
            self._reading(file, findings, lambda: self._form(file, findings))
        else:
            findings.add(_UNKNOWN_FILE, None)
        self.problems.extend(findings.problems())

    def root(self, file: SourceFile) -> etree._Element | None:
        """The root of a diagram; None where it cannot be read."""
        findings = Findings(file.name)
        found: list[etree._Element] = []
        self._reading(file, findings, lambda: found.append(parse_xml(file.data, file_name=file.name)))
        if found and not is_diagram(found[0], findings):
            found = []
        self.problems.extend(findings.problems())
        return found[0] if found else None

    def announce(self, roots: Iterable[etree._Element]) -> None:
        """The processes of these files may be called by each other."""
        called = tuple(map(bpmn, ("process", *GLOBAL_TASKS)))
        keys = {each.get("id", "") for root in roots for each in root.iterchildren(*called)}
        self._known = replace(
            self._known,
            processes=self._known.processes | keys,
            decisions=self._known.decisions | {each.key for each in self.decisions},
            forms=self._known.forms | {each.key for each in self.forms},
        )

    def diagram(self, file: SourceFile, root: etree._Element) -> None:
        """A diagram is checked from end to end."""
        findings = Findings(file.name)
        check_schema(root, findings)
        diagram = diagrams.read(root)
        check_roots(diagram, findings)
        check_spaces(diagram, findings)
        check_ids(diagram, findings)
        check_references(diagram, findings)
        items = Items(diagram.root)
        for process in () if is_too_large(diagram, findings) else diagram.executable:
            if process.key in {each.key for each in self.processes}:
                findings.add(_KEY_TWICE, process.element, key=process.key)
            check_elements(diagram, process, findings)
            check_contents(process, findings)
            check_data(items, process, findings)
            check_attributes(process, findings)
            check_graph(process, findings)
            self._drawn_forms(process, file, findings)
            details = Details(diagram, items, self._known, self._feel.check, findings)
            references = details.check(process)
            self._names.append(names_of(process, details.reads, self._form_names, items))
            self.processes.append(_facts(diagram, process, references))
            self.process_files[process.key] = file.name
        self.problems.extend(findings.problems())

    def _drawn_forms(self, process: Process, file: SourceFile, findings: Findings) -> None:
        """The forms that user tasks and start events draw are forms as others are."""
        for element in process.elements():
            node = element.element
            if element.kind not in ("userTask", "startEvent") or form_data(node) is None:
                continue
            self._known = replace(self._known, forms=self._known.forms | {form_key_of(node)})
            if not check_fields(node, findings):
                continue
            try:
                form = parse_form(schema_of(node), file_name=file.name)
            except DefinitionInvalid as error:
                # A place in the schema is none in the diagram.
                findings.take(
                    replace(each, element_id=element.id, line=node.sourceline or 0) for each in error.problems
                )
                continue
            self._form_names[form.key] = frozenset(each.key for each in form.fields())
            drawn = Named(form.key, form.name, form.name, file.name, source=schema_of(node).decode())
            self._keep(self.forms, drawn, findings)

    def names(self) -> None:
        """What expressions read is set by something."""
        findings = {each.process.key: Findings(self.process_files[each.process.key]) for each in self._names}
        check_names(self._names, findings, self._feel.variables)
        for each in findings.values():
            self.problems.extend(each.problems())

    def calls(self) -> None:
        """No process runs inside itself."""
        inside = {**self._known.calls, **{each.key: each.called_inside for each in self.processes}}
        for key in (each.key for each in self.processes):
            waiting, seen = list(inside[key]), set[str]()
            while waiting:
                called = waiting.pop()
                if called == key:
                    findings = Findings("")
                    findings.add(_CALLS_ITSELF, None, key=key)
                    self.problems.extend(findings.problems())
                    break
                if called not in seen:
                    seen.add(called)
                    waiting.extend(inside.get(called, ()))

    def _tables(self, file: SourceFile, findings: Findings) -> None:
        trees = parse_decisions(file.data, file_name=file.name, imported=self._models)
        if not trees and heading_of(file.data, file_name=file.name).namespace not in self._imported:
            findings.add(_ONLY_TYPES, None)
        findings.take(
            check_decisions(
                trees,
                issues=lambda text, kind, names: [
                    (each.message, each.message_en) for each in self._feel.check(text, kind=kind, names=names)
                ],
                file_name=file.name,
            )
        )
        for each in trees:
            imports = tuple(sorted(set(each.types) - {each.scope}))
            named = Named(each.key, each.name, each.name, file.name, each.scope, imports)
            self._keep(self.decisions, named, findings)

    def _form(self, file: SourceFile, findings: Findings) -> None:
        form = parse_form(file.data, file_name=file.name)
        for text in form_conditions(form):
            for issue in self._feel.check(text):
                findings.take([_unreadable(form.key, text, issue.message, issue.message_en)])
        self._form_names[form.key] = frozenset(each.key for each in form.fields())
        self._keep(self.forms, Named(form.key, form.name, form.name_en or form.name, file.name), findings)

    def _keep(self, found: list[Named], named: Named, findings: Findings) -> None:
        if named.key in {each.key for each in found}:
            findings.add(_KEY_TWICE, None, key=named.key)
        found.append(named)

    def _reading(self, file: SourceFile, findings: Findings, read: Callable[[], object]) -> None:
        try:
            read()
        except DefinitionInvalid as error:
            findings.take(error.problems)
        except TooLarge:
            findings.add(_TOO_LARGE, None)
        except FlowError as error:
            findings.add(_UNREADABLE, None, code=error.code, why=error.message)


def _unreadable(key: str, text: str, fault: str, fault_en: str) -> Problem:
    return Problem(
        "refused",
        "form.feel",
        key,
        0,
        f"Villkoret {text} går inte att läsa: {fault}",
        "Rätta villkoret.",
        f"The condition {text} cannot be read: {fault_en}",
        "Correct the condition.",
    )


def _facts(diagram: Diagram, process: Process, references: Sequence[Reference]) -> ProcessFacts:
    node, own = process.element, dialect.properties(process.element)
    name = node.get("name") or process.pool or process.key
    return ProcessFacts(
        key=process.key,
        name=" ".join(name.split()),
        name_en=own.get("name:en", ""),
        documentation=dialect.text_of(node.find(bpmn("documentation"))),
        documentation_en=own.get("documentation:en", ""),
        version_tag=dialect.attribute(node, "versionTag") or "",
        starts=tuple(_starts(diagram, process)) or (StartElement(process.scope.undrawn_start, "none"),),
        starter_groups=dialect.split_names(dialect.attribute(node, "candidateStarterGroups") or ""),
        references=tuple(references),
        history_time_to_live=dialect.attribute(node, "historyTimeToLive") or "",
        properties=own,
    )


def _starts(diagram: Diagram, process: Process) -> Iterator[StartElement]:
    """Every way in which the process starts: one for each trigger of each element that starts it."""
    for element in process.scope.starters():
        if element.kind == "receiveTask":
            yield _start(diagram, element, "message", element.element)
        elif not element.definitions:
            yield _start(diagram, element, "none", element.element)
        for kind, definition in zip(element.triggers, element.definitions, strict=True):
            yield _start(diagram, element, kind, definition)


def _start(diagram: Diagram, element: Element, kind: str, definition: etree._Element) -> StartElement:
    node = element.element
    rule = next(iter(definition), None) if kind == "timer" else None
    shared = diagram.shared.get(definition.get(f"{kind}Ref", ""))
    name = shared.get("name", "") if shared is not None else ""
    return StartElement(
        element_id=element.id,
        kind=kind,
        form_key=form_key_of(node),
        message=name if kind == "message" else "",
        signal=name if kind == "signal" else "",
        timer_kind=local_name(str(rule.tag)) if rule is not None else "",
        timer=dialect.text_of(rule),
        initiator=dialect.attribute(node, "initiator") or "",
    )
