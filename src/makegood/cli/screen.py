"""What goes to the terminal: text as wide and as coloured as it can show, problems to the error stream."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from makegood.model.problem import Place, Problem, Refused, error
from makegood.render.printable import lettered
from makegood.render.problems import problems_text
from makegood.render.screen import Screen, screen_of

UNTOLD_WIDTH = 100
"""How wide problems are where no terminal says how wide it is: in a file, a pipe, a build's log."""
MOST_SHOWN = 1 << 22
"""Of a source this many bytes are read to show the lines that problems are about."""


def out_screen() -> Screen:
    """What standard output can show."""
    return screen_of(sys.stdout, os.environ)


def say(text: str) -> None:
    """One text to standard output, with a line feed at its end, in letters that its encoding has."""
    ended = text if text.endswith("\n") else text + "\n"
    with read_or_not():
        sys.stdout.write(lettered(ended, sys.stdout.encoding or "utf-8"))


def say_document(text: str) -> None:
    """A document for programs or browsers, which is UTF-8 whatever the terminal has."""
    with read_or_not():
        sys.stdout.flush()
        raw = getattr(sys.stdout, "buffer", None)
        if raw is None:
            sys.stdout.write(text)
        else:
            raw.write(text.encode("utf-8"))


def complain(text: str) -> None:
    """One line to the error stream."""
    _tell(f"makegood: {text}\n")


def say_problems(problems: Sequence[Problem], to_stdout: bool = False) -> None:
    """Problems as a compiler would show them, with the lines that they are about."""
    if not problems:
        return
    stream = sys.stdout if to_stdout else sys.stderr
    screen = screen_of(stream, os.environ)
    width = screen.width if stream.isatty() else UNTOLD_WIDTH
    text = problems_text(problems, _sources(problems), screen.color, width, screen.encoding)
    if to_stdout:
        say(text)
    else:
        _tell(text)


@contextmanager
def read_or_not() -> Iterator[None]:
    """Write to standard output, or nowhere once nobody reads it: the command goes on to what it finds."""
    try:
        yield
    except BrokenPipeError:
        give_up_on(sys.stdout)


def give_up_on(stream: TextIO) -> None:
    """Send what is left of a stream nowhere, so that leaving does not fail on it again."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all; what is no file, such as /dev/null, is written to. Raises Refused."""
    with _writing(path) as file:
        file.write(content if isinstance(content, bytes) else content.encode("utf-8"))


@contextmanager
def writing(path: Path) -> Iterator[Callable[[str], object]]:
    """What writes a text part by part, whole or not at all, as `write_file` does. Raises Refused."""
    with _writing(path) as file:
        yield lambda text: file.write(text.encode("utf-8"))


@contextmanager
def _writing(path: Path) -> Iterator[BinaryIO]:
    target = Path(os.path.realpath(path))
    try:
        if not target.parent.is_dir():
            raise _unwritable(path, f"there is no folder {path.parent}", "make it first")
        if target.is_dir():
            raise _unwritable(path, "is a folder, not a file", "name a file in it")
        if target.exists() and not target.is_file():
            with target.open("wb") as file:
                yield file
        else:
            with _replacing(target) as file:
                yield file
    except OSError as failure:
        said = (failure.strerror or str(failure)).lower()
        raise _unwritable(path, f"cannot be written: {said}", "free it, or name another file") from None


@contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    beside = target.with_name(f".{target.name[:100]}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _unwritable(path: Path, what: str, hint: str) -> Refused:
    return Refused([error("unwritable", Place(str(path)), what, "nothing was written", hint)])


def _tell(text: str) -> None:
    """To the error stream; where nobody reads it any more, the exit code still tells."""
    try:
        sys.stderr.write(lettered(text, sys.stderr.encoding or "utf-8"))
        sys.stderr.flush()
    except OSError:
        give_up_on(sys.stderr)


def _sources(problems: Sequence[Problem]) -> dict[str, str]:
    """The texts that problems have lines in; a source that is no text file has none to show."""
    found: dict[str, str] = {}
    for source in {p.where.source for p in problems if p.where.line}:
        with suppress(OSError, ValueError):
            if Path(source).is_file() and _is_text(raw := _first_bytes(Path(source))):
                found[source] = raw.decode("utf-8", "replace")
    return found


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_SHOWN)


def _is_text(raw: bytes) -> bool:
    """Whether its lines can be shown: neither Parquet nor text of two bytes a letter."""
    return not raw.startswith((b"PAR1", b"\xff\xfe", b"\xfe\xff")) and raw.count(0) * 3 <= len(raw)
