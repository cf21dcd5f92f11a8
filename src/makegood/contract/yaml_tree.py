"""YAML events become nodes, one by one and without recursion; what the strict reader refuses is reported on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import yaml

from makegood.contract.encoding import control_characters, hidden_characters
from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.yaml_sentences import AT_CONTEXT, sentence_for
from makegood.model.problem import Place, Problem, Severity, error

MOST_DEPTH: Final = 64
MOST_PROBLEMS: Final = 100

_QUOTED: Final = "put the value in double quotes if it is meant as written"
_ESCAPES: Final = "write the character itself"
_HASH = re.compile(r"[ \t]+#[^\s#]")
_DASHED = re.compile(r"\n[ \t]*- ")
_CUT_NUMBER = re.compile(r"[0-9]{3}(?![0-9])")


class Ground(NamedTuple):
    """Where a text stands: its file, the line and column of its first character, and the clause around it."""

    source: str
    first_line: int
    first_column: int
    clause: str

    def place(self, line: int, column: int) -> Place:
        return Place(self.source, self.first_line + line, self.first_column + column, self.clause)


class _Enough(Exception):
    """Reading stops here: the text is too deep, holds a second document, or has too many problems."""


@dataclass
class _Open:
    """A list or mapping whose end has not come yet."""

    place: Place
    keyed: bool
    flow: bool
    items: list[Node] = field(default_factory=list)
    entries: list[tuple[Text, Node]] = field(default_factory=list)
    seen: dict[str, Place] = field(default_factory=dict)
    key: Text | None = None
    at_key: bool = True

    @property
    def closed(self) -> Node:
        return Keyed(tuple(self.entries), self.place) if self.keyed else Many(tuple(self.items), self.place)


@dataclass
class Tree:
    """One reading of one text. `ground` says where it stands."""

    ground: Ground
    text: str
    problems: list[Problem] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    root: Node | None = None
    documents: int = 0

    def read(self, quiet: bool = False) -> tuple[Node | None, list[Problem]]:
        """The root, or None where the text cannot be read to its end. `quiet` keeps a syntax error to itself,
        since it follows from what was reported already."""
        try:
            for event in yaml.parse(self.text, Loader=yaml.CBaseLoader):
                self._take(event)
        except _Enough:
            return (self.root if not self.stack else None), self.problems
        except yaml.YAMLError as failure:
            if not quiet:
                self._syntax(failure)
            return None, self.problems
        return self.root, self.problems

    def _take(self, event: Any) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._document(event)
            case yaml.ScalarEvent():
                self._properties(event)
                self._put(self._scalar(event), event)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._properties(event)
                self._open(event)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._put(self.stack.pop().closed, event)
            case yaml.AliasEvent():
                why = "a rule says what it means in its own place"
                self._add(
                    "yaml-alias",
                    event,
                    f"`*{event.anchor}` refers to another value",
                    why,
                    f"repeat the value, or {_QUOTED}",
                )
                self._put(Text(f"*{event.anchor}", self._place(event)), event)
            case _:
                pass

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            why = "each block or file holds one"
            self._add(
                "yaml-several-documents",
                event,
                "a second document begins here",
                why,
                "delete the line ---, or write a block of its own",
            )
            raise _Enough

    def _properties(self, event: Any) -> None:
        if event.anchor is not None:
            why = "a rule says what it means in its own place"
            self._add(
                "yaml-anchor",
                event,
                f"`&{event.anchor}` names a value for use elsewhere",
                why,
                f"delete it, or {_QUOTED}",
            )
        if event.tag is not None:
            shown = event.tag.replace("tag:yaml.org,2002:", "!!")
            why = "every value is read as the text that is written"
            self._add(
                "yaml-tag", event, f"`{shown[:40]}` asks for another kind of value", why, f"delete it, or {_QUOTED}"
            )

    def _open(self, event: Any) -> None:
        if len(self.stack) == MOST_DEPTH:
            self._add(
                "yaml-too-deep",
                event,
                f"lists and keys are nested more than {MOST_DEPTH} deep",
                "no rule needs it",
                "write it flatter",
            )
            raise _Enough
        self.stack.append(_Open(self._place(event), isinstance(event, yaml.MappingStartEvent), bool(event.flow_style)))

    def _scalar(self, event: Any) -> Text:
        place, value, top = self._place(event), str(event.value), self.stack[-1] if self.stack else None
        if event.style == '"':
            line, column = place.line, place.column
            for check in (control_characters, hidden_characters):
                for problem in list(check(value, place.source, line, column, place.clause))[:1]:
                    self._add(problem.code, event, problem.what, problem.why, _ESCAPES)
        if event.style:
            return Text(value, place)
        if top and top.keyed and top.at_key:
            if value == "<<":
                self._add(
                    "yaml-merge",
                    event,
                    "`<<` merges keys from elsewhere",
                    "a rule says what it means in its own place",
                    "write the keys out",
                )
            return Text(value, place)
        self._plain_value(event)
        return Text("" if value == "null" else value, place)

    def _plain_value(self, event: Any) -> None:
        end = event.end_mark.index
        if event.end_mark.line > event.start_mark.line and _DASHED.search(self.text, event.start_mark.index, end):
            why = "the dashes would be part of the value above"
            self._add("yaml-dash", event, "a list follows this value", why, "delete the value, or put it in the list")
        if event.value and (cut := _HASH.match(self.text, end)):
            shown = self.text[cut.end() - 2 : end + 40].split("\n")[0]
            where = self.ground.place(event.end_mark.line, event.end_mark.column + cut.end() - 2 - end)
            why = "a # after a space begins a comment"
            self._report(
                Problem(
                    "yaml-hash",
                    Severity.WARNING,
                    where,
                    f"`{shown}` is not part of the value",
                    why,
                    f"{_QUOTED}, or write a space after # for a comment",
                )
            )

    def _put(self, node: Node, event: Any) -> None:
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if top.flow and not isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            self._comma(top, event)
        if not top.keyed:
            top.items.append(node)
        elif top.at_key:
            top.key, top.at_key = self._key(top, node), False
        else:
            if top.key is not None:
                self._colon(top, node, event)
                top.entries.append((top.key, node))
            top.at_key = True

    def _key(self, top: _Open, node: Node) -> Text | None:
        if not isinstance(node, Text):
            self._report(
                error(
                    "yaml-key",
                    node.place,
                    "a list or mapping stands where a key is expected",
                    "a key is a word",
                    _QUOTED,
                )
            )
            return None
        if not node.text:
            self._report(
                error(
                    "yaml-key",
                    node.place,
                    "a key is missing before this colon",
                    "a value needs a name",
                    "write the key",
                )
            )
            return None
        if node.text in top.seen:
            first = top.seen[node.text].line
            why = f"it is written in line {first} already, and one of the two would win silently"
            self._report(
                error("yaml-duplicate-key", node.place, f"`{node.text[:60]}` is written twice", why, "keep one of them")
            )
            return None
        top.seen[node.text] = node.place
        return None if node.text == "<<" else node

    def _colon(self, top: _Open, node: Node, event: Any) -> None:
        """In braces `{a:b}` is one key without a value, which nobody means."""
        if (
            top.flow
            and top.key
            and ":" in top.key.text
            and isinstance(node, Text)
            and event.start_mark.index == event.end_mark.index
        ):
            why = "without a space the colon is part of the key"
            self._report(
                error(
                    "yaml-colon",
                    top.key.place,
                    f"a space is missing after the colon in `{top.key.text[:60]}`",
                    why,
                    "write a space after the colon",
                )
            )

    def _comma(self, top: _Open, event: Any) -> None:
        """In brackets and braces a comma separates, so `{fee: 1,250.00 USD}` holds two keys, which nobody means."""
        at = event.start_mark.index
        if at < 2 or self.text[at - 1] != "," or self.text[at - 2] not in "0123456789":
            return
        if (top.keyed and top.at_key and self.text[at : at + 1].isdigit()) or (
            not top.keyed and _CUT_NUMBER.match(self.text, at)
        ):
            why = "between brackets or braces a comma separates values"
            self._add(
                "yaml-comma",
                event,
                "this comma would cut a number in two",
                why,
                "put the number in double quotes, or write a space after the comma",
            )

    def _syntax(self, failure: yaml.YAMLError) -> None:
        context, problem = str(getattr(failure, "context", None) or ""), str(getattr(failure, "problem", None) or "")
        sentence = sentence_for(context, problem)
        mark = getattr(failure, "problem_mark", None)
        if sentence.code in AT_CONTEXT:
            mark = getattr(failure, "context_mark", None) or mark
        where = self.ground.place(mark.line, mark.column) if mark else self.ground.place(0, 0)
        self.problems.append(error(sentence.code, where, sentence.what, sentence.why, sentence.hint))

    def _place(self, event: Any) -> Place:
        return self.ground.place(event.start_mark.line, event.start_mark.column)

    def _add(self, code: str, event: Any, what: str, why: str, hint: str) -> None:
        self._report(error(code, self._place(event), what, why, hint))

    def _report(self, problem: Problem) -> None:
        if len(self.problems) == MOST_PROBLEMS:
            what = f"more than {MOST_PROBLEMS} problems; the rest is not read"
            self.problems.append(error("yaml-too-many-problems", problem.where, what, "", "mend those listed first"))
            raise _Enough
        self.problems.append(problem)
