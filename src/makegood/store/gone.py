"""What the log lists and no longer holds: evidence that was retired, and facts that were erased."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection, select

from makegood.evidence.leaf import KEY
from makegood.exchange.moments import written
from makegood.model.facts import Gone, GoneBecause
from makegood.model.problem import Place, Problem, warning
from makegood.model.spans import DAY, Instant, Span
from makegood.store.sql.erasures import erased_at
from makegood.store.sql.tables import ERASURE, RETIREMENT, document, fact, log, segment

DETAILS = ("latencies", "failures", "flagged")
"""Kinds of evidence that no statement reads."""
MOST_TOLD = 20


def gone_from(connection: Connection, size: int) -> list[Gone]:
    """What is gone of the first `size` entries, whenever it went: spans of retired evidence, by kind, and facts.

    No statement reads details, or the facts that tell of an erasing.
    """
    return [*_retired(connection, size), *_erased(connection, size)]


def _retired(connection: Connection, size: int) -> Iterator[Gone]:
    """Of each kind the spans, those a day apart or less as one."""
    s = segment.c
    asked = select(s.kind, s.first, s.last, log.c.at).select_from(segment).join(log, log.c.position == s.retired)
    asked = asked.join(document, document.c.position == s.retired).order_by(s.kind, s.first)
    asked = asked.where(s.kind.not_in(DETAILS), document.c.kind == RETIREMENT, s.position < size)
    last: Gone | None = None
    for kind, start, end, at in connection.execute(asked).all():
        if last is not None and last.span is not None and last.kind == kind and start - last.span.end <= DAY:
            span = Span(last.span.start, max(last.span.end, end))
            last = Gone(kind, GoneBecause.RETIRED, max(last.at, at), span)
            continue
        if last is not None:
            yield last
        last = Gone(kind, GoneBecause.RETIRED, at, Span(start, end))
    if last is not None:
        yield last


def _erased(connection: Connection, size: int) -> Iterator[Gone]:
    f = fact.c
    asked = select(f.position, f.kind, f.id).where(f.body.is_(None), f.position < size, f.kind.not_in([ERASURE, KEY]))
    found = connection.execute(asked.order_by(f.position)).all()
    when = erased_at(connection) if found else {}
    for position, kind, named in found:
        yield Gone(kind, GoneBecause.ERASED, when.get(position, 0), fact=named)


def gone_warnings(gone: Sequence[Gone], folder: Path) -> Iterator[Problem]:
    """What is said where evidence or facts are gone: once for each kind of evidence, and once for all facts."""
    spans, facts = dict[str, tuple[Instant, Instant, Instant]](), list[Gone]()
    for one in gone:
        if one.span is None:
            facts.append(one)
            continue
        before = spans.get(one.kind, (one.span.start, one.span.end, one.at))
        spans[one.kind] = min(one.span.start, before[0]), max(one.span.end, before[1]), max(one.at, before[2])
    for kind, (first, last, at) in sorted(spans.items()):
        span = f"between {written(first)} and {written(last)}"
        what = f"evidence of {kind} {span} was retired, the last of it at {written(at)}"
        why = "it was kept for as long as the store's settings say; its hash is still in the log"
        yield warning("evidence-retired", Place(str(folder)), what, why)
    if facts:
        told = ", ".join(f"{one.kind} `{one.fact}`" for one in facts[:MOST_TOLD])
        more = f" and {len(facts) - MOST_TOLD:,} more" if len(facts) > MOST_TOLD else ""
        count = "1 fact was" if len(facts) == 1 else f"{len(facts):,} facts were"
        what, why = f"{count} erased and no longer counts: {told}{more}", "its place in the log and its proof stay"
        if len(facts) > 1:
            what, why = what.replace("counts", "count"), "their places in the log and their proofs stay"
        yield warning("facts-erased", Place(str(folder)), what, why)
