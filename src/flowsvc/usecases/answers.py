"""What people sent, in words: each submission by the version of the form that it was sent with."""

from dataclasses import dataclass

from flowsvc.domain import directory as directories
from flowsvc.domain import forms
from flowsvc.domain.directory import Directory
from flowsvc.domain.forms import Choices, Form, RowsInWords
from flowsvc.domain.tasks import Submission
from flowsvc.domain.values import Variables
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import models
from flowsvc.usecases.context import Context
from flowsvc.usecases.filling import CHOICE_SOURCES

Told = tuple[tuple[str, str], ...]
"""Labels and answers, both as people read them."""


@dataclass(frozen=True)
class Teller:
    """Tells the submissions of one instance. `known` are its variables, from which forms draw some of their choices."""

    ctx: Context
    tx: Transaction
    language: str
    choices: Choices
    known: Variables

    def form(self, submission: Submission) -> Form | None:
        """The form that was sent."""
        return models.pinned_form(self.ctx, self.tx, submission.form_definition_id)

    def shared(self, submission: Submission) -> Told:
        """What all parties may see."""
        return self._told(submission, submission.shared_values)

    def own(self, submission: Submission) -> Told:
        """What stays inside the sender's party."""
        return self._told(submission, submission.own_values)

    def fields(self, submission: Submission, *names: str) -> Told:
        """Only these shared fields."""
        return self._told(submission, {n: v for n, v in submission.shared_values.items() if n in names})

    def without(self, submission: Submission, *names: str) -> Told:
        """All shared fields but these."""
        return self._told(submission, {n: v for n, v in submission.shared_values.items() if n not in names})

    def rows(self, submission: Submission) -> tuple[RowsInWords, ...]:
        """The repeating fields that all parties may see."""
        form = self.form(submission)
        if form is None:
            return ()
        return forms.display_rows(
            form,
            submission.shared_values,
            choices=self.choices,
            known=self.known,
            language=self.language,
            zone=self.ctx.zone,
        )

    def _told(self, submission: Submission, values: Variables) -> Told:
        form = self.form(submission)
        if form is None:
            return tuple((name, str(value)) for name, value in values.items() if value is not None)
        return forms.display(
            form, values, choices=self.choices, known=self.known, language=self.language, zone=self.ctx.zone
        )


def teller(ctx: Context, tx: Transaction, known: Variables, *, language: str) -> Teller:
    """A teller for an instance with these variables."""
    return Teller(ctx, tx, language, every_choice(tx.directory()), known)


def every_choice(directory: Directory) -> Choices:
    """All that forms may draw from the directory, whoever filled them in."""
    # Whoever asks, a unit is a unit: the counterparts of one are the own units of another.
    wide = {"counterparts": "units"}
    return {
        source: directories.options(directory, wide.get(source, source), posts=directory.posts)
        for source in CHOICE_SOURCES
    }
