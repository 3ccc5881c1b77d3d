"""Diagrams of other engines that come into drafts: converted once, with the original kept in the history and a report
that can be read again."""

from collections.abc import Sequence
from dataclasses import dataclass

from flowsvc.domain.access import Action, Actor, require
from flowsvc.domain.errors import NotFound
from flowsvc.domain.model_drafts import DraftMove
from flowsvc.engine.converting import Conversion, Note, convert
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import model_drafts
from flowsvc.usecases.context import Context

WHY = "Omvandlad från "
"""How the history's reason for a converted save begins; the engine's name follows."""


@dataclass(frozen=True)
class ConversionReport:
    """What became of each thing that a file said in another dialect."""

    draft_id: str
    draft_name: str
    file_name: str
    came_from: str
    notes: tuple[Note, ...]

    def of(self, outcome: str) -> tuple[Note, ...]:
        """The notes of that outcome, in the order of the file."""
        return tuple(each for each in self.notes if each.outcome == outcome)


def converted(files: Sequence[SourceFile]) -> tuple[Conversion, ...]:
    """Each file in our dialect. The forms that diagrams held come as files after them, unless one of that name was
    sent too."""
    found = [convert(each) for each in files]
    names = {each.name for each in files}
    forms = {form.name: form for each in found for form in each.forms if form.name not in names}
    return (*found, *(Conversion(form) for form in forms.values()))


def conversion_report(ctx: Context, actor: Actor, draft_id: str, file_name: str) -> ConversionReport:
    """The report of the file's last conversion; NotFound where it has never been converted."""
    require(actor, Action.READ_DRAFTS)
    with ctx.store.read() as tx:
        draft = model_drafts.by_id(tx, draft_id)
        model_drafts.file_of(tx, draft_id, file_name)
        saves = [each for each in model_drafts.changes_of(tx, draft_id, file_name=file_name) if each.revision]
        marked = next((each.revision for each in saves if each.move is DraftMove.CONVERTED), 0)
        before = next((each for each in saves if each.revision == marked - 1), None)
        if before is None:
            raise NotFound(f"{file_name} har inte omvandlats.")
        source = model_drafts.save_of(tx, draft_id, file_name, before.revision).source
    found = convert(SourceFile(file_name, source))
    return ConversionReport(draft_id, draft.name, file_name, found.came_from, found.report)
