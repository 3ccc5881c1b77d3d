"""The words of a saved diagram: Camunda 7's extensions read from BPMN, and its expressions turned into FEEL.
Hides the namespaces, the operaton: alias and which texts are FEEL and which are literal."""

import re
from collections.abc import Iterator, Mapping

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
OPERATON = "http://operaton.org/schema/1.0/bpmn"
MODELER = "http://camunda.org/schema/modeler/1.0"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
ACTIVITI = "http://activiti.org/bpmn"
FLOWABLE = "http://flowable.org/bpmn"
BIOCOLOR = "http://bpmn.io/schema/bpmn/biocolor/1.0"
COLOR = "http://www.omg.org/spec/BPMN/non-normative/color/1.0"

PREFIXES = {
    BPMN: "bpmn",
    BPMNDI: "bpmndi",
    DC: "dc",
    DI: "di",
    XSI: "xsi",
    CAMUNDA: "camunda",
    OPERATON: "operaton",
    MODELER: "modeler",
    ZEEBE: "zeebe",
    SPIFF: "spiffworkflow",
    ACTIVITI: "activiti",
    FLOWABLE: "flowable",
    BIOCOLOR: "bioc",
    COLOR: "color",
}

ALIASED = frozenset(
    {
        "assignee",
        "candidateGroups",
        "candidateStarterGroups",
        "candidateUsers",
        "collection",
        "dueDate",
        "elementVariable",
        "formKey",
        "in",
        "initiator",
        "out",
        "priority",
        "resultVariable",
    }
)
"""What Activiti and Flowable write in their own namespaces and mean the same by."""

OWN = "flowsvc:"
"""Our own features are camunda:property entries whose names begin so."""


class NotTranslatable(ValueError):
    """An expression in `${…}` says more than a plain path or comparison."""


def bpmn(local: str) -> str:
    """The qualified name of a BPMN element."""
    return f"{{{BPMN}}}{local}"


def namespace_of(name: str) -> str:
    """The namespace of a qualified name; empty where it has none."""
    return name[1:].partition("}")[0] if name.startswith("{") else ""


def local_name(name: str) -> str:
    """The name without its namespace."""
    return name.rpartition("}")[2]


def attribute(element: etree._Element, name: str) -> str | None:
    """The value of camunda:name, or of the same under another engine's name; None where it is not given."""
    found = (element.get(f"{{{space}}}{name}") for space in _spaces(name))
    return next((value for value in found if value is not None), None)


def _spaces(name: str) -> tuple[str, ...]:
    return (CAMUNDA, OPERATON, FLOWABLE, ACTIVITI) if name in ALIASED else (CAMUNDA, OPERATON)


def extensions(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The camunda:name elements that stand directly in the element's extensionElements."""
    for holder in element.findall(bpmn("extensionElements")):
        for child in holder:
            if child.tag in {f"{{{space}}}{name}" for space in _spaces(name)}:
                yield child


def named(name: str) -> tuple[str, ...]:
    """The qualified names of the camunda:name element."""
    return f"{{{CAMUNDA}}}{name}", f"{{{OPERATON}}}{name}"


def contents(element: etree._Element) -> Iterator[etree._Element]:
    """The list, map or script that stands in a parameter or in the entry of a map."""
    return element.iterchildren(*named("list"), *named("map"), *named("script"))


def members(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The camunda:name elements that stand directly in another camunda: element."""
    for child in element:
        if child.tag in named(name):
            yield child


def properties(element: etree._Element) -> dict[str, str]:
    """Our own properties of an element, by name without `flowsvc:`; the first of two of the same name counts."""
    found: dict[str, str] = {}
    for holder in extensions(element, "properties"):
        for entry in members(holder, "property"):
            name = entry.get("name", "")
            if name.startswith(OWN):
                found.setdefault(name[len(OWN) :], entry.get("value", ""))
    return found


def announced(behavior: etree._Element, shared: Mapping[str, etree._Element]) -> Iterator[etree._Element]:
    """The event definitions that a complexBehaviorDefinition throws; those it refers to stand in `shared` by id."""
    for event in behavior.iterfind(bpmn("event")):
        for child in event:
            if child.tag == bpmn("eventDefinitionRef"):
                if (found := shared.get(text_of(child))) is not None:
                    yield found
            elif local_name(str(child.tag)).endswith("EventDefinition"):
                yield child


def text_of(element: etree._Element | None) -> str:
    """The text of an element without the white space around it; empty where there is none."""
    return (element.text or "").strip() if element is not None else ""


def is_own_key(text: str) -> bool:
    """The text is how Camunda says that a called process has the caller's business key. It has, in the same case."""
    return text.strip() in ("${execution.processBusinessKey}", "#{execution.processBusinessKey}")


def split_names(text: str) -> tuple[str, ...]:
    """The entries of a literal comma list, in order."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def feel_of(text: str) -> str | None:
    """The FEEL expression that an attribute or text stands for; None where it is literal text.

    `=…` is FEEL, `${…}` and `#{…}` are translated. NotTranslatable where that cannot be done."""
    stripped = text.strip()
    if stripped.startswith("="):
        return stripped[1:].strip()
    match = re.fullmatch(r"[$#]\{(.*)\}", stripped, re.DOTALL)
    if match and "${" not in match[1] and "#{" not in match[1]:
        return _Translation(match[1]).feel()
    if "${" in stripped or "#{" in stripped:
        raise NotTranslatable("text and ${…} are mixed")
    return None


def condition_of(text: str) -> str:
    """The FEEL of a condition, script or other text that is FEEL also without `=` in front."""
    feel = feel_of(text)
    return text.strip() if feel is None else feel


_WORD = re.compile(
    r"\s*(?:(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<path>[^\W\d]\w*(?:\.[^\W\d]\w*)*)|(?P<sign>==|!=|<=|>=|&&|\|\||[<>!()-]))"
)
_COMPARISONS = {
    "==": "=",
    "eq": "=",
    "!=": "!=",
    "ne": "!=",
    "<": "<",
    "lt": "<",
    ">": ">",
    "gt": ">",
    "<=": "<=",
    "le": "<=",
    ">=": ">=",
    "ge": ">=",
}
_JOINS = {"||": "or", "or": "or", "&&": "and", "and": "and"}
_RESERVED = {"execution", "task", "empty", "div", "mod", "instanceof"}


class _Translation:
    """A reader of the unified expression language, as far as paths, literals, comparisons and and/or/not go."""

    def __init__(self, source: str) -> None:
        self._words: list[tuple[str, str]] = []
        position = 0
        while source[position:].strip():
            match = _WORD.match(source, position)
            if not match or match.lastgroup is None:
                raise NotTranslatable(source)
            self._words.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()
        self._source = source
        self._at = 0

    def feel(self) -> str:
        """The whole expression as FEEL."""
        result = self._joined("or")
        if self._at != len(self._words):
            raise NotTranslatable(self._source)
        return result

    def _peek(self) -> tuple[str, str]:
        return self._words[self._at] if self._at < len(self._words) else ("", "")

    def _next(self) -> tuple[str, str]:
        word = self._peek()
        self._at += 1
        return word

    def _joined(self, word: str) -> str:
        parts = [self._joined("and") if word == "or" else self._negated()]
        while _JOINS.get(self._peek()[1]) == word:
            self._next()
            parts.append(self._joined("and") if word == "or" else self._negated())
        return f" {word} ".join(parts)

    def _negated(self) -> str:
        if self._peek()[1] in ("!", "not"):
            self._next()
            return f"not({self._negated()})"
        left = self._operand()
        sign = _COMPARISONS.get(self._peek()[1])
        if sign is None:
            return left
        self._next()
        return f"{left} {sign} {self._operand()}"

    def _operand(self) -> str:
        kind, word = self._next()
        match kind:
            case "text":
                inner = word[1:-1].replace("\\'", "'").replace('\\"', '"')
                return '"' + inner.replace('"', '\\"') + '"'
            case "number":
                return word
            case "path" if word.partition(".")[0] not in _RESERVED and self._peek()[1] != "(":
                return word
            case "sign" if word == "-" and self._peek()[0] == "number":
                return "-" + self._next()[1]
            case "sign" if word == "(":
                inner = self._joined("or")
                if self._next()[1] != ")":
                    raise NotTranslatable(self._source)
                return f"({inner})"
            case _:
                raise NotTranslatable(self._source)
