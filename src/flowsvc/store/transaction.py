"""The database as the rest of flowsvc meets it: open a transaction, lock one instance in it. Hides the two databases,
their connections, the queue in which SQLite's writers wait and what may be remembered between transactions."""

import os
import threading
import weakref
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from flowsvc.domain.directory import Directory
from flowsvc.domain.errors import Misconfigured, NotFound, StaleRevision
from flowsvc.domain.instances import InstanceParty, InstanceStatus, ProcessInstance
from flowsvc.store.directory_rows import read_directory, revision_of
from flowsvc.store.rows import columns_for, values_of
from flowsvc.store.tables import instance_party, process_instance

Dialect = Literal["sqlite", "postgresql"]

BUSY_MILLISECONDS = 30_000
"""How long SQLite waits for a writer in another process."""

_REMEMBERED = 512


class FairLock:
    """A lock handed over in the order in which it was asked for. SQLite's own waiting sleeps and starves the unlucky
    (p99 of 0.9 s with four writers, against 12 ms in a queue)."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._holder: int | None = None

    def __enter__(self) -> None:
        me = threading.get_ident()
        turn = threading.Lock()
        with self._mutex:
            if self._holder == me:
                raise RuntimeError("this thread has a transaction open already")
            if self._holder is None:
                self._holder = me
                return
            turn.acquire()
            self._waiting.append(turn)
        try:
            turn.acquire()
        except BaseException:
            self._give_up(turn)
            raise
        self._holder = me

    def __exit__(self, *_: object) -> None:
        with self._mutex:
            self._hand_over()

    def _hand_over(self) -> None:
        if self._waiting:
            # The lock stays taken: nobody who comes now can slip in before the one who has waited longest.
            self._holder = 0
            self._waiting.popleft().release()
        else:
            self._holder = None

    def _give_up(self, turn: threading.Lock) -> None:
        with self._mutex:
            if turn in self._waiting:
                self._waiting.remove(turn)
            else:
                self._hand_over()


class Memory:
    """What committed transactions have read and nobody will change (definitions, a revision of the directory); the
    least used is forgotten."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._kept: OrderedDict[tuple[str, object], object] = OrderedDict()

    def get(self, key: tuple[str, object]) -> object | None:
        """What is remembered under the key."""
        with self._mutex:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def keep(self, found: dict[tuple[str, object], object]) -> None:
        """All of it is remembered."""
        with self._mutex:
            self._kept.update(found)
            while len(self._kept) > _REMEMBERED:
                self._kept.popitem(last=False)


_INSTANCE = sa.select(*columns_for(process_instance, ProcessInstance)).where(
    process_instance.c.id == sa.bindparam("id")
)
_INSTANCE_LOCKED = _INSTANCE.with_for_update()
_PARTIES = (
    sa.select(instance_party)
    .where(instance_party.c.instance_id == sa.bindparam("id"))
    .order_by(instance_party.c.party_id)
)
_SAVED = [c for c in columns_for(process_instance, ProcessInstance) if c.name not in {"id", "version"}]
_SAVE = (
    sa.update(process_instance)
    .where(
        process_instance.c.id == sa.bindparam("saved_id"),
        process_instance.c.version == sa.bindparam("expected_version"),
    )
    .values({c.name: sa.bindparam(c.name, type_=c.type) for c in _SAVED} | {"version": sa.bindparam("version")})
)
_LOCK = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(sa.bindparam("name"), 0)))
_TRY_LOCK = sa.select(sa.func.pg_try_advisory_xact_lock(sa.func.hashtextextended(sa.bindparam("name"), 0)))


class Transaction:
    """One open transaction. Whoever opened it commits by leaving the block, or rolls back by an exception."""

    def __init__(self, conn: Connection, memory: Memory, *, dialect: Dialect, is_writing: bool) -> None:
        self.conn = conn
        self.dialect: Dialect = dialect
        self._memory = memory
        self._found: dict[tuple[str, object], object] = {}
        self.is_writing = is_writing

    def lock_instance(self, instance_id: str) -> ProcessInstance:
        """The instance, which nobody else changes until this transaction ends; NotFound."""
        if not self.is_writing:
            raise RuntimeError("an instance is locked in a transaction of Store.begin")
        return self._instance(_INSTANCE_LOCKED, instance_id)

    def instance(self, instance_id: str) -> ProcessInstance:
        """The instance as it stands, not locked; NotFound."""
        return self._instance(_INSTANCE, instance_id)

    def save_instance(self, instance: ProcessInstance, *, expected_version: int) -> ProcessInstance:
        """The instance row is as given, with the next version, and returned so; StaleRevision if it is not at
        `expected_version` any more. Parties are saved by themselves (`instances.set_parties`)."""
        saved = replace(instance, version=expected_version + 1)
        values = values_of(saved, process_instance)
        values["saved_id"] = values.pop("id")
        changed = self.conn.execute(_SAVE, values | {"expected_version": expected_version})
        if changed.rowcount != 1:
            raise StaleRevision(
                f"Ärendet {instance.business_key} har ändrats av någon annan. Läs om sidan och försök igen."
            )
        return saved

    def advisory_lock(self, name: str) -> bool:
        """Whether this transaction is now the only one with the name, in all processes on the database."""
        if self.dialect == "sqlite":
            # One writer at a time is what SQLite has anyway.
            return True
        return bool(self.conn.execute(_TRY_LOCK, {"name": name}).scalar_one())

    def wait_for_lock(self, name: str) -> None:
        """This transaction is now the only one with the name, in all processes on the database; it has waited for those
        before it."""
        # One writer at a time is what SQLite has anyway.
        if self.dialect == "postgresql":
            self.conn.execute(_LOCK, {"name": name})

    def insert(self, table: sa.Table) -> "sqlite.Insert | postgresql.Insert":
        """An insert that may say what happens when the row is there already."""
        return sqlite.insert(table) if self.dialect == "sqlite" else postgresql.insert(table)

    def directory(self) -> Directory:
        """The directory as it now stands; read again only when its revision has grown."""
        revision = revision_of(self.conn)
        known = self.recall("directory", revision)
        if isinstance(known, Directory):
            return known
        found = read_directory(self.conn, revision=revision)
        # Another process may have changed it between the two readings; then this value is under no revision.
        if revision_of(self.conn) == revision:
            self.remember("directory", revision, found)
        return found

    def recall(self, what: str, key: object) -> object | None:
        """What this or an earlier, committed transaction has remembered."""
        here = self._found.get((what, key))
        return self._memory.get((what, key)) if here is None else here

    def remember(self, what: str, key: object, value: object) -> None:
        """The value is recalled from now on, by others once this transaction is committed."""
        self._found[(what, key)] = value

    def _instance(self, statement: "sa.Select[Any]", instance_id: str) -> ProcessInstance:
        row = self.conn.execute(statement, {"id": instance_id}).first()
        if row is None:
            raise NotFound("Det finns inget sådant ärende, eller så har du inte tillgång till det.")
        parties = self.conn.execute(_PARTIES, {"id": instance_id}).all()
        return instance_of(row, parties)


def instance_of(row: "sa.Row[Any]", parties: Sequence["sa.Row[Any]"]) -> ProcessInstance:
    """The instance that a row and its party rows stand for."""
    values = dict(row._mapping)
    values["status"] = InstanceStatus(values["status"])
    found = tuple(
        InstanceParty(party_id=each.party_id, role=each.role, registration_number=each.registration_number)
        for each in parties
    )
    return ProcessInstance(**values, parties=found)


class Store:
    """A database, SQLite or PostgreSQL. Opening it connects to nothing yet."""

    def __init__(self, url: str, *, connections: int = 10, is_lasting: bool = True) -> None:
        """One that is not lasting (SQLite alone) is in no hurry to the disk, and is not carried into a child process:
        it will be thrown away."""
        self._url = _checked(url)
        self._connections = connections
        self._is_lasting = is_lasting
        self.dialect = cast(Dialect, self._url.get_backend_name())
        self._abandoned: list[Engine] = []
        self._open()
        if is_lasting:
            store = weakref.ref(self)
            os.register_at_fork(after_in_child=lambda: _start_afresh(store))

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database."""
        return Path(str(self._url.database)) if self.dialect == "sqlite" else None

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction that may write: committed when the block ends, rolled back when it raises."""
        if self.dialect == "sqlite":
            with self._queue, self._transaction(self._writer, is_writing=True) as tx:
                yield tx
        else:
            with self._transaction(self._writer, is_writing=True) as tx:
                yield tx

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that only reads, and waits for nobody. The database refuses to write in it."""
        with self._transaction(self._reader, is_writing=False) as tx:
            yield tx

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """While the block runs no other process on the database runs one of the same name; it has waited for those
        before it. For work of many transactions that only one may do."""
        if self.dialect == "sqlite":
            # Only one process works on the file: its worker.
            yield
            return
        with self._writer.begin() as conn:
            conn.execute(_LOCK, {"name": name})
            yield

    def directory(self, tx: Transaction) -> Directory:
        """The directory as it stands in the transaction."""
        return tx.directory()

    def dispose(self) -> None:
        """All connections are closed; the next transaction opens new ones."""
        self._writer.dispose()
        self._reader.dispose()

    @contextmanager
    def _transaction(self, engine: Engine, *, is_writing: bool) -> Iterator[Transaction]:
        with engine.begin() as conn:
            tx = Transaction(conn, self._memory, dialect=self.dialect, is_writing=is_writing)
            yield tx
        self._memory.keep(tx._found)

    def _open(self) -> None:
        self._queue = FairLock()
        self._memory = Memory()
        if self.dialect == "sqlite":
            # The queue lets one writer through at a time; readers wait for nobody.
            self._writer = sqlite_engine(self._url, connections=1, overflow=0, is_synced=self._is_lasting)
            self._reader = sqlite_engine(self._url, connections=self._connections, overflow=-1, query_only=True)
        else:
            self._writer = postgresql_engine(self._url, connections=self._connections)
            self._reader = self._writer.execution_options(postgresql_readonly=True)

    def _after_fork(self) -> None:
        # The connections are the parent's. They are kept, unused: closing a copy would end the parent's session.
        self._abandoned += [self._writer, self._reader]
        self._open()


def _start_afresh(store: "weakref.ref[Store]") -> None:
    found = store()
    if found is not None:
        found._after_fork()


def _checked(text: str) -> URL:
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except ArgumentError as error:
        raise Misconfigured(f"Not an address of a database: {text!r}. See FLOWSVC_DATABASE.") from error
    if backend not in ("sqlite", "postgresql"):
        raise Misconfigured(f"flowsvc keeps its data in SQLite or PostgreSQL, not in {backend}.")
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if not url.database or url.database == ":memory:":
        raise Misconfigured("An SQLite database needs a file: sqlite:////path/to/flowsvc.db.")
    return url


def engine_for(url: str) -> Engine:
    """An engine with one connection, for the work on the schema; its transactions may write."""
    checked = _checked(url)
    if checked.get_backend_name() == "sqlite":
        return sqlite_engine(checked, connections=1, overflow=0)
    return postgresql_engine(checked, connections=1)


def sqlite_engine(
    url: URL, *, connections: int, overflow: int, query_only: bool = False, is_synced: bool = True
) -> Engine:
    """SQLite with a write-ahead log, synced at every commit unless it is to be thrown away. Those that may write begin
    IMMEDIATE: a transaction that read first and wrote later could fail in the middle."""
    engine = sa.create_engine(
        url,
        poolclass=sa.QueuePool,
        pool_size=connections,
        max_overflow=overflow,
        # Errors are logged; what was to be written must not stand in them.
        hide_parameters=True,
        # The driver would begin and commit by its own rules; every transaction is begun below.
        connect_args={"check_same_thread": False, "isolation_level": None},
    )
    begin = "BEGIN DEFERRED" if query_only else "BEGIN IMMEDIATE"

    @sa.event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:
        for pragma in (
            f"busy_timeout = {BUSY_MILLISECONDS}",
            "journal_mode = WAL",
            f"synchronous = {'FULL' if is_synced else 'OFF'}",
            "foreign_keys = ON",
            f"query_only = {'ON' if query_only else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def postgresql_engine(url: URL, *, connections: int) -> Engine:
    """PostgreSQL, whose commits are on disk when they return, whatever the server's default is."""
    return sa.create_engine(
        url,
        pool_size=connections,
        max_overflow=connections,
        # One round trip for each transaction, so that a restarted server or a closed firewall path harms nobody.
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": "-c synchronous_commit=on -c timezone=UTC", "connect_timeout": 10},
    )
