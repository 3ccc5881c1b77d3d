"""Builds what tests need: diagrams as a process owner would save them, without their drawing; a stored task."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from flowsvc.domain.tasks import TaskState, UserTask

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="defs" targetNamespace="t">'
    '<bpmn:message id="m" name="hej"/><bpmn:message id="m2" name="sluta"/>'
    '<bpmn:error id="e1" name="Fel 1" errorCode="E1"/><bpmn:error id="e2" name="Fel 2" errorCode="E2"/>'
    '<bpmn:escalation id="x1" name="Upp 1" escalationCode="X1"/><bpmn:escalation id="x2" escalationCode="X2"/>'
    '<bpmn:signal id="sg" name="larm"/><bpmn:signal id="sg2" name="faran över"/>'
    '<bpmn:message id="m_feel" name="=kind"/><bpmn:signal id="sg_feel" name="=kind"/>'
)
NONE = ""
TERMINATE = "<bpmn:terminateEventDefinition/>"


def bpmn(*parts: str, key: str = "p") -> bytes:
    """A diagram with one process; the messages, signals, errors and escalations of HEAD are at hand."""
    body = "".join(parts)
    return f'{HEAD}<bpmn:process id="{key}" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'.encode()


def path(*ids: str) -> str:
    """Flows from each element to the next."""
    return "".join(flow(source, target) for source, target in pairwise(ids))


def flow(source: str, target: str, condition: str = "") -> str:
    """A flow named `source_target`; the condition is FEEL."""
    inside = f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>" if condition else ""
    return f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'  # noqa: E501


def element(kind: str, identity: str, *inside: str, own: str = "", **attributes: str) -> str:
    """Any element; attributes named `camunda_x` become camunda:x, and `own` stands in its extensionElements."""
    given = "".join(f" {name.replace('_', ':', 1)}={quoteattr(value)}" for name, value in attributes.items())
    extended = f"<bpmn:extensionElements>{own}</bpmn:extensionElements>" if own else ""
    return f'<bpmn:{kind} id="{identity}"{given}>{extended}{"".join(inside)}</bpmn:{kind}>'


def start(identity: str = "start", definition: str = NONE, **more: str) -> str:
    """A start event."""
    return element("startEvent", identity, definition, **more)


def end(identity: str = "end", definition: str = NONE, **more: str) -> str:
    """An end event."""
    return element("endEvent", identity, definition, **more)


def user(identity: str, *inside: str, own: str = "", **attributes: str) -> str:
    """A user task of the group g, named by its id where nothing else is said."""
    given = {"name": identity, "camunda_candidateGroups": "g"} | attributes
    return element("userTask", identity, *inside, own=own, **given)


def script(identity: str, feel: str, result: str, *marks: str) -> str:
    """A FEEL script task."""
    inside = "".join(marks) + f"<bpmn:script>{escape(feel)}</bpmn:script>"
    return element("scriptTask", identity, inside, scriptFormat="feel", camunda_resultVariable=result)


def boundary(identity: str, on: str, definition: str, *, interrupting: bool = True, own: str = "") -> str:
    """An event on the border of an activity."""
    attributes = {"attachedToRef": on} | ({} if interrupting else {"cancelActivity": "false"})
    return element("boundaryEvent", identity, definition, own=own, **attributes)


def timer(rule: str, kind: str = "timeDuration") -> str:
    """A timer definition."""
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{escape(rule)}</bpmn:{kind}></bpmn:timerEventDefinition>"


def message(reference: str = "m") -> str:
    """A message definition."""
    return f'<bpmn:messageEventDefinition messageRef="{reference}"/>'


def signal(reference: str = "sg") -> str:
    """A signal definition."""
    return f'<bpmn:signalEventDefinition signalRef="{reference}"/>'


def link(name: str) -> str:
    """A link definition."""
    return f'<bpmn:linkEventDefinition name="{name}"/>'


def condition(feel: str) -> str:
    """A conditional definition."""
    return f"<bpmn:conditionalEventDefinition><bpmn:condition>{escape(feel)}</bpmn:condition></bpmn:conditionalEventDefinition>"  # noqa: E501


def catch(identity: str, definition: str = NONE, **more: str) -> str:
    """An event in the flow that waits."""
    return element("intermediateCatchEvent", identity, definition, **more)


def throw(identity: str, definition: str = NONE, **more: str) -> str:
    """An event in the flow that throws."""
    return element("intermediateThrowEvent", identity, definition, **more)


def compensation(activity: str = "") -> str:
    """A compensation definition; without an activity it is for the whole scope."""
    return f"<bpmn:compensateEventDefinition{f' activityRef={quoteattr(activity)}' if activity else ''}/>"


def undoing(activity: str, undoer: str) -> str:
    """A compensation event on the border of the activity, and its association to the activity that undoes it."""
    association = f'<bpmn:association id="as_{activity}" sourceRef="c_{activity}" targetRef="{undoer}"/>'
    return boundary(f"c_{activity}", activity, compensation()) + association


def error(reference: str = "") -> str:
    """An error definition; without a reference it catches any."""
    return f"<bpmn:errorEventDefinition{f' errorRef={quoteattr(reference)}' if reference else ''}/>"


def escalation(reference: str = "") -> str:
    """An escalation definition; without a reference it catches any."""
    return f"<bpmn:escalationEventDefinition{f' escalationRef={quoteattr(reference)}' if reference else ''}/>"


def multi(
    collection: str, item: str = "", *, until: str = "", output: str = "", collects: str = "", sequential: bool = False
) -> str:
    """The mark of a multi-instance activity."""
    inside = f"<bpmn:loopDataOutputRef>{output}</bpmn:loopDataOutputRef>" if output else ""
    inside += f'<bpmn:outputDataItem id="{collects}_out" name="{collects}"/>' if collects else ""
    inside += f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>" if until else ""
    attributes = {"camunda_collection": collection} | ({"camunda_elementVariable": item} if item else {})
    attributes |= {"isSequential": "true"} if sequential else {}
    given = "".join(f" {name.replace('_', ':')}={quoteattr(value)}" for name, value in attributes.items())
    return f"<bpmn:multiInstanceLoopCharacteristics{given}>{inside}</bpmn:multiInstanceLoopCharacteristics>"


def laps(while_true: str = "", *, most: int | None = None, before: bool = False) -> str:
    """The mark of a standard loop."""
    given = (f' loopMaximum="{most}"' if most is not None else "") + (' testBefore="true"' if before else "")
    inside = f"<bpmn:loopCondition>{escape(while_true)}</bpmn:loopCondition>" if while_true else ""
    return f"<bpmn:standardLoopCharacteristics{given}>{inside}</bpmn:standardLoopCharacteristics>"


def properties(**values: str) -> str:
    """Own properties; `end_x` becomes flowsvc:end.x."""
    entries = "".join(
        f'<camunda:property name="flowsvc:{name.replace("_", ".")}" value={quoteattr(value)}/>'
        for name, value in values.items()
    )
    return f"<camunda:properties>{entries}</camunda:properties>"


def inputs_outputs(inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    """Input and output parameters; a text that begins with = is FEEL."""

    def entries(kind: str, values: dict[str, str] | None) -> str:
        return "".join(
            f"<camunda:{kind} name={quoteattr(name)}>{escape(text)}</camunda:{kind}>"
            for name, text in (values or {}).items()
        )

    inside = entries("inputParameter", inputs) + entries("outputParameter", outputs)
    return f"<camunda:inputOutput>{inside}</camunda:inputOutput>"


def subprocess(identity: str, *inside: str, own: str = "", **attributes: str) -> str:
    """An embedded subprocess."""
    return element("subProcess", identity, *inside, own=own, **attributes)


def call(identity: str, called: str, *inside: str, own: str = "", **attributes: str) -> str:
    """A call activity."""
    return element("callActivity", identity, *inside, own=own, calledElement=called, **attributes)


OPENED = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def make_task(**changes: object) -> UserTask:
    made = UserTask(
        id="t1",
        instance_id="i1",
        token="k1",
        element_id="svara",
        process_key="prov",
        name="Svara",
        name_en="Answer",
        lane="Handläggare",
        party_id="ekby",
        scope="",
        form_definition_id=None,
        form_key="",
        state=TaskState.OPEN,
        assignee=None,
        assigned_post=None,
        due_rule="P2BD",
        due_on=date(2026, 11, 26),
        due_at=datetime(2026, 11, 26, 23, 0, tzinfo=UTC),
        follow_up_at=None,
        priority=50,
        delivers_support=False,
        properties={"answers": "position"},
        opened_at=OPENED,
        closed_at=None,
        closed_by=None,
        version=1,
        business_key="SJ-PRO-2026-00001",
        title="Prov",
        process_name="Prov",
        process_name_en="Trial",
        child_waiting=True,
        candidate_posts=("p1",),
        candidate_groups=("samordning",),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of UserTask


def data_object(identity: str, name: str = "", **attributes: str) -> str:
    """A data object, and a reference to it that is called `<identity>_r`."""
    named = {"name": name} if name else {}
    return element("dataObject", identity, **attributes) + element(
        "dataObjectReference", f"{identity}_r", dataObjectRef=identity, **named
    )


def reads(*sources: str, into: str, by: str = "", parts: dict[str, str] | None = None) -> str:
    """A data input association; `by` is its transformation, `parts` what is assigned to where."""
    return _association("dataInputAssociation", sources, into, by, parts)


def writes(*sources: str, to: str, by: str = "", parts: dict[str, str] | None = None) -> str:
    """A data output association."""
    return _association("dataOutputAssociation", sources, to, by, parts)


def _association(kind: str, sources: tuple[str, ...], target: str, by: str, parts: dict[str, str] | None) -> str:
    inside = "".join(f"<bpmn:sourceRef>{source}</bpmn:sourceRef>" for source in sources)
    inside += f"<bpmn:targetRef>{target}</bpmn:targetRef>"
    inside += f"<bpmn:transformation>{escape(by)}</bpmn:transformation>" if by else ""
    for to, source in (parts or {}).items():
        inside += f"<bpmn:assignment><bpmn:from>{escape(source)}</bpmn:from><bpmn:to>{to}</bpmn:to></bpmn:assignment>"
    return f"<bpmn:{kind}>{inside}</bpmn:{kind}>"


def io(
    inputs: tuple[str, ...] = (), outputs: tuple[str, ...] = (), *, optional: tuple[str, ...] = (), sets: str = ""
) -> str:
    """An input and output specification; ids are names with `_in` and `_out` behind. All are required that are not
    optional, in one set each, unless the sets are given."""
    drawn = "".join(f'<bpmn:dataInput id="{name}_in" name="{name}"/>' for name in inputs)
    drawn += "".join(f'<bpmn:dataOutput id="{name}_out" name="{name}"/>' for name in outputs)
    return f"<bpmn:ioSpecification>{drawn}{sets or data_sets(inputs, outputs, optional)}</bpmn:ioSpecification>"


def data_sets(inputs: tuple[str, ...] = (), outputs: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> str:
    """An input set and an output set."""

    def members(kind: str, names: tuple[str, ...], end: str) -> str:
        found = "".join(f"<bpmn:data{kind}Refs>{name}_{end}</bpmn:data{kind}Refs>" for name in names)
        return found + "".join(
            f"<bpmn:optional{kind}Refs>{name}_{end}</bpmn:optional{kind}Refs>" for name in names if name in optional
        )

    return (
        f"<bpmn:inputSet>{members('Input', inputs, 'in')}</bpmn:inputSet>"
        f"<bpmn:outputSet>{members('Output', outputs, 'out')}</bpmn:outputSet>"
    )
