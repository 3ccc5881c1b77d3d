"""Drafts of models in the tables, on each database: files with revisions, their history, and who finds what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flowsvc.domain.definitions import DefinitionKind
from flowsvc.domain.errors import NotFound
from flowsvc.domain.model_drafts import DraftChange, DraftFile, DraftMove, DraftState, ModelDraft
from flowsvc.store import model_drafts
from flowsvc.store.transaction import Store

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def draft(draft_id: str = "d", **given: object) -> ModelDraft:
    plain = ModelDraft(draft_id, "Kortare tid", DraftState.OPEN, created_by="anna", created_at=NOW, changed_at=NOW)
    return replace(plain, **given)  # type: ignore[arg-type]  # whichever fields a test names


def file(name: str = "a.dmn", source: bytes = b"ett", revision: int = 1) -> DraftFile:
    return DraftFile("d", name, DefinitionKind.DECISION, source, "hash", revision, "anna", NOW, {"decision:a": "1"})


def line(change_id: str, revision: int, *, minutes: int = 0, source: bytes = b"ett") -> DraftChange:
    at = NOW + timedelta(minutes=minutes)
    return DraftChange(
        change_id, "d", DraftMove.SAVED, "anna", at, at, file_name="a.dmn", revision=revision, source=source
    )


def test_a_draft_and_its_files_come_back_as_they_were_put(store: Store) -> None:
    with store.begin() as tx:
        model_drafts.add(tx, draft())
        model_drafts.put_file(tx, file())
        model_drafts.put_file(tx, file(source=b"tv\xc3\xa5", revision=2))
        model_drafts.put_file(tx, file("b.dmn"))
    with store.read() as tx:
        assert model_drafts.by_id(tx, "d") == draft()
        assert model_drafts.file_of(tx, "d", "a.dmn") == file(source=b"tv\xc3\xa5", revision=2)
        assert model_drafts.file_names(tx, ["d", "x"]) == {"d": ("a.dmn", "b.dmn")}
        assert model_drafts.file_names(tx, []) == {}


def test_what_is_not_there_is_not_found(store: Store) -> None:
    with store.begin() as tx:
        model_drafts.add(tx, draft())
        model_drafts.put_file(tx, file())
        model_drafts.drop_file(tx, "d", "a.dmn")
        for ask in (
            lambda: model_drafts.by_id(tx, "x"),
            lambda: model_drafts.locked(tx, "x"),
            lambda: model_drafts.file_of(tx, "d", "a.dmn"),
            lambda: model_drafts.save_of(tx, "d", "a.dmn", 1),
        ):
            with pytest.raises(NotFound):
                ask()
        assert model_drafts.last_save(tx, "d", "a.dmn") is None


def test_the_history_is_newest_first_and_an_earlier_save_is_found_to_the_byte(store: Store) -> None:
    with store.begin() as tx:
        model_drafts.add(tx, draft())
        model_drafts.add_change(tx, line("1", 1))
        model_drafts.add_change(tx, line("2", 2, minutes=20, source=b"tva"))
        model_drafts.replace_change(tx, line("2", 3, minutes=25, source=b"tre"))
    with store.read() as tx:
        changes = model_drafts.changes_of(tx, "d", file_name="a.dmn")
        last = model_drafts.last_save(tx, "d", "a.dmn")

        assert [(each.id, each.revision) for each in changes] == [("2", 3), ("1", 1)]
        assert model_drafts.changes_of(tx, "d") == changes
        assert model_drafts.changes_of(tx, "d", file_name="b.dmn") == ()
        assert model_drafts.save_of(tx, "d", "a.dmn", 1).source == b"ett"
        assert last is not None
        assert last.source == b"tre"


def test_drafts_are_found_by_their_state_their_origin_and_what_waits(store: Store) -> None:
    submitted = draft("s", state=DraftState.SUBMITTED, submitted_at=NOW, submitted_sha256="c", changed_at=NOW)
    released = draft("r", state=DraftState.RELEASED, origin="shipped:a:1", ended_at=NOW)
    newer = draft("n", changed_at=NOW + timedelta(days=1))
    with store.begin() as tx:
        for each in (submitted, released, newer):
            model_drafts.add(tx, each)
    with store.read() as tx:
        assert [each.id for each in model_drafts.going_on(tx)] == ["n", "s"]
        assert model_drafts.ended(tx, limit=5) == (released,)
        assert model_drafts.of_origin(tx, "shipped:a:1") == released
        assert model_drafts.of_origin(tx, "shipped:a:2") is None
        assert model_drafts.waiting_with(tx, "c") == submitted
        assert model_drafts.waiting_with(tx, "d") is None
