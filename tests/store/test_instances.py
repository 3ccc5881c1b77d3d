"""Instances and their variables: what is stored comes back, versions guard, lists show only what may be read."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from flowsvc.domain.definitions import Definition, DefinitionKind
from flowsvc.domain.errors import Conflict, InvalidInput, NotFound, StaleRevision
from flowsvc.domain.instances import InstanceParty, InstanceStatus, ProcessInstance, Reader, Variable
from flowsvc.domain.values import Value, ValueType
from flowsvc.store import definitions, instances
from flowsvc.store.transaction import Store, Transaction

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def make_definition(**changes: object) -> Definition:
    made = Definition(
        id="d1",
        kind=DefinitionKind.PROCESS,
        key="prov",
        version=1,
        deployment_id="dep",
        name="Prov",
        name_en="Trial",
        file_name="prov.bpmn",
        source=b"<xml/>",
        sha256="0" * 64,
        feel_hash="",
        shipped=True,
        facts={},
        deployed_at=NOW,
        deployed_by="anna",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of Definition


def make_instance(**changes: object) -> ProcessInstance:
    made = ProcessInstance(
        id="i1",
        definition_id="d1",
        process_key="prov",
        business_key="SJ-PRO-2026-00001",
        title="Prov",
        status=InstanceStatus.RUNNING,
        version=1,
        state=b"{}",
        state_format=1,
        pins={"form:a": "f1"},
        county="SJ",
        agreement_version_id=None,
        lead_party="ekby",
        started_by="anna",
        started_post="p1",
        started_at=NOW,
        ended_at=None,
        end_state="",
        parent_instance=None,
        parent_token=None,
        subject_id=None,
        retention_class="",
        legal_hold=False,
        child_waiting=True,
        next_sequence=1,
        parties=(InstanceParty("ekby", "lead"), InstanceParty("region")),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of ProcessInstance


def begin_with_definition(tx: Transaction) -> None:
    definitions.add_deployment(tx, "dep", deployed_at=NOW, deployed_by="anna")
    definitions.add_definition(tx, make_definition())


def variable(name: str, value: Value, kind: ValueType, *, scope: str = "", owner: str | None = None) -> Variable:
    return Variable(scope, name, kind, value, owner, "anna", NOW)


def test_an_instance_comes_back_as_it_was_with_its_parties(store: Store) -> None:
    with store.begin() as tx:
        begin_with_definition(tx)
        instances.add(tx, make_instance())

    with store.read() as tx:
        found = tx.instance("i1")

    assert found == make_instance()


def test_a_business_key_is_given_once(store: Store) -> None:
    with store.begin() as tx:
        begin_with_definition(tx)
        instances.add(tx, make_instance())

    with pytest.raises(Conflict), store.begin() as tx:
        instances.add(tx, make_instance(id="i2"))


def test_of_two_who_have_read_the_same_version_the_second_is_told(store: Store) -> None:
    with store.begin() as tx:
        begin_with_definition(tx)
        instances.add(tx, make_instance())
        tx.save_instance(make_instance(title="Först"), expected_version=1)

    with pytest.raises(StaleRevision), store.begin() as tx:
        tx.save_instance(make_instance(title="Sedan"), expected_version=1)

    with store.read() as tx:
        assert (tx.instance("i1").title, tx.instance("i1").version) == ("Först", 2)


def test_an_exception_leaves_nothing_behind(store: Store) -> None:
    def lose_power() -> None:
        with store.begin() as tx:
            begin_with_definition(tx)
            instances.add(tx, make_instance())
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        lose_power()

    with pytest.raises(NotFound), store.read() as tx:
        tx.instance("i1")


def test_a_reading_transaction_cannot_write(store: Store) -> None:
    with store.begin() as tx:
        begin_with_definition(tx)

    with pytest.raises(DBAPIError), store.read() as tx:
        instances.add(tx, make_instance())


def test_values_of_every_type_come_back_with_type_and_owner(store: Store) -> None:
    rows = (
        variable("a_date", date(2026, 12, 3), ValueType.DATE),
        variable("amount", 1_250_050, ValueType.MONEY, owner="ekby"),
        variable("inner", "x", ValueType.TEXT, scope="t1"),
        variable("nested", {"rows": [{"at": NOW, "å": None}]}, ValueType.CONTEXT),
        variable("wait", timedelta(days=1, hours=2), ValueType.DURATION),
    )
    with store.begin() as tx:
        begin_with_definition(tx)
        instances.add(tx, make_instance())
        instances.set_variables(tx, "i1", rows)

    with store.read() as tx:
        found = instances.variables_of(tx, "i1")

    assert {(v.scope, v.name): v for v in found} == {(v.scope, v.name): v for v in rows}


def test_a_variable_set_again_is_replaced_and_a_closed_scope_is_gone(store: Store) -> None:
    with store.begin() as tx:
        begin_with_definition(tx)
        instances.add(tx, make_instance())
        instances.set_variables(
            tx, "i1", [variable("a", 1, ValueType.NUMBER), variable("a", 1, ValueType.NUMBER, scope="t")]
        )
        instances.set_variables(tx, "i1", [variable("a", "två", ValueType.TEXT)])
        instances.drop_scopes(tx, "i1", ["t"])
        found = instances.variables_of(tx, "i1")

    assert [(v.scope, v.value) for v in found] == [("", "två")]


def test_case_numbers_are_consecutive_in_each_series_also_with_many_at_once(store: Store) -> None:
    given: list[int] = []

    def take() -> None:
        for _ in range(10):
            with store.begin() as tx:
                given.append(instances.next_case_number(tx, "SJ-AVV-2026"))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(given) == list(range(1, 41))


def test_a_list_shows_only_what_one_of_the_posts_may_read_now_page_by_page(store: Store) -> None:
    with store.begin() as tx:
        begin_with_definition(tx)
        for n in range(5):
            instances.add(tx, make_instance(id=f"i{n}", business_key=f"SJ-PRO-2026-0000{n}"))
            instances.add_readers(tx, f"i{n}", [Reader("p1" if n % 2 else "p2", "candidate", NOW)])
        instances.add_readers(tx, "i4", [Reader("p1", "candidate", NOW, until=NOW - timedelta(days=1))])

    with store.read() as tx:
        first = instances.page(tx, scope_posts=frozenset({"p1"}), now=NOW, limit=1)
        second = instances.page(tx, scope_posts=frozenset({"p1"}), now=NOW, limit=1, after=first.next_after)
        everything = instances.page(tx, scope_posts=None, now=NOW)
        nothing = instances.page(tx, scope_posts=frozenset(), now=NOW)

    assert [i.id for i in first.items + second.items] == ["i3", "i1"]
    assert second.next_after is None
    assert [i.id for i in everything.items] == ["i4", "i3", "i2", "i1", "i0"]
    assert nothing.items == ()


@pytest.mark.parametrize("mark", ["x", "W10", "WyIxIiwgMl0", "å"])
def test_a_mark_that_no_page_has_given_is_refused(store: Store, mark: str) -> None:
    with pytest.raises(InvalidInput), store.read() as tx:
        instances.page(tx, scope_posts=None, now=NOW, after=mark)


def test_the_newest_version_of_a_definition_is_found_and_a_version_is_given_once(store: Store) -> None:
    with store.begin() as tx:
        begin_with_definition(tx)
        definitions.add_definition(tx, make_definition(id="d2", version=2, name="Nyare"))

    with pytest.raises(StaleRevision), store.begin() as tx:
        definitions.add_definition(tx, make_definition(id="d3", version=2))

    with store.read() as tx:
        latest = definitions.latest(tx, DefinitionKind.PROCESS, "prov")
        assert latest is not None
        assert (latest.id, latest.name) == ("d2", "Nyare")
        assert [d.version for d in definitions.versions(tx, DefinitionKind.PROCESS, "prov")] == [2, 1]
        assert definitions.latest(tx, DefinitionKind.FORM, "prov") is None
