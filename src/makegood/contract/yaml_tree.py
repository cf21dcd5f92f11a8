"""YAML events become nodes, one by one and without recursion; what the strict reader refuses is reported on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from makegood.contract.encoding import control_characters, hidden_characters
from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.yaml_sentences import Ground, explained
from makegood.contract.yaml_traps import (
    QUOTED,
    colon_without_space,
    comma_in_number,
    comment_in_value,
    list_after_value,
)
from makegood.model.problem import Place, Problem, error

MOST_DEPTH: Final = 64
MOST_PROBLEMS: Final = 100

_IN_PLACE: Final = "a rule says what it means in its own place"


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
                self.problems.append(explained(failure, self.text, self.ground))
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
                what, hint = f"`*{event.anchor}` refers to another value", f"repeat the value, or {QUOTED}"
                self._report(error("yaml-alias", self._place(event), what, _IN_PLACE, hint))
                self._put(Text(f"*{event.anchor}", self._place(event)), event)
            case _:
                pass

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            what, why = "a second document begins here", "each block or file holds one"
            hint = "delete the line ---, or write a block of its own"
            self._report(error("yaml-several-documents", self._place(event), what, why, hint))
            raise _Enough

    def _properties(self, event: Any) -> None:
        if event.anchor is not None:
            what = f"`&{event.anchor}` names a value for use elsewhere"
            self._report(error("yaml-anchor", self._place(event), what, _IN_PLACE, f"delete it, or {QUOTED}"))
        if event.tag is not None:
            shown = event.tag.replace("tag:yaml.org,2002:", "!!")[:40]
            what, why = f"`{shown}` asks for another kind of value", "every value is read as the text that is written"
            self._report(error("yaml-tag", self._place(event), what, why, f"delete it, or {QUOTED}"))

    def _open(self, event: Any) -> None:
        place = self._place(event)
        if len(self.stack) == MOST_DEPTH:
            what = f"lists and keys are nested more than {MOST_DEPTH} deep"
            self._report(error("yaml-too-deep", place, what, "no rule needs it", "write it flatter"))
            raise _Enough
        self.stack.append(_Open(place, isinstance(event, yaml.MappingStartEvent), bool(event.flow_style)))

    def _scalar(self, event: Any) -> Text:
        place, value = self._place(event), str(event.value)
        if event.style == '"':
            self._escaped(value, place)
        if event.style:
            return Text(value, place)
        if self.stack and self.stack[-1].keyed and self.stack[-1].at_key:
            if value == "<<":
                what, hint = "`<<` merges keys from elsewhere", "write the keys out"
                self._report(error("yaml-merge", place, what, _IN_PLACE, hint))
            return Text(value, place)
        self._each(list_after_value(event, self.text, place), comment_in_value(event, self.text, self.ground))
        return Text("" if value == "null" else value, place)

    def _escaped(self, value: str, place: Place) -> None:
        """A backslash can write what the text itself may not hold."""
        for check in (control_characters, hidden_characters):
            if found := next(check(value, place.source), None):
                self._report(error(found.code, place, found.what, found.why, found.hint))

    def _put(self, node: Node, event: Any) -> None:
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if top.flow and isinstance(node, Text):
            self._each(comma_in_number(event, self.text, node.place, as_key=top.keyed and top.at_key))
        if not top.keyed:
            top.items.append(node)
        elif top.at_key:
            top.key, top.at_key = self._key(top, node), False
        else:
            if top.key is not None:
                if top.flow and isinstance(node, Text) and event.start_mark.index == event.end_mark.index:
                    self._each(colon_without_space(top.key))
                top.entries.append((top.key, node))
            top.at_key = True

    def _key(self, top: _Open, node: Node) -> Text | None:
        """The key, or None where it is refused; its value is then dropped with it."""
        if not isinstance(node, Text):
            what, why = "a list or mapping stands where a key is expected", "a key is a word"
            self._report(error("yaml-key", node.place, what, why, QUOTED))
            return None
        if not node.text:
            what, why = "a key is missing before this colon", "a value needs a name"
            self._report(error("yaml-key", node.place, what, why, "write the key"))
            return None
        if node.text in top.seen:
            first = top.seen[node.text].line
            why = f"it is written in line {first} already, and one of the two would win silently"
            what = f"`{node.text[:60]}` is written twice"
            self._report(error("yaml-duplicate-key", node.place, what, why, "keep one of them"))
            return None
        top.seen[node.text] = node.place
        return None if node.text == "<<" else node

    def _place(self, event: Any) -> Place:
        return self.ground.place(event.start_mark.line, event.start_mark.column)

    def _each(self, *found: Problem | None) -> None:
        for problem in found:
            if problem is not None:
                self._report(problem)

    def _report(self, problem: Problem) -> None:
        if len(self.problems) == MOST_PROBLEMS:
            what = f"more than {MOST_PROBLEMS} problems; the rest is not read"
            self.problems.append(error("yaml-too-many-problems", problem.where, what, "", "mend those listed first"))
            raise _Enough
        self.problems.append(problem)
