"""Whether this installation can do its work now."""

from flowsvc.domain.errors import FlowError
from flowsvc.domain.jobs import STUCK
from flowsvc.store import jobs, schema
from flowsvc.usecases.context import Context


def stuck(ctx: Context) -> int:
    """How many instances stand still without waiting for anything, by the last round of the watch."""
    with ctx.store.read() as tx:
        return jobs.open_with_code(tx, STUCK)


def missing(ctx: Context) -> tuple[str, ...]:
    """What is not there of `database`, `schema` and `feel`; nothing where all is well."""
    found: list[str] = []
    try:
        with ctx.store.read() as tx:
            if schema.revision(tx) != schema.newest():
                found.append("schema")
    # Whatever a database driver raises, the answer is the same: it is not there.
    except Exception:
        found.append("database")
    try:
        if ctx.feel.evaluate("1 + 1", {}, now=ctx.clock.now()) != 2:
            found.append("feel")
    except (FlowError, OSError):
        found.append("feel")
    return tuple(found)
