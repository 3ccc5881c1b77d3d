"""The functions that diagrams may call, bound to what one instance knows when a step of it begins."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from flowsvc.domain.directory import Directory
from flowsvc.domain.instances import ProcessInstance
from flowsvc.engine.functions import bind
from flowsvc.engine.outcome import PureFunction
from flowsvc.store import escalations
from flowsvc.store.transaction import Transaction
from flowsvc.usecases import figures


def bound(
    tx: Transaction, instance: ProcessInstance, directory: Directory, *, now: datetime, zone: str
) -> Mapping[str, PureFunction]:
    """The functions by name, over the directory and the instance's thread of proposals as they now stand."""
    return bind(
        directory=directory,
        now=now,
        closed_days=frozenset(day.on for day in directory.closed_days),
        zone=zone,
        business_key=instance.business_key,
        proposals=escalations.proposals_of(tx, instance.id),
        acceptances=escalations.acceptances_of(tx, instance.id),
        agreement_version=instance.agreement_version_id or "",
        # Asked for once a step, however many groups and parties the step is about.
        matters=cache(lambda: figures.matters_beside(tx, instance, directory, zone=zone)),
        file=lambda identity: figures.file_of(tx, instance, identity),
    )
