"""A user's file as bytes, and what a reader makes of it, with every problem told as its user would see it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from makegood.model.problem import Place, Problem, Refused, error

T = TypeVar("T")

MOST_READ = 1 << 26
"""Bytes of one document that are read at most, be it without end; every reader refuses fewer."""


def file_bytes(path: Path) -> bytes:
    """A file's bytes, up to more than any reader takes. Raises Refused where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_READ)
    except OSError as failure:
        said = (failure.strerror or str(failure)).lower()
        hint = "name a file in it" if isinstance(failure, IsADirectoryError) else "check the path"
        if isinstance(failure, PermissionError):
            hint = "allow yourself to read it"
        raise Refused([error("unreadable", Place(str(path)), f"cannot be read: {said}", "", hint)]) from None
    except ValueError:
        what = "no file can have such a name"
        raise Refused([error("unreadable", Place(str(path)), what, "it holds a NUL character")]) from None


def read_from(
    path: Path, reader: Callable[[bytes, str], tuple[T | None, list[Problem]]], problems: list[Problem]
) -> T | None:
    """What a reader makes of a file; every problem is added to those given."""
    try:
        found, wrong = reader(file_bytes(path), str(path))
    except Refused as refused:
        found, wrong = None, list(refused.problems)
    problems += wrong
    return found
