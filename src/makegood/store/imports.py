"""`imports.jsonl`: one line for each import into a facts folder. What an import wrote counts once its line is there."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from makegood.model.problem import Place, Problem, error
from makegood.store.durable import write_whole

MANIFEST = "imports.jsonl"
IMPORTED = re.compile(r"[0-9a-f]{16}\.parquet")
"""The names that imports give; a file that a person places is named otherwise."""
IMPORTED_FACTS = re.compile(r"[a-z][a-z0-9-]*-[0-9a-f]{16}\.facts\.yaml")
"""The names of the facts that imports write, which count only if they are listed too."""


@dataclass(frozen=True, slots=True)
class Import:
    """What was imported: the given file and its hash, what it was taken as, and the file written from it with its hash.

    `rows` are those written; `duplicates` were known already. `recorded` is RFC 3339, `by` whoever imported. The
    rest are the options given; `every_us` is the length of an interval in microseconds.
    """

    file: str
    sha256: str
    kind: str
    written: str
    written_sha256: str
    rows: int
    duplicates: int
    recorded: str
    by: str
    source: str = ""
    check: str = ""
    location: str = ""
    service: str = ""
    metric: str = ""
    every_us: int = 0


def read_imports(folder: Path) -> tuple[list[Import], list[Problem]]:
    """The imports in the order made; a line that cannot be read is a problem, and its file does not count."""
    path = folder / MANIFEST
    imports, problems = list[Import](), list[Problem]()
    if not path.exists():
        return imports, problems
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        made = _import(line)
        if made is None:
            why = "this file is written by imports only"
            hint = "restore it from a copy, or import the file again"
            problems.append(error("imports-damaged", Place(MANIFEST, number, 1), "this line is no import", why, hint))
        else:
            imports.append(made)
    return imports, problems


def add_import(folder: Path, *made: Import) -> None:
    """Write the lines of an import, all at once, after its files are durable. The caller is the only writer."""
    path = folder / MANIFEST
    before = path.read_bytes() if path.exists() else b""
    lines = "".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in made)
    write_whole(path, lambda beside: _write(beside, before + lines.encode("utf-8")))


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _import(line: str) -> Import | None:
    try:
        found: Any = json.loads(line)
    except ValueError:
        return None
    kinds = {field.name: int if field.type == "int" else str for field in fields(Import)}
    if not isinstance(found, dict) or not set(found) <= set(kinds):
        return None
    if not all(type(value) is kinds[name] for name, value in found.items()):
        return None
    try:
        return Import(**found)
    except TypeError:
        return None
