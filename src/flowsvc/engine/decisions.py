"""DMN files (1.1 to 1.5) read into decision trees that V8 can walk; hides the XML, imports and what is refused."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lxml import etree

from flowsvc.domain.errors import DefinitionInvalid, Problem
from flowsvc.engine.decision_tree import DecisionText, DecisionTree, Function, ItemType, Requirement, Shape, TextKind
from flowsvc.engine.dmn.logic import LOGIC, LogicReader
from flowsvc.engine.dmn.problems import Problems
from flowsvc.engine.dmn.types import children, finder, item_type, outline, plain_name, type_name, type_texts
from flowsvc.engine.xml import parse_xml

__all__ = [
    "NAMESPACES",
    "DecisionTree",
    "Heading",
    "TextKind",
    "as_text",
    "check_decisions",
    "heading_of",
    "parse_decisions",
]

NAMESPACES = (
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
)
MAX_CHAIN = 50
"""How many decisions may require one another in a row."""

_KINDS = {
    "decision": "decision",
    "businessKnowledgeModel": "knowledge",
    "decisionService": "service",
    "inputData": "input",
}
_OPEN = frozenset({"", "Any", "context", "list"})
"""Types that say nothing of the names inside a value."""
_REQUIRED = ("requiredDecision", "requiredInput", "requiredKnowledge")


@dataclass(frozen=True)
class Heading:
    """Under which namespace a file can be imported, and those that it imports itself."""

    namespace: str
    imports: tuple[str, ...]


def heading_of(xml: bytes, *, file_name: str) -> Heading:
    """What a file says of itself to others."""
    root = parse_xml(xml, file_name=file_name)
    return Heading(root.get("namespace", ""), tuple(each.get("namespace", "") for each in _imports(root)))


def as_text(xml: bytes, *, file_name: str) -> str:
    """The file as a text, whatever its encoding was."""
    return etree.tostring(parse_xml(xml, file_name=file_name), encoding="unicode")


def parse_decisions(
    xml: bytes, *, file_name: str, imported: Mapping[str, bytes] | None = None
) -> tuple[DecisionTree, ...]:
    """All of the file that can be asked: decisions, business knowledge models and decision services. `imported` has the
    models that it imports, and theirs, by namespace. DefinitionInvalid names each element that cannot run."""
    files = _Files(dict(imported or {}))
    reader = _Reader(parse_xml(xml, file_name=file_name), file_name, files)
    trees = reader.read()
    if reader.problems.found:
        raise DefinitionInvalid(reader.problems.found)
    return trees


def check_decisions(
    trees: Sequence[DecisionTree],
    *,
    issues: Callable[[str, TextKind, Shape], Sequence[tuple[str, str]]],
    file_name: str,
) -> tuple[Problem, ...]:
    """The FEEL texts that cannot be read; `issues(text, kind, names)` gives the faults in both languages. In a table
    they are refused. Elsewhere DMN has them answer null, and so has a function in another language: a warning."""
    unreadable = [
        _unreadable(tree, each, said, file_name)
        for tree in trees
        for each in tree.texts
        for said in issues(each.text, each.kind, tree.shape)
    ]
    foreign = [
        Problem(
            severity="warned",
            code="decision.foreign_function",
            element_id=each.element_id,
            line=each.line,
            what=f"Funktioner i {each.text} körs inte; den här ger null.",
            cure="Skriv funktionen i FEEL.",
            what_en=f"Functions in {each.text} are not run; this one gives null.",
            cure_en="Write the function in FEEL.",
            file_name=file_name,
        )
        for tree in trees
        for each in tree.foreign
    ]
    hollow = [
        Problem(
            severity="warned",
            code="decision.no_logic",
            element_id=tree.key,
            line=tree.line,
            what=f"Beslutet ”{tree.name}” har varken tabell eller uttryck och ger null.",
            cure="Lägg till en beslutstabell.",
            what_en=f"The decision “{tree.name}” has neither a table nor an expression and gives null.",
            cure_en="Add a decision table.",
            file_name=file_name,
        )
        for tree in trees
        if tree.kind == "decision" and tree.logic is None
    ]
    return (*unreadable, *foreign, *hollow)


def _unreadable(tree: DecisionTree, text: DecisionText, said: tuple[str, str], file_name: str) -> Problem:
    # Names with spaces inside a value of no declared type are known when the value is: then the text may be read.
    is_refused = text.is_cell and tree.is_outlined
    cures = ("Rätta uttrycket.", "Correct the expression.")
    if text.is_cell and not is_refused:
        cures = (
            "Rätta uttrycket, eller ange typer för det som krävs.",
            "Correct it, or declare the types it requires.",
        )
    elif not is_refused:
        cures = ("Rätta uttrycket; till dess ger det null.", "Correct the expression; until then it gives null.")
    return Problem(
        severity="refused" if is_refused else "warned",
        code="decision.feel",
        element_id=text.element_id,
        line=text.line,
        what=f"{said[0]} Det står: {text.text[:80]}",
        cure=cures[0],
        what_en=f"{said[1]} It says: {text.text[:80]}",
        cure_en=cures[1],
        file_name=file_name,
    )


def _imports(root: etree._Element) -> list[etree._Element]:
    return children(root, "import")


@dataclass
class _Files:
    """The files that are read together, each once, and their item definitions."""

    sources: dict[str, bytes]
    readers: dict[str, "_Reader"] = field(default_factory=dict)
    types: dict[str, dict[str, ItemType]] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    """The elements that are being read, each required by the one before it."""

    def reader(self, namespace: str) -> "_Reader | None":
        if namespace not in self.readers and namespace in self.sources:
            name = f"import {namespace}"
            _Reader(parse_xml(self.sources[namespace], file_name=name), name, self)
        return self.readers.get(namespace)


class _Reader:
    """Reads one file, gathering problems as it goes."""

    def __init__(self, root: etree._Element, file_name: str, files: _Files) -> None:
        self.problems = Problems(file_name)
        self.scope = root.get("namespace", "")
        self._root, self._files = root, files
        self._trees: dict[str, DecisionTree] = {}
        self._is_dmn = etree.QName(root).localname == "definitions" and etree.QName(root).namespace in NAMESPACES
        self._elements = {_key(each): each for each in root if etree.QName(each).localname in _KINDS and _key(each)}
        self._prefixes: dict[str, str] = {}
        files.readers[self.scope] = self
        files.types[self.scope] = {each.name: each for each in map(item_type, children(root, "itemDefinition"))}
        if self._is_dmn:
            self._import()
        self._find_type = finder(files.types, self.scope)

    def read(self) -> tuple[DecisionTree, ...]:
        if not self._is_dmn:
            self.problems.refuse(
                self._root,
                "decision.not_dmn",
                ("Filen är inte en DMN-fil (1.1 till 1.5).", "Spara den som DMN i ritverktyget."),
                ("The file is not a DMN file (1.1 to 1.5).", "Save it as DMN in the modeler."),
            )
            return ()
        self.problems.refuse_language(self._root)
        for each in self._root:
            if etree.QName(each).localname == "decision" and not _key(each):
                self.problems.refuse(
                    each,
                    "decision.no_id",
                    ("Beslutet har inget id.", "Ge det ett id; det är namnet som diagram anropar."),
                    ("The decision has no id.", "Give it one: it is the name that diagrams call."),
                )
        asked = [key for key, each in self._elements.items() if etree.QName(each).localname != "inputData"]
        if not asked and not children(self._root, "itemDefinition"):
            self.problems.refuse(
                self._root,
                "decision.none",
                ("Filen har inget beslut.", "Lägg till en beslutstabell."),
                ("The file has no decision.", "Add a decision table."),
            )
        trees = [tree for key in asked if (tree := self.tree(key)) is not None]
        if trees:
            # The tests of the types are the file's; they are told of with the first that can be asked.
            tests = [each for item in children(self._root, "itemDefinition") for each in type_texts(item)]
            trees[0] = replace(trees[0], texts=(*trees[0].texts, *tests))
        return tuple(trees)

    def tree(self, key: str) -> DecisionTree | None:
        """An element with all that it requires; None where it cannot be read."""
        if key not in self._trees:
            self._files.open.append(f"{self.scope}#{key}")
            made = self._element(key, self._elements[key])
            self._files.open.pop()
            if made is None:
                return None
            self._trees[key] = made
        return self._trees[key]

    def _import(self) -> None:
        for each in _imports(self._root):
            namespace, name = each.get("namespace", ""), plain_name(each.get("name", ""))
            if each.get("importType", NAMESPACES[0]) not in NAMESPACES:
                self.problems.refuse(
                    each,
                    "decision.import",
                    (f"Det som importeras, {name or namespace}, är inte DMN.", "Ta bort importen."),
                    (f"What is imported, {name or namespace}, is not DMN.", "Remove the import."),
                )
                continue
            if self._files.reader(namespace) is None:
                self.problems.refuse(
                    each,
                    "decision.import",
                    (f"Modellen {name or namespace} finns inte.", "Publicera den tillsammans med filen, eller före."),
                    (f"The model {name or namespace} is not known.", "Deploy it together with the file, or before."),
                )
                continue
            self._prefixes[namespace] = name
            own = self._files.types[self.scope]
            for item in list(self._files.types[namespace].values()):
                target = item.alias if item.alias[0] else (namespace, item.name)
                own.setdefault(f"{name}.{item.name}" if name else item.name, ItemType(name=item.name, alias=target))

    def _element(self, key: str, element: etree._Element) -> DecisionTree | None:
        kind = _KINDS[etree.QName(element).localname]
        reader = LogicReader(self.problems, lambda name: self._find_type(name) is not None, self._allowed)
        variable = next(iter(children(element, "variable")), None)
        declared = "" if variable is None else variable.get("typeRef", "")
        tree = DecisionTree(
            key=key,
            name=plain_name(element.get("name", key)),
            kind=kind,  # type: ignore[arg-type]  # one of the four words of _KINDS
            variable="" if variable is None else plain_name(variable.get("name", "")),
            type=reader.type(element if variable is None else variable, declared),
            scope=self.scope,
            line=element.sourceline or 0,
            types=self._files.types,
        )
        if kind == "input":
            return tree
        if kind == "service":
            return self._service(tree, element)
        requires = self._requires(element)
        logic = reader.inside(element)
        if logic is None and kind == "decision" and self._is_hollow(element):
            self._refuse_empty(element, tree.name)
            return None
        if kind == "knowledge" and not isinstance(logic, Function):
            logic = Function()
        bound = [(each.name, each.type) for each in reader.bound]
        return replace(
            tree,
            logic=logic,
            requires=requires,
            shape=self._shape(tree, requires, bound),
            is_outlined=all(each.tree.kind == "knowledge" or each.tree.type not in _OPEN for each in requires)
            and all(type_ not in _OPEN for _, type_ in bound),
            texts=tuple(reader.texts),
            foreign=tuple(reader.foreign),
        )

    def _is_hollow(self, element: etree._Element) -> bool:
        # One without logic among others is null in DMN (6.3.7); an expression without a text is a slip of the pen.
        logics = [_logic(each) for each in self._elements.values() if etree.QName(each).localname == "decision"]
        return _logic(element) is not None or not any(each is not None for each in logics)

    def _refuse_empty(self, element: etree._Element, name: str) -> None:
        found = _logic(element)
        if found is not None:
            self.problems.refuse(
                found,
                "decision.empty",
                ("Uttrycket är tomt.", "Skriv vad som ska läsas eller räknas ut."),
                ("The expression is empty.", "Write what is to be read or worked out."),
            )
            return
        self.problems.refuse(
            element,
            "decision.no_logic",
            (f"Beslutet ”{name}” har varken tabell eller uttryck.", "Lägg till en beslutstabell."),
            (f"The decision “{name}” has neither a table nor an expression.", "Add a decision table."),
        )

    def _service(self, tree: DecisionTree, element: etree._Element) -> DecisionTree:
        def of(name: str) -> tuple[DecisionTree, ...]:
            found = (self._required(element, each.get("href", "")) for each in children(element, name))
            return tuple(each.tree for each in found if each is not None)

        return replace(tree, results=of("outputDecision"), parameters=(*of("inputData"), *of("inputDecision")))

    def _requires(self, element: etree._Element) -> tuple[Requirement, ...]:
        own = etree.QName(element).localname
        found = [
            self._required(requirement, reference.get("href", ""))
            for requirement in (
                *children(element, "informationRequirement"),
                *children(element, "knowledgeRequirement"),
            )
            for name in _REQUIRED
            for reference in children(requirement, name)
            # A function knows itself.
            if not (own == "businessKnowledgeModel" and reference.get("href", "").endswith(f"#{_key(element)}"))
        ]
        return tuple(each for each in found if each is not None)

    def _required(self, place: etree._Element, href: str) -> Requirement | None:
        namespace, _, key = href.rpartition("#")
        reader = self if not namespace or namespace == self.scope else self._files.readers.get(namespace)
        if reader is None or key not in reader._elements:
            self.problems.refuse(
                place,
                "decision.unknown_requirement",
                (
                    f"Det som krävs, {key}, finns varken i filen eller i de modeller som den importerar.",
                    "Lägg det i samma fil, eller importera filen som har det.",
                ),
                (
                    f"What is required, {key}, is neither in the file nor in the models that it imports.",
                    "Put it into the same file, or import the file that has it.",
                ),
            )
            return None
        if f"{reader.scope}#{key}" in self._files.open or len(self._files.open) > MAX_CHAIN:
            self.problems.refuse(
                place,
                "decision.circle",
                ("Besluten kräver varandra i en ring eller i en för lång kedja.", "Ta bort en pil."),
                ("The decisions require one another in a circle or a chain too long.", "Remove an arrow."),
            )
            return None
        tree = reader.tree(key)
        prefix = "" if reader is self else self._prefixes.get(namespace, "")
        return None if tree is None else Requirement(tree, (prefix,) if prefix else ())

    def _allowed(self, declared: str) -> str:
        item = self._find_type(type_name(declared, self._root))
        return "" if item is None or item.collection else item.allowed

    def _shape(self, tree: DecisionTree, requires: Iterable[Requirement], bound: Iterable[tuple[str, str]]) -> Shape:
        made: dict[str, Shape | None] = {name: outline(type_, self._find_type) for name, type_ in bound if name}
        for name in filter(None, (tree.name, tree.variable) if tree.kind == "knowledge" else ()):
            made[name] = None
        for each in requires:
            inner = outline(each.tree.type, finder(self._files.types, each.tree.scope))
            names = dict.fromkeys(filter(None, (each.tree.variable, each.tree.name, each.tree.key)), inner)
            if each.under:
                known = made.get(each.under[0]) or {}
                made[each.under[0]] = {**known, **names}
            else:
                made.update(names)
        return made


def _key(element: etree._Element) -> str:
    return element.get("id", "") or plain_name(element.get("name", ""))


def _logic(element: etree._Element) -> etree._Element | None:
    return next((each for each in element if etree.QName(each).localname in LOGIC), None)
