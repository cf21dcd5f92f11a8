"""A statement held against what a case expects of it: only what is written, and that exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from makegood.contract.edges import edge
from makegood.contract.numbers import Wrong, duration, money, number
from makegood.exchange.moments import read_moment, written
from makegood.model.spans import Duration, Instant, Spans
from makegood.model.statement import Answer, Excuse, Figures, Outage, Statement
from makegood.render.lengths import duration as length_words
from makegood.render.shares import percent
from makegood.render.telling import how_late
from tests.cases.judging import Judged
from tests.cases.reading import Plain
from tests.cases.watched import read_span

SELECTORS = ("commitment", "subject")


def differences(expected: Plain, judged: Judged) -> list[str]:
    """Every difference, as one line each; empty when the answer is as expected. Raises ValueError for unknown keys."""
    return _Comparison(judged).answer(expected)


class _Comparison:
    def __init__(self, judged: Judged) -> None:
        self.judged, self.found = judged, list[str]()

    def answer(self, expected: Plain) -> list[str]:
        if isinstance(expected, dict) and (whole := set(expected) & {"statements", "not applicable"}):
            self.whole({k: v for k, v in expected.items() if k in whole})
            expected = {k: v for k, v in expected.items() if k not in whole}
            if not expected:
                return self.found
        items = expected if isinstance(expected, list) else [expected]
        for item in items:
            if not isinstance(item, dict) or not set(item) - set(SELECTORS):
                raise ValueError("nothing is expected of a statement")
            for statement in self.chosen(item):
                self.statement(item, statement)
        return self.found

    def whole(self, expected: Mapping[str, Plain]) -> None:
        answer: Answer = self.judged.answer
        if "statements" in expected:
            self.same("statements", _text(expected["statements"]), str(len(answer.statements)))
        if "not applicable" in expected:
            missing = {n.what: f"{n.clause}: {n.why}" for n in answer.not_applicable}
            for what, why in _mapping(expected["not applicable"]).items():
                self.contains(f"not applicable: {what}", _text(why), missing.get(what, "it applies"))

    def chosen(self, item: Mapping[str, Plain]) -> list[Statement]:
        statements = self.judged.answer.statements
        for key in SELECTORS:
            if key in item:
                statements = tuple(s for s in statements if getattr(s, key) == item[key])
        if len(statements) != 1:
            among = ", ".join(f"{s.commitment} for {s.subject}" for s in self.judged.answer.statements)
            self.found.append(f"{len(statements)} statements are meant, and not one, among: {among}")
            return []
        return list(statements)

    def statement(self, expected: Mapping[str, Plain], s: Statement) -> None:
        for key, value in expected.items():
            if key in SELECTORS:
                continue
            if key not in KEYS:
                raise ValueError(f"nothing is known of `{key}`; there are: {', '.join(KEYS)}")
            KEYS[key](self, key, value, s)

    def same(self, what: str, expected: object, found: object) -> None:
        if expected != found:
            self.found.append(f"{what}\n    expected  {expected}\n    found     {found}")

    def contains(self, what: str, expected: str, found: str) -> None:
        if expected not in found:
            self.found.append(f"{what}\n    expected  …{expected}…\n    found     {found}")

    def word(self, key: str, value: Plain, s: Statement) -> None:
        words: dict[str, str] = {
            "verdict": s.verdict.value,
            "life": s.life.value,
            "credit": s.amount,
            "target": s.target,
            "plan": s.plan,
            "version": s.version,
            "tier": s.unfavourable.tier,
        }
        self.same(key, _text(value), words[key])

    def exact(self, key: str, value: Plain, s: Statement) -> None:
        if not s.exact:
            self.found.append(f"{key}: the two runs differ, write `favourable` and `unfavourable`")
        self.figure(key, value, s.favourable, s)

    def figure(self, key: str, value: Plain, f: Figures, s: Statement) -> None:
        match key:
            case "numerator" | "denominator" | "covered" | "down":
                found = Fraction(getattr(f, key))
                plain = _plain_number(_text(value))
                if plain is None:
                    self.same(key, length_words(_duration(value)), length_words(found))
                else:
                    self.same(key, plain, found)
            case "figure":
                text = _text(value)
                self.same(key, None if text == "none" else _edge(text), f.ratio)
            case "availability":
                text = _text(value)
                self.same(key, None if text == "none" else Fraction(text.replace(",", "")), f.ratio)
            case "shown":
                edge = s.target_edge
                target = Fraction(_text(s.target).split()[-2]) / 100 if edge is None and "%" in s.target else edge
                shown = percent(f.ratio, () if target is None else (target,)) if f.ratio is not None else "none"
                self.same(key, _text(value), shown)
            case "verdict":
                self.same(key, _text(value), f.verdict.value)
            case "credit":
                total = [line for line in f.lines if not line.withheld and line.money is not None]
                minor = sum((line.money.minor for line in total if line.money is not None), Fraction())
                self.same(key, _minor(_text(value)), minor)

    def run(self, key: str, value: Plain, s: Statement) -> None:
        figures = s.favourable if key == "favourable" else s.unfavourable
        before = len(self.found)
        for name, item in _mapping(value).items():
            if name not in FIGURES:
                raise ValueError(f"nothing is known of `{name}` in a run; there are: {', '.join(FIGURES)}")
            self.figure(name, item, figures, s)
        self.found[before:] = [f"{key} run, {line}" for line in self.found[before:]]

    def not_kept(self, _: str, value: Plain, s: Statement) -> None:
        found = [f"{t.item}, {how_late(t, s) or 'not late yet'}" for t in s.not_kept]
        self.same("not kept", [_text(item) for item in _list(value)], found)

    def classes(self, _: str, value: Plain, s: Statement) -> None:
        for name, item in _mapping(value).items():
            if name not in ("outside", "excused", "down", "unknown", "up", "brief"):
                raise ValueError(f"`{name}` is no class of time")
            found: Spans = getattr(s.classes, name)
            self.same(name, length_words(_duration(item)), length_words(found.total))

    def outages(self, _: str, value: Plain, s: Statement) -> None:
        expected = [_outage(_text(item)) for item in _list(value)]
        found = [_outage_words(o) for o in s.outages]
        self.same("outages", [f"{_utc(a)} to {_utc(b)}{w}" for a, b, w in expected], found)

    def excuses(self, _: str, value: Plain, s: Statement) -> None:
        by_item: dict[str, list[Excuse]] = {}
        for e in s.excuses:
            by_item.setdefault(e.item, []).append(e)
        for item in _list(value):
            want = _mapping(item)
            fitting = [e for e in by_item.get(_text(want["of"]), []) if want.get("by", e.exclusion) == e.exclusion]
            what = f"excuse of {want['of']}"
            if len(fitting) != 1:
                self.found.append(f"{what}: {len(fitting)} of them, among {sorted(by_item)}")
                continue
            self.excuse(what, want, fitting[0])

    def excuse(self, what: str, want: Mapping[str, Plain], e: Excuse) -> None:
        for key, value in want.items():
            match key:
                case "of" | "by":
                    pass
                case "granted":
                    self.same(f"{what}, granted", _text(value), "yes" if e.granted else "no")
                case "excused" | "asked":
                    found: Spans = getattr(e, key)
                    self.same(f"{what}, {key}", length_words(_duration(value)), length_words(found.total))
                case "because":
                    self.contains(f"{what}, because", _text(value), e.why)
                case "found":
                    gates = "; ".join(f"{g.says}: {g.found}" for g in e.gates)
                    self.contains(f"{what}, found", _text(value), gates)
                case "counts as":
                    self.same(f"{what}, counts as", _text(value), e.counts_as.value)
                case _:
                    raise ValueError(f"nothing is known of `{key}` in an excuse")

    def lines(self, _: str, value: Plain, s: Statement) -> None:
        lines = {line.remedy: line for line in s.unfavourable.lines}
        lines |= {line.remedy: line for line in s.unfavourable.lines if not line.part}
        lines |= {f"{line.remedy}, {line.part}": line for line in s.unfavourable.lines if line.part}
        for name, item in _mapping(value).items():
            line = lines.get(name)
            if line is None:
                self.found.append(f"line {name}: there is none, among {sorted(lines)}")
                continue
            for key, text in _mapping(item).items():
                what = f"line {name}, {key}"
                match key:
                    case "money":
                        self.same(what, _text(text), str(line.money))
                    case "days":
                        self.same(what, Fraction(_text(text)), line.days)
                    case "cut by" | "paid":
                        self.same(what, _text(text), getattr(line, key.replace(" ", "_")))
                    case "unstated" | "withheld" | "brought":
                        self.contains(what, _text(text), getattr(line, key))
                    case "clause":
                        self.same(what, _text(text), str(line.clause))
                    case _:
                        raise ValueError(f"nothing is known of `{key}` in a line")

    def deadlines(self, _: str, value: Plain, s: Statement) -> None:
        found = {d.clock: d.late_from for d in s.deadlines}
        if value == "none":
            self.same("deadlines", [], sorted(found))
            return
        for name, item in _mapping(value).items():
            if name not in found:
                self.found.append(f"deadline {name}: there is none, among {sorted(found)}")
            else:
                at = found[name]
                text = _text(item)
                self.same(
                    f"deadline {name}, late from",
                    "none" if text == "none" else _utc(_instant(text)),
                    "none" if at is None else _utc(at),
                )

    def requires(self, _: str, value: Plain, s: Statement) -> None:
        """What acts must contain, by their clocks; and what is sent to whom or how."""
        found = {d.clock: [*d.requires, *d.via] for d in s.deadlines}
        for name, items in _mapping(value).items():
            self.same(f"{name} requires", [_text(item) for item in _list(items)], found.get(name))

    def readings(self, _: str, value: Plain, s: Statement) -> None:
        found = {
            f"{r.choice.id}: {p.alternative}": f"{p.verdict.value}, {p.amount}" + ("" if p.changes else ", no change")
            for r in s.readings
            for p in r.prices
        }
        for name, alternatives in _mapping(value).items():
            for alternative, says in _mapping(alternatives).items():
                key = f"{name}: {alternative}"
                self.same(f"reading {key}", _text(says), found.get(key, f"nothing; there are {sorted(found)}"))

    def moved(self, _: str, value: Plain, s: Statement) -> None:
        """Deadlines that an alternative of a reading moves."""
        found = {
            f"{r.choice.id}: {p.alternative}": {
                k: "none" if t is None else _utc(t) for k, t in (p.late_from or {}).items()
            }
            for r in s.readings
            for p in r.prices
        }
        for name, alternatives in _mapping(value).items():
            for alternative, clocks in _mapping(alternatives).items():
                want = {k: _utc(_instant(_text(v))) for k, v in _mapping(clocks).items()}
                self.same(f"moved by {name}: {alternative}", want, found.get(f"{name}: {alternative}"))

    def rights(self, _: str, value: Plain, s: Statement) -> None:
        found = {r.remedy: r for r in s.unfavourable.rights}
        for name, item in _mapping(value).items():
            want, right = _mapping(item), found.get(name)
            if right is None:
                self.found.append(f"right {name}: there is none, among {sorted(found)}")
                continue
            for key, text in want.items():
                if key == "given":
                    self.same(f"right {name}, given", _text(text), "yes" if right.given else "no")
                elif key == "counted":
                    assert right.node is not None
                    self.same(f"right {name}, counted", Fraction(_text(text)), right.node.operands[0].value)
                else:
                    raise ValueError(f"nothing is known of `{key}` in a right")

    def smallest(self, _: str, value: Plain, s: Statement) -> None:
        found = {c.says: f"{c.verdict.value}, {c.amount}" for c in s.smallest}
        for says, then in _mapping(value).items():
            self.same(f"smallest change: {says}", _text(then), found.get(says, f"nothing; there are {sorted(found)}"))

    def covenants(self, _: str, value: Plain, s: Statement) -> None:
        found = [f"{g.found.partition(':')[0]}, {g.says}: {'holds' if g.holds else 'fails'}" for g in s.expected]
        self.same("covenants", [_text(item) for item in _list(value)], found)

    def coverage(self, _: str, value: Plain, s: Statement) -> None:
        self.same("coverage", _text(value).replace(",", ""), f"{s.coverage.seen} of {s.coverage.expected}")

    def notes(self, _: str, value: Plain, s: Statement) -> None:
        for item in _list(value):
            self.contains("notes", _text(item), " | ".join(s.notes))

    def judged_span(self, _: str, value: Plain, s: Statement) -> None:
        span, _zone = read_span(_text(value))
        self.same(
            "judged", f"{_utc(span.start)} to {_utc(span.end)}", f"{_utc(s.judged.start)} to {_utc(s.judged.end)}"
        )


FIGURES = ("figure", "verdict", "numerator", "denominator", "covered", "down", "availability", "shown", "credit")
_C = _Comparison
KEYS: Mapping[str, Callable[[_Comparison, str, Plain, Statement], None]] = {
    **dict.fromkeys(("verdict", "life", "credit", "target", "plan", "version", "tier"), _C.word),
    **dict.fromkeys(("figure", "numerator", "denominator", "covered", "down", "availability", "shown"), _C.exact),
    **dict.fromkeys(("favourable", "unfavourable"), _C.run),
    "classes": _C.classes,
    "not kept": _C.not_kept,
    "outages": _C.outages,
    "excuses": _C.excuses,
    "lines": _C.lines,
    "deadlines": _C.deadlines,
    "requires": _C.requires,
    "readings": _C.readings,
    "moved": _C.moved,
    "rights": _C.rights,
    "smallest": _C.smallest,
    "covenants": _C.covenants,
    "coverage": _C.coverage,
    "notes": _C.notes,
    "judged": _C.judged_span,
}


def _plain_number(text: str) -> Fraction | None:
    """A number without a unit, which counts items and no time."""
    found = number(text)
    return None if isinstance(found, Wrong) else found


def _edge(text: str) -> Fraction:
    """A figure as its target would be written: a share, a length of time, or a number with a word."""
    plain = _plain_number(text)
    if plain is not None:
        return plain
    found = edge(text)
    if isinstance(found, Wrong):
        raise ValueError(found.what)
    return found.value


def _text(value: Plain) -> str:
    if not isinstance(value, str):
        raise ValueError(f"words are expected, and not {value}")
    return value


def _mapping(value: Plain) -> Mapping[str, Plain]:
    if not isinstance(value, dict) or not value:
        raise ValueError(f"keys and values are expected, and not {value}")
    return value


def _list(value: Plain) -> list[Plain]:
    return value if isinstance(value, list) else [value] if value != "none" else []


def _duration(value: Plain) -> Duration:
    found = duration(_text(value))
    if isinstance(found, Wrong):
        raise ValueError(found.what)
    return found


def _minor(text: str) -> Fraction:
    if text == "none":
        return Fraction()
    found = money(text)
    if isinstance(found, Wrong):
        raise ValueError(found.what)
    return found.minor


def _instant(text: str) -> Instant:
    found = read_moment(text)
    if isinstance(found, Wrong):
        raise ValueError(found.what)
    return found[0]


def _utc(instant: Instant) -> str:
    return written(instant)


def _outage(text: str) -> tuple[Instant, Instant, str]:
    span, _, more = text.partition(", ")
    found, _zone = read_span(span)
    return found.start, found.end, f", {more}" if more else ""


def _outage_words(o: Outage) -> str:
    marks = [("brief", o.brief), ("open", o.open), ("perhaps", o.only_unfavourable)]
    return f"{_utc(o.span.start)} to {_utc(o.span.end)}" + "".join(f", {word}" for word, holds in marks if holds)
