"""The program as its user runs it: in this process for most tests, and as a process of its own for some."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import makegood
from makegood.app.starting import STARTER

AGREEMENT, ORDER, WORK, LOG = "hosting.sla.md", "acme.order.yaml", "facts/work.facts.yaml", "facts/states/shop.csv"
INPUTS = [AGREEMENT, "--order", ORDER, "--facts", "facts"]
PROGRAM = [sys.executable, "-m", "makegood"]


def starter(folder: Path) -> Path:
    """A copy of what `init` writes."""
    shutil.copytree(STARTER, folder, dirs_exist_ok=True)
    return folder


def mend(path: Path, old: str, new: str) -> None:
    """Change a text once; that it is there is part of the test."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def everything_in(folder: Path) -> dict[str, bytes]:
    """Every file with its bytes, to see that nothing was written."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a process of the program needs, whatever the tests run in."""
    source = str(Path(makegood.__file__).parents[1])
    kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "TERM", "FORCE_COLOR")}
    return {**kept, "PYTHONPATH": source, **(more or {})}


def process(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program to its end, its output and errors as bytes."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=folder,
        env=environment(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
