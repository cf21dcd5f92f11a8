"""Lines of cases, examples and starting files whose numbers move nothing, by the reason; most show just that.

Headers of what was watched and measured are not asked: they say no more than the slots of the rule, the ends of the
period, and what is usual.
"""

from __future__ import annotations

from collections.abc import Mapping

BY_REASON: Mapping[str, tuple[str, ...]] = {
    "told of a service whose parts decide, and that is the case": ("down 2026-04-21 10:00 to 19:00",),
    "the standing is asked at one instant, long after it began": ("during: 2026-02-20 00:00 to 2026-03-02 00:00 UTC",),
    "the ticket is of another class than those that count, and that is the case": (
        "answer: 2026-04-23 18:00 UTC",
        "recorded: 2026-04-23 19:00 UTC",
    ),
    "an interval is of the month in which it begins, and one that is not over is none yet, and that is the case": (
        "good 10 at 2026-01-31 22:00 to 2026-02-01 03:00",
        "good 50 at 2026-02-28 20:00 to 2026-03-01 01:00",
        "p95 400 at 2026-04-01 12:00 to 2026-04-03 00:00",
    ),
    "exactly as many fail as may, whenever that is": ("good 900 at 2026-04-10 10:00 to 11:00",),
    "only its part inside the window or the outage can matter, and that is the case": (
        "announced: 2026-02-08 06:00 to 2026-02-08 08:00 America/New_York",
        "announced: 2026-04-15 13:00 to 2026-04-15 14:00 UTC",
        "within: Sunday 04:00-08:00",
    ),
    "02:30 is skipped: every start in the gap is 03:00, and that is the case": ("clips: {within: Sunday 02:30-03:30}",),
    "the work lies in other hours of the calendar": (
        "- Monday 00:00-24:00",
        "- Tuesday 00:00-22:00",
        "- Wednesday 00:00-24:00",
        "- Thursday 00:00-22:00",
        "- Friday 00:00-24:00",
    ),
    "days are counted in it, not hours": ("hours: Monday to Friday 00:00-24:00",),
    "fewer locations than the quorum, and that is the case": (
        "iad down 2026-04-16 10:00 to 11:00",
        "pdx down 2026-06-09 00:00 to 08:20",
        "fra down 2026-02-10 10:00 to 10:47",
    ),
    "too short to count, or not bad enough, and that is the case": (
        "down 2026-04-08 11:58 to 12:10",
        "down 2026-04-08 12:00 to 12:10",
        "down 2026-03-10 16:30 to 17:30",
        "good 960000 at 2026-04-08 10:00 to 11:00",
        "down when: {failed: more than 10 %}",
        "degrees 95 at 2026-04-07 10:00 to 12:00",
        "down 2026-01-10 10:00 to 11:00",
        "max 10.5 at 2026-04-02 00:00 to 01:00",
        "seconds 20 at 2026-04-10 10:00 to 11:00",
        "lost 100 at 2026-04-05 10:00 to 10:15",
        "affected 40 at 2026-04-20 10:00 to 11:00",
        "p95 400 at 2026-04-08 10:00 to 13:00",
        "mean 300 at 2026-04-07 10:00 to 11:00",
        "good 1 at 2026-04-20 10:30 to 10:31",
        "good 0, valid 0 at 2026-04-20 11:00 to 12:00",
        "good 90000, valid 100000 at 2026-04-22 10:00 to 11:00",
        "good 940, valid 1000 at 2026-04-20 10:00 to 11:00",
        "good 940, valid 970 at 2026-04-20 10:00 to 11:00",
    ),
    "as bad as can be: the rest of it changes nothing": (
        "good 0, valid 0 at 2026-06-20 10:00 to 11:00",
        "good 82, valid 82 at 2026-06-21 10:00 to 11:00",
        "good 0, valid 100 at 2026-06-21 10:30 to 10:35",
        "p95 400 at 2026-04-02 00:00 to 2026-04-03 12:00",
        "is: at most 0 %",
        "down 2026-02-10 10:00 to 20:00",
    ),
    "`5 min` is part of the name of a column": (
        "begun within 60 s 790, begun within 5 min 940 at 2026-09-09 00:00 to 2026-09-10 00:00",
    ),
    "it is what lint says of the row, and that is the case": (
        "- {when: more than 0 % and below 1 %, gives: 10 %}",
        "- {when: at least 99 % and below 99.9 %, gives: 10 %}",
        "- {when: more than 0 ms and at most 0.2 ms, gives: 5 %}",
    ),
    "nothing follows from an aim, or not from the fees": (
        "fee: 9,600.00 USD per year",
        "fee: 900.00 EUR per month",
        "fee: 800.00 USD per month",
        '- {service: web, fee: "1,000.00 USD per month", facts: {amps: 20}}',
        '- {service: web, fee: "1,000.00 USD per month", facts: {amps: 32}}',
        "- {kind: set-up, on: 2026-01-05, amount: 500.00 USD}",
        "- {kind: queries, on: 2026-03-31, amount: 90.00 USD}",
        "- {invoice: I-5, on: 2026-05-01, amount: 400.00 USD}",
    ),
    "another amount than the one that is asked, and that is the case": (
        "- {invoice: I-1, on: 2026-04-30, amount: 990.00 USD}",
        '- {invoice: I-1, on: 2026-05-01, amount: "1,000.00 USD"}',
        '- {kind: retail price, on: 2026-03-01, amount: "1,050.00 USD"}',
        "facts: {seats: [{from: 2026-01-01, is: 50}, {from: 2026-04-01, is: 80}]}",
        "fee: 700.00 USD per month",
    ),
    "the fees of a service that is alike to none have nothing to be a percentage of": (
        "- {service: laboratory, fee: 300.00 USD per month}",
    ),
    "the order is refused, or the rule is for other orders": (
        '- {service: web, fee: "1,000.00 USD per month", facts: {region: EMEEA}}',
        "is: at least 99.7 %",
        "least: {by: customer, company: 10.00 USD, person: 1.00 USD}",
    ),
    "what the text allows is lint's, and another reading is chosen": (
        "as printed: {by: severity, S1: 1 h, S2: 5 min}",
        "one column on: {by: severity, S1: 1 h, S2: 4 h}",
    ),
    "the order has no such service, and that is the case": ("only where: {zones: [2, 3]}",),
    "the inner limit cuts it to 10 USD in any case": ("amount: 80 USD",),
    "the outer limit cuts it to what the first credit leaves": ("amount: 1,000 USD",),
    "the first plan holds before its date as well": (
        "- {from: 2026-03-01, plan: standard}",
        "- {from: 2026-01-01, plan: standard}",
    ),
    "it goes on long after the period, or began long before it": (
        "term: 2026-04-01 to 2026-12-31",
        "term: 2026-04-16 to 2027-04-15",
        "term: 2026-02-25 to 2026-12-31",
        "term: 2025-01-01 to 2026-12-31",
        "term: 2026-03-01 to 2026-12-31",
        "- {from: 2026-01-01, fee: 800.00 USD per month}",
        '- {from: 2026-01-01, fee: "1,000.00 USD per month"}',
        "days: 365",
        "days: 30",
        "for: the 12 months before the end of the period",
    ),
    "it is overdue when the statement is made, however long before or after": (
        "during: 2026-04-20 00:00 to 2026-05-10 00:00 UTC",
        "during: 2026-04-29 00:00 to 2026-05-10 00:00 UTC",
    ),
    "a late notice of non-renewal does the same whenever it was known, and that is the case": (
        "recorded: 2026-01-30 15:00 UTC",
    ),
    "a bounced notice counts at no time": (
        "bounced: 2026-02-04 09:00 America/New_York",
        "- {notice: N-2, of: CH-1, to: ops@northwind.example, bounced: 2026-03-01T12:00:00Z, "
        "recorded: 2026-03-01T12:00:00Z, by: mail}",
    ),
    "the version is not in force either way: a notice is late, or the customer refused it, and that is the case": (
        "events: {change announced: 2026-04-15T09:00:00Z}",
        "recorded: 2026-05-01T12:00:00Z",
        "events: {change announced: 2026-03-01T12:00:00Z}",
        "events: {change announced: 2026-02-27T12:00:00Z}",
        "recorded: 2026-02-27T12:00:00Z",
        "- {notice: N-1, of: CH-1, to: desk@northwind.example, accepted: 2026-03-01T12:00:00Z, "
        "recorded: 2026-03-01T12:00:00Z, by: mail}",
        "- {notice: N-2, of: CH-1, to: ops@northwind.example, accepted: 2026-03-02 12:00 UTC, "
        "recorded: 2026-03-02T12:00:00Z, by: mail}",
        "events: {change announced: 2026-03-01T09:00:00Z}",
        "recorded: 2026-03-01T09:00:00Z",
        "events: {change rejected: 2026-03-02T09:00:00Z}",
        "recorded: 2026-03-02T09:00:00Z",
        "events: {change announced: 2026-03-01T09:00:00Z, change accepted: 2026-04-01 00:01 UTC}",
        "recorded: 2026-04-02T09:00:00Z",
    ),
    "only that it came counts, or the later of two, or that it has another cause": (
        "during: 2026-01-31 10:00 to 2026-01-31 10:05 UTC",
        "during: 2026-03-10 10:00 to 2026-03-10 10:05 UTC",
        "during: 2026-03-20 10:00 to 2026-03-20 10:05 UTC",
        "during: 2026-04-10 10:00 to 2026-04-10 10:05 UTC",
        "down 2026-03-20 10:00 to 10:05",
        "events: {claim received: 2026-03-05 09:00 UTC}",
        "events: {claim received: 2026-05-01 09:00 UTC}",
        "events: {claim received: 2026-04-22 09:00 UTC}",
        "events: {claim received: 2026-07-10 09:00 UTC, credit paid: 2026-08-01 09:00 UTC}",
        "events: {claim received: 2026-07-10 09:00 UTC}",
        "recorded: 2026-07-10 09:00 UTC",
        "- {is: P1, during: 2026-04-20 10:00 to 2026-04-20 11:00 UTC}",
        "everything requested received: 2026-04-21 10:00 UTC",
        "automatic reply: 2026-04-20 09:01 UTC",
    ),
    "one of several of its kind, and one is enough": (
        "accepted: 2026-04-20 09:59 Europe/Berlin",
        "gates: {kind: planned, notice: at least 48 h}",
        "during: 2026-02-11 10:41 to 2026-02-11 11:00 UTC",
        "events: {incident detected: 2026-04-19 10:00 UTC}",
        "recorded: 2026-04-19 11:00 UTC",
        "events: {incident detected: 2026-04-09 10:00 UTC}",
        "recorded: 2026-04-09 11:00 UTC",
        "events: {claim received: 2026-05-10 09:00 UTC, credit granted: 2026-05-20 15:00 UTC}",
        "allow: 15 min",
    ),
}

IDLE = {line: reason for reason, lines in BY_REASON.items() for line in lines}
