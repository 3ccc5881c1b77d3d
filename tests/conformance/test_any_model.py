"""Models thrown together at random, most of them wrong: the check answers for each, and what it accepts can be built,
started and taken on."""

import itertools
import json
import re
from random import Random
from xml.sax.saxutils import quoteattr

import pytest

from flowsvc.engine.checking.diagram import ACTIVITIES, EVENTS, FLOW_NODES
from flowsvc.engine.feel import Feel
from flowsvc.engine.outcome import CallRequested, InstanceRequested, MessageAwaited, TaskOpened, TimerArmed
from flowsvc.engine.parsing import Known, SourceFile, check
from flowsvc.engine.semantics import instance
from tests.engine.driver import Run
from tests.factories import (
    HEAD,
    boundary,
    call,
    element,
    end,
    flow,
    laps,
    multi,
    script,
    start,
    subprocess,
    timer,
    user,
)

KNOWN = Known(
    processes=frozenset({"other"}),
    forms=frozenset({"f"}),
    connectors=frozenset({"c"}),
)
OTHER = f'{HEAD}<bpmn:process id="other" isExecutable="true"><bpmn:task id="t"/></bpmn:process></bpmn:definitions>'
TEXTS = (
    "1",
    "=1 + 1",
    "=unset",
    "=1 +",
    "${a.b}",
    "${bean.call(1)}",
    "P1D",
    "PT0S",
    "R/P1D",
    "",
    "å ä ö",
    "true",
    "&lt;",
)
VALUES = ("true", "false", "maybe", "0", "1", "-1", "2", "x", "", "m", "e1", "x1", "n0", "n1", "#{a}", "=a", "default")
ATTRIBUTES = [
    "name",
    "default",
    "isForCompensation",
    "startQuantity",
    "completionQuantity",
    "triggeredByEvent",
    "calledElement",
    "messageRef",
    "attachedToRef",
    "cancelActivity",
    "isInterrupting",
    "parallelMultiple",
    "instantiate",
    "implementation",
    "gatewayDirection",
    "eventGatewayType",
    "ordering",
    "cancelRemainingInstances",
    "scriptFormat",
    "camunda_assignee",
    "camunda_candidateGroups",
    "camunda_formKey",
    "camunda_dueDate",
    "camunda_asyncBefore",
    "camunda_class",
    "camunda_type",
    "camunda_topic",
    "camunda_resultVariable",
    "camunda_decisionRef",
    "camunda_priority",
    "nonsense",
]
DEFINITIONS = [
    "message",
    "timer",
    "signal",
    "conditional",
    "error",
    "escalation",
    "terminate",
    "compensate",
    "cancel",
    "link",
    "nonsense",
]
OWN = (
    '<camunda:properties><camunda:property name="flowsvc:ownCase" value="true"/></camunda:properties>',
    '<camunda:properties><camunda:property name="flowsvc:connector" value="c"/></camunda:properties>',
    '<camunda:inputOutput><camunda:inputParameter name="a">=1</camunda:inputParameter></camunda:inputOutput>',
    '<camunda:inputOutput><camunda:outputParameter name="b">=a</camunda:outputParameter></camunda:inputOutput>',
    '<camunda:in variables="all"/><camunda:out source="a" target="b"/>',
    '<camunda:executionListener class="x"/>',
    "<bpmn:task/>",
    '<other xmlns="urn:other"/>',
)
CONTENTS = (
    "<bpmn:documentation>d</bpmn:documentation>",
    "<bpmn:standardLoopCharacteristics/>",
    laps("a = 1", most=3),
    laps(most=-1),
    multi("=[1, 2]", "item"),
    multi("=unset"),
    "<bpmn:multiInstanceLoopCharacteristics/>",
    "<bpmn:dataInputAssociation/>",
    "<bpmn:ioSpecification><bpmn:inputSet/></bpmn:ioSpecification>",
    "<bpmn:incoming>gone</bpmn:incoming>",
    "<bpmn:potentialOwner/>",
    "<bpmn:nonsense/>",
    "text",
)
ROOTS = (
    '<bpmn:signal id="sg2"/>',
    '<bpmn:message id="m"/>',
    "<bpmn:itemDefinition/>",
    '<bpmn:choreography id="ch"/>',
    '<bpmn:collaboration id="co"><bpmn:participant id="pa" processRef="p"/></bpmn:collaboration>',
    '<bpmn:globalUserTask id="gu"/>',
    '<bpmn:timerEventDefinition id="td"><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>',
    '<bpmn:process id="q"><bpmn:task id="qt"/></bpmn:process>',
    '<bpmn:process id="p"><bpmn:task id="n0"/></bpmn:process>',
)
SAFE = (
    lambda name: element("task", name),
    user,
    lambda name: script(name, "1 + 1", "a"),
    lambda name: script(name, "unset + 1", "a"),
    lambda name: element("exclusiveGateway", name),
    lambda name: element("parallelGateway", name),
    lambda name: element("inclusiveGateway", name),
    lambda name: call(name, "other"),
    lambda name: user(name, multi("=[1, 2]", "item")),
    lambda name: element("serviceTask", name, camunda_type="external", camunda_topic="t"),
    lambda name: element("intermediateCatchEvent", name, timer("PT1H")),
    lambda name: element("receiveTask", name, messageRef="m"),
    lambda name: end(name),
    lambda name: subprocess(name, user(f"{name}_in")),
)


class Thrower:
    """Throws a model together; the wilder, the more of it is wrong."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.wild = (0.0, 0.02, 0.1, 0.4)[seed % 4]
        self.count = 0

    def file(self) -> str:
        roots = "".join(self.random.sample(ROOTS, 2)) if self.is_wild() else ""
        executable = self.random.choice(("", "true", "false", "maybe")) if self.is_wild() else "true"
        more = f' isExecutable="{executable}"' if executable else ""
        text = f'{HEAD}{roots}<bpmn:process id="p"{more}>{self.scope(0)}</bpmn:process></bpmn:definitions>'
        if self.random.random() < self.wild / 10:
            at = self.random.randrange(len(text))
            text = text[:at] + self.random.choice(('"', "<", "&", "\x00", "é", "")) + text[at + 3 :]
        return text

    def is_wild(self) -> bool:
        return self.random.random() < self.wild

    def scope(self, depth: int) -> str:
        names, parts = [], []
        for _ in range(self.random.randint(1, 6)):
            name = f"n{self.count}"
            self.count += 1
            names.append(name)
            parts.append(self.node(name, depth))
            if self.random.random() < 0.2:
                host = self.random.choice(names)
                parts.append(boundary(f"{name}_b", host, self.definition(), interrupting=self.random.random() < 0.5))
        if self.random.random() < 0.7:
            parts.append(start(f"{names[0]}_start") + flow(f"{names[0]}_start", names[0]))
        for source, target in itertools.pairwise(names):
            parts.append(flow(source, target, self.random.choice(("", "", "", "true", "false", "=a = 1"))))
        if self.is_wild():
            parts.append(flow(self.random.choice(names), self.random.choice([*names, "gone"])))
        return "".join(parts)

    def node(self, name: str, depth: int) -> str:
        if not self.is_wild():
            return str(self.random.choice(SAFE)(name))
        kind = self.random.choice([*sorted(FLOW_NODES), "nonsense", "dataObject", "sequenceFlow"])
        inside = [self.random.choice(CONTENTS) for _ in range(self.random.choice((0, 0, 1, 2)))]
        if kind in EVENTS:
            inside += [self.definition() for _ in range(self.random.choice((0, 1, 1, 2)))]
        if kind in ("subProcess", "transaction", "adHocSubProcess") and depth < 3:
            inside.append(self.scope(depth + 1))
        if kind == "scriptTask":
            inside.append(f"<bpmn:script>{self.random.choice(TEXTS)}</bpmn:script>")
        given = {self.random.choice(ATTRIBUTES): self.random.choice(VALUES) for _ in range(self.random.randint(0, 3))}
        if kind == "boundaryEvent":
            given.setdefault("attachedToRef", self.random.choice(("n0", "n1", "gone")))
        own = self.random.choice(OWN) if kind in ACTIVITIES and self.random.random() < 0.5 else ""
        drawn = element(kind, name, *inside, own=own, **given)
        return (
            drawn.replace(f" id={quoteattr(name)}", self.random.choice(("", ' id="n0"')), 1)
            if self.is_wild()
            else drawn
        )

    def definition(self) -> str:
        if not self.is_wild():
            return self.random.choice((timer("PT1H"), '<bpmn:messageEventDefinition messageRef="m"/>'))
        kind = self.random.choice(DEFINITIONS)
        inside = ""
        if kind == "timer":
            rule = self.random.choice(("timeDate", "timeDuration", "timeCycle", "nonsense"))
            inside = f"<bpmn:{rule}>{self.random.choice(TEXTS)}</bpmn:{rule}>"
        if kind == "conditional":
            inside = f"<bpmn:condition>{self.random.choice(TEXTS)}</bpmn:condition>"
        reference = f' {kind}Ref="{self.random.choice(("m", "e1", "x1", "sg", "gone"))}"' if self.is_wild() else ""
        return f"<bpmn:{kind}EventDefinition{reference}>{inside}</bpmn:{kind}EventDefinition>"


@pytest.mark.parametrize("seed", range(500))
def test_the_check_answers_for_any_model_and_what_it_accepts_runs(
    seed: int, shared_feel: Feel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance, "MAX_STEPS", 300)
    source = Thrower(seed).file().encode()

    found = check([SourceFile("p.bpmn", source)], known=KNOWN, feel=shared_feel)

    json.dumps(found.as_json())
    for each in found.problems:
        assert each.severity in ("refused", "warned", "used")
        assert each.code
        assert each.element_id or each.line or each.code in ("call.recursion", "xml.malformed")
        said = (
            (each.what, each.what_en) if each.severity == "used" else (each.what, each.what_en, each.cure, each.cure_en)
        )
        assert all(said), each
        assert not re.search(r"(?<![#$])\{[a-z_]*\}", "".join(said)), each
    for facts in () if found.refused else found.processes:
        for begin in facts.starts:
            processes = {facts.key: source, "other": OTHER.encode()}
            _take_on(Run(shared_feel, "restored", processes, root=facts.key).start(begin.element_id))


def test_enough_of_the_models_are_accepted_and_enough_refused(shared_feel: Feel) -> None:
    files = [SourceFile("p.bpmn", Thrower(seed).file().encode()) for seed in range(100)]

    refused = sum(check([each], known=KNOWN, feel=shared_feel).refused for each in files)

    assert 25 < refused < 75


def _take_on(run: Run) -> None:
    """A few of the things that the instance waits for happen."""
    for _ in range(8):
        if not run.waiting:
            break
        waits = next(iter(run.waiting.values()))
        match waits:
            case TaskOpened():
                run.complete_token(waits.token, b=1)
            case TimerArmed():
                run.fire_token(waits.token, cycle=waits.cycle)
            case MessageAwaited():
                run.send_token(waits.token)
            case CallRequested() | InstanceRequested():
                run.finish(waits.element_id, {})
            case _:
                run.signal(waits.signal)
    if run.waiting or run.failed:
        run.cancel()
