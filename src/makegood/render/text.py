"""A statement in a terminal: the verdict first, then what it rests on, down to the pins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from makegood.model.spans import SECOND
from makegood.model.statement import Excuse, GateResult, Line, RestsOn, Statement, Timed
from makegood.render.formula import how
from makegood.render.lengths import duration
from makegood.render.moments import local_stretch, moment
from makegood.render.owing import in_unit
from makegood.render.printable import printable
from makegood.render.screen import shown
from makegood.render.strip import has_timeline, strip
from makegood.render.telling import (
    EITHER,
    TONES,
    clock_rows,
    coverage,
    done_words,
    due,
    gate_words,
    headline,
    how_late,
    next_due,
    not_kept_title,
    operand_lines,
    outage_words,
    outages_title,
    parts,
    period,
    pins,
    price_words,
    signed_head,
)
from makegood.render.values import items, money

INDENT = 2
HASH_SHOWN = 12
NO_WHY: Mapping[str, str] = {}


def statement_text(
    statement: Statement, width: int = 80, color: bool = False, encoding: str = "utf-8", why: Mapping[str, str] = NO_WHY
) -> str:
    """The whole statement for a terminal of so many columns; plain text without colour.

    `why` says why outages began, by their ids, in words.
    """
    timeline = [_strip(statement, width)] if has_timeline(statement) else []
    blocks = [_verdict(statement), *timeline, _about(statement), *_sections(statement, why)]
    spaced = [piece for block in blocks for piece in (block, Text())]
    return shown(Group(*spaced, _pins(statement), *_log(statement)), width, color, encoding)


def say(text: str, style: str = "") -> Text:
    """Text from anywhere as text only: never markup, never a control character."""
    return Text(printable(text), style=style)


def pairs(rows: Iterable[tuple[str, RenderableType]]) -> Table:
    """Names on the left, what they are on the right, wrapped under itself."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="quiet", no_wrap=True)
    table.add_column(overflow="fold")
    for name, what in rows:
        table.add_row(say(name), what)
    return table


def hanging(sign: Text, *lines: RenderableType) -> Table:
    """A sign with lines beside it."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(sign, Group(*lines))
    return table


def _verdict(s: Statement) -> RenderableType:
    first = Text.assemble(say(s.verdict.value.upper(), TONES[s.verdict].value), "  ", say(headline(s)))
    credit = Text.assemble(("Credit  ", "quiet"), say(s.amount, "title"))
    deadline = next_due(s)
    if deadline is not None:
        credit.append_text(Text.assemble(("  ·  ", "quiet"), say(f"{deadline.clock} {due(deadline, s)}")))
    return Group(first, *(say(line) for line in operand_lines(s)), credit)


def _strip(s: Statement, width: int) -> RenderableType:
    line, legend = Text(), dict[str, tuple[str, str]]()
    for name, sign, style in strip(s, max(20, min(width, 100) - INDENT)):
        line.append(sign, style)
        legend[name] = (sign, style)
    words = Text("  ").join(Text.assemble((sign, style), f" {name}") for name, (sign, style) in sorted(legend.items()))
    return Padding(Group(line, words), (0, 0, 0, INDENT))


def _about(s: Statement) -> RenderableType:
    time = Table.grid(padding=(0, 2))
    for part in parts(s):
        time.add_row(say(part.name), Text(part.length, justify="right"), say(part.says, "quiet"))
    time.add_row("together", Text(duration(s.judged.length), justify="right"), say("the judged time", "quiet"))
    rows: list[tuple[str, RenderableType]] = [
        ("Subject", say(s.subject)),
        ("Customer", say(f"{s.customer}, order {s.order}" + (f", plan {s.plan}" if s.plan else ""))),
        ("Agreement", say(f"{s.agreement_title}, version {s.version}, of {s.provider}")),
        ("Commitment", say(f"{s.commitment} ({s.strength.value}), clause {s.clause}")),
        ("Period", say(period(s))),
        ("Known at", say(f"{moment(s.as_of // SECOND * SECOND, s.period.zone)}, {s.life.value}")),
    ]
    if s.timed is not None:
        return pairs([*rows, *((name, say(what)) for name, what in clock_rows(s, s.timed))])
    if s.rests_on is RestsOn.ITEMS:
        return pairs(rows)
    if s.rests_on is RestsOn.INTERVALS:
        rows += [("Measured", time)] if has_timeline(s) else []
    else:
        rows += [("Time", time)]
    return pairs([*rows, ("Seen", say(coverage(s)))])


def _sections(s: Statement, why: Mapping[str, str]) -> Iterator[RenderableType]:
    outages = [
        *(_outage_row(s, i, why) for i in range(len(s.outages))),
        *(_excuse(excuse) for excuse in s.excuses),
    ]
    heading = outages_title(s.outages) if s.outages or s.rests_on is RestsOn.TIME else "Excuses"
    yield from _section(heading, outages)
    if s.not_kept:
        yield from _section(not_kept_title(s).capitalize(), [_not_kept(timed, s) for timed in s.not_kept])
    yield from _section("Expected, deciding nothing", [_gate(gate) for gate in s.expected])
    yield from _section("Credit", list(_credits(s)))
    yield from _section("Deadlines", [_deadline(s, i) for i in range(len(s.deadlines))])
    yield from _section("Readings", list(_readings(s)))
    yield from _section(
        "Smallest changes",
        [
            hanging(Text("→", "quiet"), say(f"{change.says}: {change.verdict.value}, credit {change.amount}"))
            for change in s.smallest
        ],
    )
    yield from _section("Notes", [hanging(Text("·", "quiet"), say(note)) for note in s.notes])


def _section(title: str, blocks: list[RenderableType]) -> Iterator[RenderableType]:
    if blocks:
        yield Group(Text(title, "title"), Padding(Group(*blocks), (0, 0, 0, INDENT)))


def _outage_row(s: Statement, index: int, why: Mapping[str, str]) -> RenderableType:
    outage = s.outages[index]
    when = say(f"{local_stretch(outage.span, s.period.zone)}  {duration(outage.span.length)}", "title")
    seen = [say(f"seen by {', '.join(dict.fromkeys(outage.seen_by))}", "quiet")] if outage.seen_by else []
    began = [say(f"it began with {why[outage.id]}", "quiet")] if outage.id in why else []
    return hanging(Text("▸", "quiet"), when, say(outage_words(outage)), *seen, *began)


def _not_kept(timed: Timed, s: Statement) -> RenderableType:
    zone = s.period.zone
    late = how_late(timed, s)
    first = Text.assemble(say(timed.item, "title"), "  ", say(late or "not late yet", "fails" if late else "quiet"))
    label = f", class {timed.label}" if timed.label else ""
    rows: list[tuple[str, RenderableType]] = [
        ("started", say(moment(timed.start, zone) + label)),
        ("late from", say(moment(timed.due, zone) if timed.due is not None else "never")),
        ("done", say(done_words(timed, s))),
    ]
    return hanging(Text("▸", "quiet"), first, pairs(rows))


def _excuse(excuse: Excuse) -> RenderableType:
    word, style = ("granted", "holds") if excuse.granted else ("refused", "fails")
    first = Text.assemble("Excuse ", (word, style), ": ", say(f"{excuse.title} ({excuse.item})"))
    amount = f"{duration(excuse.excused.total)} of {duration(excuse.asked.total)} asked, {excuse.counts_as.value}"
    under = say(f"{excuse.exclusion}, clause {excuse.clause}" + (f": {amount}" if excuse.granted else ""), "quiet")
    return hanging(Text("▸", "quiet"), first, say(excuse.why), *(_gate(g) for g in excuse.gates), under)


def _gate(gate: GateResult) -> RenderableType:
    sign = Text("✓", "holds") if gate.holds else Text("✗", "fails")
    facts = f"  [{', '.join(gate.facts)}]" if gate.facts else ""
    return hanging(sign, Text.assemble(say(gate_words(gate)), say(facts, "quiet")))


def _credits(s: Statement) -> Iterator[RenderableType]:
    if s.exact:
        yield from _lines(s.favourable.lines)
        rights = s.favourable.rights
    else:
        for when, figures in zip(EITHER[s.rests_on], (s.favourable, s.unfavourable), strict=True):
            yield say(f"{when[0].upper()}{when[1:]}: {'' if figures.lines else 'none'}", "quiet")
            yield from _lines(figures.lines)
        rights = s.unfavourable.rights
    for right in rights:
        word, style = ("given", "holds") if right.given else ("not given", "quiet")
        text = Text.assemble(say(right.says), " — ", (word, style), say(f": {right.why}"))
        yield hanging(Text("▸", "quiet"), text, say(f"{right.remedy}, clause {right.clause}", "quiet"))


def _lines(lines: tuple[Line, ...]) -> Iterator[RenderableType]:
    for line in lines:
        more = [say(words, "open" if open_still else "") for words, open_still in line_words(line)]
        named = f"{line.remedy}, {line.part}" if line.part else line.remedy
        under = say(f"{named}, {line.subject}, clause {line.clause}", "quiet")
        yield hanging(
            Text("▸", "quiet"), Text.assemble((line_amount(line), "title"), "  ", say(derived(line))), *more, under
        )


def line_words(line: Line) -> Iterator[tuple[str, bool]]:
    """What else there is to say of a remedy line, and whether it leaves the amount open."""
    if line.unstated:
        yield "no amount can be worked out without it", True
    if line.brought:
        yield line.brought + ("" if line.withheld else "; credited in this statement"), False
    if line.cut_by:
        yield f"cut by a limit: {line.cut_by}", False
    if line.withheld:
        yield line.withheld if line.held else f"withheld: {line.withheld}", True
    if line.paid and not line.withheld:
        yield f"paid {line.paid}", False


def derived(line: Line) -> str:
    """How an amount came about, where that says more than the amount."""
    words = how(line)
    return "" if words == line_amount(line) else words


def line_amount(line: Line) -> str:
    """What one remedy line gives: money, days, points, or what is missing to say it."""
    if line.unstated:
        return printable(f"unstated: {line.unstated}")
    amounts = [money(line.money)] if line.money is not None else []
    amounts += [in_unit(line.days, line.unit.value)] if line.days is not None else []
    return " or ".join(amounts) or "nothing"


def _deadline(s: Statement, index: int) -> RenderableType:
    deadline = s.deadlines[index]
    by = f"{deadline.clock}, duty of {deadline.duty_of}" if deadline.duty_of else deadline.clock
    first = Text.assemble(say(by, "title"), "  ", say(due(deadline, s)))
    counted = [] if deadline.late_from is None else [say(deadline.arithmetic, "quiet")]
    more = [say(deadline.says), *counted]
    more += [say(f"needs {', '.join(deadline.requires)}")] if deadline.requires else []
    more += [say(f"by {', '.join(deadline.via)}")] if deadline.via else []
    return hanging(Text("▸", "quiet"), first, *(m for m in more if m.plain), say(f"clause {deadline.clause}", "quiet"))


def _readings(s: Statement) -> Iterator[RenderableType]:
    for reading in (r for r in s.readings if r.matters):
        choice = reading.choice
        first = Text.assemble(say(choice.id, "title"), "  ", say(f"read as “{choice.text}”"))
        prices = [say(f"if “{p.alternative}”: {price_words(p, s)}") for p in reading.prices]
        because = [say(choice.because)] if choice.because else []
        yield hanging(Text("▸", "open"), first, *because, *prices, say(f"clause {choice.clause}", "quiet"))
    others = [r.choice.id for r in s.readings if not r.matters]
    if others:
        text = f"{items(len(others), 'reading')} {'changes' if len(others) == 1 else 'change'} nothing here: "
        yield say(text + ", ".join(others), "quiet")


def _pins(s: Statement) -> Text:
    return say("Made with " + " · ".join(f"{name} {short(value)}" for name, value in pins(s.pins)), "quiet")


def _log(s: Statement) -> Iterator[Text]:
    """Where the facts are from, whole, to be compared by hand; the signature is in the documents for programs."""
    if told := dict(signed_head(s.pins)):
        said = f"Facts of log {told['log']}, {told['length']}, the last at {told['last entry']}"
        yield say(f"{said}, signed by key {told['key']}, root", "quiet")
        yield say(told["root"], "quiet")


def short(value: str) -> str:
    """A long hash by its beginning."""
    return value[:HASH_SHOWN] if len(value) > 3 * HASH_SHOWN and value.isalnum() else value
