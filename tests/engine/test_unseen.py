"""Whatever had been seen in the blind slots: the figures lie between the two runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from makegood.engine.owed import total
from makegood.model.spans import HOUR
from makegood.model.statement import Figures, Statement, Verdict
from makegood.model.terms import Each, EvidenceKind, Terms
from makegood.model.threshold import Side, Threshold
from makegood.model.when import PeriodKind, PeriodRule
from tests.engine import building as make
from tests.engine.detect.oracle import blind, may_have_failed, seen_in
from tests.engine.test_properties import growing
from tests.engine.worlds import examples

WORDS = {".": "up", "x": "down", "o": "unknown"}
NAMES = ("here", "there", "yonder")
FIRST = make.at("2026-03-02")
SLOTS = 60


@dataclass(frozen=True)
class Watch:
    """What each location of each check saw, an hour a sign, around one day."""

    checks: tuple[dict[str, str], ...]
    quorum: int
    rules: dict[str, Any]

    def statement(self, terms: Terms) -> Statement:
        results = [make.watched(f"check-{n}", lines, FIRST, HOUR) for n, lines in enumerate(self.checks)]
        web = make.service("web")
        web = type(web)(web.name, web.title, tuple(f"check-{n}" for n in range(len(self.checks))), web.fees)
        (found,) = make.judged(terms, make.known(*results), "2026-03-03", make.order(web), "2026-03-04 12:00")
        return found


@st.composite
def watches(draw: st.DrawFn) -> Watch:
    quorum = draw(st.integers(1, 2))
    checks = []
    for _ in range(draw(st.integers(1, 2))):
        lines = {}
        for name in NAMES[: draw(st.integers(quorum, 3))]:
            runs = draw(st.lists(st.tuples(st.sampled_from(".x. .xo"), st.integers(1, 9)), min_size=4, max_size=20))
            signs = "".join(sign * n for sign, n in runs)
            lines[name] = ("." + signs).ljust(SLOTS - 1, ".")[: SLOTS - 1] + "."
        checks.append(lines)
    rules = {
        "fails_after": draw(st.integers(1, 3)),
        "recovers_after": draw(st.integers(1, 3)),
        "checks": draw(st.sampled_from(["any", "all"])),
    }
    return Watch(tuple(checks), quorum, rules)


@st.composite
def fillings(draw: st.DrawFn, watch: Watch) -> Watch:
    """Every blind slot seen: up, or down where the unfavourable run may take it for a failure."""
    filled = []
    for lines in watch.checks:
        rows = [(k, n, WORDS[s]) for n, line in enumerate(lines.values()) for k, s in enumerate(line) if s != " "]
        seen, expected = seen_in(rows, len(lines)), [range(SLOTS)] * len(lines)
        whole = {}
        for n, (name, line) in enumerate(lines.items()):
            signs = [
                ("x" if may_have_failed(seen, expected, n, k, watch.quorum) and draw(st.booleans()) else ".")
                if blind(seen, n, k)
                else sign
                for k, sign in enumerate(line)
            ]
            whole[name] = "".join(signs)
        filled.append(whole)
    return Watch(tuple(filled), watch.quorum, watch.rules)


@st.composite
def agreements(draw: st.DrawFn, watch: Watch) -> Terms:
    reads = {"evidence": EvidenceKind.OBSERVATIONS, "every": HOUR, "locations": str(watch.quorum), **watch.rules}
    shortest = draw(st.sampled_from([None, Threshold(Side.AT_LEAST, 2 * HOUR), Threshold(Side.MORE_THAN, 3 * HOUR)]))
    grain = draw(st.sampled_from([None, 2 * HOUR]))
    made = make.terms(
        period=PeriodRule("period", PeriodKind.DAY, "UTC"), each=Each.SERVICE, detect=reads,
        outage={"shortest": shortest, "grain": grain, "grain_down": draw(st.sampled_from(["any", "all", "half"]))},
    )  # fmt: skip
    return growing(made, [10, 20, 40, 60, 80])


def credited(of: Figures) -> Any:
    money = total(of.lines)
    return money.minor if money else 0


@given(st.data())
@examples(60)
def test_both_runs_bracket_every_way_the_blind_slots_may_have_been(data: st.DataObject) -> None:
    watch = data.draw(watches())
    terms = data.draw(agreements(watch))
    truth = data.draw(fillings(watch)).statement(terms)
    said = watch.statement(terms)
    assert said.favourable.down <= truth.favourable.down <= truth.unfavourable.down <= said.unfavourable.down
    assert credited(said.favourable) <= credited(truth.favourable) <= credited(truth.unfavourable)
    assert credited(truth.unfavourable) <= credited(said.unfavourable)
    least, most = said.unfavourable.ratio, said.favourable.ratio
    assert least is not None
    assert most is not None
    assert truth.favourable.ratio is not None
    assert least <= truth.favourable.ratio <= most
    if said.verdict in (Verdict.MET, Verdict.BREACHED):
        assert truth.verdict is said.verdict


@given(st.data())
@examples(30)
def test_the_order_and_repetition_of_results_say_nothing(data: st.DataObject) -> None:
    watch = data.draw(watches())
    terms = data.draw(agreements(watch))
    turned = tuple({name: lines[name] for name in reversed(lines)} for lines in watch.checks)
    a, b = watch.statement(terms), Watch(turned, watch.quorum, watch.rules).statement(terms)
    assert (a.verdict, a.amount, a.classes) == (b.verdict, b.amount, b.classes)
    results = make.watched("check-0", watch.checks[0], FIRST, HOUR)
    twice = data.draw(st.permutations([*range(len(results.begun)), 0, 1, 2]))
    again = type(results)(
        results.check, results.locations, results.begun[twice], results.location[twice], results.outcome[twice],
        results.recorded[twice],
    )  # fmt: skip
    of = make.order(type(one := make.service())(one.name, one.title, ("check-0",), one.fees))
    said = [make.judged(terms, make.known(r), "2026-03-03", of, "2026-03-04 12:00")[0] for r in (results, again)]
    assert said[0].classes == said[1].classes
    assert said[0].amount == said[1].amount


def test_a_check_without_any_result_is_unseen_and_not_up() -> None:
    watch = Watch(({"here": "." * SLOTS},), 1, {})
    web = make.service("web")
    of = make.order(type(web)(web.name, web.title, ("check-0", "check-1"), web.fees))
    terms = make.terms(
        period=PeriodRule("period", PeriodKind.DAY, "UTC"),
        detect={"evidence": EvidenceKind.OBSERVATIONS, "every": HOUR},
    )
    facts = make.known(make.watched("check-0", watch.checks[0], FIRST, HOUR))
    (found,) = make.judged(terms, facts, "2026-03-03", of, "2026-03-04 12:00")
    assert found.verdict is Verdict.INSUFFICIENT
    assert found.classes.unknown.total == 24 * HOUR


def test_a_location_that_is_not_known_yet_has_no_count() -> None:
    early, late = "x" * SLOTS, " " * SLOTS
    lines = {"here": early, "there": early, "yonder": late}
    terms = make.terms(
        period=PeriodRule("period", PeriodKind.DAY, "UTC"),
        detect={"evidence": EvidenceKind.OBSERVATIONS, "every": HOUR, "locations": "all"},
    )
    of = make.order(make.service("web"))
    (found,) = make.judged(
        terms, make.known(make.watched("web-check", lines, FIRST, HOUR)), "2026-03-03", of, "2026-03-04 12:00"
    )
    assert found.verdict is Verdict.BREACHED
