"""Use case: a starter to change: a commented agreement and an order that lint clean, with facts or with checks."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from makegood.model.problem import Place, Refused, error

STARTER, WATCHED = (Path(__file__).parent / name for name in ("starter", "starter_watched"))


def start(folder: Path, watched: bool = False) -> list[Path]:
    """Copy the starter into a folder, or with `watched` the one whose outages are found by checks. Raises Refused,
    writing nothing, where one of its files is there already.

    Whatever fails in the middle, what was made goes again.
    """
    starter = WATCHED if watched else STARTER
    files = sorted(p for p in starter.rglob("*") if p.is_file())
    wanted = [(file, folder / file.relative_to(starter)) for file in files]
    if folder.exists() and not folder.is_dir():
        raise Refused([error("no-folder", Place(str(folder)), "is a file, not a folder", "", "name another folder")])
    there = [target for _, target in wanted if target.exists() or target.is_symlink()]
    if there:
        hint = "name another folder, or move it away"
        raise Refused([error("exists", Place(str(p)), "is there already", "nothing was written", hint) for p in there])
    made: list[Path] = []
    try:
        for file, target in wanted:
            made += reversed([p for p in target.parents if not p.exists()])
            target.parent.mkdir(parents=True, exist_ok=True)
            made.append(target)
            target.write_bytes(file.read_bytes())
    except BaseException:
        for path in reversed(made):
            with suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        raise
    return [target for _, target in wanted]
