"""What each element of a diagram says of itself beside its place in the flow: its form, who may do it, its limits and
conditions. Hides the XML; what is FEEL and what is plain text is told apart once, here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from flowsvc.domain.errors import NotFound
from flowsvc.engine import dialect
from flowsvc.engine.checking import diagram as diagrams
from flowsvc.engine.checking.diagram import Element
from flowsvc.engine.dialect import NotTranslatable, bpmn
from flowsvc.engine.xml import parse_xml

_TIMERS = ("timeDuration", "timeDate", "timeCycle")


@dataclass(frozen=True)
class Said:
    """A text of the diagram: FEEL, or literally what it says."""

    text: str
    is_feel: bool = False


@dataclass(frozen=True)
class Particulars:
    """One element. What it does not say is empty."""

    form_key: str = ""
    candidates: tuple[Said, ...] = ()
    """Groups, posts and people, in that order."""
    offered_to: str = ""
    """Who may send the message that it waits for: `addressees`, `leadParty` …"""
    due: Said | None = None
    follow_up: Said | None = None
    answer_within: Said | None = None
    decision_key: str = ""
    timer_kind: str = ""
    """`timeDuration`, `timeDate` or `timeCycle`."""
    timer: Said | None = None
    message: str = ""
    signal: str = ""
    conditions: tuple[tuple[str, str], ...] = ()
    """The element that a flow leads to and the FEEL under which it is taken."""
    sets: tuple[str, ...] = ()
    """The variables that it writes, as far as the diagram says so."""
    reads: tuple[str, ...] = ()
    """The FEEL of what it is given."""
    result: str = ""
    """The variable that holds the answer of its decision."""
    each_of: tuple[str, str] = ("", "")
    """Of a multi-instance: the variable that holds one of the collection, and the collection."""


def read_particulars(source: bytes, key: str) -> dict[str, Particulars]:
    """Every element of the process of the key, at any depth, by id; NotFound where the file has no such process."""
    root = parse_xml(source, file_name=f"{key}.bpmn")
    diagram = diagrams.read(root)
    found = next((each for each in diagram.processes if each.key == key), None)
    if found is None:
        raise NotFound(f"Filen har ingen process med nyckeln {key}.")
    return {each.id: _of(each, diagram.shared) for each in found.elements()}


def _of(element: Element, shared: Mapping[str, etree._Element]) -> Particulars:
    drawn, own = element.element, dialect.properties(element.element)
    timer_kind, timer = _timer(element)
    result = dialect.attribute(drawn, "resultVariable") or ""
    return Particulars(
        form_key=dialect.attribute(drawn, "formKey") or dialect.attribute(drawn, "formRef") or own.get("offerForm", ""),
        candidates=tuple(_candidates(drawn)),
        offered_to=own.get("offerTo", ""),
        due=_said(dialect.attribute(drawn, "dueDate")),
        follow_up=_said(dialect.attribute(drawn, "followUpDate")),
        answer_within=_said(own.get("answerWithin")),
        decision_key=dialect.attribute(drawn, "decisionRef") or "",
        timer_kind=timer_kind,
        timer=timer,
        message=_named(element, shared, "messageRef"),
        signal=_named(element, shared, "signalRef"),
        conditions=tuple(_conditions(element)),
        sets=tuple(dict.fromkeys(filter(None, (result, *_parameters(drawn, "outputParameter", "name"))))),
        reads=tuple(
            said.text
            for each in _members(drawn, "inputParameter")
            if (said := _said(each.text)) is not None and said.is_feel
        ),
        result=result if dialect.attribute(drawn, "decisionRef") else "",
        each_of=_each_of(element),
    )


def _said(text: str | None) -> Said | None:
    plain = (text or "").strip()
    if not plain:
        return None
    try:
        feel = dialect.feel_of(plain)
    except NotTranslatable:
        feel = plain
    return Said(plain) if feel is None else Said(feel, is_feel=True)


def _candidates(drawn: etree._Element) -> Iterator[Said]:
    for name in ("candidateGroups", "candidateUsers", "assignee"):
        said = _said(dialect.attribute(drawn, name))
        if said is not None and said.is_feel:
            yield said
        elif said is not None:
            yield from (Said(each) for each in dialect.split_names(said.text))


def _timer(element: Element) -> tuple[str, Said | None]:
    for definition in element.definitions:
        for kind in _TIMERS:
            said = _said(dialect.text_of(definition.find(bpmn(kind))))
            if said is not None:
                return kind, said
    return "", None


def _named(element: Element, shared: Mapping[str, etree._Element], attribute: str) -> str:
    """The name of the message or signal that the element waits for or sends."""
    for each in (element.element, *element.definitions):
        found = shared.get(each.get(attribute, ""))
        if found is not None:
            return " ".join(found.get("name", "").split())
    return ""


def _conditions(element: Element) -> Iterator[tuple[str, str]]:
    for flow in element.outgoing:
        text = dialect.text_of(flow.condition)
        if text:
            try:
                yield flow.target, dialect.condition_of(text)
            except NotTranslatable:
                yield flow.target, text


def _members(drawn: etree._Element, name: str) -> Iterator[etree._Element]:
    for holder in dialect.extensions(drawn, "inputOutput"):
        yield from dialect.members(holder, name)


def _parameters(drawn: etree._Element, name: str, attribute: str) -> Sequence[str]:
    return [each.get(attribute, "") for each in _members(drawn, name)]


def _each_of(element: Element) -> tuple[str, str]:
    loop = element.loop
    if loop is None:
        return "", ""
    collection = _said(dialect.attribute(loop, "collection"))
    return dialect.attribute(loop, "elementVariable") or "", collection.text if collection else ""
