"""A database of its own that is kept as bytes: opened from them for as long as somebody works in it, and packed again.
Hides the file that it meanwhile is, and that the file is gone afterwards."""

import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flowsvc.domain.errors import TooLarge
from flowsvc.store import schema
from flowsvc.store.transaction import Store

_FASTEST = 1
_NAME = "scratch.db"


@dataclass(frozen=True)
class Scratch:
    """An opened database."""

    store: Store
    file: Path

    def packed(self, *, limit: int) -> bytes:
        """The whole database as bytes; TooLarge where it has grown beyond the limit."""
        # The last connection to leave writes the log into the file.
        self.store.dispose()
        data = self.file.read_bytes()
        if len(data) > limit:
            raise TooLarge(f"Provkörningen har blivit större än {limit // 1_000_000} MB. Börja om den.")
        return zlib.compress(data, _FASTEST)


def empty() -> bytes:
    """A database that has the tables of this release and nothing in them."""
    with _folder() as folder:
        file = folder / _NAME
        schema.upgrade(_url(file))
        return zlib.compress(file.read_bytes(), _FASTEST)


@contextmanager
def opened(packed: bytes) -> Iterator[Scratch]:
    """The database, which this block alone works in; what is not packed again is lost."""
    with _folder() as folder:
        file = folder / _NAME
        file.write_bytes(zlib.decompress(packed))
        store = Store(_url(file), connections=2, is_lasting=False)
        try:
            yield Scratch(store, file)
        finally:
            store.dispose()


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="flowsvc-") as name:
        yield Path(name)


def _url(file: Path) -> str:
    return f"sqlite:///{file}"
