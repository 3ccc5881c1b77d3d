"""Deploying: refused as a whole or made into immutable versions; an owner's changes are never overwritten."""

import hashlib

import pytest

from flowsvc.domain.access import SYSTEM, Actor, ActorKind
from flowsvc.domain.definitions import Definition, DefinitionKind
from flowsvc.domain.errors import DefinitionInvalid, Forbidden, InvalidInput, KeyReused, NotFound
from flowsvc.engine.functions import FUNCTION_NAMES
from flowsvc.engine.parsing import Known, SourceFile, check
from flowsvc.store import definitions, jobs
from flowsvc.usecases import deployments, models
from flowsvc.usecases.context import Context
from flowsvc.usecases.deployments import deploy
from flowsvc.usecases.once import Once
from tests.usecases.conftest import START, shipped_files


def form(key: str = "a", text: str = "Ett") -> SourceFile:
    return SourceFile(
        f"{key}.form", f'{{"id": "{key}", "components": [{{"type": "text", "text": "{text}"}}]}}'.encode()
    )


def process(key: str, inside: str = "", *, name: str = "P") -> SourceFile:
    return SourceFile(
        f"{key}.bpmn",
        f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn">
  <process id="{key}" name="{name}" isExecutable="true">
    <startEvent id="start"><outgoing>f1</outgoing></startEvent>
    <sequenceFlow id="f1" sourceRef="start" targetRef="middle"/>
    {inside or '<manualTask id="middle"/>'}
    <sequenceFlow id="f2" sourceRef="middle" targetRef="end"/>
    <endEvent id="end"/>
  </process>
</definitions>""".encode(),
    )


def filled_in(form_key: str) -> str:
    return f'<userTask id="middle" camunda:formKey="{form_key}" camunda:candidateGroups="samordning"/>'


def call(key: str) -> str:
    return f'<callActivity id="middle" calledElement="{key}"/>'


def newest(ctx: Context, kind: DefinitionKind, key: str) -> Definition | None:
    with ctx.store.read() as tx:
        return definitions.latest(tx, kind, key)


def codes(error: DefinitionInvalid) -> set[str]:
    return {each.code for each in error.problems if each.severity == "refused"}


def test_the_shipped_files_are_deployed_with_their_source_and_their_facts(ctx: Context) -> None:
    files = shipped_files()

    done = deploy(ctx, SYSTEM, files, name="flowsvc", shipped=True)

    assert done.deployment_id
    assert {each.file_name for each in done.definitions} == {each.name for each in files}
    facts = {each.key: each for each in check(files, known=Known(functions=FUNCTION_NAMES), feel=ctx.feel).processes}
    for each in done.definitions:
        source = next(file.data for file in files if file.name == each.file_name)
        stored = newest(ctx, each.kind, each.key)
        assert stored is not None
        assert (stored.source, stored.sha256) == (source, hashlib.sha256(source).hexdigest())
        assert (stored.version, stored.shipped, stored.feel_hash) == (1, True, ctx.feel.bundle_hash)
        assert (stored.deployed_by, stored.deployed_at) == (SYSTEM.person_id, START)
        if each.kind is DefinitionKind.PROCESS:
            assert models.facts_of(stored) == models.facts_of(each) == facts[each.key]


def test_an_unchanged_file_makes_no_new_version(shipped: Context) -> None:
    again = deploy(shipped, SYSTEM, shipped_files())

    assert again.deployment_id is None
    assert again.definitions == ()


def test_only_what_has_changed_gets_a_new_version(ctx: Context) -> None:
    deploy(ctx, SYSTEM, [form("a"), form("b")])

    done = deploy(ctx, SYSTEM, [form("a", "Två"), form("b")])

    assert [(each.key, each.version) for each in done.definitions] == [("a", 2)]


def test_going_back_to_an_earlier_text_is_a_new_version(ctx: Context) -> None:
    for text in ("Ett", "Två", "Ett"):
        done = deploy(ctx, SYSTEM, [form("a", text)])

    assert [each.version for each in done.definitions] == [3]


def test_one_refused_file_stops_them_all(ctx: Context) -> None:
    with pytest.raises(DefinitionInvalid) as refusal:
        deploy(ctx, SYSTEM, [form("a"), process("p", filled_in("finns-inte"))])

    assert codes(refusal.value) == {"reference.missing"}
    assert newest(ctx, DefinitionKind.FORM, "a") is None


def test_what_a_process_names_may_be_deployed_already(ctx: Context) -> None:
    deploy(ctx, SYSTEM, [form("a")])

    done = deploy(ctx, SYSTEM, [process("p", filled_in("a"))])

    assert [each.key for each in done.definitions] == ["p"]


def test_a_group_that_nobody_belongs_to_is_warned_about(ctx: Context) -> None:
    task = '<userTask id="middle" camunda:candidateGroups="ingen-sadan"/>'

    done = deploy(ctx, SYSTEM, [process("p", task)])

    assert "group.unknown" in {each.code for each in done.report.problems}


def test_a_process_that_would_run_inside_itself_by_way_of_a_deployed_one_is_refused(ctx: Context) -> None:
    deploy(ctx, SYSTEM, [process("inner")])
    deploy(ctx, SYSTEM, [process("outer", call("inner"))])

    with pytest.raises(DefinitionInvalid) as refusal:
        deploy(ctx, SYSTEM, [process("inner", call("outer"))])

    assert codes(refusal.value) == {"call.recursion"}


def test_a_key_in_two_files_is_refused(ctx: Context) -> None:
    with pytest.raises(DefinitionInvalid) as refusal:
        deploy(ctx, SYSTEM, [form("a"), SourceFile("b.form", form("a").data)])

    assert codes(refusal.value) == {"key.duplicate"}


def test_two_files_of_one_name_and_no_file_at_all_are_refused(ctx: Context) -> None:
    with pytest.raises(InvalidInput, match="Flera filer"):
        deploy(ctx, SYSTEM, [form("a"), form("a", "Två")])
    with pytest.raises(InvalidInput, match="ingen fil"):
        deploy(ctx, SYSTEM, [])


def test_a_shipped_file_replaces_an_earlier_shipped_version(ctx: Context) -> None:
    deploy(ctx, SYSTEM, [form("a")], shipped=True)

    done = deploy(ctx, SYSTEM, [form("a", "Två")], shipped=True)

    assert [(each.key, each.version, each.shipped) for each in done.definitions] == [("a", 2, True)]
    assert done.kept == ()


def test_what_an_owner_has_changed_is_kept_and_said(ctx: Context) -> None:
    deploy(ctx, SYSTEM, [form("a"), form("b")], shipped=True)
    deploy(ctx, SYSTEM, [form("a", "Vår egen")])

    done = deploy(ctx, SYSTEM, [form("a", "Två"), form("b", "Två")], shipped=True)

    assert done.kept == ("a.form",)
    assert [(each.key, each.version) for each in done.definitions] == [("b", 2)]
    kept = newest(ctx, DefinitionKind.FORM, "a")
    assert kept is not None
    assert b"egen" in kept.source


def test_the_newest_version_alone_is_started_by_its_timer(ctx: Context) -> None:
    def timed(name: str) -> SourceFile:
        plain = process("p", name=name).data.decode()
        timer = "<timerEventDefinition><timeCycle>R/P1D</timeCycle></timerEventDefinition>"
        return SourceFile(
            "p.bpmn", plain.replace("<outgoing>f1</outgoing>", f"<outgoing>f1</outgoing>{timer}").encode()
        )

    deploy(ctx, SYSTEM, [timed("Ett")])
    second = deploy(ctx, SYSTEM, [timed("Två")]).definitions[0]

    with ctx.store.read() as tx:
        waiting = jobs.page(tx).items
    assert [each.process_key for each in waiting] == ["p"]
    assert second.id in str(waiting[0])


def test_the_check_says_the_same_and_changes_nothing(ctx: Context) -> None:
    report = deployments.check_files(ctx, SYSTEM, [process("p", filled_in("finns-inte"))])

    assert report.refused
    assert newest(ctx, DefinitionKind.PROCESS, "p") is None


def test_a_deployment_sent_twice_is_made_once(ctx: Context) -> None:
    once = Once("klient", "nyckel", "avtryck")

    first = deploy(ctx, SYSTEM, [form("a")], once=once)
    again = deploy(ctx, SYSTEM, [form("a")], once=once)

    assert (again.deployment_id, again.definitions) == (first.deployment_id, first.definitions)
    with pytest.raises(KeyReused):
        deploy(ctx, SYSTEM, [form("b")], once=Once("klient", "nyckel", "ett annat"))


def test_only_those_who_may_deploy_do(ctx: Context) -> None:
    client = Actor(kind=ActorKind.CLIENT, person_id="k", scopes=frozenset({"definitions:read"}))

    with pytest.raises(Forbidden):
        deploy(ctx, client, [form("a")])
    with pytest.raises(Forbidden):
        deployments.check_files(ctx, client, [form("a")])


def test_definitions_are_listed_and_read_one_by_one(ctx: Context) -> None:
    deploy(ctx, SYSTEM, [form("a"), form("b")])
    deploy(ctx, SYSTEM, [form("a", "Två")])

    first = deployments.definitions_page(ctx, SYSTEM, kind=DefinitionKind.FORM, limit=2)
    rest = deployments.definitions_page(ctx, SYSTEM, kind=DefinitionKind.FORM, after=first.next_after)

    assert [(each.key, each.version) for each in (*first.items, *rest.items)] == [("a", 2), ("a", 1), ("b", 1)]
    assert deployments.definition_source(ctx, SYSTEM, first.items[0].id) == first.items[0]
    with pytest.raises(NotFound):
        deployments.definition_source(ctx, SYSTEM, "finns-inte")
