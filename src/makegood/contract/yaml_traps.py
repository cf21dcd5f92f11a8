"""Texts that YAML reads without complaint, and otherwise than anyone means them."""

from __future__ import annotations

import re
from typing import Any, Final

from makegood.contract.nodes import Text
from makegood.contract.yaml_sentences import Ground
from makegood.model.problem import Place, Problem, error, warning

QUOTED: Final = "put the value in double quotes if it is meant as written"

_COMMENT = re.compile(r"[ \t]+(#[^\s#][^\n]{0,39})")
_DASHED = re.compile(r"\n[ \t]*- ")
_CUT_NUMBER = re.compile(r"[0-9]{3}(?![0-9])")


def comment_in_value(event: Any, text: str, ground: Ground) -> Problem | None:
    """`title: Order #5` is `Order` and a comment. A comment with a space after its sign is meant as one."""
    end = event.end_mark.index
    if not event.value or not (cut := _COMMENT.match(text, end)):
        return None
    where = ground.place(event.end_mark.line, event.end_mark.column + cut.start(1) - end)
    why, hint = "a # after a space begins a comment", f"{QUOTED}, or write a space after # for a comment"
    return warning("yaml-hash", where, f"`{cut[1].rstrip()}` is not part of the value", why, hint)


def list_after_value(event: Any, text: str, place: Place) -> Problem | None:
    """Dashes on the lines below a value are read as more words of it."""
    if event.end_mark.line == event.start_mark.line:
        return None
    if not _DASHED.search(text, event.start_mark.index, event.end_mark.index):
        return None
    why, hint = "the dashes would be part of the value", "delete the value, or put it in the list"
    return error("yaml-dash", place, "a list follows this value", why, hint)


def comma_in_number(event: Any, text: str, place: Place, *, as_key: bool) -> Problem | None:
    """In brackets and braces a comma separates: `{fee: 1,250.00 USD}` holds two keys."""
    at = event.start_mark.index
    if at < 2 or text[at - 1] != "," or text[at - 2] not in "0123456789":
        return None
    if not (text[at : at + 1].isdigit() if as_key else _CUT_NUMBER.match(text, at)):
        return None
    why = "between brackets or braces a comma separates values"
    hint = "put the number in double quotes, or write a space after the comma"
    return error("yaml-comma", place, "this comma would cut a number in two", why, hint)


def colon_without_space(key: Text) -> Problem | None:
    """`{kind:standard}` is one key without a value."""
    if ":" not in key.text:
        return None
    what, why = f"a space is missing after the colon in `{key.text[:60]}`", "without a space it is part of the key"
    return error("yaml-colon", key.place, what, why, "write a space after the colon")
