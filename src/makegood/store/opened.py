"""A store, open: its database brought up to date, its key at hand, and its log as far as it goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from shutil import rmtree

from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import DBAPIError

from makegood.evidence.head import SignedHead, sign_head
from makegood.evidence.signing import SigningKey, write_key
from makegood.model.facts import AnyFact
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Instant
from makegood.store.durable import make_folder
from makegood.store.imports import Import
from makegood.store.key_files import find_key, holds
from makegood.store.place import DATABASE, StorePlace, new_place, read_place, settle
from makegood.store.refusals import disk_refusal
from makegood.store.sql.database import Unusable, engine_of, reading, sqlite_url, writing
from makegood.store.sql.deriving import mend
from makegood.store.sql.log import Sign, begin_log, extent, signed_head
from makegood.store.sql.schema import is_current, upgrade
from makegood.store.sql.store import Also, Appended, Receipt, append_to, facts_in, segments_in, unwritable
from makegood.store.sql.tables import setting

LOG, FIRST_KEY = "log", "first key"
"""The settings that name the log, by the id that its first key gave it, and that key's public half in hexadecimal."""


@dataclass(frozen=True)
class Store:
    """An open store. Its methods raise Refused where the database refuses, and nothing was done then."""

    place: StorePlace
    engine: Engine
    _keys: dict[bytes, SigningKey] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def folder(self) -> Path:
        return self.place.folder

    @property
    def log(self) -> str:
        """The id of the log, 32 hexadecimal digits."""
        return self._names[LOG]

    @property
    def first_key(self) -> bytes:
        """The log's first public key, 32 bytes: what its id is the hash of."""
        return bytes.fromhex(self._names[FIRST_KEY])

    @cached_property
    def _names(self) -> dict[str, str]:
        asked = select(setting.c.name, setting.c.value).where(setting.c.name.in_((LOG, FIRST_KEY)))
        with reading(self.engine) as connection:
            return {str(name): str(value) for name, value in connection.execute(asked)}

    @property
    def public(self) -> bytes:
        """The public key that the log has now, 32 bytes: what signed its latest head."""
        latest = self.head()
        return self.first_key if latest is None else latest.public

    @property
    def key(self) -> SigningKey:
        """What signs the heads now. Raises Refused as `key_of` does."""
        return self.key_of(self.public)

    @property
    def key_file(self) -> Path:
        """The file of that key. Raises Refused as `key_of` does."""
        place, public = read_place(self.folder), self.public
        find_key(place, public)
        following = place.next_key
        return following if following is not None and holds(following, public) else place.key

    def key_of(self, public: bytes) -> SigningKey:
        """The secret half of a key of the log. Raises Refused where it is not in a file that `store.toml` names.

        Another process may have changed the key: then `store.toml` says by now where the new one is.
        """
        if public not in self._keys:
            self._keys[public] = find_key(read_place(self.folder), public)
        return self._keys[public]

    @property
    def sign(self) -> Sign:
        """Signs a head of this log with the key that is the log's by then. It raises Refused as `key_of` does."""
        log, first = self.log, self.first_key
        return lambda key, size, root, at: sign_head(log, size, root, at, self.key_of(key or first))

    def append(self, what: Appended, now: Instant, also: Also | None = None) -> Receipt:
        """Append, durably or not at all, and sign the head that this makes; `also` is done in the same transaction."""
        return append_to(self.engine, what, now, self.sign, also)

    def size(self) -> int:
        """How many entries the log has."""
        with reading(self.engine) as connection:
            return extent(connection).size

    def head(self, size: int | None = None) -> SignedHead | None:
        """The head that was signed at a size of the log, or the latest; None where none was."""
        with reading(self.engine) as connection:
            return signed_head(connection, size)

    def facts(self, size: int | None = None) -> list[AnyFact]:
        """The facts of the first `size` entries of the log, or of all."""
        return facts_in(self.engine, size)

    def imports(self, size: int | None = None) -> list[Import]:
        """The imports whose segments are among the first `size` entries, or all."""
        return segments_in(self.engine, size)


@contextmanager
def opened(folder: Path, mending: bool = True) -> Iterator[Store]:
    """A store, its schema brought up to date and its tree mended where that is behind the log.

    Raises Refused where it cannot be used.
    """
    place = read_place(folder)
    if place.database == sqlite_url(folder / DATABASE) and not (folder / DATABASE).is_file():
        hint = "restore it from a backup: makegood restore"
        raise Refused([error("store-database", Place(str(folder / DATABASE)), "the database is missing", "", hint)])
    with _engine(place, there=True) as engine:
        if not is_current(engine):
            upgrade(engine)
        if mending:
            mend(engine)
        yield Store(place, engine)


def create(folder: Path, database: str = "", key: str = "") -> Store:
    """Make a store in a folder that is empty or not there: its key, its database, and then its `store.toml`.

    Raises Refused where that fails; what it made in the folder is then gone again, unless a database elsewhere may hold
    the store already.
    """
    there = folder.exists()
    place = new_place(folder, database, key)
    elsewhere = list[bool]()
    try:
        return _made(place, elsewhere)
    except BaseException as failure:
        if not elsewhere:
            _undo(folder, there)
        if isinstance(failure, OSError):
            where, why = failure.filename if isinstance(failure.filename, str) else str(folder), disk_refusal(failure)
            raise Refused([error("unwritable", Place(where), "the store cannot be made", why)]) from None
        raise


def _made(place: StorePlace, elsewhere: list[bool]) -> Store:
    if place.key.parent == place.folder / "keys":
        make_folder(place.key.parent, private=True)
    made = SigningKey.make()
    with _engine(place) as engine:
        upgrade(engine)
        with writing(engine) as connection:
            if connection.execute(select(setting.c.value).where(setting.c.name == LOG)).scalar() is not None:
                what, hint = "this database holds a store already", "name a database that is empty"
                raise Refused([error("store-database", Place("--database"), what, "", hint)])
            write_key(place.key, made)
            begin_log(connection)
            told = {LOG: made.public.log, FIRST_KEY: made.public.raw.hex()}
            connection.execute(insert(setting), [{"name": name, "value": value} for name, value in told.items()])
            if engine.name == "postgresql":
                elsewhere.append(True)  # from here on nobody may know whether it was committed
    settle(place)
    return Store(place, engine_of(place.database, there=True))


def _undo(folder: Path, there: bool) -> None:
    """Empty a folder that no store came of, and remove it unless it was there."""
    for one in folder.iterdir():
        if one.is_dir():
            rmtree(one, ignore_errors=True)
        else:
            one.unlink(missing_ok=True)
    if not there:
        folder.rmdir()


@contextmanager
def _engine(place: StorePlace, there: bool = False) -> Iterator[Engine]:
    try:
        engine = engine_of(place.database, there)
    except Unusable as failure:
        raise Refused([error("store-database", Place(str(place.folder)), str(failure))]) from None
    try:
        yield engine
    except Unusable as failure:
        raise Refused([error("store-database", Place(str(place.folder)), str(failure))]) from None
    except DBAPIError as failure:
        if getattr(failure.orig, "sqlite_errorname", "").startswith(("SQLITE_READONLY", "SQLITE_FULL")):
            raise Refused([unwritable(engine, failure)]) from None
        why = str(failure.orig).splitlines()[0]
        hint = "is it running, and is the URL in store.toml right?" if engine.name == "postgresql" else ""
        what = "the database cannot be used"
        raise Refused([error("store-database", Place(str(place.folder)), what, why, hint)]) from None
    finally:
        engine.dispose()
