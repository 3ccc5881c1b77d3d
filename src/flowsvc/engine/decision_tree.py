"""Decision trees: what DMN files say, as plain values that V8 can walk."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import ClassVar, Literal, TypeAlias

import orjson

TextKind: TypeAlias = Literal["expression", "unary"]
Shape: TypeAlias = Mapping[str, "Shape | None"]
"""Names that are known, and those inside them."""


@dataclass(frozen=True)
class InputColumn:
    """What a column asks: a FEEL expression, its type and, where stated, the values that it may have."""

    label: str
    expression: str
    type: str
    variable: str = ""
    allowed: str = ""


@dataclass(frozen=True)
class OutputColumn:
    """What a column answers; `allowed` stands in order of priority."""

    name: str
    label: str
    type: str
    allowed: str = ""
    default: str = ""


@dataclass(frozen=True)
class Rule:
    """One row: a test per input, an expression per output."""

    id: str
    cells: tuple[str, ...]
    outputs: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Boxed:
    """A boxed expression (DMN 1.5, 10.2); `type` is the declared type of its value."""

    form: ClassVar[str]
    type: str = ""


@dataclass(frozen=True)
class Text(Boxed):
    """A literal expression in FEEL."""

    form = "literal"
    text: str


@dataclass(frozen=True)
class Table(Boxed):
    """A decision table."""

    form = "table"
    hit_policy: str
    aggregation: str = ""
    inputs: tuple[InputColumn, ...] = ()
    outputs: tuple[OutputColumn, ...] = ()
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Named:
    """A name and its expression: the entry of a context, or the argument of an invocation."""

    name: str
    type: str
    logic: Boxed | None


@dataclass(frozen=True)
class Entries(Boxed):
    """A context; with a `result`, that is its value."""

    form = "context"
    entries: tuple[Named, ...]
    result: Boxed | None = None


@dataclass(frozen=True)
class Invocation(Boxed):
    """A function asked with named arguments."""

    form = "invocation"
    called: Boxed | None
    bindings: tuple[Named, ...] = ()


@dataclass(frozen=True)
class Relation(Boxed):
    """A list of contexts with the same names."""

    form = "relation"
    columns: tuple[str, ...]
    rows: tuple[tuple[Boxed | None, ...], ...] = ()


@dataclass(frozen=True)
class Items(Boxed):
    """A list."""

    form = "list"
    items: tuple[Boxed | None, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """What a function takes."""

    name: str
    type: str = ""


@dataclass(frozen=True)
class Function(Boxed):
    """A function; `kind` is FEEL, Java or PMML, and only FEEL is run."""

    form = "function"
    kind: str = "FEEL"
    parameters: tuple[Parameter, ...] = ()
    body: Boxed | None = None


@dataclass(frozen=True)
class Conditional(Boxed):
    """One of two expressions."""

    form = "conditional"
    condition: Boxed | None
    then: Boxed | None
    otherwise: Boxed | None


@dataclass(frozen=True)
class Filter(Boxed):
    """The items of a list that match."""

    form = "filter"
    over: Boxed | None
    match: Boxed | None


@dataclass(frozen=True)
class Iteration(Boxed):
    """A list gone through; `kind` is for, every or some."""

    form = "iteration"
    kind: str
    variable: str
    over: Boxed | None
    result: Boxed | None


@dataclass(frozen=True)
class ItemType:
    """An item definition: a base type by name or components, and what its values are held to."""

    name: str = ""
    type: str = ""
    collection: bool = False
    components: tuple["ItemType", ...] = ()
    allowed: str = ""
    constraint: str = ""
    function: str = ""
    """What it answers, where it is the type of a function."""
    alias: tuple[str, str] = ("", "")
    """The namespace and name that an imported type has at home."""


@dataclass(frozen=True)
class DecisionText:
    """One FEEL text of a decision and where it stands in the file."""

    element_id: str
    line: int
    kind: TextKind
    text: str
    is_cell: bool = True
    """Whether it stands in a table."""


@dataclass(frozen=True)
class Requirement:
    """What an element requires, under the names of the imports that lead to it."""

    tree: "DecisionTree"
    under: tuple[str, ...] = ()


@dataclass(frozen=True)
class DecisionTree:
    """What has a name in a DMN file and all that it requires: a decision, a business knowledge model (`knowledge`), a
    decision service or input data."""

    key: str
    name: str
    logic: Boxed | None = None
    kind: Literal["decision", "knowledge", "service", "input"] = "decision"
    type: str = ""
    variable: str = ""
    scope: str = ""
    """The namespace of the file."""
    line: int = field(default=0, repr=False, compare=False)
    # Shared among trees: comparing or printing through them would walk a diamond of decisions over and over.
    requires: tuple[Requirement, ...] = field(default=(), repr=False, compare=False)
    results: tuple["DecisionTree", ...] = field(default=(), repr=False, compare=False)
    """The decisions that a decision service answers with."""
    parameters: tuple["DecisionTree", ...] = field(default=(), repr=False, compare=False)
    """What a decision service takes: input data, then decisions."""
    types: Mapping[str, Mapping[str, ItemType]] = field(default_factory=dict, repr=False, compare=False)
    """Item definitions by namespace and name; of all files that are read together."""
    shape: Shape = field(default_factory=dict, repr=False, compare=False)
    """The names that its texts may read, as far as they are declared."""
    is_outlined: bool = field(default=True, repr=False, compare=False)
    """Whether all that it requires is of a declared type, so that no name inside it is unknown."""
    texts: tuple[DecisionText, ...] = field(default=(), repr=False, compare=False)
    foreign: tuple[DecisionText, ...] = field(default=(), repr=False, compare=False)
    """Functions in other languages, which give null."""

    @property
    def table(self) -> Table | None:
        """The decision table, where the logic is one."""
        return self.logic if isinstance(self.logic, Table) else None

    @property
    def inputs(self) -> tuple[InputColumn, ...]:
        """The table's input columns."""
        return self.table.inputs if self.table else ()

    @property
    def outputs(self) -> tuple[OutputColumn, ...]:
        """The table's output columns."""
        return self.table.outputs if self.table else ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The table's rules."""
        return self.table.rules if self.table else ()

    @property
    def ref(self) -> str:
        """The element among those of all files."""
        return f"{self.scope}#{self.key}"

    @cached_property
    def id(self) -> str:
        """A hash of all that the answer depends on."""
        return hashlib.sha256(orjson.dumps(self.to_json(), option=orjson.OPT_SORT_KEYS)).hexdigest()

    def to_json(self) -> dict[str, object]:
        """The decision and all it requires, each once, as the child reads them."""
        return {
            "root": self.ref,
            "elements": {tree.ref: tree._own_json() for tree in self.all()},
            "types": {
                scope: {name: json_of(item) for name, item in items.items()} for scope, items in self.types.items()
            },
        }

    def all(self) -> tuple["DecisionTree", ...]:
        """This element and those it requires, directly or not, each once."""
        found: dict[str, DecisionTree] = {}
        waiting = [self]
        while waiting:
            tree = waiting.pop()
            if tree.ref not in found:
                found[tree.ref] = tree
                waiting.extend((*(each.tree for each in tree.requires), *tree.results, *tree.parameters))
        return tuple(found.values())

    def _own_json(self) -> dict[str, object]:
        return {
            "ref": self.ref,
            "key": self.key,
            "name": self.name,
            "kind": self.kind,
            "variable": self.variable,
            "type": self.type,
            "scope": self.scope,
            "logic": json_of(self.logic),
            "requires": [{"under": each.under, "ref": each.tree.ref} for each in self.requires],
            "outputs": [each.ref for each in self.results],
            "parameters": [each.ref for each in self.parameters],
        }


_WRITTEN = {"hit_policy": "hitPolicy", "description": ""}
"""Fields that the child knows by another name, or does not need."""


def json_of(value: object) -> object:
    """A part of a tree as the child reads it."""
    if isinstance(value, tuple):
        return [json_of(each) for each in value]
    if isinstance(value, Boxed | Named | Parameter | InputColumn | OutputColumn | Rule | ItemType):
        made = {
            _WRITTEN.get(each.name, each.name): json_of(getattr(value, each.name))
            for each in fields(value)
            if _WRITTEN.get(each.name, each.name)
        }
        if isinstance(value, Iteration):
            return {**made, "is": value.kind}
        return {**made, "is": value.form} if isinstance(value, Boxed) else made
    return value
