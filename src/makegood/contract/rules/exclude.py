"""`exclude`: downtime that does not count, with its gates, its clips, and what is expected without deciding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from makegood.contract import values
from makegood.contract.nodes import Keyed
from makegood.contract.rules import gate
from makegood.contract.shape import Fields, Key, Report, mapped, one_of
from makegood.model.terms import CountsAs, ExcludeRule, Gate

FROM = Key("from", values.NAMES, "the commitments whose downtime it excuses", like="monthly-uptime")
WHAT = Key(
    "what",
    one_of("maintenance", "cause", "downtime"),
    "what is excused: announced work, downtime with a cause, or all downtime but for that with a cause",
)
CAUSES = Key(
    "causes", gate.CAUSES, "the causes that count, as facts name them", (), like="[force majeure, client network]"
)
UNLESS_CAUSED = Key(
    "unless caused by",
    gate.CAUSES,
    "the causes that keep downtime counting, where all other downtime is excused",
    (),
    like="[provider software, provider operations]",
)
IN = Key("in", values.NAME, "the calendar whose zone the windows are in", "", like="eastern")
GATES = Key("gates", gate.GATES, "conditions that hold or fail for the whole announcement", ())
CLIPS = Key("clips", gate.CLIPS, "spans to which the excuse is cut", ())
EXPECT = Key("expect", gate.EXPECTED, "what is promised or hoped for about it, and reported, and decides nothing", ())
UNLESS = Key("unless", gate.CONDITIONS, "conditions under which it does not apply", ())
COUNTS = Key(
    "counts as",
    mapped(one_of(*(c.value for c in CountsAs)), CountsAs),
    "whether excused time is up, or leaves numerator and denominator",
    CountsAs.UP,
)
TABLE: tuple[Key[Any], ...] = (FROM, WHAT, CAUSES, UNLESS_CAUSED, IN, GATES, CLIPS, EXPECT, UNLESS, COUNTS)


def read(name: str, node: Keyed, report: Report) -> ExcludeRule:
    """The rule; windows written in it are in the zone of its `in` calendar unless they name their own."""
    fields = Fields(node, TABLE, report, "an exclusion")
    zone, what = fields.get(IN), fields.get(WHAT)
    causes = fields.get(UNLESS_CAUSED if what == "downtime" else CAUSES)
    if what == "downtime" and not fields.has(UNLESS_CAUSED):
        said = "an exclusion of downtime does not say `unless caused by`"
        hint = f"write `unless caused by: {UNLESS_CAUSED.example}`"
        report.error("missing-key", node.place, said, "all downtime would be excused", hint)

    def zoned(gates: tuple[Gate, ...]) -> tuple[Gate, ...]:
        return tuple(replace(g, calendar=zone) if g.windows and not g.calendar else g for g in gates or ())

    return ExcludeRule(
        name,
        report.clause,
        fields.get(FROM),
        what,
        causes,
        zoned(fields.get(GATES)),
        zoned(fields.get(CLIPS)),
        zoned(fields.get(EXPECT)),
        zoned(fields.get(UNLESS)),
        fields.get(COUNTS),
    )
