"""YAML without its surprises: every scalar is text as written, every node has its place, nothing wins silently."""

from __future__ import annotations

import re
from typing import Final

from makegood.contract.encoding import (
    MOST_SHOWN,
    control_characters,
    hidden_characters,
    read_bytes,
    without_unwelcome,
)
from makegood.contract.nodes import Node
from makegood.contract.yaml_sentences import Ground
from makegood.contract.yaml_tree import Tree
from makegood.model.problem import Place, Problem, error

__all__ = ["read_bytes", "read_yaml"]

MOST_CHARACTERS: Final = 1024 * 1024

_TAB_INDENT = re.compile(r"^ *\t[ \t]*(?=[^ \t\r\n])", re.MULTILINE)
_HEAD = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n|%[^\n]*(?:\n|\Z))+")


def read_yaml(
    text: str, source: str, first_line: int = 1, first_column: int = 1, clause: str = ""
) -> tuple[Node | None, list[Problem]]:
    """The nodes of one YAML text, or None where it holds none or cannot be read; and everything wrong with it.

    Lines and columns count from `first_line` and `first_column`, for a text that stands inside a file. A text that can
    be read to its end gives its nodes beside its problems; of a key that is written twice they hold the first.
    """
    ground = Ground(source, first_line, first_column, clause)
    if len(text) > MOST_CHARACTERS:
        what = f"this text has {len(text):,} characters"
        why = f"at most {MOST_CHARACTERS:,} are read as rules"
        return None, [error("yaml-too-long", ground.place(0, 0), what, why, "split it into several files")]
    problems: list[Problem] = []
    problems += control_characters(text, source, first_line, first_column, clause)
    problems += hidden_characters(text, source, first_line, first_column, clause)
    plain = without_unwelcome(text.replace("\r\n", "\n").replace("\r", "\n"))
    plain = _without_directives(_without_tabs(plain, ground, problems), ground, problems)
    node, found = Tree(ground, plain).read(quiet=bool(problems))
    ordered = sorted(problems + found, key=lambda problem: (problem.where.line, problem.where.column))
    return (None if problems else node), ordered


def _without_tabs(text: str, ground: Ground, problems: list[Problem]) -> str:
    """Each tab in an indentation is a problem, and is read as a space so that the rest can be read too."""
    if "\t" not in text:
        return text
    why = "a tab is as wide as each reader's editor makes it"
    for count, place in enumerate(_places(_TAB_INDENT, text, ground)):
        what = "this line is indented with a tab" if count < MOST_SHOWN else "more lines are indented with tabs"
        problems.append(error("yaml-tab", place, what, why, "indent with spaces"))
        if count == MOST_SHOWN:
            break
    return _TAB_INDENT.sub(lambda found: " " * len(found.group()), text)


def _places(pattern: re.Pattern[str], text: str, ground: Ground) -> list[Place]:
    places: list[Place] = []
    line = at = 0
    for found in pattern.finditer(text):
        line, at = line + text.count("\n", at, found.start()), found.start()
        places.append(ground.place(line, 0))
        if len(places) > MOST_SHOWN:
            break
    return places


def _without_directives(text: str, ground: Ground, problems: list[Problem]) -> str:
    """Lines that start with % before the first key change how the rest is read: refused, and read as comments."""
    if not (head := _HEAD.match(text)) or "%" not in head.group():
        return text
    lines = head.group().split("\n")
    directives = [number for number, line in enumerate(lines) if line.startswith("%")]
    for number in directives[:MOST_SHOWN]:
        what = f"`{lines[number][:40].rstrip()}` is a directive"
        why = "directives change how the rest is read"
        problems.append(error("yaml-directive", ground.place(number, 0), what, why, "delete the line"))
    plain = "\n".join("#" + line[1:] if line.startswith("%") else line for line in lines)
    return plain + text[head.end() :]
