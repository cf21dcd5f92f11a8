"""What must be in a body, and what must not be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from makegood.model.checks import HttpProbe, JsonAssertion
from makegood.model.results import Reason
from makegood.probe.attempt import KEPT, Finding
from makegood.probe.compare import NotJson, holds, parse_json, shown, value_at
from makegood.probe.secret import Secrets


@dataclass(frozen=True, slots=True)
class Body:
    """What was read of an answer, `cut` where there was more, and the values that assertions may name."""

    read: bytes
    cut: bool
    secrets: Secrets
    captured: Mapping[str, str]

    def fill(self, text: str) -> str:
        """A text of the check with the values put in."""
        return self.secrets.fill(text, self.captured)


def judge_body(probe: HttpProbe, body: Body) -> Finding:
    """What the body breaks first: texts, texts that must be absent, JSON."""
    return _texts(probe, body) or _absent(probe, body) or _json(probe, body) or KEPT


def _texts(probe: HttpProbe, body: Body) -> Finding | None:
    for text in probe.contains:
        if body.fill(text).encode() not in body.read:
            if body.cut:
                return _too_large(body)
            return Reason.CONTENT, f"the answer does not contain {body.secrets.excerpt(text)!r}"
    return None


def _absent(probe: HttpProbe, body: Body) -> Finding | None:
    for text in probe.lacks:
        if body.fill(text).encode() in body.read:
            return Reason.CONTENT, f"the answer contains {body.secrets.excerpt(text)!r}"
    return _too_large(body) if body.cut and probe.lacks else None


def _json(probe: HttpProbe, body: Body) -> Finding | None:
    if not probe.json:
        return None
    if body.cut:
        return _too_large(body)
    try:
        document = parse_json(body.read)
    except NotJson as why:
        return Reason.JSON, f"the answer is no JSON: {body.secrets.excerpt(str(why))}"
    for assertion in probe.json:
        written = body.fill(assertion.value)
        found, value = value_at(document, assertion.path)
        if not found:
            return Reason.JSON, f"the answer has no {named(assertion)}"
        if not holds(value, assertion.compares, written):
            told = body.secrets.excerpt(shown(value))
            asked = f"{assertion.compares} {body.secrets.excerpt(written)}"
            return Reason.JSON, f"{named(assertion)} is {told}; asked: {asked}"
    return None


def named(assertion: JsonAssertion) -> str:
    """A path as people write it: `queue.jobs[0].state`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in assertion.path)
    return text.removeprefix(".") or "the whole document"


def _too_large(body: Body) -> Finding:
    return Reason.TOO_LARGE, f"the answer is longer than the {len(body.read):,} bytes that are read"
