"""Boxed expressions read from XML (DMN 1.5, 10.2), with every FEEL text in them noted; hides how each is spelt."""

from collections.abc import Callable, Iterator, Sequence

from lxml import etree

from flowsvc.engine.decision_tree import (
    Boxed,
    Conditional,
    DecisionText,
    Entries,
    Filter,
    Function,
    InputColumn,
    Invocation,
    Items,
    Iteration,
    Named,
    OutputColumn,
    Parameter,
    Relation,
    Rule,
    Table,
    Text,
    TextKind,
)
from flowsvc.engine.dmn.problems import Problems
from flowsvc.engine.dmn.types import BUILT_IN, child_text, children, plain_name, type_name

CAMUNDA = ("http://camunda.org/schema/1.0/dmn", "http://operaton.org/schema/1.0/dmn")
HIT_POLICIES = ("UNIQUE", "FIRST", "ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT")
AGGREGATIONS = ("", "SUM", "MIN", "MAX", "COUNT")
LOGIC = frozenset(
    {"literalExpression", "decisionTable", "context", "invocation", "relation", "list", "functionDefinition"}
    | {"encapsulatedLogic", "conditional", "filter", "for", "every", "some"}
)


class LogicReader:
    """Reads the logic of one element. `is_type` knows the item definitions, `allowed_of` what they allow."""

    def __init__(self, problems: Problems, is_type: Callable[[str], bool], allowed_of: Callable[[str], str]) -> None:
        self.texts: list[DecisionText] = []
        self.foreign: list[DecisionText] = []
        self.bound: list[Parameter] = []
        self._problems = problems
        self._is_type = is_type
        self._allowed_of = allowed_of
        self._forms: dict[str, Callable[[etree._Element], Boxed | None]] = {
            "literalExpression": self._literal,
            "decisionTable": self._table,
            "context": self._context,
            "invocation": self._invocation,
            "relation": self._relation,
            "list": self._list,
            "functionDefinition": self.function,
            "encapsulatedLogic": self.function,
            "conditional": self._conditional,
            "filter": self._filter,
            "for": self._iteration,
            "every": self._iteration,
            "some": self._iteration,
        }

    def inside(self, parent: etree._Element | None) -> Boxed | None:
        """The one expression inside an element; None where there is none."""
        if parent is None:
            return None
        found = next((each for each in parent if etree.QName(each).localname in LOGIC), None)
        return None if found is None else self.expression(found)

    def expression(self, element: etree._Element) -> Boxed | None:
        """An expression by its element."""
        return self._forms[etree.QName(element).localname](element)

    def type(self, element: etree._Element, declared: str) -> str:
        """The type as it is known; an unknown one is refused."""
        name = type_name(declared, element)
        # Types such as list<number> are read where they are held to.
        if name in BUILT_IN or "<" in name or self._is_type(name):
            return name
        self._problems.refuse(
            element,
            "decision.type",
            (f"Typen {name} är okänd.", "Välj en av FEEL:s typer."),
            (f"The type {name} is not known.", "Choose one of FEEL's types."),
        )
        return ""

    def _own_type(self, element: etree._Element) -> str:
        return self.type(element, element.get("typeRef", ""))

    def _literal(self, element: etree._Element) -> Boxed | None:
        self._problems.refuse_language(element)
        text = self._text(element, "expression", owner=element, is_cell=False)
        return Text(text, type=self._own_type(element)) if text else None

    def _context(self, element: etree._Element) -> Boxed:
        entries, result = [], None
        for entry in children(element, "contextEntry"):
            named = self._named(entry, entry)
            if named is None:
                result = self.inside(entry)
            else:
                entries.append(named)
                self.bound.append(Parameter(named.name, named.type))
        return Entries(tuple(entries), result, type=self._own_type(element))

    def _named(self, holder: etree._Element, parent: etree._Element, variable: str = "variable") -> Named | None:
        found = next(iter(children(holder, variable)), None)
        if found is None:
            return None
        return Named(plain_name(found.get("name", "")), self._own_type(found), self.inside(parent))

    def _invocation(self, element: etree._Element) -> Boxed:
        bindings = [self._named(each, each, "parameter") for each in children(element, "binding")]
        called = self.inside(element)
        if called is None:
            self._problems.refuse(
                element,
                "decision.empty",
                ("Anropet säger inte vad som anropas.", "Skriv vad som ska anropas."),
                ("The invocation does not say what it calls.", "Write what is to be called."),
            )
        return Invocation(
            called,
            tuple(each for each in bindings if each is not None),
            type=self._own_type(element),
        )

    def _relation(self, element: etree._Element) -> Boxed:
        return Relation(
            tuple(plain_name(each.get("name", "")) for each in children(element, "column")),
            tuple(tuple(self._each(row)) for row in children(element, "row")),
            type=self._own_type(element),
        )

    def _list(self, element: etree._Element) -> Boxed:
        return Items(tuple(self._each(element)), type=self._own_type(element))

    def _each(self, element: etree._Element) -> Iterator[Boxed | None]:
        return (self.expression(each) for each in element if etree.QName(each).localname in LOGIC)

    def function(self, element: etree._Element) -> Function:
        """A function definition, also that of a business knowledge model."""
        kind = {"J": "Java", "P": "PMML"}.get(element.get("kind", "FEEL")[:1], "FEEL")
        parameters = tuple(
            Parameter(plain_name(each.get("name", "")), self._own_type(each))
            for each in children(element, "formalParameter")
        )
        self.bound.extend(parameters)
        if kind != "FEEL":
            line = element.sourceline or 0
            self.foreign.append(DecisionText(element.get("id", ""), line, "expression", kind))
            return Function(kind, parameters, None, type=self._own_type(element))
        return Function(kind, parameters, self.inside(element), type=self._own_type(element))

    def _part(self, element: etree._Element, name: str) -> Boxed | None:
        return self.inside(next(iter(children(element, name)), None))

    def _conditional(self, element: etree._Element) -> Boxed:
        return Conditional(
            self._part(element, "if"),
            self._part(element, "then"),
            self._part(element, "else"),
            type=self._own_type(element),
        )

    def _filter(self, element: etree._Element) -> Boxed:
        self.bound.append(Parameter("item"))
        return Filter(self._part(element, "in"), self._part(element, "match"), type=self._own_type(element))

    def _iteration(self, element: etree._Element) -> Boxed:
        kind = etree.QName(element).localname
        variable = plain_name(element.get("iteratorVariable", ""))
        self.bound.extend((Parameter(variable), Parameter("partial")))
        result = self._part(element, "return" if kind == "for" else "satisfies")
        return Iteration(kind, variable, self._part(element, "in"), result, type=self._own_type(element))

    # -- decision tables

    def _table(self, element: etree._Element) -> Boxed:
        policy, aggregation = element.get("hitPolicy", "UNIQUE"), element.get("aggregation", "")
        inputs = tuple(self._input(each) for each in children(element, "input"))
        outputs = tuple(self._output(each) for each in children(element, "output"))
        self._refuse_policy(element, policy, aggregation, outputs)
        rules = tuple(
            self._rule(each, number, len(inputs), len(outputs))
            for number, each in enumerate(children(element, "rule"), 1)
        )
        return Table(policy, aggregation, inputs, outputs, rules, type=self._own_type(element))

    def _refuse_policy(
        self, element: etree._Element, policy: str, aggregation: str, outputs: Sequence[OutputColumn]
    ) -> None:
        refuse, names = self._problems.refuse, [output.name for output in outputs]
        if policy not in HIT_POLICIES or aggregation not in AGGREGATIONS:
            refuse(
                element,
                "decision.hit_policy",
                (f"Träffregeln {policy} {aggregation} finns inte i DMN.", "Välj en som ritverktyget visar."),
                (f"The hit policy {policy} {aggregation} is not one of DMN's.", "Choose one of the modeler's."),
            )
        if not outputs:
            refuse(
                element,
                "decision.no_output",
                ("Tabellen har ingen utkolumn.", "Lägg till en utkolumn."),
                ("The table has no output column.", "Add an output column."),
            )
        if len(outputs) > 1 and (not all(names) or len(set(names)) < len(names)):
            refuse(
                element,
                "decision.output_names",
                ("Flera utkolumner saknar namn eller har samma namn.", "Ge varje utkolumn ett eget namn."),
                ("Several output columns have no name or the same.", "Give each output column its own name."),
            )
        if aggregation and len(outputs) > 1:
            refuse(
                element,
                "decision.aggregation",
                ("Bara en utkolumn kan räknas ihop.", "Ta bort de andra utkolumnerna eller sammanräkningen."),
                ("Only one output column can be aggregated.", "Remove the others or the aggregation."),
            )
        if policy in {"PRIORITY", "OUTPUT ORDER"} and not any(output.allowed for output in outputs):
            refuse(
                element,
                "decision.priority",
                (f"{policy} behöver en ordning bland utvärdena.", "Ange utkolumnens tillåtna värden i ordning."),
                (f"{policy} needs an order of the output values.", "State the allowed values in order."),
            )

    def _input(self, element: etree._Element) -> InputColumn:
        expression = next(iter(children(element, "inputExpression")), None)
        if expression is None:
            self._problems.refuse(
                element,
                "decision.no_input",
                ("Inkolumnen har inget uttryck.", "Skriv vilken variabel kolumnen gäller."),
                ("The input column has no expression.", "Write which variable the column is about."),
            )
            return InputColumn(element.get("label", ""), "", "")
        self._problems.refuse_language(expression)
        text = self._text(expression, "expression", owner=element, is_needed=True)
        declared = self.type(element, expression.get("typeRef", ""))
        return InputColumn(
            label=element.get("label", "") or text,
            expression=text,
            type=declared,
            variable=next(filter(None, (element.get(f"{{{space}}}inputVariable") for space in CAMUNDA)), ""),
            allowed=self._values(element, "inputValues"),
        )

    def _output(self, element: etree._Element) -> OutputColumn:
        default = next(iter(children(element, "defaultOutputEntry")), None)
        name, declared = plain_name(element.get("name", "")), self._own_type(element)
        return OutputColumn(
            name=name,
            label=element.get("label", "") or name,
            type=declared,
            allowed=self._values(element, "outputValues") or self._allowed_of(declared),
            default="" if default is None else self._text(default, "expression", owner=element),
        )

    def _rule(self, element: etree._Element, number: int, inputs: int, outputs: int) -> Rule:
        cells, answers = children(element, "inputEntry"), children(element, "outputEntry")
        if (len(cells), len(answers)) != (inputs, outputs):
            self._problems.refuse(
                element,
                "decision.rule_shape",
                (f"Rad {number} har inte lika många celler som tabellen har kolumner.", "Rita om raden."),
                (f"Rule {number} does not have as many cells as the table has columns.", "Draw the rule again."),
            )
        for each in (*cells, *answers):
            self._problems.refuse_language(each)
        notes = [child_text(element, "description"), *(child_text(each, "text") for each in _annotations(element))]
        return Rule(
            id=element.get("id", "") or str(number),
            cells=tuple(self._text(cell, "unary", owner=element) for cell in cells),
            outputs=tuple(self._text(answer, "expression", owner=element) for answer in answers),
            description=" ".join(filter(None, notes)),
        )

    def _values(self, element: etree._Element, name: str) -> str:
        found = next(iter(children(element, name)), None)
        return "" if found is None else self._text(found, "unary", owner=element)

    def _text(
        self,
        element: etree._Element,
        kind: TextKind,
        *,
        owner: etree._Element,
        is_needed: bool = False,
        is_cell: bool = True,
    ) -> str:
        found = next(iter(children(element, "text")), None)
        text = "" if found is None else (found.text or "").strip()
        if text and text != "-":
            line = (element if found is None else found).sourceline or 0
            self.texts.append(DecisionText(element.get("id", "") or owner.get("id", ""), line, kind, text, is_cell))
        elif is_needed:
            self._problems.refuse(
                owner,
                "decision.empty",
                ("Uttrycket är tomt.", "Skriv vad som ska läsas eller räknas ut."),
                ("The expression is empty.", "Write what is to be read or worked out."),
            )
        return text


def _annotations(rule: etree._Element) -> list[etree._Element]:
    return children(rule, "annotationEntry")
