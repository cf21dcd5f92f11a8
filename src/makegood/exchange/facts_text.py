"""Facts written as people write them, so that the strict reader reads them back equal: `*.facts.yaml` of an import.

Every value stands in double quotes, since a name may look like anything; instants are in UTC.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from makegood.exchange.moments import written
from makegood.model.facts import (
    AnyFact,
    Cause,
    Item,
    Judgement,
    Maintenance,
    Notice,
    Retraction,
    Standing,
)
from makegood.model.spans import END_OF_TIME, Instant, Span

Entry = tuple[str, str]
"""A key and its value as it stands in the file."""


def facts_text(facts: Iterable[AnyFact]) -> str:
    """The file that holds these facts, in this order; empty where there is none.

    Raises ValueError for a fact that the file cannot hold: without a span, or with words that no file may hold.
    """
    return "".join(_fact(fact) for fact in facts)


def _fact(fact: AnyFact) -> str:
    supersedes = () if isinstance(fact, Retraction) else _said(("supersedes", fact.supersedes))
    entries = [*_own(fact), *supersedes, ("recorded", _at(fact.recorded)), ("by", _word(fact.by))]
    return "".join(f"{'  ' if i else '- '}{key}: {value}\n" for i, (key, value) in enumerate(entries))


def _own(fact: AnyFact) -> Iterator[Entry]:
    match fact:
        case Maintenance():
            yield "maintenance", _word(fact.id)
            yield "services", _list(fact.services)
            yield "announced", _span(fact.announced)
            yield from _said(("kind", fact.kind), ("purpose", fact.purpose))
        case Notice():
            yield "notice", _word(fact.id)
            yield from _said(("of", fact.of), ("to", fact.to), ("via", fact.via))
            yield ("bounced", _at(fact.recorded)) if fact.accepted is None else ("accepted", _at(fact.accepted))
            yield from _said(("order", fact.order))
        case Cause():
            yield "cause", _word(fact.id)
            yield "service", _word(fact.service)
            yield "during", _span(fact.span)
            yield "what", _word(fact.cause)
            yield from _said(
                ("evidence", fact.evidence), ("directed by", fact.directed_by), ("committed", fact.committed)
            )
        case Judgement():
            yield "judgement", _word(fact.id)
            yield from _said(("about", fact.about), ("gate", fact.gate))
            yield "holds", "yes" if fact.holds else "no"
            yield from _said(("because", fact.because))
        case Standing():
            yield "standing", _word(fact.id)
            yield from _said(("order", fact.order), ("is", fact.standing))
            yield "during", _span(fact.span)
        case Retraction():
            yield "retraction", _word(fact.id)
            yield from _said(("supersedes", fact.supersedes), ("because", fact.because))
        case Item():
            yield from _item(fact)


def _item(item: Item) -> Iterator[Entry]:
    yield item.kind.value, _word(item.id)
    yield from _said(("service", item.service), ("order", item.order))
    if item.facts:
        yield "facts", _mapping((name, _word(value)) for name, value in item.facts)
    names = dict.fromkeys(name for name, _ in item.events)
    yield "events", _mapping((name, _list([written(at) for at in item.at(name)])) for name in names)
    if item.states:
        yield (
            "states",
            f"[{', '.join(f'{{is: {_word(state)}, during: {_span(span)}}}' for state, span in item.states)}]",
        )


def _said(*entries: Entry) -> Iterator[Entry]:
    """The entries whose value is not empty."""
    return ((key, _word(value)) for key, value in entries if value)


def _word(text: str) -> str:
    if not text.strip() or not all(c.isprintable() or c in "\t\n" for c in text):
        raise ValueError(f"{text!r} cannot stand in a file of facts")
    return json.dumps(text, ensure_ascii=False)


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_word, texts))}]"


def _mapping(entries: Iterable[Entry]) -> str:
    return f"{{{', '.join(f'{_word(key)}: {value}' for key, value in entries)}}}"


def _at(instant: Instant) -> str:
    return _word(written(instant))


def _span(span: Span) -> str:
    if span.end == END_OF_TIME:
        return _word(f"from {written(span.start)}")
    return _word(f"{written(span.start)} to {written(span.end)}")
