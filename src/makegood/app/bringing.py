"""Import a file of another program into a facts folder: everything that it brings, or nothing of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import TypeAlias

import duckdb

from makegood.app.given import Evidence, Manner, write_given
from makegood.app.into_folder import cannot_read, check_folder, digest_of, ready
from makegood.app.judging import in_folder
from makegood.app.meeting import met_facts, met_measurements, met_observations, met_states
from makegood.exchange.brought import Brought, Foreign
from makegood.exchange.facts import read_facts
from makegood.exchange.facts_text import facts_text
from makegood.exchange.formats import FORMATS, Format, told
from makegood.exchange.moments import written
from makegood.exchange.table import Unreadable
from makegood.model.facts import AnyFact, Cause, Facts, Maintenance
from makegood.model.problem import Place, Problem, Refused, Severity, error
from makegood.store.durable import write_whole
from makegood.store.folder import FACTS, read_folder
from makegood.store.imports import Import
from makegood.store.keeping import imports_in, keep
from makegood.store.place import is_store
from makegood.store.refusals import disk_refusal

MOST_IN_A_FILE = 1_500
"""So many facts are written into one file; the strict reader takes no file of more than a million characters."""

Write: TypeAlias = Callable[[Path, str], None]


@dataclass(frozen=True)
class Part:
    """What becomes of one kind of what a file brings: so many are new, and so many the folder has already."""

    kind: str
    new: int
    duplicate: int


@dataclass(frozen=True)
class BroughtReport:
    """What became of a file. `before` is when the same file was imported earlier (RFC 3339)."""

    format: str
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    written: bool
    before: str = ""

    @property
    def new(self) -> int:
        return sum(part.new for part in self.parts)


@dataclass(frozen=True)
class _Piece:
    """New rows of one kind: how many there are and were already known, where they go, and how they are written; or
    facts that a store records, which go to no file."""

    part: Part
    name: str
    source: str
    write: Write | None = None
    facts: tuple[AnyFact, ...] = ()


def format_of(file: Foreign, name: str = "") -> Format | None:
    """The format that is asked for, or that the content tells; None where it is of no other program.

    Raises Refused where the file cannot be read, or may be of several.
    """
    if name:
        return FORMATS[name]
    try:
        found = told(file)
    except Unreadable as failure:
        raise Refused([error("foreign-unreadable", Place(str(file.path)), str(failure))]) from None
    except OSError as failure:
        raise Refused([cannot_read(file.path, failure)]) from None
    if len(found) > 1:
        names = " or ".join(f"--from {one.name}" for one in found)
        what = "this file may be of several formats"
        raise Refused([error("foreign-ambiguous", Place(str(file.path)), what, "", f"say {names}")])
    return found[0] if found else None


def bring(
    file: Foreign, into: Path, kind: Format, *, known: Collection[str] | None = None, dry_run: bool = False
) -> BroughtReport:
    """Read a file and, unless it is a dry run, add what is new in it to a folder, known from `file.now` on.

    `known` are the only checks and services allowed. Raises Refused, with every problem, where the file or the folder
    cannot be used or one contradicts the other; nothing was written then.
    """
    check_folder(into)
    digest = digest_of(file.path)
    brought = _read(file, kind, known)
    if dry_run or not into.is_dir():
        pieces = _pieces(into, file, kind, brought, digest)
        if dry_run or not any(p.part.new for p in pieces):
            return _report(into, kind, brought, pieces, digest, written=False)
    with ready(into):
        pieces = _pieces(into, file, kind, brought, digest)
        report = _report(into, kind, brought, pieces, digest, written=True)
        if not report.new:
            return replace(report, written=False)
        made = [one for piece in pieces if piece.part.new and (one := _kept(into, file, digest, piece)) is not None]
        keep(into, made, file.now, file.by, [fact for piece in pieces for fact in piece.facts])
        return report


def _read(file: Foreign, kind: Format, known: Collection[str] | None) -> Brought:
    try:
        brought = kind.read(file)
    except Unreadable as failure:
        raise Refused([error("foreign-unreadable", Place(str(file.path)), str(failure))]) from None
    except OSError as failure:
        path = Path(failure.filename) if isinstance(failure.filename, str) else file.path
        raise Refused([cannot_read(path, failure)]) from None
    problems = [*brought.problems, *_strangers(file, brought, known)]
    if any(p.severity is Severity.ERROR for p in problems):
        raise Refused(problems)
    return brought


def _strangers(file: Foreign, brought: Brought, known: Collection[str] | None) -> list[Problem]:
    """Services and checks that the order does not know."""
    if known is None:
        return []
    named = dict.fromkeys(brought.states.services if brought.states is not None else ())
    named |= dict.fromkeys(brought.observations.checks if brought.observations is not None else ())
    if brought.measurements is not None:
        named |= dict.fromkeys(service for service, _, _ in brought.measurements.series)
    for fact in brought.facts:
        named |= dict.fromkeys(fact.services if isinstance(fact, Maintenance) else ())
        named |= dict.fromkeys((fact.service,) if isinstance(fact, Cause) else ())
    strange = [name for name in named if name not in known]
    if not strange:
        return []
    some = ", ".join(f"`{name}`" for name in strange[:5]) + (f" and {len(strange) - 5:,} more" if strange[5:] else "")
    there = ", ".join(f"`{name}`" for name in sorted(known)[:8])
    hint = f'map its names to {there}: --name "{strange[0]}={min(known, default="web")}"'
    return [error("unknown-service", Place(str(file.path)), f"the order does not name {some}", "", hint)]


def _pieces(into: Path, file: Foreign, kind: Format, brought: Brought, digest: str) -> list[_Piece]:
    """What is new of everything that was brought, given what the folder holds now. Raises Refused where they clash."""
    facts, problems = read_folder(into) if into.is_dir() else (Facts(), [])
    if wrong := [p for p in problems if p.severity is Severity.ERROR]:
        raise Refused(in_folder(into, wrong))
    earlier = sum(i.sha256 == digest for i in imports_in(into)) if into.is_dir() else 0
    pieces, clashes = list[_Piece](), list[Problem]()

    def name(folder: str, ending: str, number: int = 0) -> str:
        taken = "\0".join((digest, kind.name, brought.source, folder, str(earlier), str(number)))
        return f"{folder}{hashlib.sha256(taken.encode()).hexdigest()[:16]}{ending}"

    def add(what: str, rows: Evidence, duplicate: int, manner: Manner) -> None:
        part = Part(what, len(rows), duplicate)
        source = manner.source if manner.kind == "status log" else ""
        pieces.append(_Piece(part, name(f"{manner.folder}/", ".parquet"), source,
                             lambda at, to: write_given(at, to, rows, manner, file.now)))  # fmt: skip

    where = Place(str(file.path))
    if brought.states is not None:
        met = met_states(facts, brought, where)
        clashes += met.clashes
        add("states", met.new, met.duplicate, Manner("status log", brought.source, "", ""))
    if brought.observations is not None:
        seen = met_observations(facts, brought.observations, where)
        clashes += seen.clashes
        add("observations", seen.new, seen.duplicate, Manner("observations", "", "", ""))
    if brought.measurements is not None:
        made = met_measurements(facts, brought.measurements, where)
        clashes += made.clashes
        add("measurements", made.new, made.duplicate, Manner("measurements", brought.source))
    if brought.facts:
        fresh, duplicate = met_facts(facts, brought.facts)
        for number in range(0, max(1, len(fresh)), MOST_IN_A_FILE):
            some = fresh[number : number + MOST_IN_A_FILE]
            part = Part("facts", len(some), duplicate if number == 0 else 0)
            write = _writes_facts(some, where)  # what no file could hold, no store shall hold
            if is_store(into):
                pieces.append(_Piece(part, "", "", None, tuple(some)))
            else:
                pieces.append(_Piece(part, name(f"{kind.name}-", FACTS, number), "", write))
    if clashes:
        raise Refused(clashes)
    return pieces


def _writes_facts(facts: Sequence[AnyFact], where: Place) -> Write:
    """How to write facts, once it is sure that the strict reader reads them back equal."""
    try:
        text = facts_text(facts)
    except ValueError as wrong:
        raise Refused([error("foreign-value", where, str(wrong))]) from None

    read = read_facts(text.encode("utf-8"), "")[0]
    if read != list(facts):
        lost = next((one.id for one, other in zip_longest(facts, read) if one != other and one is not None), "")
        raise Refused([error("foreign-value", where, f"`{lost}` holds words that no file of facts can hold")])

    def write(into: Path, name: str) -> None:
        def fill(beside: Path) -> None:
            beside.write_text(text, encoding="utf-8", newline="\n")

        write_whole(into / name, fill)

    return write


def _kept(into: Path, file: Foreign, digest: str, piece: _Piece) -> Import | None:
    """Write a piece; it counts only once the import that is returned is kept. None for what goes to no file."""
    if piece.write is None:
        return None
    try:
        piece.write(into, piece.name)
    except (duckdb.Error, OSError) as failure:
        hint = "make room, and import the file again"
        what, why = "the rows cannot be written", disk_refusal(failure)
        raise Refused([error("unwritable", Place(str(into)), what, why, hint)]) from None
    said = {"states": "status log"}.get(piece.part.kind, piece.part.kind)
    return Import(file.path.name, digest, said, piece.name, digest_of(into / piece.name), piece.part.new,
                  piece.part.duplicate, written(file.now), file.by, piece.source)  # fmt: skip


def _report(
    into: Path, kind: Format, brought: Brought, pieces: Sequence[_Piece], digest: str, written: bool
) -> BroughtReport:
    parts = dict[str, Part]()
    for part in (piece.part for piece in pieces):
        so_far = parts.get(part.kind, Part(part.kind, 0, 0))
        parts[part.kind] = Part(part.kind, so_far.new + part.new, so_far.duplicate + part.duplicate)
    imports = imports_in(into) if into.is_dir() else []
    before = next((i.recorded for i in imports if i.sha256 == digest), "")
    return BroughtReport(kind.name, tuple(parts.values()), brought.notes, written, before)
