"""The span in which something is counted or limited, as `over` writes it."""

from __future__ import annotations

import re

from makegood.contract import patterns
from makegood.contract.patterns import whole
from makegood.contract.shape import Shape, from_words
from makegood.contract.wrong import Wrong
from makegood.model.terms import Over

_HINT = "write the name of a period, `any 30 days`, `3 periods` or `the term`"


def _over(text: str) -> Over | Wrong:
    """`any 30 days`, `3 periods`, `the term`, or a period's name; the calendar of the days is linked later."""
    if text == "the term":
        return Over(term=True)
    if found := re.fullmatch(r"any (\d{1,5}) days?", text):
        return Over(days=int(found[1])) if int(found[1]) else Wrong(f"`{text}` is no span", "", _HINT)
    if found := re.fullmatch(r"(\d{1,4}) periods?", text):
        return Over(periods=int(found[1])) if int(found[1]) else Wrong(f"`{text}` is no span", "", _HINT)
    if re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", text):
        return Over(period=text)
    return Wrong(f"`{text}` is no span of time", "", _HINT)


_PATTERN = whole("the term", "any [0-9]{1,5} days?", "[0-9]{1,4} periods?", patterns.NAME)
SPAN_OF: Shape[Over] = from_words(
    "a period's name, `any N days`, `N periods` or `the term`", "any 30 days", _over, _PATTERN
)
