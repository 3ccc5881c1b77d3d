"""What a new case takes from the register of agreements: the version it follows, and whether there may be only one of
its kind. Read from what its process declares (flowsvc:agreement, eventDate, once), so no process is known by name."""

from dataclasses import dataclass
from datetime import date, datetime

from flowsvc.domain import agreement_file, agreements
from flowsvc.domain.agreements import Agreement, AgreementVersion
from flowsvc.domain.definitions import ProcessFacts
from flowsvc.domain.directory import Directory
from flowsvc.domain.errors import Conflict, InvalidInput
from flowsvc.domain.values import Value, Variables
from flowsvc.store import instances
from flowsvc.store.transaction import Transaction
from flowsvc.usecases.context import Context


@dataclass(frozen=True)
class Registered:
    """The version that a case follows, and what it is the only one for; None for neither."""

    agreement_version_id: str | None = None
    once_key: str | None = None


def registered(
    ctx: Context,
    tx: Transaction,
    facts: ProcessFacts,
    *,
    variables: Variables,
    party_id: str | None,
    parent_instance: str | None,
    by_hand: bool,
    now: datetime,
) -> Registered:
    """What the case that is about to start takes from the register. Conflict where there is one already of which there
    may be only one, or where the agreement asks to be complete before a case is started by hand."""
    directory = ctx.store.directory(tx)
    said = _said(ctx, facts, variables, now=now)
    on = said.get("eventDate")
    found = _followed(directory, facts, said, party_id=party_id, on=on if isinstance(on, date) else ctx.today())
    version = found[1].id if found else None
    if found is None and parent_instance is not None:
        version = tx.instance(parent_instance).agreement_version_id
    if found and by_hand and found[0].must_be_complete:
        _require_complete(directory, found[0], on=ctx.today())
    once = said.get("once")
    once_key = str(once)[:200] if once not in (None, "") else None
    if once_key is not None:
        other = instances.with_once_key(tx, facts.key, once_key)
        if other is not None:
            raise Conflict(f"Det finns redan ett sådant ärende: {other}. Öppna det i stället.")
    return Registered(version, once_key)


def _said(ctx: Context, facts: ProcessFacts, variables: Variables, *, now: datetime) -> dict[str, Value]:
    """What the process declares, each worked out over what was sent."""
    texts = {name: text for name, text in facts.properties.items() if name in ("agreement", "eventDate", "once")}
    said: dict[str, Value] = {**texts}
    asked = [name for name, text in texts.items() if text.startswith("=")]
    if asked:
        said |= zip(asked, ctx.evaluate([texts[name][1:] for name in asked], variables, now=now), strict=True)
    return said


def _followed(
    directory: Directory, facts: ProcessFacts, said: dict[str, Value], *, party_id: str | None, on: date
) -> tuple[Agreement, AgreementVersion] | None:
    if "agreement" not in said:
        return agreements.governing(directory.agreements, process_key=facts.key, party_id=party_id, on=on)
    named = directory.agreements.get(str(said["agreement"] or ""))
    if named is None:
        raise InvalidInput("Överenskommelsen finns inte i registret. Välj en annan.")
    version = named.practice_on(on)
    if version is None:
        raise InvalidInput(f"{named.name} har ingen version som har börjat gälla.")
    return named, version


def _require_complete(directory: Directory, agreement: Agreement, *, on: date) -> None:
    if agreement_file.is_incomplete(directory, agreement, on=on):
        raise Conflict(f"{agreement.name} är inte färdigt inlagd. Sidan Överenskommelser säger vad som saknas.")
