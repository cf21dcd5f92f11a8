"""A folder that a command writes whole: in the place of what it wrote there before, and of nothing else."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from makegood.model.problem import Place, Refused, error
from makegood.store.durable import held, only_writer

LISTING = ".made-by-makegood"
"""The names of all that was written, a line each. A folder is replaced only where it holds these and nothing else."""


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A new folder to write in, which takes this one's place at the end; it vanishes where something fails.

    Raises Refused for a folder that holds what it was not given here. What a killed process left goes as well.
    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 -- `resolve` would follow a link that is to be replaced
    _check(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    work = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    work.mkdir()
    try:
        with only_writer(work):
            (work / LISTING).write_text("", encoding="utf-8")
            yield work
            names = "".join(f"{name}\n" for name in sorted(_names(work)))
            (work / LISTING).write_text(names, encoding="utf-8")
            _check(folder)
            _exchange(folder, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _exchange(folder: Path, work: Path) -> None:
    old = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    with suppress(FileNotFoundError):
        folder.rename(old)
    work.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _check(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise _foreign(folder, "is there already and is no folder")
    if not folder.exists():
        return
    found, listing = _names(folder), folder / LISTING
    ours = set(listing.read_text(encoding="utf-8", errors="replace").splitlines()) if listing.is_file() else set()
    if foreign := sorted(found - ours - {LISTING}):
        more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
        raise _foreign(folder, f"holds {foreign[0]}{more}, which was not written by this command")


def _foreign(folder: Path, what: str) -> Refused:
    why, hint = "the folder is replaced whole, and nothing was written", "name another folder, or move it away"
    return Refused([error("exists", Place(str(folder)), what, why, hint)])


def _names(folder: Path) -> set[str]:
    """Everything in a folder but the folders, by its path from there; an empty folder counts for itself."""
    inside = [p for p in folder.rglob("*") if p.is_symlink() or not p.is_dir() or not any(p.iterdir())]
    return {p.relative_to(folder).as_posix() for p in inside}


def _sweep(folder: Path) -> None:
    """Remove what killed processes began; where one is still writing, its lock says so."""
    for left in folder.parent.glob(f".{folder.name}.????????.part"):
        if (left / LISTING).is_file() and not held(left):
            shutil.rmtree(left, ignore_errors=True)
