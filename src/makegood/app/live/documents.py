"""What is promised and watched in the live demo: an agreement about one minute, an order, and a check each second."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from string import Template

from makegood.app.live.shop import ASKED_FROM
from makegood.calendar.zone import Zone
from makegood.model.spans import HOUR, SECOND, Duration, Instant, Span
from makegood.model.when import Weekday

AGREEMENT, ORDER, CHECKS = "shop.sla.md", "northwind.order.yaml", "shop.checks.yaml"
CHECK, SERVICE = "shop-http", "shop"
EVERY: Duration = SECOND
CONFIRMING = 3
"""How many failures in a row confirm an outage."""
QUORUM = 2
"""From how many places."""
FAR_FROM_MIDNIGHT = "Pacific/Honolulu"
"""A zone in which it is 14:00 while it is midnight in UTC, all year round."""


@dataclass(frozen=True, slots=True)
class Hours:
    """The time that is promised, in a zone, on one date there."""

    span: Span
    zone: str

    @property
    def on(self) -> date:
        return Zone.named(self.zone).date_of(self.span.start)

    def clock(self, at: Instant) -> str:
        """What the clock of the zone shows at an instant: `17:47:20`."""
        return f"{Zone.named(self.zone).shown(at):%H:%M:%S}"


def hours_from(start: Instant, length: Duration) -> Hours:
    """The hours from an instant on, in UTC, or where it is near its midnight, in a zone where it is not."""
    utc = Zone.named("UTC")
    near = utc.date_of(start - HOUR) != utc.date_of(start + length + HOUR)
    return Hours(Span(start, start + length), FAR_FROM_MIDNIGHT if near else "UTC")


def agreement(hours: Hours) -> str:
    """The agreement that promises these hours."""
    weekday = Weekday(hours.on.weekday()).name.title()
    return _AGREEMENT.substitute(
        weekday=weekday, opens=hours.clock(hours.span.start), closes=hours.clock(hours.span.end), zone=hours.zone,
        today=hours.on.isoformat(), failures=CONFIRMING, quorum=QUORUM,
    )  # fmt: skip


def order(hours: Hours) -> str:
    """The order under it."""
    return _ORDER.substitute(zone=hours.zone, today=hours.on.isoformat())


def checks(url: str) -> str:
    """The check of the shop at a URL. Each place says in a header where it asks from."""
    return _CHECKS.substitute(url=url, header=ASKED_FROM)


_AGREEMENT = Template("""\
# Web shop: service level agreement {#agreement}

```sla
agreement: web-shop
title: Web shop service level agreement
version: $today
effective: $today
provider: Example Hosting
```

Dates and times are those of the zone $zone. The shop is promised on $weekday from $opens to $closes.

```sla
calendar: local
zone: $zone
```

```sla
calendar: opening-hours
zone: $zone
hours: $weekday $opens-$closes
holidays: none
```

## 1. Availability {#availability}

Of these hours, the shop is up for at least 95 % on every day.

```sla
period: day
is: day
in: local
```

```sla
measure: availability
is: ratio of time
of: downtime
service hours: opening-hours
```

```sla
target: daily-availability
each: service
over: day
measures: availability
is: at least 95 %
strength: promise
```

The shop is asked every second. It is up where it answers HTTP 200 within 1 s. It is down from the first of $failures
failures in a row, at $quorum places or more, to the first of 2 successes in a row.

```sla
detect: monitoring
reads: observations
every: 1 s
answers within: 1 s
succeeds on: HTTP 200
fails after: $failures consecutive failures
recovers after: 2 consecutive successes
locations: at least $quorum
```

```sla
outage: downtime
from: monitoring
begins: first failure
ends: first success
```

## 2. Credits {#credits}

A day below 95 % earns 10 % of the fee for that day, below 75 % 50 %.

```sla
scale: credit-rows
rows:
  - {when: at least 75 % and below 95 %, gives: 10 %}
  - {when: below 75 %, gives: 50 %}
```

```sla
basis: fee-of-the-day
fees of: affected service
for: the judged period
```

```sla
remedy: credit
form: credit
when missed: daily-availability
amount: credit-rows x fee-of-the-day
paid: with the next invoice
```

A credit is claimed within 30 days of the end of the day.

```sla
clock: claim
from: end of period
allow: 30 days
for: credit
in: local
who: customer
```
""")
_ORDER = Template("""\
order: northwind-shop
agreement: web-shop
customer: Northwind Traders
provider: Example Hosting
zone: $zone
term: from $today
services:
  - service: shop
    title: Web shop
    fee: 3,000.00 EUR per month
    checks: [shop-http]
""")
_CHECKS = Template("""\
checks:
  - check: shop-http
    service: shop
    every: 1 s
    timeout: 1 s
    http:
      url: $url
      headers: {$header: "{secret.PLACE}"}
      status: 200
""")
