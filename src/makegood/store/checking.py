"""Everything in a store looked at: the log against the tree and the heads, and each hash against what it is of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from makegood.evidence.canonical import NotCanonical, read_canonical
from makegood.evidence.head import SignedHead, read_head, successor
from makegood.evidence.leaf import FILES, KEY, SALT, Leaf, commitment, handle, read_leaf
from makegood.evidence.signing import PublicKey
from makegood.model.problem import Place, Problem, Refused, error, warning
from makegood.store.checking_batches import batches_that_do_not_hold
from makegood.store.opened import Store
from makegood.store.place import StorePlace
from makegood.store.segments import remote_is, remote_sizes
from makegood.store.sql.batches import filed, held, roster_of
from makegood.store.sql.database import reading
from makegood.store.sql.deriving import Derived, compare
from makegood.store.sql.erasures import erased_handles, erased_positions
from makegood.store.sql.log import AT_ONCE
from makegood.store.sql.tables import RETIREMENT, author, batch, document, fact, head, log, segment, stamp, statement

OF_FILES: Mapping[str, Table] = {"document": document, "segment": segment, "batch": batch}
SEGMENTS = ("observations", "states", "measurements", "latencies", "failures", "outcomes", "flagged", "sketches")


@dataclass
class Checked:
    """What was looked at, in numbers, and every problem found."""

    entries: int = 0
    heads: int = 0
    facts: int = 0
    erased: int = 0
    documents: int = 0
    segments: int = 0
    batches: int = 0
    statements: int = 0
    stamps: int = 0
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, where: str, what: str, why: str = "", hint: str = "") -> None:
        """Note one thing that must not be."""
        self.problems.append(error("store-damaged", Place(where), what, why, hint))


def check(store: Store, signatures: bool = True) -> Checked:
    """Look at everything in a store, as it is at one moment; without `signatures` not at those of batches, which the
    log does not commit to. Raises Refused where the database cannot be read."""
    found, named = Checked(), (store.log, store.first_key)  # before, since a full disk lets one connection alone read
    with reading(store.engine) as connection:
        _check_pages(connection, found)
        made, keys = _check_log(connection, found)
        _check_heads(connection, named, made, keys, found)
        _check_authors(connection, found)
        _check_rows(connection, found)
        for number, digest, body in connection.execute(
            select(statement.c.number, statement.c.sha256, statement.c.body)
        ):
            found.statements += 1
            if sha256(bytes(body)).digest() != bytes(digest):
                found.wrong(f"statement {number}", "its bytes do not have the hash that it was issued with")
        _check_stamps(connection, found)
        for where, what in batches_that_do_not_hold(connection) if signatures else ():
            found.wrong(where, what)
        if different := compare(connection, made.derived):
            hint = "make it again: makegood rebuild"
            found.wrong("node", f"{different:,} rows of the tree differ from what the log gives", "", hint)
        s = segment.c
        asked = select(s.name, s.sha256, s.bytes, document.c.kind).join_from(
            segment, document, document.c.position == s.retired, isouter=True
        )
        files = [_File(n, bytes(h).hex(), size, gone or "") for n, h, size, gone in connection.execute(asked).all()]
    _check_files(store.place, files, found)
    return found


@dataclass
class _Log:
    """What the heads are held against: the tree, and the roots and instants at the sizes that heads were signed at."""

    derived: Derived
    roots: dict[int, bytes]
    ends: dict[int, int]


def _check_pages(connection: Connection, found: Checked) -> None:
    """That the database itself is sound, page by page; PostgreSQL looks after its own."""
    if connection.dialect.name != "sqlite":
        return
    for (said,) in connection.exec_driver_sql("pragma integrity_check"):
        if said != "ok":
            found.wrong("makegood.sqlite", f"the database is damaged: {said}", "", "restore it from a backup")
    for table, row, parent, _ in connection.exec_driver_sql("pragma foreign_key_check"):
        found.wrong(f"{table} {row}", f"it refers to a row of {parent} that is not there")


def _check_log(connection: Connection, found: Checked) -> tuple[_Log, list[tuple[int, bytes]]]:
    """Every entry with what it commits to; and the keys that the log brings in, by the size that each signs from."""
    sizes = set(connection.execute(select(head.c.size)).scalars())
    made, keys, last = _Log(Derived(), {}, {}), list[tuple[int, bytes]](), 0
    gone, start = erased_positions(connection), 0
    while True:
        rows = connection.execute(_of(log, start, log.c.position, log.c.at, log.c.kind, log.c.leaf)).all()
        if not rows:
            break
        told = {name: _by_position(connection, table, start) for name, table in OF_FILES.items()}
        facts = _by_position(connection, fact, start)
        for (position, at, kind, raw), expected in zip(rows, range(start, start + len(rows)), strict=True):
            where = f"log {position}"
            if position != expected:
                missing = f"position {expected} is" if position == expected + 1 else f"positions from {expected} on are"
                found.wrong(where, f"{missing} missing before it")
                return made, keys
            found.entries = position + 1
            made.derived.extend([bytes(raw)])
            if position + 1 in sizes:
                made.roots[position + 1], made.ends[position + 1] = made.derived.frontier.root, at
            try:
                leaf = read_leaf(bytes(raw))
            except NotCanonical as wrong:
                found.wrong(where, f"its leaf cannot be read: {wrong}")
                continue
            if (leaf.kind, leaf.at) != (kind, at) or at < last:
                found.wrong(
                    where, "its leaf says another kind or instant than its row, or is earlier than the one before"
                )
            last, name = at, kind.partition("/")[0]
            row = told[name].get(position) if name in FILES else facts.get(position)
            if row is None:
                found.wrong(where, f"{kind} `{leaf.id}` is missing")
            elif name in FILES:
                _check_file_row(name, leaf, row, where, found)
            else:
                _check_fact(leaf, row, position in gone, where, found)
                if kind == KEY and row["body"] is not None:
                    keys.append((position + 1, bytes(row["body"])))
        start += len(rows)
    return made, keys


def _of(table: Table, start: int, *columns: Any) -> Any:
    position = table.c.position
    return select(*columns).where(position >= start, position < start + AT_ONCE).order_by(position)


def _by_position(connection: Connection, table: Table, start: int) -> dict[int, Mapping[str, Any]]:
    return {row["position"]: row for row in map(dict, connection.execute(_of(table, start, table)).mappings())}


def _check_fact(leaf: Leaf, row: Mapping[str, Any], gone: bool, where: str, found: Checked) -> None:
    found.facts += 1
    if (row["kind"], row["id"]) != (leaf.kind, leaf.id):
        found.wrong(where, f"the leaf is of {leaf.kind} `{leaf.id}`, the row of {row['kind']} `{row['id']}`")
    salt, body = row["salt"], row["body"]
    if salt is None and body is None:
        found.erased += 1
        if not gone:
            found.wrong(where, f"{leaf.kind} `{leaf.id}` is gone, and no entry says that it was erased")
    elif salt is None or body is None or len(salt) != SALT or commitment(bytes(salt), bytes(body)) != leaf.commit:
        found.wrong(
            where, f"{leaf.kind} `{leaf.id}` was changed after it was recorded: it is not what the log commits to"
        )


def _check_file_row(name: str, leaf: Leaf, row: Mapping[str, Any], where: str, found: Checked) -> None:
    if name == "document":
        found.documents += 1
        same = row["name"] == leaf.id and sha256(bytes(row["body"])).digest() == bytes(row["sha256"])
    elif name == "segment":
        found.segments += 1
        same = row["name"] == leaf.id
    else:
        found.batches += 1
        same = f"{row['location']}/{row['sequence']}" == leaf.id
        same &= row["body"] is None or sha256(bytes(row["body"])).digest() == bytes(row["sha256"])
    if not same or bytes(row["sha256"]) != leaf.commit:
        found.wrong(where, f"{leaf.kind} `{leaf.id}` is not what the log commits to")


def _check_heads(
    connection: Connection, log: tuple[str, bytes], made: _Log, keys: list[tuple[int, bytes]], found: Checked
) -> None:
    """Each head, of a log with this name and first key, against the log as it was then."""
    named, signers = log[0], [(0, PublicKey(log[1]))]
    if signers[0][1].log != named:
        found.wrong("setting", "the log is not named by its first key")
    size = found.entries
    last = 0
    for at_size, at, raw in connection.execute(select(head.c.size, head.c.at, head.c.body).order_by(head.c.size)):
        found.heads, last, where = found.heads + 1, at_size, f"head {at_size}"
        try:
            signed = read_head(bytes(raw))
        except NotCanonical as wrong:
            found.wrong(where, f"it cannot be read: {wrong}")
            continue
        one = signed.head
        if not signed.verifies or one.log != named or (one.size, one.at) != (at_size, at):
            found.wrong(where, "its signature does not hold, or it is of another log or size")
        elif made.roots.get(at_size) != one.root or made.ends[at_size] != at:
            found.wrong(where, "the log does not have the root that was signed", "entries were changed, or taken out")
        elif (why := _not_the_signer(signed, named, keys, signers)) is not None:
            found.wrong(where, why)
    if last != size:
        found.wrong("head", f"the log has {size:,} entries, and its latest head {last:,}")


def _not_the_signer(
    signed: SignedHead, named: str, keys: list[tuple[int, bytes]], signers: list[tuple[int, PublicKey]]
) -> str | None:
    """Why the key that signed is not the one that was to sign at this size; the chain of keys grows on the way."""
    while keys and keys[0][0] <= signed.head.size:
        since, body = keys.pop(0)
        try:
            signers.append((since, successor(read_canonical(body), named, signers[-1][1])))
        except NotCanonical as wrong:
            return f"the key that entry {since - 1} brings in does not follow the one before: {wrong}"
    if signers[-1][1].raw != signed.public:
        return "another key signed it than the one that was to sign"
    return None


def _check_rows(connection: Connection, found: Checked) -> None:
    """That batches of which the database has the rows, and not the bytes, are what the log commits to."""
    for one in filed(connection, batch.c.sealed.is_(None), batch.c.body.is_(None)):
        roster = roster_of(connection, one.roster)
        if roster is None:
            found.wrong(f"log {one.position}", f"the list of checks of batch `{one.name}` is missing")
            continue
        try:
            for _ in held(connection, [one], {one.roster: roster}):
                pass
        except Refused as wrong:
            found.problems += [replace(p, code="store-damaged") for p in wrong.problems]


def _check_stamps(connection: Connection, found: Checked) -> None:
    """That time stamps have the bytes that came; whether an authority made them, a reader with its root says."""
    for size, digest, body in connection.execute(select(stamp.c.size, stamp.c.sha256, stamp.c.body)):
        found.stamps += 1
        if sha256(bytes(body)).digest() != bytes(digest):
            found.wrong(f"stamp on head {size}", "it was changed after it came", "", "ask for another: makegood stamp")


def _check_authors(connection: Connection, found: Checked) -> None:
    gone = erased_handles(connection)
    for made, name, salt in connection.execute(select(author.c.handle, author.c.name, author.c.salt)):
        if name is None and salt is None:
            found.erased += 1
            if made not in gone:
                found.wrong(f"author {made}", "the name is gone, and no entry says that it was erased")
        elif name is None or salt is None or handle(name, bytes(salt)) != made:
            found.wrong(f"author {made}", "the name is not the one that the log's handle stands for")


@dataclass(frozen=True, slots=True)
class _File:
    """A file that the log lists; `gone` is the kind of the document that says that it went, if one does."""

    name: str
    digest: str
    size: int
    gone: str


def _check_files(place: StorePlace, files: list[_File], found: Checked) -> None:
    """The segments that the log lists, where they are to be, and files that lie beside them unlisted."""
    remote = _remote_sizes(place, found)
    for one in files:
        file, there = place.folder / one.name, remote is not None and one.name in remote
        if one.gone:
            if one.gone == RETIREMENT and (file.exists() or there):
                where = str(file) if file.exists() else f"{place.segments}/{one.name}"
                what, hint = "this file was retired, and is still there", "remove it: makegood retain"
                found.problems.append(warning("still-there", Place(where), what, "", hint))
            continue
        try:
            with file.open("rb") as raw:
                same = file_digest(raw, "sha256").hexdigest() == one.digest and file.stat().st_size == one.size
        except FileNotFoundError:
            _check_remote(place, one, remote, found)
            continue
        except OSError:
            found.wrong(str(file), "it cannot be read, and the log lists it", "", "restore it from a backup")
            continue
        if not same:
            hint = "restore it from a backup"
            if there:
                hint = "remove it: it is fetched from the object store when it is next read"
            found.wrong(str(file), "it was changed after it was recorded", "", hint)
        if remote is not None and remote.get(one.name) != one.size:
            what = "this segment is only in the folder" if not there else "this segment was changed"
            hint = "put it there: makegood seal"
            found.problems.append(warning("not-on-store", Place(f"{place.segments}/{one.name}"), what, "", hint))
    known = {place.folder / one.name for one in files}
    found.problems += [_unlisted(file) for file in _beside(place.folder) if file not in known]


def _remote_sizes(place: StorePlace, found: Checked) -> dict[str, int] | None:
    """What the object store has; None where the store has none, or where it cannot be read, which is a problem."""
    try:
        return remote_sizes(place) if place.segments else None
    except Refused as refused:
        found.problems += refused.problems
        return None


def _check_remote(place: StorePlace, one: _File, remote: dict[str, int] | None, found: Checked) -> None:
    file, hint = str(place.folder / one.name), "restore it from a backup"
    if not place.segments:
        found.wrong(file, "it is missing, and the log lists it", "", hint)
    elif remote is None:
        found.wrong(file, "it is missing here, and the object store cannot be read", "", "check again when it answers")
    elif one.name not in remote:
        found.wrong(file, "it is missing here and on the object store, and the log lists it", "", hint)
    elif wrong := remote_is(place, one.name, one.digest):
        found.wrong(wrong.where.source, f"it is missing in the folder, and here: {wrong.what}", wrong.why, hint)
    else:
        what, hint = "it is missing here, and whole on the object store", "nothing: it is fetched when it is next read"
        found.problems.append(warning("segment-remote", Place(file), what, "", hint))


def _beside(folder: Path) -> Iterator[Path]:
    for kind in SEGMENTS:
        yield from sorted(file for file in (folder / kind).rglob("*") if file.is_file())


def _unlisted(file: Path) -> Problem:
    why = "the log does not list it: its import was interrupted, or it was put there by hand"
    return warning("import-unfinished", Place(str(file)), "this file does not count", why, "import its source again")
