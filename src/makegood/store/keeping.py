"""What a folder keeps, be it plain or a store: imports that count and facts recorded in it; and how more is added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import file_digest
from pathlib import Path

from makegood.exchange.parquet_table import connect
from makegood.model.facts import AnyFact, Gone, Operated
from makegood.model.problem import Problem
from makegood.model.spans import Instant
from makegood.store.gone import gone_from, gone_warnings
from makegood.store.imports import Import, add_import, read_imports
from makegood.store.locations import operated
from makegood.store.opened import opened
from makegood.store.place import is_store
from makegood.store.segments import upload
from makegood.store.sql.database import reading
from makegood.store.sql.store import Appended, Document, Receipt, Sealed

_SPANS = {
    "observations": ("begun", "begun"),
    "latencies": ("begun", "begun"),
    "states": ("earliest", '"at"'),
    "measurements": ('"start"', '"end"'),
}
"""The columns of the first and the last instant that a file of evidence tells of, by the folder it lies in."""


@dataclass(frozen=True)
class Kept:
    """The imports and the recorded facts of a folder, with what is wrong; `head` is the signed head of a store's log as
    a file, empty for a plain folder, `size` is how many entries of that log were read, and `gone` what it no longer
    holds."""

    imports: list[Import]
    facts: list[AnyFact] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    head: bytes = b""
    size: int | None = None
    gone: list[Gone] = field(default_factory=list)
    operated: tuple[Operated, ...] = ()
    """Who ran which location."""


def kept(folder: Path, size: int | None = None) -> Kept:
    """What a folder keeps; of a store the first `size` entries of its log, or all. Raises Refused as `opened` does."""
    if not is_store(folder):
        imports, problems = read_imports(folder)
        return Kept(imports, [], problems)
    with opened(folder) as store:
        head = store.head(size)
        until = size if size is not None else head.head.size if head is not None else 0
        with reading(store.engine) as connection:
            gone = gone_from(connection, until)
        signed, said = head.to_bytes() if head is not None else b"", list(gone_warnings(gone, folder))
        imports, facts = store.imports(until), store.facts(until)
        return Kept(imports, facts, said, signed, until, gone, operated(store, until))


def imports_in(folder: Path) -> list[Import]:
    """The imports that count, in the order made."""
    if not is_store(folder):
        return read_imports(folder)[0]
    with opened(folder) as store:
        return store.imports()


def keep(
    folder: Path,
    made: Sequence[Import],
    now: Instant,
    by: str,
    facts: Sequence[AnyFact] = (),
    documents: Sequence[Document] = (),
    keys: Mapping[str, str] | None = None,
) -> Receipt:
    """Let imported files count, whose content is durable below the folder, and in a store facts and documents.

    All of it, or nothing: one transaction, or one line each in a file that is replaced whole.
    """
    if not is_store(folder):
        if facts or documents:
            raise ValueError("a plain folder keeps facts and documents in files")
        add_import(folder, *made)
        return Receipt(range(0), 0)
    sealed = [part for one in made for part in _sealed(folder, one)]
    with opened(folder) as store:
        for one in sealed:
            upload(store.place, one.made.written)
        return store.append(Appended(by, facts, sealed, documents, dict(keys or {})), now)


def _sealed(folder: Path, made: Import) -> list[Sealed]:
    """The file of an import, and that of its latencies where there is one."""
    found = [_spanned(folder, made)]
    beside = folder / "latencies" / Path(made.written).name
    if made.written.startswith("observations/") and beside.is_file():
        with beside.open("rb") as raw:
            digest = file_digest(raw, "sha256").hexdigest()
        found.append(_spanned(folder, replace(made, written=f"latencies/{beside.name}", written_sha256=digest)))
    return found


def _spanned(folder: Path, made: Import) -> Sealed:
    file, (first, last) = folder / made.written, _SPANS[made.written.partition("/")[0]]
    with connect() as db:
        asked = f"select epoch_us(min({first})), epoch_us(max({last})), count(*) from read_parquet($1)"
        ((start, end, rows),) = db.execute(asked, [str(file)]).fetchall()
    return Sealed(replace(made, rows=rows), file.stat().st_size, start or 0, end or 0)
