"""An announcement in words: who is told of it, and what each order's agreement would make of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from makegood.engine.announced import Foreseen, Recipient
from makegood.model.facts import Maintenance
from makegood.model.spans import SECOND, Span
from makegood.model.statement import Excuse
from makegood.render.lengths import duration
from makegood.render.moments import stretch
from makegood.render.owing import owed_words
from makegood.render.printable import printable


def announcement_text(work: Maintenance, told: Sequence[Recipient]) -> str:
    """`M-7: standard maintenance of web`, and below it each order with its contacts and what is foreseen."""
    lines = [f"{work.id}: {' '.join(w for w in (work.kind, 'maintenance') if w)} of {', '.join(work.services)}"]
    for one in told:
        order = one.order
        lines += ["", f"{order.id} ({order.customer}): to {', '.join(order.contacts)}"]
        lines.append(f"  {stretch(work.announced, order.zone)}, {duration(work.announced.length)}")
        lines += [f"  {line}" for each in one.foreseen for line in foreseen_lines(each, work.announced)]
        lines += [f"  what it comes to cannot be said: {one.why}"] if one.why else []
    return "\n".join(printable(line) for line in lines)


def foreseen_lines(one: Foreseen, announced: Span) -> Iterator[str]:
    """What a commitment makes of it: each exclusion that it asks for, with every condition, and what it costs."""
    subject = f"{one.commitment} of {one.subject}, {one.period}"
    if not one.excuses:
        yield f"{subject}: no exclusion is about it"
    for excuse in one.excuses:
        yield f"{subject}: {_word(excuse, announced)} by {excuse.exclusion}: {_why(excuse, announced)}"
        for gate in excuse.gates:
            sign = "holds" if gate.holds else "fails"
            short = f", {duration(gate.short_by)} too late" if gate.short_by is not None and gate.short_by > 0 else ""
            yield f"  {sign}: {gate.says}: {gate.found}{short}"
    yield f"  down throughout it costs {owed_words(one.cost) if one.cost else 'nothing'}"


def _word(excuse: Excuse, announced: Span) -> str:
    excused = excuse.excused.within(announced).total
    if excuse.granted and 0 < excused < announced.length:
        return f"{duration(excused)} of {duration(announced.length)} would be excused"
    return "would be excused" if excuse.granted and excused else "would NOT be excused"


def _why(excuse: Excuse, announced: Span) -> str:
    if excuse.granted and not excuse.excused.within(announced).total:
        return "all of it lies outside of what the clause excuses"
    return excuse.why


def announcement_document(work: Maintenance, told: Sequence[Recipient]) -> list[dict[str, object]]:
    """The same for programs: for each order its contacts, and what is foreseen."""
    return [
        {
            "order": one.order.id,
            "contacts": list(one.order.contacts),
            "why": one.why or None,
            "foreseen": [
                {
                    "commitment": each.commitment, "subject": each.subject, "period": each.period,
                    "cost": owed_words(each.cost) if each.cost else "nothing",
                    "excuses": [
                        {
                            "exclusion": excuse.exclusion, "why": _why(excuse, work.announced),
                            "excused_seconds": excuse.excused.within(work.announced).total // SECOND,
                            "conditions": [
                                {"says": gate.says, "holds": gate.holds, "found": gate.found} for gate in excuse.gates
                            ],
                        }
                        for excuse in each.excuses
                    ],
                }
                for each in one.foreseen
            ],
        }
        for one in told
    ]  # fmt: skip
