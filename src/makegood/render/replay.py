"""History under two agreements: the price of a sentence, for a terminal and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from fractions import Fraction
from io import StringIO

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from makegood.engine.comparing import difference
from makegood.engine.replaying import Attributed, Change, Replay, both_sides
from makegood.engine.sums import COUNTED, Between, Owed, owed_by
from makegood.model.money import Money, minor_digits
from makegood.model.statement import Statement
from makegood.render.comparing import pairs_table
from makegood.render.owing import change_words, owed_words
from makegood.render.printable import unformulaic
from makegood.render.screen import shown
from makegood.render.text import hanging, say
from makegood.render.values import items

MOST_CHANGES = 6
"""Of changes that stand together so many are told; a document in JSON has them all."""
COLUMNS = (
    *("order", "period", "commitment", "subject", "old verdict", "new verdict", "unit"),
    *("old least", "old most", "new least", "new most", "difference least", "difference most"),
    *("old credit", "new credit"),
)


def replay_text(replay: Replay, width: int = 80, color: bool = False, encoding: str = "utf-8") -> str:
    """What the draft would have changed: the statements that differ, by order, by change, and all together."""
    blocks: list[RenderableType] = [*_title(replay), Text()]
    for order, pairs in replay.orders.items():
        old, new = both_sides(pairs)
        changed = [pair for pair in pairs if pair.changes]
        many = (
            f"{items(len(pairs), 'statement')}, {len(changed)} changed" if changed else items(len(pairs), "statement")
        )
        blocks.append(
            Text.assemble(
                say(f"{order}  ", "title"),
                say(f"credit {owed_words(old)} → {owed_words(new)}, "),
                say(change_words(difference(pairs)), "title"),
                say(f"  ({many})", "quiet"),
            )
        )
        if changed:
            blocks.append(Padding(pairs_table(changed, width - 2, ("Old", "New")), (0, 0, 0, 2)))
        blocks.append(Text())
    return shown(Group(*blocks, *_changes(replay), *_together(replay)), width, color, encoding)


def replay_table(replay: Replay, width: int = 80, color: bool = False, encoding: str = "utf-8") -> str:
    """A row for every statement, changed or not, and all together."""
    rows = pairs_table(replay.pairs, width, ("Old", "New"))
    return shown(Group(*_title(replay), Text(), rows, Text(), *_together(replay)), width, color, encoding)


def _title(replay: Replay) -> Iterator[RenderableType]:
    yield Text.assemble(say("Old  ", "quiet"), say(replay.old))
    yield Text.assemble(say("New  ", "quiet"), say(replay.new))


def _changes(replay: Replay) -> Iterator[RenderableType]:
    if not replay.attributed:
        yield say("Nothing differs between the two.")
        yield Text()
        return
    yield say("What each change makes alone", "title")
    telling = [one for one in replay.attributed if one.refused or one.changed]
    for one in telling:
        yield Padding(_attributed(one), (0, 0, 0, 2))
    if replay.remainder:
        together = Text.assemble(say(change_words(replay.remainder), "title"), "  together beyond that")
        yield Padding(hanging(Text("▸", "quiet"), together), (0, 0, 0, 2))
    others = [f"{c.kind} {c.name}" for one in replay.attributed if one not in telling for c in one.changes]
    if others:
        yield Padding(say(f"Without any effect: {', '.join(others)}", "quiet"), (0, 0, 0, 2))
    yield Text()


def _attributed(one: Attributed) -> RenderableType:
    if one.refused:
        first = Text.assemble(say("no figure", "open"), say(f"  it cannot be applied alone: {one.refused}"))
    else:
        said = change_words(one.difference) if one.difference else "no money"
        first = Text.assemble(say(said, "title"), say(f"  in {items(one.changed, 'statement')}", "quiet"))
    more = len(one.changes) - MOST_CHANGES
    rest = [say(f"and {items(more, 'more change')} that cannot stand without them", "quiet")] if more > 0 else []
    return hanging(Text("▸", "quiet"), first, *(_change(change) for change in one.changes[:MOST_CHANGES]), *rest)


def _change(change: Change) -> RenderableType:
    where = f"  clause {change.clause}" if change.clause is not None else ""
    head = Text.assemble(say(f"{change.kind}: {change.name}"), say(where, "quiet"))
    if change.kind == "reading":
        return Text.assemble(head, say(f"  read as “{change.differs[0][2]}”"))
    if change.kind != "instead" and not any(before for _, before, _ in change.differs):
        return head.append_text(say("  a new rule"))
    if change.kind != "instead" and not any(after for _, _, after in change.differs):
        return head.append_text(say("  taken away"))
    return Group(head, *(Padding(say(_differs(*one), "quiet"), (0, 0, 0, 2)) for one in change.differs))


def _differs(path: str, before: str, after: str) -> str:
    return f"{path}: {before or '(nothing)'} → {after or '(nothing)'}"


def _together(replay: Replay) -> Iterator[RenderableType]:
    old, new = both_sides(replay.pairs)
    orders = len(replay.orders)
    yield Text.assemble(
        say("Together  ", "quiet"),
        say(f"credit {owed_words(old)} → {owed_words(new)}, "),
        say(change_words(replay.difference), "title"),
    )
    yield say(f"{items(len(replay.pairs), 'statement')} of {items(orders, 'order')}", "quiet")


def replay_csv(replay: Replay) -> str:
    """A row for each statement and unit of money or days; amounts in major units, exact where a fraction ends."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for pair in replay.pairs:
        s = pair.either
        before, after = owed_by(pair.before), owed_by(pair.after)
        units = list(dict.fromkeys((*before.amounts, *after.amounts))) or [""]
        for unit in units:
            amounts = [_ends(owed, unit) for owed in (before, after, pair.difference)]
            row = [s.order, s.period.label, s.commitment, s.subject, _verdict(pair.before), _verdict(pair.after), unit]
            said = [one.amount if one is not None else "" for one in (pair.before, pair.after)]
            writer.writerow([*map(unformulaic, row), *(x for pair_ in amounts for x in pair_), *map(unformulaic, said)])
    return out.getvalue()


def _ends(owed: Owed, unit: str) -> tuple[str, str]:
    amount = owed.amounts.get(unit, Between())
    return _major(amount.least, unit), _major(amount.most, unit)


def _major(amount: Fraction, unit: str) -> str:
    if unit in ("", *COUNTED):
        return str(amount)
    money = Money(amount, unit)
    digits = minor_digits(unit)
    if not money.whole:
        return str(amount / 10**digits)
    whole, rest = divmod(abs(amount.numerator), 10**digits)
    return f"{'-' if amount < 0 else ''}{whole}" + (f".{rest:0{digits}d}" if digits else "")


def _verdict(s: Statement | None) -> str:
    return s.verdict.value if s is not None else ""
