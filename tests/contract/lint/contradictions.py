"""What real tables of credits leave open or say twice, each in the rules that its text amounts to.

The numbers are those of the agreements; the words are ours. `finds` are a code and the text of the line it points at.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

BASE = """\
# Terms {#terms}

```sla
agreement: terms
title: Terms
version: one
effective: 2026-01-01
provider: Someone
```

```sla
calendar: utc
zone: UTC
```

```sla
period: month
is: calendar month
in: utc
```

```sla
period: year
is: calendar year
in: utc
```

```sla
detect: monitoring
reads: reported states
```

```sla
outage: downtime
from: monitoring
```

```sla
measure: uptime
of: downtime
```

```sla
basis: fees
fees of: affected service
for: the judged period
```

## 4. Credits {#credits}

"""


@dataclass(frozen=True)
class Text:
    """One agreement's table: the target, the rows, and what a careful reader finds."""

    whose: str
    target: str
    rows: tuple[str, ...]
    finds: tuple[tuple[str, str], ...]
    over: str = "month"
    more: str = ""
    keys: str = ""
    amount: str = "table x fees"

    @property
    def document(self) -> str:
        rows = "".join(f"\n  - {{{row}}}" for row in self.rows)
        blocks = [
            f"target: promise\nover: {self.over}\nmeasures: uptime\nis: {self.target}",
            f"scale: table\nrows:{rows}{self.keys}",
            f"remedy: credit\nform: credit\nwhen missed: promise\namount: {self.amount}",
            *filter(None, dedent(self.more).strip().split("\n\n")),
        ]
        return BASE + "\n\n".join(f"```sla\n{block}\n```" for block in blocks) + "\n"


def nested(whose: str, target: str, *rows: str, amount: str = "table x fees") -> Text:
    """`Less than X` under `less than Y`: whether the deeper one replaces the other or is added, the text never says."""
    return Text(whose, target, rows, (("tier-nested", rows[-1]),), amount=amount)


def ranges(whose: str, target: str, *rows: str) -> Text:
    """Ranges that print each edge twice, the highest of them the target itself."""
    shared = tuple(("tier-shared-edge", row) for row in rows[1:] if "from" in row)
    return Text(whose, target, rows, (*shared, ("tier-at-target", rows[0])))


TEXTS = (
    Text(
        "GitHub",
        "at least 99.9 %",
        ("when: more than 99.0 % and at most 99.9 %, gives: 10 %", "when: below 99.0 %, gives: 25 %"),
        (("tier-gap", "more than 99.0 %"), ("tier-at-target", "at most 99.9 %")),
    ),
    ranges(
        "Harbour Networking",
        "at least 99.9 %",
        "when: from 99.0 % to 99.9 %, gives: 10 %",
        "when: from 95.0 % to 99.0 %, gives: 25 %",
        "when: below 95.0 %, gives: 50 %",
    ),
    ranges(
        "SwiftPress",
        "at least 99.9 %",
        "when: from 99.0 % to 99.9 %, gives: 5 %",
        "when: from 95.0 % to 99.0 %, gives: 10 %",
        "when: below 95.0 %, gives: 25 %",
    ),
    ranges(
        "Atal Networks",
        "at least 99.999 %",
        "when: from 99.99 % to 99.999 %, gives: 5 %",
        "when: from 99.0 % to 99.99 %, gives: 10 %",
        "when: from 95.0 % to 99.0 %, gives: 25 %",
        "when: below 95.0 %, gives: 50 %",
    ),
    ranges(
        "Cobrowse",
        "at least 99.9 %",
        "when: from 99.0 % to 99.9 %, gives: 10 %",
        "when: from 95.0 % to 99.0 %, gives: 20 %",
        "when: below 95.0 %, gives: 30 %",
    ),
    Text(
        "IPComms",
        "at least 99.99 %",
        ("when: from 99.00 % to 99.99 %, gives: 10 %", "when: from 95.00 % to 98.99 %, gives: 25 %"),
        (
            ("tier-gap", "from 99.00 %"),
            ("tier-at-target", "to 99.99 %"),
            ("tier-gap-at-bottom", "from 95.00 %"),
        ),
    ),
    Text(
        "UK model services agreement",
        "at least 99.0 %",
        ("when: from 98.0 % to 98.9 %, gives: 5 %", "when: from 97.0 % to 97.9 %, gives: 10 %"),
        (
            ("tier-gap-below-target", "from 98.0 %"),
            ("tier-gap", "from 98.0 %"),
            ("tier-gap-at-bottom", "from 97.0 %"),
        ),
    ),
    Text(
        "Exoscale",
        "at least 99.95 %",
        ("when: from 98.3 % to 99.95 %, gives: 10 %", "when: at most 98.3 %, gives: 25 %"),
        (("tier-at-target", "to 99.95 %"), ("tier-shared-edge", "at most 98.3 %")),
    ),
    Text(
        "Catalyze",
        "more than 99.9 %",
        (
            "when: more than 95 % and below 99.9 %, gives: 10 %",
            "when: more than 90 % and below 95 %, gives: 25 %",
            "when: below 90 %, gives: 50 %",
        ),
        (
            ("tier-gap-below-target", "more than 95 %"),
            ("tier-gap", "more than 95 %"),
            ("tier-gap", "more than 90 %"),
        ),
    ),
    Text(
        "kemitchell",
        "at least 99.9 %",
        (
            "when: at least 98.9 % and below 99.9 %, gives: 10 %",
            "when: at least 97.9 % and below 98.9 %, gives: 20 %",
            "when: at most 96.9 %, gives: 50 %",
        ),
        (("tier-gap", "at least 97.9 %"),),
    ),
    Text(
        "PlanetScale",
        "at least 99.95 %",
        ("when: at least 99.0 % and below 99.95 %, gives: 10 %",),
        (("tier-gap-at-bottom", "at least 99.0 %"),),
    ),
    Text(
        "Logfiks",
        "at least 99.9 %",
        ("when: at least 99 % and below 99.9 %, gives: 10 %",),
        (("tier-gap-at-bottom", "at least 99 %"),),
    ),
    Text(
        "HDN",
        "at least 99.95 %",
        ("when: 99.00 % 99.95 %, gives: 10 %", "when: 95.00 % 99.00 %, gives: 25 %"),
        (("wrong-value", "99.00 % 99.95 %"), ("wrong-value", "95.00 % 99.00 %")),
    ),
    Text(
        "AtomVPS",
        "at least 99.9 %",
        (
            "when: more than 99.0 % and below 99.9 %, gives: 10 %",
            "when: more than 95.0 % and below 99.0 %, gives: 25 %",
        ),
        (("tier-gap", "more than 99.0 %"), ("tier-gap-at-bottom", "more than 95.0 %")),
    ),
    nested(
        "Harri",
        "at least 98.5 %",
        "when: below 98.5 %, gives: 5 days",
        "when: below 95 %, gives: 10 days",
        amount="table\nin: days",
    ),
    nested("Leonardo/PSN", "at least 99.9 %", "when: below 99.9 %, gives: 5 %", "when: below 99 %, gives: 10 %"),
    nested("Giant Swarm", "at least 99.9 %", "when: below 99.9 %, gives: 10 %", "when: below 99 %, gives: 25 %"),
    nested(
        "Microsoft, general",
        "at least 99.9 %",
        "when: below 99.9 %, gives: 25 %",
        "when: below 99 %, gives: 50 %",
        "when: below 95 %, gives: 100 %",
    ),
    nested("Microsoft, FHIR", "at least 99.9 %", "when: below 99.9 %, gives: 10 %", "when: below 99 %, gives: 25 %"),
    nested(
        "Azure, consolidated 2026",
        "at least 99.95 %",
        "when: below 99.95 %, gives: 10 %",
        "when: below 99 %, gives: 25 %",
        "when: below 95 %, gives: 100 %",
    ),
    nested(
        "Azure China, Service Bus",
        "at least 99.9 %",
        "when: below 99.9 %, gives: 10 %",
        "when: below 99 %, gives: 25 %",
    ),
    nested(
        "Google Workspace",
        "at least 99.9 %",
        "when: below 99.9 %, gives: 3 days",
        "when: below 99.0 %, gives: 7 days",
        "when: below 95.0 %, gives: 15 days",
        amount="table\nin: days",
    ),
    nested(
        "Microsoft 365",
        "at least 99.9 %",
        "when: below 99.9 %, gives: 25 %",
        "when: below 99 %, gives: 50 %",
        "when: below 95 %, gives: 100 %",
    ),
    nested("Power BI", "at least 99.9 %", "when: below 99.9 %, gives: 10 %", "when: below 99 %, gives: 25 %"),
    nested("apifycloud", "at least 99.9 %", "when: below 99.9 %, gives: 10 %", "when: below 99 %, gives: 30 %"),
    Text(
        "Fuuz",
        "at least 99.99 %",
        ("when: at least 99 % and below 99.9 %, gives: 10 %", "when: below 99 %, gives: 25 %"),
        (("tier-gap-below-target", "below 99.9 %"),),
        over="year",
    ),
    Text(
        "Fuuz, the period",
        "at least 99.99 %",
        ("when: below 99.99 %, gives: 10 %",),
        (("not-unstated", "over: {among: [year, month]}"),),
        over="{among: [year, month]}",
    ),
    Text(
        "Sourcegraph",
        "at least 99.5 %",
        ("when: at most 99.5 %, gives: 10 %",),
        (("tier-at-target", "at most 99.5 %"),),
    ),
    Text(
        "DigitalOcean",
        "at least 99.99 %",
        ("when: below 99.99 %, gives: 100 %",),
        (("conflict", "amount: table x fees"),),
        more="""
            remedy: lost-time
            exception to: credit
            amount: table x fees x (1 - availability)

            remedy: all-charges
            exception to: credit
            amount: table x fees
        """,
    ),
    Text(
        "TELUS",
        "at least 99 %",
        (
            "when: exactly 5 points, gives: 0 %",
            "when: exactly 10 points, gives: 2 %",
            "when: exactly 15 points, gives: 5 %",
        ),
        (
            ("tier-gap", "exactly 5 points"),
            ("tier-gap", "exactly 10 points"),
            ("tier-gap-at-bottom", "exactly 15 points"),
        ),
        keys="\nof: kpi-points",
        more="""
            remedy: points
            form: credit
            when missed: promise
            amount: 5 points
            in: points

            count: kpi-points
            of: points
        """,
    ),
    Text(
        "an ISP",
        "at least 99.9 %",
        (
            "when: more than 30 min and at most 60 min, gives: 1 day",
            "when: more than 60 min, gives: {among: [1 day for each complete 60 min, 1 day for each started 60 min]}",
        ),
        (("reading-without-choice", "more than 60 min"),),
        keys="\nof: downtime",
        amount="table\nin: days",
    ),
    Text(
        "Lineblocs",
        "at least 99.9 %",
        ("when: otherwise, gives: 10 % for each started 1 %",),
        (("tier-uncapped", "otherwise"),),
        keys="\nof: shortfall",
    ),
    Text(
        "Lineblocs, started or complete",
        "at least 99.9 %",
        ("when: otherwise, gives: {among: [10 % for each started 1 %, 10 % for each complete 1 %]}",),
        (("reading-without-choice", "otherwise"),),
        keys="\nof: shortfall",
    ),
    Text(
        "Crucial",
        "at least 99.9 %",
        ("when: at least 99 % and below 99.9 %, gives: 10 %", "when: below 99 %, gives: 25 %"),
        (("tables-disagree", "when: more than 43.8 min"), ("tier-gap-below-target", "more than 43.8 min")),
        more="""
            scale: hours
            of: downtime
            rows:
              - {when: more than 43.8 min and at most 7.3 h, gives: 10 %}
              - {when: more than 7.3 h, gives: 25 %}

            remedy: by-hours
            form: credit
            when missed: promise
            amount: hours x fees
        """,
    ),
    Text(
        "Crucial, the last row",
        "at least 99.9 %",
        (
            "when: more than 44 min and at most 7.3 h, gives: 10 %",
            "when: at most 22 h, gives: 50 %",
        ),
        (
            ("tier-overlap", "at most 22 h"),
            ("tier-gap-at-bottom", "at most 22 h"),
            ("tier-shrinks", "at most 7.3 h"),
        ),
        keys="\nof: downtime",
    ),
)
