"""What goes to the terminal: text as wide and as coloured as it can show, problems to the error stream."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from makegood.model.problem import Place, Problem, Refused, error
from makegood.render.problems import problems_text
from makegood.render.screen import Screen, screen_of


def out_screen() -> Screen:
    """What standard output can show."""
    return screen_of(sys.stdout, os.environ)


def say(text: str) -> None:
    """One text to standard output, with a line feed at its end."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def complain(text: str) -> None:
    """One line to the error stream."""
    sys.stderr.write(f"makegood: {text}\n")


def say_problems(problems: Sequence[Problem], to_stdout: bool = False) -> None:
    """Problems as a compiler would show them, with the lines that they are about."""
    if not problems:
        return
    stream = sys.stdout if to_stdout else sys.stderr
    screen = screen_of(stream, os.environ)
    stream.write(problems_text(problems, _sources(problems), screen.color))


def _sources(problems: Sequence[Problem]) -> dict[str, str]:
    found: dict[str, str] = {}
    for source in {p.where.source for p in problems if p.where.line}:
        try:
            found[source] = Path(source).read_bytes()[: 1 << 22].decode("utf-8", "replace")
        except OSError:
            continue
    return found


def write_file(path: Path, text: str) -> None:
    """Write a file whole or not at all. Raises Refused where its folder is missing."""
    if not path.parent.is_dir():
        why = "nothing was written"
        raise Refused([error("no-folder", Place(str(path)), f"there is no folder {path.parent}", why, "make it first")])
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
