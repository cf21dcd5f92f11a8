"""The versions of an agreement: read from a file or a folder, and chosen for an order by what is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from makegood.app.reading import file_bytes, read_from
from makegood.contract.agreement import read_agreement
from makegood.contract.translation.document import is_translation
from makegood.contract.written import Agreement
from makegood.model.problem import Place, Problem, Refused, error

ENDING = ".sla.md"


def agreement_files(path: Path) -> list[Path]:
    """The documents that a path names: itself, or every `*.sla.md` of a folder by name. Raises Refused for none."""
    if not path.is_dir():
        return [path]
    found = sorted(p for p in path.iterdir() if p.name.endswith(ENDING) and p.is_file())
    if not found:
        hint = f"name the file, or put its versions into the folder as `NAME{ENDING}`"
        raise Refused([error("no-agreement", Place(str(path)), f"this folder holds no file `*{ENDING}`", "", hint)])
    return found


def read_versions(path: Path, name: str, problems: list[Problem]) -> tuple[Agreement, ...]:
    """The versions of the named agreement, by effective date; every problem is added to those given.

    A file is one version, whatever its name. Of a folder, those count that have the name, and translations do not.
    """
    try:
        files = agreement_files(path)
    except Refused as refused:
        problems += refused.problems
        return ()
    if not path.is_dir():
        only = read_from(path, read_agreement, problems)
        return () if only is None else (only,)
    found: list[Agreement] = []
    others: set[str] = set()
    for file in files:
        here: list[Problem] = []
        if is_translation(_bytes(file)):
            continue
        read = read_from(file, read_agreement, here)
        if read is None or read.header.name == name:
            problems += here
        if read is not None and read.header.name == name:
            found.append(read)
        elif read is not None:
            others.add(read.header.name)
    versions = tuple(sorted(found, key=lambda a: (a.header.effective, a.header.version)))
    problems += twice(versions)
    if not versions and name and not problems:
        problems.append(_no_such(path, name, others))
    return versions


def twice(versions: Sequence[Agreement]) -> Iterable[Problem]:
    """Versions with one name, or one effective date: nothing could tell which of them is meant."""
    by_name: dict[str, Agreement] = {}
    for one in versions:
        if (first := by_name.setdefault(one.header.version, one)) is not one:
            what = f"this is the version {one.header.version} of `{one.header.name}`, and so is another document"
            hint = "name each version differently, or take one out of the folder"
            yield error(
                "version-twice", Place(one.document.source), what, f"the other is {first.document.source}", hint
            )
    for earlier, later in pairwise(versions):
        if earlier.header.effective == later.header.effective and earlier.header.version != later.header.version:
            what = f"version {later.header.version} is effective from {later.header.effective}, as is another version"
            why = f"the other is {earlier.header.version}, and neither replaces the other"
            yield error("effective-twice", Place(later.document.source), what, why, "correct one of the two dates")


def _no_such(path: Path, name: str, others: Iterable[str]) -> Problem:
    what = f"this folder holds no version of the agreement `{name}`, which the order names"
    known = ", ".join(f"`{other}`" for other in sorted(others))
    return error("no-version", Place(str(path)), what, "", f"it holds {known}" if known else "name another folder")


def _bytes(path: Path) -> bytes:
    try:
        return file_bytes(path)
    except Refused:
        return b""
