"""A folder of facts as something to import into: what is refused before, and who may write in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from makegood.app.judging import in_folder
from makegood.model.facts import Facts
from makegood.model.problem import Place, Problem, Refused, Severity, error
from makegood.store.durable import make_folder, only_writer
from makegood.store.folder import evidence_files, read_evidence


def check_folder(into: Path) -> None:
    """Refuse what cannot become a folder of facts."""
    if into.exists() and not into.is_dir():
        raise Refused(
            [error("no-facts-folder", Place(str(into)), "this is a file, not a folder", "", "name a folder of facts")]
        )
    if not into.exists() and not into.absolute().parent.is_dir():
        hint = f"make the folder {into.parent} first"
        raise Refused([error("no-facts-folder", Place(str(into)), "the folder above it does not exist", "", hint)])


@contextmanager
def ready(into: Path) -> Iterator[None]:
    """The folder, ours alone to write in; one that was made for this and stays empty goes again."""
    missing = not into.is_dir()
    make_folder(into)
    try:
        with only_writer(into):
            yield
    finally:
        for folder in (*into.iterdir(), into) if missing else ():
            with suppress(OSError):
                folder.rmdir()


def evidence_in(into: Path) -> Facts:
    """The evidence of the folder. Raises Refused when some cannot be read, since no row could be compared with it."""
    if not into.is_dir():
        return Facts()
    problems = list[Problem]()
    facts = read_evidence(into, {}, problems)
    if wrong := [p for p in problems if p.severity is Severity.ERROR]:
        raise Refused(in_folder(into, wrong))
    return facts


def imported_observations(into: Path) -> list[Path] | None:
    """The imported files of observations in a folder, or None where some were placed by hand, which are no such files.

    Raises Refused as `evidence_in` does.
    """
    if not into.is_dir():
        return []
    problems = list[Problem]()
    files = evidence_files(into, {}, problems)
    if wrong := [p for p in problems if p.severity is Severity.ERROR]:
        raise Refused(in_folder(into, wrong))
    return None if files.observations else [into / name for name in files.imported]


def digest_of(path: Path) -> str:
    """The SHA-256 of a file. Raises Refused where it cannot be read."""
    try:
        with path.open("rb") as raw:
            return hashlib.file_digest(raw, "sha256").hexdigest()
    except OSError as failure:
        raise Refused([cannot_read(path, failure)]) from None


def cannot_read(path: Path, failure: OSError) -> Problem:
    """What is said of a file that the system does not let us read."""
    what = f"this file cannot be read: {(failure.strerror or 'the system refuses').lower()}"
    return error("evidence-unreadable", Place(str(path)), what, "", "name a file that you may read")
