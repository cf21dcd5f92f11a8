"""Every figure of the engine held against the oracle's; what differs is said in words."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from makegood.model.spans import Spans
from makegood.model.statement import Figures, Line, Statement
from makegood.model.terms import RemedyForm
from makegood.model.trace import Op
from tests.exact.bits import runs, span
from tests.exact.bits import spans as union
from tests.exact.edges import Edges
from tests.exact.oracle import SETTLED, Judged, Oracle, overall
from tests.exact.plain_excuses import ALL_DOWNTIME
from tests.exact.plain_figures import Run
from tests.exact.plain_limits import FORWARD
from tests.exact.plain_money import Owed
from tests.exact.question import Question
from tests.exact.stage import TICK


def differences(q: Question, oracle: Oracle) -> list[str]:
    """What the engine says otherwise than the oracle; empty where both agree."""
    return list(Comparison(q, oracle).found())


def judged(q: Question, edges: Edges | None = None) -> list[str]:
    """The same, for a question alone."""
    return differences(q, Oracle(q, edges or Edges()))


class Comparison:
    """One question and both answers to it."""

    def __init__(self, q: Question, oracle: Oracle) -> None:
        self.q, self.oracle = q, oracle

    def found(self) -> Iterator[str]:
        best, worst = (self.oracle.judged(self.q.day, favourable) for favourable in (True, False))
        statements = self.q.statements()
        engines = [(s.commitment, s.subject) for s in statements]
        oracles = [(one.commitment.name, one.run.subject) for one in best]
        if engines != oracles:
            yield f"cases: {engines}, and not {oracles}"
            return
        for statement, a, b in zip(statements, best, worst, strict=True):
            for what, mine, plain in self._pairs(statement, a, b):
                if mine != plain:
                    yield f"{statement.commitment} for {statement.subject}: {what} is {mine}, and not {plain}"

    def _pairs(self, s: Statement, a: Judged, b: Judged) -> Iterator[tuple[str, object, object]]:
        yield from self._classes(s, a.run, b.run)
        same = s.unfavourable is s.favourable
        if same:  # both owe the same, whatever it was before it was cut and rounded
            yield "what is owed in both runs", [owed(line) for line in a.lines], [owed(line) for line in b.lines]
        for name, figures, one in (("best", s.favourable, a), ("worst", s.unfavourable, b)):
            for what, mine, plain in self._figures(figures, one):
                if not (same and name == "worst" and what == "lines"):
                    yield f"{what} ({name})", mine, plain
        verdict = overall(a.verdict, b.verdict)
        yield "verdict", s.verdict.value, verdict
        yield from self._rights(s, a, b)
        yield from self._credit(s, a, b)
        yield from self._excuses(s, a.run, b.run)
        due = self.oracle.deadlines(a) if verdict not in SETTLED else {}
        yield "deadlines", {d.clock: d.late_from for d in s.deadlines}, due

    def _classes(self, s: Statement, a: Run, b: Run) -> Iterator[tuple[str, object, object]]:
        unknown = (a.down ^ b.down) | (a.up ^ b.up) | (a.outside ^ b.outside)
        excused, c = (a.up | a.outside) & ~unknown, s.classes
        yield "unknown time", self.ticks(c.unknown), stretches(unknown)
        yield "time outside", self.ticks(c.outside), stretches(a.elapsed & ~a.covered)
        yield "excused time", self.ticks(c.excused), stretches(excused)
        yield "down time", self.ticks(c.down), stretches(a.down & ~unknown)
        yield "up time", self.ticks(c.up), stretches(a.covered & ~excused & ~a.down & ~unknown)
        yield "brief time", self.ticks(c.brief), stretches(a.brief & ~unknown)

    def ticks(self, spans: Spans, near: int = -1) -> list[tuple[int, int]]:
        """As far as they lie on the stage, and among some ticks."""
        tick = self.q.stage.tick
        return stretches(near & union((tick(start), tick(end)) for start, end in spans.edges.tolist()))

    def _figures(self, f: Figures, one: Judged) -> Iterator[tuple[str, object, object]]:
        run = one.run
        yield "verdict of a run", f.verdict.value, one.verdict
        yield "numerator", f.numerator, run.numerator
        yield "denominator", f.denominator, run.denominator
        yield "figure", f.ratio, run.figure
        yield "covered", f.covered, run.covered.bit_count() * TICK
        yield "excused, as up", f.excused_up, run.up.bit_count() * TICK
        yield "excused, outside", f.excused_out, run.outside.bit_count() * TICK
        yield "down", f.down, run.down.bit_count() * TICK
        yield "lines", [of_engine(line) for line in f.lines], [of_oracle(line) for line in one.lines]

    def _rights(self, s: Statement, a: Judged, b: Judged) -> Iterator[tuple[str, object, object]]:
        best, worst = self.oracle.rights(a, True), self.oracle.rights(b, False)
        if s.unfavourable is s.favourable:
            best = [(name, given and other) for (name, given), (_, other) in zip(best, worst, strict=True)]
            worst = best
        yield "rights (best)", [(r.remedy, r.given) for r in s.favourable.rights], best
        yield "rights (worst)", [(r.remedy, r.given) for r in s.unfavourable.rights], worst

    def _credit(self, s: Statement, a: Judged, b: Judged) -> Iterator[tuple[str, object, object]]:
        sums = [t for t in (total(a.lines), total(b.lines)) if t is not None]
        yield "the least credit", s.credit_least and s.credit_least.minor, min(sums) if len(sums) == 2 else None
        yield "the most credit", s.credit_most and s.credit_most.minor, max(sums) if sums else None

    def _excuses(self, s: Statement, a: Run, b: Run) -> Iterator[tuple[str, object, object]]:
        same = s.unfavourable is s.favourable
        run = a if same else b
        time = self.oracle.times.all_time(run.commitment, run.subject, run.services, same)
        plain = {(ask.rule.name, ask.item.id): ask for ask in time.excused.asks}
        for e in s.excuses:
            ask = plain.pop((e.exclusion, e.item), None)
            if ask is None:
                yield f"excuse {e.item} under {e.exclusion}", "there", "none"
                continue
            near = run.elapsed if ask.item is ALL_DOWNTIME else -1
            yield f"what {e.item} asks for", self.ticks(e.asked, near), stretches(ask.asked & near)
            yield f"what {e.item} is excused", self.ticks(e.excused, near), stretches(ask.granted & near)
        left = [key for key, ask in plain.items() if ask.granted & run.elapsed]
        yield "excuses that are granted and not told", [], left
        best = self.oracle.times.all_time(a.commitment, a.subject, a.services, True)
        judged = {m.id for m in self.q.known.maintenances if self._announced(m.id) & a.elapsed}
        expected = sorted((i, says, holds) for i, says, holds in best.excused.expected if i in judged)
        told = sorted((g.found.partition(": ")[0], g.says, g.holds) for g in s.expected)
        yield "what was expected", told, expected

    def _announced(self, item: str) -> int:
        found = 0
        for m in self.q.known.maintenances:
            if m.id == item:
                found |= span(self.q.stage.tick(m.announced.start), self.q.stage.tick(m.announced.end))
        return found


def stretches(ticks: int) -> list[tuple[int, int]]:
    return list(runs(ticks))


def total(lines: list[Owed]) -> Fraction | None:
    due = [line for line in lines if line.remedy.form is RemedyForm.CREDIT and not line.withheld]
    money = [line.money for line in due if line.money is not None]
    return sum(money, Fraction()) if money and not any(line.unstated for line in due) else None


def of_oracle(line: Owed) -> tuple[object, ...]:
    """Remedy, subject, what it is for, withheld, unstated; exact before and after limits, who cut it, and the end."""
    head = (line.remedy.name, line.subject, line.part, line.withheld, line.unstated)
    return head if line.unstated else (*head, line.before, line.after, line.cut_by, line.money, line.days)


def owed(line: Owed) -> tuple[object, ...]:
    return line.remedy.name, line.subject, line.part, line.withheld, line.unstated, line.money, line.days


def of_engine(line: Line) -> tuple[object, ...]:
    part = line.part if line.part in ("", FORWARD) else "outage" if line.part.startswith("outage of") else "day"
    head = (line.remedy, line.subject, part, bool(line.withheld), bool(line.unstated))
    if line.unstated:
        return head
    after, money = line.node, line.money and line.money.minor
    assert after is not None
    if after.op is Op.ROUND:
        after = after.operands[0]
    if line.days is not None and after.op is Op.MULTIPLY and after.says.endswith(" in money"):
        after = after.operands[0]
    return (*head, line.before, after.value, line.cut_by, money, line.days)
