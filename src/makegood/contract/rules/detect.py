"""`detect`: from evidence to states."""

from __future__ import annotations

from typing import Any

from makegood.contract import values
from makegood.contract.nodes import Keyed
from makegood.contract.shape import Fields, Key, Report, from_words, mapped, one_of, optional
from makegood.contract.wrong import Wrong
from makegood.model.detection import quorum_of
from makegood.model.spans import MINUTE
from makegood.model.terms import DetectRule, EvidenceKind


def _quorum(text: str) -> str | Wrong:
    try:
        quorum_of(text, 1_000)
    except ValueError:
        why = "what counts is how many locations fail at the same time"
        return Wrong(
            f"`{text}` is no number of locations", why, "write `at least 2`, `all`, `a majority` or `at least 60 %`"
        )
    return text


QUORUM = from_words("a number of locations", "at least 2", _quorum)
READS = Key(
    "reads",
    mapped(one_of(*(k.value for k in EvidenceKind)), EvidenceKind),
    "results of checks in slots, or states that a source reports",
    EvidenceKind.OBSERVATIONS,
)
EVERY = Key(
    "every", values.POSITIVE, "the length of a slot: one result for each check and location", MINUTE, like="1 min"
)
WITHIN = Key("answers within", values.DURATION, "how long a check may take before it has failed", 0, like="30 s")
SUCCEEDS = Key(
    "succeeds on", values.WORDS, "what a success is, for the reader and the probe", "", like="HTTP 200 to 399"
)
FAILS = Key("fails after", values.FAILURES, "how many consecutive failures make a location failing", 1)
RECOVERS = Key("recovers after", values.SUCCESSES, "how many consecutive successes end it", 1, like="2 successes")
LOCATIONS = Key(
    "locations", QUORUM, "how many locations must be failing at once: `at least 2`, `all`", "1", like="at least 2"
)
CHECKS = Key("checks", one_of("any", "all"), "how many of a service's checks must be down", "any")
HOLDS = Key(
    "holds", optional(values.DURATION), "how long a reported state is believed without a newer one", None, like="10 min"
)
TABLE: tuple[Key[Any], ...] = (READS, EVERY, WITHIN, SUCCEEDS, FAILS, RECOVERS, LOCATIONS, CHECKS, HOLDS)


def read(name: str, node: Keyed, report: Report) -> DetectRule:
    """The rule as written; the quorum is resolved against a check's locations when there are some."""
    fields = Fields(node, TABLE, report, "a detection")
    return DetectRule(
        name,
        report.clause,
        fields.get(READS),
        fields.get(EVERY),
        fields.get(WITHIN),
        fields.get(FAILS),
        fields.get(RECOVERS),
        fields.get(LOCATIONS),
        fields.get(CHECKS),
        fields.get(HOLDS),
        fields.get(SUCCEEDS),
    )
