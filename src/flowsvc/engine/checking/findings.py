"""Collects what the check finds: a rule with its texts in two languages, put on an element, its line and its file."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from flowsvc.domain.errors import Problem
from flowsvc.engine.checking.diagram import DRAWN
from flowsvc.engine.dialect import PREFIXES, bpmn, local_name, namespace_of


@dataclass(frozen=True)
class Rule:
    """What may be wrong, and the cure; `{name}` in a text is filled in where it is found."""

    severity: Literal["refused", "warned"]
    code: str
    what: str
    cure: str
    what_en: str
    cure_en: str


def refused(code: str, what: str, cure: str, what_en: str, cure_en: str) -> Rule:
    """A rule whose breach stops the deployment."""
    return Rule("refused", code, what, cure, what_en, cure_en)


def warned(code: str, what: str, cure: str, what_en: str, cure_en: str) -> Rule:
    """A rule whose breach is said but stops nothing."""
    return Rule("warned", code, what, cure, what_en, cure_en)


def prefixed(name: str) -> str:
    """A qualified name as people write it, e.g. `camunda:assignee`; BPMN's own attributes have no prefix."""
    space = namespace_of(name)
    local = local_name(name)
    return f"{PREFIXES.get(space, 'okänd')}:{local}" if space else local


def place_of(element: etree._Element) -> str:
    """The id of what an owner sees in the drawing: the element itself or the drawn one around it."""
    at: etree._Element | None = element
    while at is not None:
        parent = at.getparent()
        is_shared = parent is not None and parent.tag == bpmn("definitions")
        if at.get("id") and (local_name(str(at.tag)) in DRAWN or local_name(str(at.tag)) == "process" or is_shared):
            return at.get("id", "")
        at = parent
    return ""


class Findings:
    """The problems of one file, in the order in which they were found."""

    def __init__(self, file_name: str) -> None:
        self.file_name = file_name
        self._problems: list[Problem] = []

    def add(self, rule: Rule, element: etree._Element | None, *, attribute: str = "", **details: object) -> None:
        """The rule is broken at the element (None: in the file as a whole)."""
        self._problems.append(
            Problem(
                severity=rule.severity,
                code=rule.code,
                element_id="" if element is None else place_of(element),
                line=0 if element is None else int(element.sourceline or 0),
                what=rule.what.format(**details),
                cure=rule.cure.format(**details),
                what_en=rule.what_en.format(**details),
                cure_en=rule.cure_en.format(**details),
                file_name=self.file_name,
                attribute=attribute,
            )
        )

    def use(self, element: etree._Element, *, attribute: str = "", drawn_only: bool = False) -> None:
        """The element or attribute is read as it stands; or it is drawn and changes nothing."""
        name = prefixed(attribute or str(element.tag))
        what, what_en = f"{name} används.", f"{name} is used."
        if drawn_only:
            what, what_en = f"{name} ritas men styr inget.", f"{name} is drawn and steers nothing."
        self._problems.append(
            Problem(
                severity="used",
                code="used",
                element_id=place_of(element),
                line=int(element.sourceline or 0),
                what=what,
                cure="",
                what_en=what_en,
                cure_en="",
                file_name=self.file_name,
                attribute=prefixed(attribute) if attribute else "",
            )
        )

    def take(self, problems: Iterable[Problem]) -> None:
        """Problems that another reader found, as they are but for the file name where it is missing."""
        for each in problems:
            self._problems.append(
                each if each.file_name else Problem(**{**each.as_json(), "file_name": self.file_name})  # type: ignore[arg-type]  # as_json gives the fields back
            )

    @property
    def count(self) -> int:
        """How many findings there are so far."""
        return len(self._problems)

    @property
    def is_refused(self) -> bool:
        """Something so far stops the deployment."""
        return any(each.severity == "refused" for each in self._problems)

    def problems(self) -> tuple[Problem, ...]:
        """All findings: refusals first, then warnings, then what is used; each in the order of the file."""
        rank = {"refused": 0, "warned": 1, "used": 2}
        return tuple(sorted(self._problems, key=lambda each: (rank[each.severity], each.line)))
