"""Readings and silences by what they are worth, for a terminal: over statements, or over hypothetical periods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from makegood.engine.comparing import Compared
from makegood.engine.silences import WeighedSilence
from makegood.engine.stress import MONTHLY_FEE, Stress, Stressed, share_of_fee
from makegood.engine.sums import COUNTED, Between, Owed, owed_by
from makegood.engine.worth import Alternative, WeighedReading, minutes_between
from makegood.model.problem import Problem
from makegood.model.statement import Statement
from makegood.model.terms import Choice, Clause
from makegood.render.lengths import duration
from makegood.render.moments import local
from makegood.render.owing import change_words, in_unit, owed_words
from makegood.render.screen import shown
from makegood.render.shares import percent
from makegood.render.text import hanging, say
from makegood.render.values import items

MOST_NAMED = 6
"""Statements that one line names; a document in JSON has them all."""


def readings_text(
    title: str,
    readings: Sequence[WeighedReading],
    silences: Sequence[WeighedSilence],
    statements: Sequence[Statement],
    lines: Mapping[str, int],
    ill: Mapping[tuple[str, str], Sequence[Problem]],
    width: int = 80,
    color: bool = False,
    encoding: str = "utf-8",
) -> str:
    """Readings over statements of real orders, the weightiest first; those that never mattered in one line."""
    orders = dict.fromkeys(s.order for s in statements)
    over = f"{items(len(statements), 'statement')} of {', '.join(orders)}: {_periods(statements)}"
    blocks: list[RenderableType] = [say(title, "title"), say(f"weighed over {over}", "quiet"), Text()]
    if not readings and not silences:
        blocks += [say("The agreement leaves nothing to be read, and nothing is unstated.")]
    broken = {id_ for id_, _ in ill}
    for n, reading in enumerate((r for r in readings if r.matters or r.choice.id in broken), 1):
        told = [*(_alternative(a) for a in reading.alternatives), *_ill(reading.choice, ill)]
        blocks += [_reading(n, reading.choice, lines, told), Text()]
    blocks += _silences(silences, lines, len(statements))
    quiet = [r.choice for r in readings if not r.matters and r.choice.id not in broken]
    blocks += _never(quiet, f"in {items(len(statements), 'statement')}")
    return shown(Group(*blocks), width, color, encoding)


def stress_text(
    title: str,
    situations: Sequence[Stress],
    lines: Mapping[str, int],
    ill: Mapping[tuple[str, str], Sequence[Problem]],
    width: int = 80,
    color: bool = False,
    encoding: str = "utf-8",
) -> str:
    """Readings over hypothetical periods, in each situation of plan and deployment; credits in % of a month's fee."""
    told: dict[str, list[str]] = {}
    for stress in situations:
        text = shown(Group(*_situation(stress, lines, ill)), width, color, encoding)
        told.setdefault(text, []).append(situation_words(stress))
    head = Group(say(title, "title"), say(_standard(situations), "quiet"))
    parts = [shown(head, width, color, encoding)]
    for text, names in told.items():
        named = [shown(say("; ".join(names), "title"), width, color, encoding)] if len(situations) > 1 else []
        parts += [*named, text]
    return "\n".join(parts)


def _ill(choice: Choice, ill: Mapping[tuple[str, str], Sequence[Problem]]) -> Iterator[RenderableType]:
    """The alternatives with which the agreement cannot be read: no price, and why there is none."""
    for text in choice.alternatives:
        for problem in ill.get((choice.id, text), ())[:1]:
            line = f", line {problem.where.line}" if problem.where.line else ""
            yield say(f"if “{text}”: no price, since the agreement cannot be read so{line}: {problem.what}", "fails")


def _situation(
    stress: Stress, lines: Mapping[str, int], ill: Mapping[tuple[str, str], Sequence[Problem]]
) -> Iterator[RenderableType]:
    broken = {id_ for id_, _ in ill}
    if not stress.judged:
        yield say("Nothing is judged from time here, so nothing can be weighed.")
        return
    for n, reading in enumerate((r for r in stress.readings if r.matters or r.choice.id in broken), 1):
        told = [_stressed(a, len(stress.judged)) for a in reading.alternatives]
        yield _reading(n, reading.choice, lines, [*told, *_ill(reading.choice, ill)])
        yield Text()
    silences = stress.weighing.weighed_silences()
    if not stress.readings and not silences:
        yield say("The agreement leaves nothing to be read, and nothing is unstated.")
    yield from _silences(silences, lines, len(stress.judged), hypothetical=True)
    quiet = [r.choice for r in stress.readings if not r.matters and r.choice.id not in broken]
    yield from _never(quiet, f"in {items(len(stress.judged), 'hypothetical period')}")


def situation_words(stress: Stress) -> str:
    """`plan standard, deployment saas`, or that there is only one."""
    named = (("plan", stress.plan), ("deployment", stress.deployment))
    return ", ".join(f"{name} {value}" for name, value in named if value) or "every order"


def _standard(situations: Sequence[Stress]) -> str:
    many = sum(len(s.judged) for s in situations)
    return (
        f"a standard stress, not history: {items(many, 'hypothetical period')}, with outages at and around every edge, "
        "excused ones, short ones and ill-seen ones; credits in % of one month's fee of the service"
    )


def _reading(n: int, choice: Choice, lines: Mapping[str, int], told: Sequence[RenderableType]) -> RenderableType:
    first = Text.assemble(say(choice.id, "title"), "  ", say(f"read as “{choice.text}”"))
    because = [say(f"because {choice.because}", "quiet")] if choice.because else []
    return hanging(Text(f"{n}.", "quiet"), first, say(_where(choice, lines), "quiet"), *because, *told)


def _where(choice: Choice, lines: Mapping[str, int]) -> str:
    line = lines.get(choice.id, choice.clause.line)
    beside = [c for c in choice.clauses if c != choice.clause.id]
    return _clause(choice.clause, line) + (f"; see also {', '.join(beside)}" if beside else "")


def _clause(clause: Clause, line: int) -> str:
    return f"clause {clause}" + (f", line {line}" if line else "")


def _alternative(a: Alternative) -> RenderableType:
    if not a.changed:
        return say(f"if “{a.text}”: nothing changes", "quiet")
    worth = change_words(a.difference) if a.difference else "no money"
    line = Text.assemble(say(f"if “{a.text}”: "), say(worth, "title"))
    told = [
        words
        for words, count in (
            (items(a.verdicts, "verdict"), a.verdicts),
            (items(a.deadlines, "deadline"), a.deadlines),
        )
        if count
    ]
    line.append_text(say(f"; {' and '.join(told)} changed" if told else ""))
    named = [_named(pair) for pair in a.changed[:MOST_NAMED]]
    more = len(a.changed) - MOST_NAMED
    named += [f"and {items(more, 'more statement')}"] if more > 0 else []
    return Group(line, Padding(Group(*(say(words, "quiet") for words in named)), (0, 0, 0, 2)))


def _named(pair: Compared) -> str:
    s = pair.either
    what = f"{s.period.label} {s.subject}"
    if pair.before is None or pair.after is None:
        return f"{what}: {'judged only now' if pair.after is None else 'judged only then'}"
    said = [f"{one.verdict.value}, {one.amount}" for one in (pair.before, pair.after)]
    words = [f"{said[0]} → {said[1]}"] if said[0] != said[1] else []
    words += [f"{clock} {_day(b, s)} instead of {_day(a, s)}" for clock, (a, b) in pair.moved.items()]
    return f"{what}: {'; '.join(words)}"


def _day(at: int | None, s: Statement) -> str:
    return "without a date" if at is None else f"before {local(at, s.period.zone)}"


def _stressed(a: Stressed, scenarios: int) -> RenderableType:
    if a.only_minutes is not None and not a.changed:
        scenario, pair = a.only_minutes
        line = Text.assemble(
            say(f"if “{a.text}”: "), say(_minutes(minutes_between(pair)), "title"), say(", and no credit")
        )
        return Group(line, Padding(say(f"{scenario.says} in {scenario.label}", "quiet"), (0, 0, 0, 2)))
    if not a.changed:
        return say(f"if “{a.text}”: nothing changes", "quiet")
    signed = [next((c for c in a.changed if _sign(c[1]) == sign), None) for sign in (-1, 1)]
    shown_ones = [c for c in signed if c is not None] or [a.changed[0]]
    worth = " to ".join(stress_words(pair.difference) for _, pair in shown_ones)
    line = Text.assemble(
        say(f"if “{a.text}”: "),
        say(worth, "title"),
        say(f" where it matters most; it matters in {len(a.changed)} of {items(scenarios, 'period')}"),
    )
    told = (f"{scenario.says} in {scenario.label}: {_under_stress(pair)}" for scenario, pair in shown_ones)
    return Group(line, Padding(Group(*(say(words, "quiet") for words in told)), (0, 0, 0, 2)))


def _sign(pair: Compared) -> int:
    """Whether more is owed, or less; 0 where no money differs."""
    amount = next(iter(pair.difference.amounts.values()), Between())
    return (amount.least > 0) - (amount.most < 0)


def _under_stress(pair: Compared) -> str:
    said = [f"{s.verdict.value}, {_credit(s)}" if s is not None else "not judged" for s in (pair.before, pair.after)]
    words = [f"{said[0]} → {said[1]}"] if said[0] != said[1] else []
    minutes = minutes_between(pair)
    words += [_minutes(minutes)] if minutes else []
    words += [
        f"{clock} {_day(b, pair.either)} instead of {_day(a, pair.either)}" for clock, (a, b) in pair.moved.items()
    ]
    return "; ".join(words)


def _minutes(change: Between) -> str:
    least, most = change.least, change.most
    words = [f"{'+' if x > 0 else ''}{duration(x)}" for x in dict.fromkeys((least, most))]
    return f"{' to '.join(words)} of down time that counts"


def _credit(s: Statement) -> str:
    owed = owed_by(s)
    return stress_owed(owed) if owed else "credit none"


def stress_owed(owed: Owed) -> str:
    """A hypothetical credit: `credit 10 % of a month's fee`, or in days."""
    parts = [f"{_share(share_of_fee(amount), unit)}" for unit, amount in owed.amounts.items()]
    parts += ["unstated"] if owed.unstated else []
    return f"credit {' and '.join(parts)}"


def stress_words(change: Owed) -> str:
    """A difference of hypothetical credits: `+15 % of a month's fee`."""
    parts = []
    for unit, amount in change.amounts.items():
        sign = "+" if amount.least > 0 else ""
        parts.append(sign + _share(share_of_fee(amount), unit) + ("" if unit in COUNTED else " of a month's fee"))
    if change.unstated:
        parts.append(f"one unstated credit {'more' if change.unstated.most > 0 else 'less'}")
    return " and ".join(parts) or "no money"


def _share(amount: Between, unit: str) -> str:
    if unit in COUNTED:
        return in_unit(amount.most * MONTHLY_FEE, unit)
    if amount.least == amount.most:
        return _percent(amount.least)
    return f"{_percent(amount.least)} to {_percent(amount.most)}"


def _percent(share: Fraction) -> str:
    """A share cut to three decimals, without empty ones."""
    words = percent(abs(share))
    number = words.removesuffix(" %")
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return f"{'−' if share < 0 else ''}{number} %"


def _silences(
    silences: Sequence[WeighedSilence], lines: Mapping[str, int], many: int, hypothetical: bool = False
) -> Iterator[RenderableType]:
    open_ones = [one for one in silences if one.matters]
    if open_ones:
        yield say("Unstated", "title")
    for one in open_ones:
        silence = one.silence
        times = f", {silence.times} times" if silence.times > 1 else ""
        first = Text.assemble(say(silence.rule, "title"), say(f"  {silence.what}{times}"))
        where = say(_clause(silence.clause, lines.get(silence.rule, silence.clause.line)), "quiet")
        told = [say(words) for words in _leaves(one, many, hypothetical)]
        yield Padding(hanging(Text("▸", "open"), first, where, *told), (0, 0, 0, 2))
    others = [f"{one.silence.rule} ({one.silence.what})" for one in silences if not one.matters]
    if open_ones:
        yield Text()
    if others:
        yield say(f"Unstated, and nothing here asked for it: {', '.join(others)}", "quiet")


def _leaves(one: WeighedSilence, many: int, hypothetical: bool) -> Iterator[str]:
    of = f"of {items(many, 'hypothetical period' if hypothetical else 'statement')}"
    if one.credits:
        bound = "no limit bounds it"
        if one.most is not None:
            bound = "a limit bounds it" if hypothetical else f"limits leave {owed_words(one.most)} of it at most"
        yield f"leaves the credit open in {len(one.credits)} {of}; {bound}"
    if one.targets:
        yield f"leaves the verdict open in {len(one.targets)} {of}"
    if one.deadlines:
        yield f"leaves a deadline open in {len(one.deadlines)} {of}"


def _never(choices: Sequence[Choice], where: str) -> Iterator[RenderableType]:
    if choices:
        yield say(f"Changed nothing {where}: {', '.join(c.id for c in choices)}", "quiet")


def _periods(statements: Sequence[Statement]) -> str:
    labels = list(dict.fromkeys(s.period.label for s in statements))
    return labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}" if labels else "no period"
