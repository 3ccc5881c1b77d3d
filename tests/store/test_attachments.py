"""Uploaded files: their uploader's until the form is sent, then the instance's."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flowsvc.domain.errors import InvalidInput, NotFound
from flowsvc.store import attachments, instances, tasks
from flowsvc.store.attachments import Attachment
from flowsvc.store.transaction import Store
from tests.store.test_instances import NOW, begin_with_definition, make_instance
from tests.store.test_tasks import make_submission


def make_attachment(**changes: object) -> Attachment:
    made = Attachment("a1", None, None, "anna", None, "intyg.pdf", "application/pdf", 4, "0" * 64, NOW)
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of Attachment


def fill(store: Store, *added: Attachment) -> None:
    with store.begin() as tx:
        begin_with_definition(tx)
        instances.add(tx, make_instance())
        tasks.add_submission(tx, make_submission())
        for each in added:
            attachments.add(tx, each, b"%PDF")


def test_a_file_comes_back_and_belongs_to_no_case_yet(store: Store) -> None:
    fill(store, make_attachment())

    with store.read() as tx:
        assert attachments.by_id(tx, "a1") == make_attachment()
        assert attachments.content_of(tx, "a1") == b"%PDF"
        assert attachments.of_instance(tx, "i1") == ()
        with pytest.raises(NotFound):
            attachments.by_id(tx, "a2")
        with pytest.raises(NotFound):
            attachments.content_of(tx, "a2")


def test_a_sent_file_belongs_to_the_instance_and_to_the_party_named_and_stays_so(store: Store) -> None:
    fill(store, make_attachment(), make_attachment(id="a2"))

    with store.begin() as tx:
        for owner in ("ekby", None):
            attachments.bind(
                tx,
                instance_id="i1",
                submission=make_submission(),
                ids=["a1", "a2", "a1"],
                owner_parties={"a1": owner},
            )

    with store.read() as tx:
        found = attachments.of_instance(tx, "i1")
    assert [(each.id, each.submission_id, each.owner_party) for each in found] == [
        ("a1", "s1", "ekby"),
        ("a2", "s1", None),
    ]


@pytest.mark.parametrize("changes", [{"person_id": "bo"}, {"id": "a9"}])
def test_a_file_that_is_not_the_senders_is_refused(store: Store, changes: dict[str, object]) -> None:
    fill(store, make_attachment(**changes))

    with pytest.raises(InvalidInput), store.begin() as tx:
        attachments.bind(tx, instance_id="i1", submission=make_submission(), ids=["a1"], owner_parties={})


def test_files_for_forms_that_were_never_sent_are_dropped_after_a_while(store: Store) -> None:
    fill(store, make_attachment(), make_attachment(id="a2", at=NOW + timedelta(days=2)), make_attachment(id="a3"))
    with store.begin() as tx:
        attachments.bind(tx, instance_id="i1", submission=make_submission(), ids=["a3"], owner_parties={})

    with store.begin() as tx:
        assert attachments.drop_unbound_before(tx, NOW + timedelta(days=1)) == 1

    with store.read() as tx:
        assert attachments.by_id(tx, "a2").instance_id is None
        assert attachments.by_id(tx, "a3").instance_id == "i1"
