"""Writes to the register of agreements what a case has decided, by what its elements declare
(flowsvc:agreementChanges, agreementValidUntil, agreementDraft): no process is known here by name."""

from collections.abc import Sequence
from datetime import date, datetime

from flowsvc.domain import agreements, calendar
from flowsvc.domain.agreements import Agreement, AgreementVersion, Change, ChangeClass
from flowsvc.domain.instances import ProcessInstance
from flowsvc.domain.values import Value
from flowsvc.engine.outcome import ElementEvent, Happened
from flowsvc.store import directory
from flowsvc.store.transaction import Transaction

CHANGES, VALID_UNTIL, DRAFT = "agreementChanges", "agreementValidUntil", "agreementDraft"
_DECLARED = frozenset({CHANGES, VALID_UNTIL, DRAFT})


def follow(
    tx: Transaction, instance: ProcessInstance, events: Sequence[ElementEvent], *, now: datetime, zone: str
) -> None:
    """The agreement that the instance follows says what the step's elements declared; nothing changes where it follows
    none."""
    declared = [
        event
        for event in events
        if event.happened is not Happened.CANCELLED and _DECLARED & {k for k, v in event.properties.items() if v}
    ]
    if not declared:
        return
    found = agreements.of_version(tx.directory().agreements, instance.agreement_version_id or "")
    if found is None:
        return
    before, version = found
    after = before
    for event in declared:
        after = _amended(after, version, instance, event, on=calendar.local_date(now, zone))
    if after != before:
        directory.change_agreement(tx, after)


def _amended(
    agreement: Agreement, version: AgreementVersion, instance: ProcessInstance, event: ElementEvent, *, on: date
) -> Agreement:
    said = event.properties
    until = said.get(VALID_UNTIL)
    if isinstance(until, date):
        agreement = agreement.extended(version.id, until)
    if said.get(DRAFT) in (True, "true"):
        agreement = agreement.drafted()
    return agreement.changed(_changes(said.get(CHANGES), version, instance, event, on=on))


def _changes(
    rows: Value, version: AgreementVersion, instance: ProcessInstance, event: ElementEvent, *, on: date
) -> list[Change]:
    """One row of the history for each context of the list that says what was changed."""
    found: list[Change] = []
    for number, row in enumerate(rows if isinstance(rows, list) else [], 1):
        if not isinstance(row, dict) or not row.get("change"):
            continue
        said_on = row.get("on")
        material = row.get("class") == ChangeClass.MATERIAL
        found.append(
            Change(
                # Written once, however often the element is asked.
                id=f"{instance.id}:{event.token}:{number}",
                on=said_on if isinstance(said_on, date) else on,
                text=str(row["change"]),
                made_by=str(row.get("made_by") or ""),
                change_class=ChangeClass.MATERIAL if material else ChangeClass.EDITORIAL,
                version=version.number,
                decision=str(row.get("decision") or ""),
                instance_id=instance.id,
            )
        )
    return found
