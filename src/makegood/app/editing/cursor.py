"""Where a cursor stands in YAML that may be unfinished: the keys that lead there, and what is being written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from makegood.app.editing.flow import read_flow

_KEY = re.compile(r"""(?P<key>"[^"]*"|'[^']*'|[^\s#\[\]{},"'-][^#\[\]{},]*?):(?:[ ]+|$)""")
_DASH = re.compile(r"-(?: +|$)")


@dataclass(frozen=True, slots=True)
class Level:
    """One mapping or list on the way: the key or the item that leads on, and every key of the mapping known so far."""

    step: str | int
    seen: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Cursor:
    """`path` leads to the mapping whose key is written, or to the value that is; `word` is what stands there already.

    `seen` are the other keys of the mapping; `start` is the column (from 0) of the word. At the start of a list's item
    a key may as well be a value.
    """

    path: tuple[Level, ...]
    at_key: bool
    word: str
    start: int
    seen: frozenset[str] = frozenset()


@dataclass
class _Open:
    """A mapping or a list that goes on at a column: the key or the number of the item that was read last."""

    indent: int
    step: str | int
    seen: set[str] = field(default_factory=set)


def cursor_at(lines: Sequence[str], line: int, column: int) -> Cursor:
    """The place in these lines, which are those of one YAML text; both numbers count from 0."""
    stack: list[_Open] = []
    flow = ""
    for text in lines[:line]:
        flow = _read(stack, text, flow)
    before = lines[line][:column] if line < len(lines) else ""
    if flow:
        return _in_flow(_path(stack), flow + before, column)
    indent, rest = _dashes(stack, before)
    if rest[:1] in ("{", "["):
        return _in_flow(_path(stack), rest, column)
    found = _KEY.match(rest)
    _close(stack, indent)
    mapping = stack.pop() if stack and stack[-1].indent == indent else _Open(indent, "")
    seen = mapping.seen | _below(lines, line, indent)
    if found is None:
        return Cursor(_path(stack), True, rest, column - len(rest), frozenset(seen))
    key, value = _bare(found["key"]), rest[found.end() :]
    path = (*_path(stack), Level(key, frozenset(seen | {key})))
    if value[:1] in ("{", "["):
        return _in_flow(path, value, column)
    return Cursor(path, False, value, column - len(value))


def _read(stack: list[_Open], text: str, flow: str) -> str:
    """Take one line above the cursor; what it leaves open of braces and brackets comes back."""
    if flow:
        return joined if read_flow(joined := f"{flow}{text}\n").frames else ""
    if not text.strip() or text.lstrip().startswith("#"):
        return ""
    indent, rest = _dashes(stack, text)
    if (found := _KEY.match(rest)) is None:
        return f"{rest}\n" if rest[:1] in ("{", "[") and read_flow(rest).frames else ""
    _close(stack, indent)
    if not stack or stack[-1].indent < indent:
        stack.append(_Open(indent, ""))
    stack[-1].step = _bare(found["key"])
    stack[-1].seen.add(_bare(found["key"]))
    value = rest[found.end() :]
    return f"{value}\n" if value[:1] in ("{", "[") and read_flow(value).frames else ""


def _dashes(stack: list[_Open], text: str) -> tuple[int, str]:
    """Take the dashes at the start of a line; where the rest begins, and the rest."""
    rest = text.lstrip(" ")
    indent = len(text) - len(rest)
    while found := _DASH.match(rest):
        while stack and stack[-1].indent > indent:
            stack.pop()
        if stack and stack[-1].indent == indent and isinstance(stack[-1].step, int):
            stack[-1].step += 1
        else:
            stack.append(_Open(indent, 0))
        indent, rest = indent + found.end(), rest[found.end() :]
    return indent, rest


def _close(stack: list[_Open], indent: int) -> None:
    """End what a key at this column ends: whatever is deeper, and a list at the same column."""
    while stack and (stack[-1].indent > indent or (stack[-1].indent == indent and isinstance(stack[-1].step, int))):
        stack.pop()


def _path(stack: Sequence[_Open]) -> tuple[Level, ...]:
    return tuple(Level(o.step, frozenset(o.seen)) for o in stack)


def _in_flow(path: tuple[Level, ...], text: str, column: int) -> Cursor:
    found = read_flow(text)
    start = column - len(found.word)
    if not found.frames:
        return Cursor(path, False, found.word, start)
    path += tuple(Level(frame.step, frozenset(frame.seen)) for frame in found.frames[:-1])
    last = found.frames[-1]
    if last.mapping and not last.has_key:
        return Cursor(path, True, found.word, start, frozenset(last.seen))
    return Cursor((*path, Level(last.step, frozenset(last.seen))), False, found.word, start)


def _below(lines: Sequence[str], line: int, indent: int) -> set[str]:
    """The keys of the same mapping that stand on later lines."""
    found: set[str] = set()
    for text in lines[line + 1 :]:
        rest = text.lstrip(" ")
        at = len(text) - len(rest)
        if not rest or rest.startswith("#") or at > indent:
            continue
        if at < indent or _DASH.match(rest):
            break
        if key := _KEY.match(rest):
            found.add(_bare(key["key"]))
    return found


def _bare(key: str) -> str:
    return key.strip("\"'")
