"""DMN files read into decision trees that V8 can walk; hides the XML and what is refused of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from lxml import etree

from flowsvc.domain.errors import DefinitionInvalid, Problem
from flowsvc.engine.decision_tree import DecisionText, DecisionTree, InputColumn, OutputColumn, Rule, TextKind
from flowsvc.engine.xml import parse_xml

__all__ = ["NAMESPACES", "DecisionTree", "TextKind", "check_decisions", "parse_decisions"]

NAMESPACES = (
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
)
CAMUNDA = ("http://camunda.org/schema/1.0/dmn", "http://operaton.org/schema/1.0/dmn")
HIT_POLICIES = ("UNIQUE", "FIRST", "ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT")
AGGREGATIONS = ("", "SUM", "MIN", "MAX", "COUNT")
MAX_CHAIN = 50
"""How many decisions may require one another in a row."""

_TYPES = {
    "": "any",
    "Any": "any",
    "string": "string",
    "number": "number",
    "integer": "number",
    "long": "number",
    "double": "number",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "dateTime": "date time",
    "date and time": "date time",
    "days and time duration": "duration",
    "dayTimeDuration": "duration",
    "years and months duration": "duration",
    "yearMonthDuration": "duration",
    "list": "list",
    "context": "context",
}
_LOGIC = frozenset(
    {"decisionTable", "literalExpression", "invocation", "context", "relation", "list", "functionDefinition"}
    | {"conditional", "filter", "for", "every", "some"}
)


def parse_decisions(xml: bytes, *, file_name: str) -> tuple[DecisionTree, ...]:
    """Every decision of the file; DefinitionInvalid names each element that cannot run as DMN says."""
    root = parse_xml(xml, file_name=file_name)
    reader = _Reader(root, file_name)
    trees = reader.read()
    if reader.problems:
        raise DefinitionInvalid(reader.problems)
    return trees


def check_decisions(
    trees: Sequence[DecisionTree],
    *,
    issues: Callable[[str, TextKind, Sequence[str]], Sequence[tuple[str, str]]],
    file_name: str,
) -> tuple[Problem, ...]:
    """The FEEL texts that cannot be read; `issues(text, kind, names)` gives the faults in both languages."""
    return tuple(
        Problem(
            severity="refused",
            code="decision.feel",
            element_id=each.element_id,
            line=each.line,
            what=f"{swedish} Det står: {each.text[:80]}",
            cure="Rätta uttrycket.",
            what_en=f"{english} It says: {each.text[:80]}",
            cure_en="Correct the expression.",
            file_name=file_name,
        )
        for tree in trees
        for each in tree.texts
        for swedish, english in issues(each.text, each.kind, tree.declared)
    )


class _Reader:
    """Reads one file, gathering problems as it goes."""

    def __init__(self, root: etree._Element, file_name: str) -> None:
        self.problems: list[Problem] = []
        self._root = root
        self._file_name = file_name
        self._namespace = etree.QName(root).namespace or ""
        self._trees: dict[str, DecisionTree] = {}
        self._open: list[str] = []
        self._texts: list[DecisionText] = []
        self._decisions: dict[str, etree._Element] = {}
        self._types: dict[str, etree._Element] = {}
        self._inputs: list[str] = []

    def read(self) -> tuple[DecisionTree, ...]:
        if etree.QName(self._root).localname != "definitions" or self._namespace not in NAMESPACES:
            self._refuse(
                self._root,
                "decision.not_dmn",
                ("Filen är inte en DMN-fil (1.1 till 1.5).", "Spara den som DMN i ritverktyget."),
                ("The file is not a DMN file (1.1 to 1.5).", "Save it as DMN in the modeler."),
            )
            return ()
        self._refuse_language(self._root)
        for name in ("import", "businessKnowledgeModel", "decisionService"):
            for element in self._children(self._root, name):
                self._refuse_element(element)
        self._decisions = {each.get("id", ""): each for each in self._children(self._root, "decision")}
        self._inputs = [each.get("name", "") for each in self._children(self._root, "inputData")]
        self._types = {each.get("name", ""): each for each in self._children(self._root, "itemDefinition")}
        if not self._decisions:
            self._refuse(
                self._root,
                "decision.none",
                ("Filen har inget beslut.", "Lägg till en beslutstabell."),
                ("The file has no decision.", "Add a decision table."),
            )
        for key, element in self._decisions.items():
            self._decision(key, element)
        return tuple(self._trees[key] for key in self._decisions if key in self._trees)

    def _decision(self, key: str, element: etree._Element) -> DecisionTree | None:
        if key in self._trees:
            return self._trees[key]
        if not key:
            self._refuse(
                element,
                "decision.no_id",
                ("Beslutet har inget id.", "Ge det ett id; det är namnet som diagram anropar."),
                ("The decision has no id.", "Give it one: it is the name that diagrams call."),
            )
            return None
        self._open.append(key)
        requires = self._requires(element)
        self._open.pop()
        tree = self._logic(key, element)
        if tree is not None:
            known = (name for each in requires for name in (each.key, each.name, each.variable))
            self._trees[key] = tree = replace(
                tree,
                requires=requires,
                declared=tuple(filter(None, (*self._inputs, *known))),
                texts=tuple(self._texts),
            )
        self._texts = []
        return tree

    def _requires(self, element: etree._Element) -> tuple[DecisionTree, ...]:
        for each in self._children(element, "knowledgeRequirement"):
            self._refuse_element(each)
        found = []
        for requirement in self._children(element, "informationRequirement"):
            for reference in self._children(requirement, "requiredDecision"):
                key = reference.get("href", "").removeprefix("#")
                target = self._decisions.get(key)
                if target is None:
                    self._refuse(
                        requirement,
                        "decision.unknown_requirement",
                        (
                            f"Beslutet kräver {key}, som inte finns i filen.",
                            "Lägg båda besluten i samma fil.",
                        ),
                        (
                            f"The decision requires {key}, which is not in the file.",
                            "Put both into one file.",
                        ),
                    )
                elif key in self._open or len(self._open) > MAX_CHAIN:
                    self._refuse(
                        requirement,
                        "decision.circle",
                        ("Besluten kräver varandra i en ring eller i en för lång kedja.", "Ta bort en pil."),
                        (
                            "The decisions require one another in a circle or a chain too long.",
                            "Remove an arrow.",
                        ),
                    )
                else:
                    tree = self._decision(key, target)
                    if tree is not None:
                        found.append(tree)
        return tuple(found)

    def _logic(self, key: str, element: etree._Element) -> DecisionTree | None:
        variable = next(iter(self._children(element, "variable")), None)
        name = element.get("name", key)
        own_name = "" if variable is None else variable.get("name", "")
        logic = next((child for child in element if etree.QName(child).localname in _LOGIC), None)
        if logic is None:
            self._refuse(
                element,
                "decision.no_logic",
                (f"Beslutet ”{name}” har varken tabell eller uttryck.", "Lägg till en beslutstabell."),
                (f"The decision “{name}” has neither a table nor an expression.", "Add a decision table."),
            )
            return None
        match etree.QName(logic).localname:
            case "decisionTable":
                return self._table(DecisionTree(key, name, "", variable=own_name), logic)
            case "literalExpression":
                self._refuse_language(logic)
                declared = logic.get("typeRef", "") or ("" if variable is None else variable.get("typeRef", ""))
                return DecisionTree(
                    key,
                    name,
                    "",
                    variable=own_name,
                    expression=self._text(logic, "expression", owner=element, is_needed=True),
                    type=self._type(logic, declared),
                )
            case _:
                self._refuse_element(logic)
                return None

    def _table(self, tree: DecisionTree, element: etree._Element) -> DecisionTree:
        policy, aggregation = element.get("hitPolicy", "UNIQUE"), element.get("aggregation", "")
        if policy not in HIT_POLICIES or aggregation not in AGGREGATIONS:
            self._refuse(
                element,
                "decision.hit_policy",
                (f"Träffregeln {policy} {aggregation} finns inte i DMN.", "Välj en som ritverktyget visar."),
                (
                    f"The hit policy {policy} {aggregation} is not one of DMN's.",
                    "Choose one of the modeler's.",
                ),
            )
        inputs = tuple(self._input(each) for each in self._children(element, "input"))
        outputs = tuple(self._output(each) for each in self._children(element, "output"))
        if not outputs:
            self._refuse(
                element,
                "decision.no_output",
                ("Tabellen har ingen utkolumn.", "Lägg till en utkolumn."),
                ("The table has no output column.", "Add an output column."),
            )
        names = [output.name for output in outputs]
        if len(outputs) > 1 and (not all(names) or len(set(names)) < len(names)):
            self._refuse(
                element,
                "decision.output_names",
                ("Flera utkolumner saknar namn eller har samma namn.", "Ge varje utkolumn ett eget namn."),
                ("Several output columns have no name or the same.", "Give each output column its own name."),
            )
        if aggregation and len(outputs) > 1:
            self._refuse(
                element,
                "decision.aggregation",
                ("Bara en utkolumn kan räknas ihop.", "Ta bort de andra utkolumnerna eller sammanräkningen."),
                ("Only one output column can be aggregated.", "Remove the others or the aggregation."),
            )
        if policy in {"PRIORITY", "OUTPUT ORDER"} and not any(output.allowed for output in outputs):
            self._refuse(
                element,
                "decision.priority",
                (
                    f"{policy} behöver en ordning bland utvärdena.",
                    "Ange utkolumnens tillåtna värden i ordning.",
                ),
                (f"{policy} needs an order of the output values.", "State the allowed values in order."),
            )
        rules = tuple(
            self._rule(each, number, len(inputs), len(outputs))
            for number, each in enumerate(self._children(element, "rule"), 1)
        )
        return replace(tree, hit_policy=policy, aggregation=aggregation, inputs=inputs, outputs=outputs, rules=rules)

    def _input(self, element: etree._Element) -> InputColumn:
        expression = next(iter(self._children(element, "inputExpression")), None)
        declared = "" if expression is None else expression.get("typeRef", "")
        if expression is not None:
            self._refuse_language(expression)
        text = "" if expression is None else self._text(expression, "expression", owner=element, is_needed=True)
        if expression is None:
            self._refuse(
                element,
                "decision.no_input",
                ("Inkolumnen har inget uttryck.", "Skriv vilken variabel kolumnen gäller."),
                ("The input column has no expression.", "Write which variable the column is about."),
            )
        return InputColumn(
            label=element.get("label", "") or text,
            expression=text,
            type=self._type(element, declared),
            variable=next(filter(None, (element.get(f"{{{space}}}inputVariable") for space in CAMUNDA)), ""),
            allowed=self._values(element, "inputValues") or self._allowed_of(declared),
        )

    def _output(self, element: etree._Element) -> OutputColumn:
        default = next(iter(self._children(element, "defaultOutputEntry")), None)
        name, declared = element.get("name", ""), element.get("typeRef", "")
        return OutputColumn(
            name=name,
            label=element.get("label", "") or name,
            type=self._type(element, declared),
            allowed=self._values(element, "outputValues") or self._allowed_of(declared),
            default="" if default is None else self._text(default, "expression", owner=element),
        )

    def _rule(self, element: etree._Element, number: int, inputs: int, outputs: int) -> Rule:
        cells = self._children(element, "inputEntry")
        answers = self._children(element, "outputEntry")
        if (len(cells), len(answers)) != (inputs, outputs):
            self._refuse(
                element,
                "decision.rule_shape",
                (f"Rad {number} har inte lika många celler som tabellen har kolumner.", "Rita om raden."),
                (
                    f"Rule {number} does not have as many cells as the table has columns.",
                    "Draw the rule again.",
                ),
            )
        for each in (*cells, *answers):
            self._refuse_language(each)
        notes = [*self._children(element, "description"), *self._annotations(element)]
        return Rule(
            id=element.get("id", "") or str(number),
            cells=tuple(self._text(cell, "unary", owner=element) for cell in cells),
            outputs=tuple(self._text(answer, "expression", owner=element) for answer in answers),
            description=" ".join(filter(None, ((note.text or "").strip() for note in notes))),
        )

    def _annotations(self, rule: etree._Element) -> Iterator[etree._Element]:
        for entry in self._children(rule, "annotationEntry"):
            yield from self._children(entry, "text")

    def _values(self, element: etree._Element, name: str) -> str:
        found = next(iter(self._children(element, name)), None)
        return "" if found is None else self._text(found, "unary", owner=element)

    def _text(self, element: etree._Element, kind: TextKind, *, owner: etree._Element, is_needed: bool = False) -> str:
        found = next(iter(self._children(element, "text")), None)
        text = "" if found is None else (found.text or "").strip()
        if text and text != "-":
            line = (element if found is None else found).sourceline or 0
            self._texts.append(DecisionText(element.get("id", "") or owner.get("id", ""), line, kind, text))
        elif is_needed:
            self._refuse(
                owner,
                "decision.empty",
                ("Uttrycket är tomt.", "Skriv vad som ska läsas eller räknas ut."),
                ("The expression is empty.", "Write what is to be read or worked out."),
            )
        return text

    def _type(self, element: etree._Element, declared: str) -> str:
        seen: set[str] = set()
        while True:
            name = declared.removeprefix("feel:")
            if name in _TYPES:
                return _TYPES[name]
            item = self._types.get(name)
            if item is None or name in seen:
                self._refuse(
                    element,
                    "decision.type",
                    (f"Typen {name} är okänd.", "Välj en av FEEL:s typer."),
                    (f"The type {name} is not known.", "Choose one of FEEL's types."),
                )
                return "any"
            seen.add(name)
            if item.get("isCollection") == "true":
                return "list"
            if self._children(item, "itemComponent"):
                return "context"
            base = next(iter(self._children(item, "typeRef")), None)
            declared = "" if base is None else (base.text or "").strip()

    def _allowed_of(self, declared: str) -> str:
        item = self._types.get(declared.removeprefix("feel:"))
        if item is None or item.get("isCollection") == "true":
            return ""
        return self._values(item, "allowedValues")

    def _children(self, element: etree._Element, name: str) -> list[etree._Element]:
        return element.findall(f"{{{self._namespace}}}{name}")

    def _refuse_language(self, element: etree._Element) -> None:
        language = element.get("expressionLanguage", "")
        if language and "feel" not in language.lower():
            self._refuse(
                element,
                "decision.language",
                (f"Uttrycksspråket {language} körs inte.", "Skriv uttrycket i FEEL."),
                (f"The expression language {language} is not run.", "Write the expression in FEEL."),
            )

    def _refuse_element(self, element: etree._Element) -> None:
        name = etree.QName(element).localname
        self._refuse(
            element,
            "decision.unsupported",
            (f"{name} körs inte här.", "Använd en beslutstabell eller ett FEEL-uttryck."),
            (f"{name} is not run here.", "Use a decision table or a FEEL expression."),
        )

    def _refuse(self, element: etree._Element, code: str, swedish: tuple[str, str], english: tuple[str, str]) -> None:
        named = next((each for each in (element, *element.iterancestors()) if each.get("id")), element)
        if named is self._root:
            named = element
        self.problems.append(
            Problem(
                severity="refused",
                code=code,
                element_id=named.get("id", ""),
                line=element.sourceline or 0,
                what=swedish[0],
                cure=swedish[1],
                what_en=english[0],
                cure_en=english[1],
                file_name=self._file_name,
            )
        )
