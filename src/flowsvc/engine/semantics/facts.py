"""What a diagram says of each element, read once into plain values; hides the XML from the run time."""

from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from typing import Protocol

from lxml import etree

from flowsvc.domain.values import Value
from flowsvc.engine import dialect
from flowsvc.engine.fields import form_key_of
from flowsvc.engine.items import Items

ENGINE_PROPERTIES = frozenset(
    {"connector", "function", "ownCase", "awaited", "correlationKey", "timeToLive", "errorCode", "escalationCode"}
)
"""Own properties that steer the engine; they are not handed on with the history."""

_AT_END = "end."


@dataclass(frozen=True)
class Text:
    """A text of the diagram: literal, or a FEEL expression."""

    source: str
    is_feel: bool = False


class Entry(Protocol):
    """What gives a variable or property its value."""

    @property
    def name(self) -> str:
        """The variable or property."""

    def leaves(self) -> Iterator[Text]:
        """The texts that the value is made of, in order."""

    def built(self, values: Iterator[Value]) -> Value:
        """The value, out of those of its leaves."""


@dataclass(frozen=True)
class Named:
    """A text with the name of the variable or property that gets its value."""

    name: str
    text: Text

    def leaves(self) -> Iterator[Text]:
        """The text."""
        yield self.text

    def built(self, values: Iterator[Value]) -> Value:
        """Its value."""
        return next(values)


@dataclass(frozen=True)
class Element:
    """What all elements have."""

    id: str
    type: str
    """The BPMN name, e.g. userTask."""
    name: str
    process_key: str
    lane: str
    properties: tuple[Named, ...] = ()
    end_properties: tuple[Named, ...] = ()
    inputs: tuple[Entry, ...] = ()
    outputs: tuple[Entry, ...] = ()
    escalation_code: Text = Text("")
    """The escalation that the activity throws when its work is done; empty for none."""
    error_code: Text = Text("")
    """The error that the activity ends with when its work is done; empty for none."""


@dataclass(frozen=True)
class Flow:
    """A sequence flow out of an element; `condition` is FEEL."""

    id: str
    target: str
    condition: str = ""
    is_default: bool = False


@dataclass(frozen=True)
class Trigger:
    """One event definition: what an event waits for or throws."""

    kind: str
    """`timer`, `message`, `signal`, `conditional`, `error`, `escalation`, `link`, `compensate`, `cancel`, `terminate`:
    the name of its event definition."""
    text: Text = Text("")
    """The rule of a timer, the name of a message, signal or link, a condition, the code of an error or escalation, the
    activity to be compensated; empty for any."""
    key: Text = Text("")
    """The correlation key of a message; empty for the business key."""
    time_to_live: Text = Text("")
    """How long a thrown message waits for a receiver; empty where the diagram does not say."""
    is_cycle: bool = False


@dataclass(frozen=True)
class Announcement:
    """What a multi-instance activity throws when a body is done; `condition` is FEEL."""

    triggers: tuple[Trigger, ...]
    condition: str = ""
    is_once: bool = False
    """Only the first body that is done throws it."""


@dataclass(frozen=True)
class Loop:
    """The multi-instance characteristics of an activity; expressions are FEEL."""

    is_sequential: bool = False
    items: str = ""
    """The variable that has the items, where the diagram refers to data by id; else they are a collection."""
    collection: str = ""
    cardinality: str = ""
    element_variable: str = ""
    completion: str = ""
    output_list: str = ""
    output_item: str = ""
    announcements: tuple[Announcement, ...] = ()


@dataclass(frozen=True)
class StandardLoop:
    """The standard loop characteristics of an activity; `condition` is FEEL."""

    condition: str = ""
    maximum: int | None = None
    tests_before: bool = False


@dataclass(frozen=True)
class Quantities:
    """How many tokens an activity takes before it begins, and sends along each flow when it is done."""

    start: int = 1
    completion: int = 1


@dataclass(frozen=True)
class AdHoc:
    """How an ad hoc subprocess runs; `completion` is FEEL."""

    is_sequential: bool
    cancels_rest: bool
    completion: str


@dataclass(frozen=True)
class People:
    """What a user task says of who does it, when and with which form."""

    assignee: Text
    users: Text
    groups: Text
    due: Text
    follow_up: Text
    priority: Text
    form_key: Text


@dataclass(frozen=True)
class Service:
    """How a service task is done."""

    kind: str
    """`connector`, `external` or `function`."""
    name: str
    result_variable: str
    priority: Text
    retry_cycle: str


@dataclass(frozen=True)
class Mapping:
    """One camunda:in or camunda:out: from a variable, an expression or everything, to a name."""

    source: str = ""
    expression: str = ""
    target: str = ""
    is_all: bool = False
    is_local: bool = False
    """Only what the call activity has of its own is handed over; what comes back is so too, for its outputs."""


@dataclass(frozen=True)
class Call:
    """What a call activity calls and what it hands over."""

    called_key: str
    is_own_case: bool
    is_awaited: bool
    """The caller goes on when the called process is over, not at once (a case of its own only)."""
    business_key: Text
    ins: tuple[Mapping, ...]
    outs: tuple[Mapping, ...]


@dataclass(frozen=True)
class Table:
    """Which decision a business rule task asks, and where the answer goes."""

    decision_key: str
    result_variable: str
    mapping: str


def text(raw: str | None) -> Text:
    """The text as literal or FEEL; NotTranslatable where it is neither."""
    feel = dialect.feel_of(raw or "")
    return Text((raw or "").strip()) if feel is None else Text(feel, is_feel=True)


def expression(raw: str | None) -> str:
    """The FEEL of a text that is FEEL also without `=`; empty where there is none."""
    return dialect.condition_of(raw) if raw and raw.strip() else ""


def is_true(raw: str | None) -> bool:
    """The boolean of an attribute, as XML writes it; false where it is not given."""
    return (raw or "").strip() in ("true", "1")


def element_of(node: etree._Element, *, process_key: str, lane: str) -> Element:
    """What the node has in common with all elements."""
    said = dialect.properties(node)
    own = {name: value for name, value in said.items() if name not in ENGINE_PROPERTIES}
    return Element(
        id=node.get("id", ""),
        type=dialect.local_name(str(node.tag)),
        name=" ".join(node.get("name", "").split()),
        process_key=process_key,
        lane=lane,
        properties=tuple(Named(name, text(raw)) for name, raw in own.items() if not name.startswith(_AT_END)),
        end_properties=tuple(
            Named(name[len(_AT_END) :], text(raw)) for name, raw in own.items() if name.startswith(_AT_END)
        ),
        escalation_code=text(said.get("escalationCode")),
        error_code=text(said.get("errorCode")),
    )


def flow_of(node: etree._Element, *, default: str | None) -> Flow:
    """The sequence flow; it is the default one where its source says so."""
    condition = node.find(dialect.bpmn("conditionExpression"))
    return Flow(
        id=node.get("id", ""),
        target=node.get("targetRef", ""),
        condition=expression(dialect.text_of(condition)),
        is_default=node.get("id") == default,
    )


def link_flow(source: str, target: str) -> Flow:
    """The way from a throwing link event to the catching one."""
    return Flow(id=f"{source}:{target}", target=target)


def activation_of(node: etree._Element) -> str:
    """The FEEL of what a complex gateway waits for; empty where it does not wait."""
    return expression(dialect.text_of(node.find(dialect.bpmn("activationCondition"))))


def loop_of(node: etree._Element, shared: ReadOnly[str, etree._Element], items: Items) -> Loop | StandardLoop | None:
    """The loop or multi-instance characteristics; None where the activity runs once."""
    standard = node.find(dialect.bpmn("standardLoopCharacteristics"))
    if standard is not None:
        maximum = standard.get("loopMaximum")
        return StandardLoop(
            condition=expression(dialect.text_of(standard.find(dialect.bpmn("loopCondition")))),
            maximum=None if maximum is None else int(maximum),
            tests_before=is_true(standard.get("testBefore")),
        )
    loop = node.find(dialect.bpmn("multiInstanceLoopCharacteristics"))
    if loop is None:
        return None

    def child(name: str) -> str:
        return dialect.text_of(loop.find(dialect.bpmn(name)))

    collection = dialect.attribute(loop, "collection")
    reference = child("loopDataInputRef")
    name = items.name_for(reference)

    def item(name: str) -> str:
        found = loop.find(dialect.bpmn(name))
        return "" if found is None else str(found.get("name") or found.get("id", ""))

    return Loop(
        is_sequential=is_true(loop.get("isSequential")),
        items=name if not collection and name != reference else "",
        collection=expression(collection or reference),
        cardinality=expression(child("loopCardinality")),
        element_variable=dialect.attribute(loop, "elementVariable") or item("inputDataItem"),
        completion=expression(child("completionCondition")),
        output_list=items.name_for(child("loopDataOutputRef")),
        output_item=item("outputDataItem"),
        announcements=tuple(_announcements(node, loop, shared)),
    )


def _announcements(
    node: etree._Element, loop: etree._Element, shared: ReadOnly[str, etree._Element]
) -> Iterator[Announcement]:
    behavior = loop.get("behavior", "All")
    reference = loop.get(f"{behavior.lower()}BehaviorEventRef", "")
    if behavior in ("None", "One") and reference in shared:
        yield Announcement((trigger_of(node, shared[reference], shared),), is_once=behavior == "One")
    for each in loop.iterfind(dialect.bpmn("complexBehaviorDefinition")) if behavior == "Complex" else ():
        yield Announcement(
            tuple(trigger_of(node, definition, shared) for definition in dialect.announced(each, shared)),
            condition=expression(dialect.text_of(each.find(dialect.bpmn("condition")))),
        )


def quantities_of(node: etree._Element) -> Quantities:
    """How many tokens the activity takes and gives."""
    return Quantities(start=int(node.get("startQuantity", "1")), completion=int(node.get("completionQuantity", "1")))


def ad_hoc_of(node: etree._Element) -> AdHoc:
    """How the ad hoc subprocess runs."""
    return AdHoc(
        is_sequential=node.get("ordering") == "Sequential",
        cancels_rest=is_true(node.get("cancelRemainingInstances", "true")),
        completion=expression(dialect.text_of(node.find(dialect.bpmn("completionCondition")))),
    )


def people_of(node: etree._Element) -> People:
    """Who does the user task, when and with which form."""

    def attribute(name: str) -> Text:
        return text(dialect.attribute(node, name))

    return People(
        assignee=attribute("assignee"),
        users=attribute("candidateUsers"),
        groups=attribute("candidateGroups"),
        due=attribute("dueDate"),
        follow_up=attribute("followUpDate"),
        priority=attribute("priority"),
        form_key=text(form_key_of(node)),
    )


def service_of(node: etree._Element) -> Service:
    """How the service task is done; the deploy check has seen that exactly one way is given."""
    own = dialect.properties(node)
    if "function" in own:
        kind, name = "function", own["function"]
    elif "connector" in own:
        kind, name = "connector", own["connector"]
    else:
        kind, name = "external", dialect.attribute(node, "topic") or ""
    return _service(node, kind=kind, name=name)


def _service(node: etree._Element, *, kind: str, name: str) -> Service:
    retry = next(dialect.extensions(node, "failedJobRetryTimeCycle"), None)
    return Service(
        kind=kind,
        name=name,
        result_variable=dialect.attribute(node, "resultVariable") or "",
        priority=text(dialect.attribute(node, "taskPriority")),
        retry_cycle=dialect.text_of(retry),
    )


def sender_of(node: etree._Element, topic: str) -> Service:
    """The external worker that sends the message of an event."""
    return _service(node, kind="external", name=topic)


def call_of(node: etree._Element) -> Call:
    """What the call activity calls and hands over."""
    is_own_case = dialect.properties(node).get("ownCase", "") == "true"
    keys = (raw for entry in dialect.extensions(node, "in") if (raw := entry.get("businessKey")) is not None)
    # In the same case there is but one business key.
    business_key = next(keys, "") if is_own_case else ""
    return Call(
        called_key=node.get("calledElement", ""),
        is_own_case=is_own_case,
        is_awaited=dialect.properties(node).get("awaited", "") != "false",
        business_key=text(business_key),
        ins=tuple(_mappings(node, "in")),
        outs=tuple(_mappings(node, "out")),
    )


def _mappings(node: etree._Element, kind: str) -> Iterator[Mapping]:
    for entry in dialect.extensions(node, kind):
        if entry.get("businessKey") is None:
            yield Mapping(
                source=entry.get("source", ""),
                expression=expression(entry.get("sourceExpression")),
                target=entry.get("target", ""),
                is_all=entry.get("variables") == "all",
                is_local=entry.get("local") == "true",
            )


def table_of(node: etree._Element) -> Table:
    """Which decision the business rule task asks."""
    return Table(
        decision_key=dialect.attribute(node, "decisionRef") or "",
        result_variable=dialect.attribute(node, "resultVariable") or "",
        mapping=dialect.attribute(node, "mapDecisionResult") or "",
    )


def script_of(node: etree._Element) -> str:
    """The FEEL of a script task."""
    return expression(dialect.text_of(node.find(dialect.bpmn("script"))))


def trigger_of(node: etree._Element, definition: etree._Element, shared: ReadOnly[str, etree._Element]) -> Trigger:
    """What one definition of the event says; `shared` holds the messages, signals, errors and escalations by id."""
    kind = dialect.local_name(str(definition.tag)).removesuffix("EventDefinition")
    named = shared.get(definition.get(f"{kind}Ref", ""))

    def of_shared(name: str) -> str:
        return "" if named is None else named.get(name, "")

    match kind:
        case "timer":
            return _timer_of(definition)
        case "message":
            return Trigger(kind, text(of_shared("name")), correlation_key_of(node), _time_to_live_of(node))
        case "signal":
            return Trigger(kind, text(of_shared("name")))
        case "error" | "escalation":
            return Trigger(kind, Text(of_shared(f"{kind}Code")))
        case "conditional":
            condition = definition.find(dialect.bpmn("condition"))
            return Trigger(kind, Text(expression(dialect.text_of(condition)), is_feel=True))
        case "link":
            return Trigger(kind, Text(definition.get("name", "")))
        case "compensate":
            return Trigger(kind, Text(definition.get("activityRef", "")))
        case _:
            return Trigger(kind)


def message_of(node: etree._Element, shared: ReadOnly[str, etree._Element]) -> Trigger:
    """The message that a send or receive task names."""
    named = shared.get(node.get("messageRef", ""))
    name = text("" if named is None else named.get("name"))
    return Trigger("message", name, correlation_key_of(node), _time_to_live_of(node))


def correlation_key_of(node: etree._Element) -> Text:
    """The correlation key that the element declares."""
    return text(dialect.properties(node).get("correlationKey", ""))


def _time_to_live_of(node: etree._Element) -> Text:
    return text(dialect.properties(node).get("timeToLive", ""))


def _timer_of(definition: etree._Element) -> Trigger:
    for kind in ("timeDuration", "timeDate", "timeCycle"):
        found = definition.find(dialect.bpmn(kind))
        if found is not None:
            return Trigger("timer", text(found.text), is_cycle=kind == "timeCycle")
    return Trigger("timer")
