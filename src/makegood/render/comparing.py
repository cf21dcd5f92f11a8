"""Statements before and after, side by side: what would be another verdict, credit, deadline or excuse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from makegood.engine.comparing import Compared, difference
from makegood.engine.sums import owed_by_all
from makegood.model.spans import Instant
from makegood.model.statement import Excuse, Statement
from makegood.model.terms import MeasureKind
from makegood.render.lengths import with_unit
from makegood.render.moments import local
from makegood.render.owing import change_words, owed_words
from makegood.render.printable import printable
from makegood.render.screen import shown
from makegood.render.tables import GAP
from makegood.render.telling import TONES, down, share
from makegood.render.text import hanging, say
from makegood.render.values import items


def what_if_text(
    pairs: Sequence[Compared],
    completed: Sequence[str],
    width: int = 80,
    color: bool = False,
    encoding: str = "utf-8",
) -> str:
    """Each statement as it is and as it would be, in two columns, and the total."""
    blocks: list[RenderableType] = []
    for pair in pairs:
        blocks += [_heading(pair), Padding(_columns(pair), (0, 0, 0, 2)), Text()]
    return shown(Group(*blocks, *_total(pairs), *_completed(completed)), width, color, encoding)


def what_if_table(
    pairs: Sequence[Compared],
    completed: Sequence[str],
    width: int = 80,
    color: bool = False,
    encoding: str = "utf-8",
) -> str:
    """A row for each statement, and the total."""
    return shown(
        Group(pairs_table(pairs, width), Text(), *_total(pairs), *_completed(completed)), width, color, encoding
    )


def pairs_table(pairs: Sequence[Compared], width: int, names: tuple[str, str] = ("Before", "After")) -> RenderableType:
    """A row for each question with both verdicts and credits; two lines for each where a row would not fit."""
    orders = {p.either.order for p in pairs}
    commitments = {p.either.commitment for p in pairs}
    rows = [
        (
            *((p.either.order,) if len(orders) > 1 else ()),
            p.either.period.label,
            " / ".join((*((p.either.commitment,) if len(commitments) > 1 else ()), p.either.subject)),
            _said(p.before),
            _said(p.after),
            change_words(p.difference) if p.difference else "" if not p.changes else "no money",
        )
        for p in pairs
    ]
    heads = (*(("Order",) if len(orders) > 1 else ()), "Period", "Subject", *names, "Difference")
    needed = sum(max(len(str(row[n])) for row in (heads, *rows)) for n in range(len(heads))) + GAP * (len(heads) - 1)
    if needed > width:
        return Group(*(_two_lines(row, pair) for row, pair in zip(rows, pairs, strict=True)))
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="quiet", padding=(0, 1))
    for n, head in enumerate(heads):
        table.add_column(head, justify="right" if n == len(heads) - 1 else "left", no_wrap=True)
    for row, pair in zip(rows, pairs, strict=True):
        style = "title" if pair.changes else ""
        table.add_row(*(Text(printable(cell), style=style) for cell in row))
    return table


def _two_lines(row: Sequence[str], pair: Compared) -> RenderableType:
    *what, before, after, change = row
    first = say("  ".join(what), "title" if pair.changes else "")
    second = say(f"{before} → {after}" if pair.changes else f"{before}, as before", "" if pair.changes else "quiet")
    if change:
        second.append_text(say(f"  {change}", "title"))
    return Group(first, Padding(second, (0, 0, 0, 2)))


def _said(s: Statement | None) -> str:
    if s is None:
        return "—"
    return s.verdict.value if s.amount == "none" else f"{s.verdict.value}, {s.amount}"


def _heading(pair: Compared) -> Text:
    s = pair.either
    return Text.assemble(
        say(f"{s.subject}, {s.commitment}, {s.period.label}", "title"), say(f"  order {s.order}", "quiet")
    )


def _columns(pair: Compared) -> RenderableType:
    table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0), header_style="quiet")
    table.add_column("", style="quiet", no_wrap=True)
    table.add_column("Before", overflow="fold", ratio=1)
    table.add_column("After", overflow="fold", ratio=1)
    before, after = (dict(_aspects(s)) for s in (pair.before, pair.after))
    for name in dict.fromkeys((*before, *after)):
        a, b = before.get(name, Text("—")), after.get(name, Text("—"))
        if a.plain == b.plain:
            b = say("the same", "quiet")
        table.add_row(name, a, b)
    for name, a, b in _excuse_rows(pair):
        table.add_row(name, a, b)
    if pair.difference:
        table.add_row("Difference", Text(), say(change_words(pair.difference), "title"))
    return table


def _aspects(s: Statement | None) -> Iterator[tuple[str, Text]]:
    if s is None:
        return
    yield "Verdict", say(s.verdict.value.upper(), TONES[s.verdict].value)
    yield "Credit", say(s.amount, "title")
    yield "Available", say(f"{share(s)}; {s.target} ({s.strength.value})")
    whole = s.favourable.denominator
    of_time = s.measure is MeasureKind.RATIO and whole
    yield "Down", say(f"{down(s)} of {with_unit(whole, whole)}" if of_time else down(s))
    for deadline in s.deadlines:
        if deadline.late_from is not None:
            yield deadline.clock.capitalize(), say(_before(deadline.late_from, s))


def _before(at: Instant, s: Statement) -> str:
    return f"before {local(at, s.period.zone)}"


def _excuse_rows(pair: Compared) -> Iterator[tuple[str, Text, Text]]:
    for before, after in pair.excuses:
        either = after or before
        assert either is not None
        same = before is not None and after is not None and _excuse(before) == _excuse(after)
        yield (
            f"Excuse {either.item}",
            say(_excuse(before) if before is not None else "not asked"),
            say("the same", "quiet") if same else say(_excuse(after) if after is not None else "not asked"),
        )


def _excuse(excuse: Excuse) -> str:
    return f"{'granted' if excuse.granted else 'refused'}: {excuse.why}"


def _total(pairs: Sequence[Compared]) -> Iterator[RenderableType]:
    """The credit of all statements before and after, and in how many of them something differs."""
    changed = sum(pair.changes for pair in pairs)
    orders = len({p.either.order for p in pairs})
    before, after = owed_by_all(p.before for p in pairs), owed_by_all(p.after for p in pairs)
    many = items(len(pairs), "statement") + (f" of {items(orders, 'order')}" if orders > 1 else "")
    yield Text.assemble(
        say("Together  ", "quiet"),
        say(f"credit {owed_words(before)} → {owed_words(after)}, "),
        say(change_words(difference(pairs)), "title"),
    )
    yield say(
        f"{many}, {changed} of them {'changes' if changed == 1 else 'change'}"
        if changed
        else f"{many}, and none of them changes",
        "quiet",
    )


def _completed(labels: Iterable[str]) -> Iterator[RenderableType]:
    told = ", ".join(labels)
    if told:
        yield hanging(
            Text("·", "quiet"),
            say(f"{told} is not over: all of it that is still to come was taken as up, before and after.", "quiet"),
        )
