"""Trying a draft: it runs among all that is live, on the true engine, in a database of its own with a clock of its own.
Hides that the database is kept as bytes, so that any process can go on with it, and that nothing leaves a trial."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from flowsvc.domain import model_drafts as rules
from flowsvc.domain.access import SYSTEM, Action, Actor, require
from flowsvc.domain.clock import ManualClock
from flowsvc.domain.data_stores import DataStore
from flowsvc.domain.definitions import Definition, DefinitionKind, ProcessFacts
from flowsvc.domain.directory import Directory, Role
from flowsvc.domain.errors import InvalidInput, NotFound, Problem, StaleRevision
from flowsvc.domain.instances import ProcessInstance
from flowsvc.domain.values import to_json
from flowsvc.engine.outcome import DecisionMade, Outcome
from flowsvc.engine.parsing import SourceFile
from flowsvc.store import data_stores, definitions, model_drafts, scratch, settings, trials
from flowsvc.store import directory as directories
from flowsvc.store.scratch import Scratch
from flowsvc.store.transaction import Transaction
from flowsvc.store.trials import StoredTrial
from flowsvc.usecases import deployments, models
from flowsvc.usecases.context import Context

LARGEST = 20_000_000
"""Bytes of a trial's database."""
_MOST_STORES = 500
_TRIES = 3
_IDS_OF_A_MOVE = 10_000
"""Room for the ids that one move makes, so that those of the next sort after them."""
_ABOUT = "trial"
DECISIONS = "trial.decisions"

T = TypeVar("T")


@dataclass(frozen=True)
class Tried:
    """A draft as it is to be tried. `mark` changes with its files."""

    draft_id: str
    name: str
    files: tuple[SourceFile, ...]
    mark: str


@dataclass(frozen=True)
class Trial:
    """A trial, opened: its own context, whose store and clock are nobody else's, and what it is a trial of."""

    ctx: Context
    clock: ManualClock
    draft_id: str
    revision: int
    process_key: str
    post_id: str
    """As whom the process is started."""
    mark: str


@dataclass(frozen=True)
class Choice:
    """A process that may be tried, and the posts that may start it."""

    key: str
    name: str
    name_en: str
    is_drafted: bool
    """It is in the draft; else it is live and uses something of the draft."""
    post_ids: tuple[str, ...]


@dataclass(frozen=True)
class Choices:
    """What may be tried of a draft. With refusing `problems` there is nothing."""

    problems: tuple[Problem, ...]
    processes: tuple[Choice, ...]
    directory: Directory


def tried_of(ctx: Context, actor: Actor, draft_id: str) -> Tried:
    """The draft as its files now stand; NotFound where there is none, Conflict where it has ended."""
    require(actor, Action.TRY_DRAFT)
    with ctx.store.read() as tx:
        draft, files = model_drafts.by_id(tx, draft_id), model_drafts.files_of(tx, draft_id)
    rules.require_open(draft)
    sources = tuple(SourceFile(each.file_name, each.source) for each in files)
    return Tried(draft.id, draft.name, sources, mark=rules.content_of(files))


def choices(ctx: Context, actor: Actor, tried: Tried) -> Choices:
    """The processes of the draft, then the live ones that use what it changes, each with the posts that may start it;
    or why the check refuses it."""
    require(actor, Action.TRY_DRAFT)
    with ctx.store.read() as tx:
        known = tx.directory()
        live = [models.facts_of(each) for each in definitions.all_latest(tx, DefinitionKind.PROCESS)]
    if not tried.files:
        return Choices((), (), known)
    report = deployments.check_files(ctx, actor, tried.files)
    if report.refused:
        refused = tuple(each for each in report.problems if each.severity == "refused")
        return Choices(refused, (), known)
    drafted = {each.key: each for each in report.processes}
    by_key = {each.key: each for each in live} | drafted
    changed = {f"process:{key}" for key in drafted}
    changed |= {f"decision:{each.key}" for each in report.decisions} | {f"form:{each.key}" for each in report.forms}
    users = [each for key, each in by_key.items() if key not in drafted and _uses(each, changed, by_key)]
    return Choices(
        (),
        tuple(
            Choice(each.key, each.name, each.name_en or each.name, each.key in drafted, _starters(each, known))
            for each in (*drafted.values(), *sorted(users, key=lambda facts: facts.name.casefold()))
        ),
        known,
    )


def _uses(facts: ProcessFacts, changed: set[str], by_key: Mapping[str, ProcessFacts]) -> bool:
    """Whether the process reaches something that is changed, itself or in what it calls."""
    seen: set[str] = set()
    waiting = [facts]
    while waiting:
        for each in waiting.pop().references:
            if f"{each.kind}:{each.key}" in changed:
                return True
            if each.kind == "process" and each.key in by_key and each.key not in seen:
                seen.add(each.key)
                waiting.append(by_key[each.key])
        for start in facts.starts:
            if f"form:{start.form_key}" in changed:
                return True
    return False


def _starters(facts: ProcessFacts, known: Directory) -> tuple[str, ...]:
    """Every post of staff, or those that the process names."""
    groups = set(facts.starter_groups)
    return tuple(
        post.id
        for post in known.posts.values()
        if Role.STAFF in post.roles and (not groups or groups & {*post.groups, f"post:{post.id}"})
    )


def is_trying(ctx: Context, actor: Actor, draft_id: str) -> bool:
    """Whether the actor has a trial of the draft."""
    require(actor, Action.TRY_DRAFT)
    with ctx.store.read() as tx:
        return trials.exists(tx, draft_id=draft_id, person_id=actor.person_id)


def begin(ctx: Context, actor: Actor, tried: Tried, *, process_key: str, post_id: str) -> None:
    """The actor tries the draft, from now on and with nothing in it but the directory, the data stores and the newest
    definitions, the draft's over the live ones; an earlier trial of theirs is gone. DefinitionInvalid where the check
    refuses the draft; InvalidInput for a process or a post that there is not."""
    require(actor, Action.TRY_DRAFT)
    now = ctx.clock.now()
    with ctx.store.read() as tx:
        copied = _copied(tx)
    if post_id not in copied.directory.posts:
        raise InvalidInput("Välj en befattning att starta som.")
    with scratch.opened(_empty(ctx)) as own:
        inside = _inside(ctx, own, ManualClock(now))
        with own.store.begin() as tx:
            _fill(tx, copied, at=now)
            settings.put(tx, _ABOUT, {"process": process_key, "post": post_id, "mark": tried.mark})
        deployments.deploy(inside, SYSTEM, tried.files, name=tried.name)
        with own.store.read() as tx:
            if definitions.latest(tx, DefinitionKind.PROCESS, process_key) is None:
                raise InvalidInput("Välj en process att prova.")
        data = own.packed(limit=LARGEST)
    begun = StoredTrial(
        id=ctx.clock.new_id(),
        draft_id=tried.draft_id,
        person_id=actor.person_id,
        clock=now,
        revision=1,
        moves=1,
        created_at=now,
        used_at=now,
        data=data,
    )
    with ctx.store.begin() as tx:
        trials.put(tx, begun)


def look(ctx: Context, actor: Actor, draft_id: str, show: Callable[[Trial], T]) -> T:
    """What `show` says of the actor's trial, in which nothing changes; NotFound where there is none."""
    require(actor, Action.TRY_DRAFT)
    with _opened(ctx, actor, draft_id) as (trial, _own, _stored):
        return show(trial)


def act(
    ctx: Context,
    actor: Actor,
    draft_id: str,
    do: Callable[[Trial], T],
    *,
    revision: int | None = None,
    is_move: bool = True,
) -> T:
    """The actor's trial is as `do` has left it; as it was where that raises. NotFound where there is none;
    StaleRevision where it has been moved on since `revision`. Without one `do` is done again on what the other left.
    With `is_move` false nobody notices that it was done: pages that are open still hold."""
    require(actor, Action.TRY_DRAFT)
    # A form that saves itself while it is being sent would else overtake the sending again and again.
    with ctx.turns.taken(f"trial:{draft_id}:{actor.person_id}"):
        return _acted(ctx, actor, draft_id, do, revision, is_move=is_move)


def _acted(
    ctx: Context, actor: Actor, draft_id: str, do: Callable[[Trial], T], revision: int | None, *, is_move: bool
) -> T:
    tries_left = _TRIES
    while True:
        with _opened(ctx, actor, draft_id) as (trial, own, stored):
            if revision is not None and stored.moves != revision:
                raise StaleRevision("Provkörningen har gått vidare i en annan flik. Läs om sidan och försök igen.")
            done = do(trial)
            data = own.packed(limit=LARGEST)
        moved = replace(
            stored,
            clock=trial.clock.now(),
            revision=stored.revision + 1,
            moves=stored.moves + is_move,
            used_at=ctx.clock.now(),
            data=data,
        )
        try:
            with ctx.store.begin() as tx:
                trials.save(tx, moved, expected_revision=stored.revision)
        except StaleRevision:
            tries_left -= 1
            if revision is not None or not tries_left:
                raise
        else:
            return done


def throw_away(ctx: Context, actor: Actor, draft_id: str) -> None:
    """The actor has no trial of the draft any more."""
    require(actor, Action.TRY_DRAFT)
    with ctx.store.begin() as tx:
        trials.drop(tx, draft_id=draft_id, person_id=actor.person_id)


@contextmanager
def _opened(ctx: Context, actor: Actor, draft_id: str) -> Iterator[tuple[Trial, Scratch, StoredTrial]]:
    with ctx.store.read() as tx:
        stored = trials.find(tx, draft_id=draft_id, person_id=actor.person_id)
    if stored is None:
        raise NotFound("Du har ingen provkörning av utkastet. Börja en.")
    clock = ManualClock(stored.clock, ids_from=stored.revision * _IDS_OF_A_MOVE)
    with scratch.opened(stored.data) as own:
        with own.store.read() as tx:
            about = settings.get(tx, _ABOUT)
        trial = Trial(
            ctx=_inside(ctx, own, clock),
            clock=clock,
            draft_id=draft_id,
            revision=stored.moves,
            process_key=about["process"],
            post_id=about["post"],
            mark=about["mark"],
        )
        yield trial, own, stored


# What a trial is made of


@dataclass(frozen=True)
class _Copied:
    """What a trial takes over from what is live."""

    directory: Directory
    definitions: tuple[Definition, ...]
    stores: tuple[DataStore, ...]


def _copied(tx: Transaction) -> _Copied:
    whole = tx.directory()
    # Nobody is written to from a trial.
    people = {each.id: replace(each, email="") for each in whole.people.values()}
    return _Copied(
        directory=replace(whole, people=people),
        definitions=tuple(each for kind in DefinitionKind for each in definitions.all_latest(tx, kind)),
        stores=tuple(data_stores.page(tx, limit=_MOST_STORES, after=None).items),
    )


def _fill(tx: Transaction, copied: _Copied, *, at: datetime) -> None:
    directories.replace(tx, copied.directory)
    for deployment_id in dict.fromkeys(each.deployment_id for each in copied.definitions):
        definitions.add_deployment(tx, deployment_id, deployed_at=at, deployed_by="")
    for each in copied.definitions:
        # Checked when it was deployed.
        definitions.add_definition(tx, each)
    for store in copied.stores:
        data_stores.held(tx, store.name)
        data_stores.write(tx, store.name, store.value, at=store.changed_at, by=store.changed_by)


def _empty(ctx: Context) -> bytes:
    """All migrations take a second: they are run once in a process."""
    key = "trial:empty"
    kept = ctx.parsed.get(key)
    if not isinstance(kept, bytes):
        kept = scratch.empty()
        ctx.parsed.put(key, kept)
    return kept


def _inside(ctx: Context, own: Scratch, clock: ManualClock) -> Context:
    """Nothing is sent from it, and nobody has to approve what is only tried."""
    return replace(
        ctx,
        store=own.store,
        clock=clock,
        mailer=None,
        public_url="",
        approvals=0,
        demo=False,
        calls_by_hand=True,
        noted=_note,
    )


def _note(tx: Transaction, instance: ProcessInstance, outcome: Outcome) -> None:
    """Which rules of a table matched in the step, and what it gave, is kept for whoever tries it."""
    if not outcome.decisions:
        return
    earlier: Sequence[object] = settings.get(tx, DECISIONS) or ()
    settings.put(tx, DECISIONS, [*earlier, *(_decided(instance, each, outcome) for each in outcome.decisions)])


def _decided(instance: ProcessInstance, made: DecisionMade, outcome: Outcome) -> dict[str, object]:
    return {
        "instance": instance.id,
        "process": made.process_key,
        "element": made.element_id,
        "token": made.token,
        "decision": made.decision_key,
        "matched": list(made.matched),
        "outputs": {each.name: to_json(each.value) for each in outcome.variables if each.by_token == made.token},
    }
