"""What is followed as it comes says what all of it says when it is read at once, whatever comes when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from random import Random

import pytest

from makegood.app.following import Following
from makegood.app.judging import Docket, open_docket
from makegood.engine.judge.case import World
from makegood.engine.judge.down import checked
from makegood.engine.live import OrderNow
from makegood.model.health import Health, Outage, Subject
from makegood.model.spans import DAY, MINUTE, Instant
from makegood.store.folder import read_folder
from makegood.store.opened import Store, create
from makegood.store.sealing_days import seal
from tests.store.batches import MIDNIGHT, Told, rows
from tests.store.test_archive import take

AGREEMENT = """\
# An agreement

```sla
agreement: hosting
title: Hosting
version: 2026-01-01
effective: 2026-01-01
provider: Host
```

## Availability {#availability}

Each service is up for at least 99.9 % of every month.

```sla
calendar: utc
zone: UTC
```

```sla
period: month
is: calendar month
in: utc
```

A minute is bad when a majority of the places find a service failing three times in a row.

```sla
detect: monitoring
reads: observations
every: 1 min
answers within: 10 s
fails after: 3 consecutive failures
recovers after: 1 success
locations: a majority
checks: any
```

```sla
outage: downtime
from: monitoring
begins: first failure
ends: first success
shortest: at least 5 min
```

```sla
measure: availability
is: ratio of time
of: downtime
```

```sla
target: uptime
each: service
over: month
measures: availability
is: at least 99.9 %
strength: promise
```
"""

ORDER = """\
order: acme
agreement: hosting
customer: Acme
provider: Host
zone: UTC
term: 2026-01-01 to 2026-12-31
services:
  - {service: api, checks: [api]}
  - {service: shop, checks: [api, shop]}
"""


@pytest.fixture
def docket(tmp_path: Path) -> Docket:
    (tmp_path / "hosting.sla.md").write_text(AGREEMENT)
    (tmp_path / "acme.order.yaml").write_text(ORDER)
    (tmp_path / "facts").mkdir()
    return open_docket(tmp_path / "hosting.sla.md", tmp_path / "acme.order.yaml", tmp_path / "facts", True)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Store]:
    made = create(tmp_path / "store")
    yield made
    made.engine.dispose()


def at_once(store: Store, docket: Docket, now: Instant) -> list[Subject]:
    """The oracle: everything in the store, read as `evaluate` reads it."""
    facts = read_folder(store.folder)[0]
    (terms,) = docket.terms.values()
    order = OrderNow(World(docket.order, facts, now), terms, "2026-02")
    for rule, outage in order.rules:
        for results, seen in zip(facts.results.values(), checked([*facts.results.values()], rule, outage), strict=True):
            order.see(rule, outage, results.check, seen)
    return order.subjects(now)


def minute(n: int) -> Instant:
    return MIDNIGHT + n * MINUTE


def told(slots: range, check: str, down: Sequence[range]) -> list[Told]:
    return [(k, check, int(any(k in span for span in down))) for k in slots]


def test_an_outage_opens_with_the_slot_that_confirms_it_and_ends_when_the_service_was_surely_seen_up(
    here: Store, docket: Docket
) -> None:
    take(here, [rows(place, 1, told(range(20), "api", [range(10, 20)])) for place in ("iad", "fra", "syd")])
    seen = Following(here, [docket], minute(20))
    api, shop = seen.subjects(minute(20))
    assert (api.health, api.outages) == (Health.DOWN, (Outage(minute(10), None, lasting=True),))
    assert (shop.health, shop.outages) == (Health.DOWN, api.outages)
    take(here, [rows(place, 2, [(20, "api", 1), (21, "api", 0)]) for place in ("iad",)])
    assert seen.hear(minute(22))
    assert seen.subjects(minute(22))[0].outages == (Outage(minute(10), None, lasting=True),)
    take(here, [rows(place, 2, [(20, "api", 1), (21, "api", 0)]) for place in ("fra", "syd")])
    assert seen.hear(minute(22))
    api = seen.subjects(minute(22))[0]
    assert (api.health, api.outages) == (Health.UP, (Outage(minute(10), minute(21), lasting=True),))
    assert not seen.hear(minute(23))
    assert seen.subjects(minute(30))[0].health is Health.UNKNOWN


def test_two_failures_or_one_location_of_three_are_no_outage_and_four_minutes_one_that_does_not_count(
    here: Store, docket: Docket
) -> None:
    take(here, [rows(place, 1, told(range(30), "api", [range(5, 7), range(10, 14)])) for place in ("iad", "fra")])
    take(here, [rows("syd", 1, told(range(30), "api", [range(20, 30)]))])
    api = Following(here, [docket], minute(30)).subjects(minute(30))[0]
    assert (api.health, api.outages) == (Health.UP, (Outage(minute(10), minute(14), lasting=False),))


def test_a_late_location_takes_an_outage_back(here: Store, docket: Docket) -> None:
    take(here, [rows("iad", 1, told(range(10), "api", [range(5, 10)]))])
    seen = Following(here, [docket], minute(10))
    assert seen.subjects(minute(10))[0].health is Health.DOWN
    take(here, [rows(place, 1, told(range(10), "api", [])) for place in ("fra", "syd")])
    seen.hear(minute(10))
    assert seen.subjects(minute(10))[0].outages == ()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_comes_when_each_look_says_what_all_of_it_says_at_once(here: Store, docket: Docket, seed: int) -> None:
    random = Random(seed)
    sequences = {place: count(1) for place in ("iad", "fra", "syd")}
    waiting = list[tuple[int, str, list[Told]]]()
    for place in sequences:
        down = [range(a, a + random.randint(1, 12)) for a in random.sample(range(600), 12)]
        at = 0
        while at < 600:
            until = min(600, at + random.randint(1, 60))
            said = [
                t for check in ("api", "shop") for t in told(range(at, until), check, down) if random.random() < 0.9
            ]
            waiting.append((until + random.choice([0, 0, 3, 30, 400]), place, said))
            at = until
    waiting.sort(key=lambda one: one[0])
    seen: Following | None = None
    for arrived, place, said in waiting:
        if not said:
            continue
        take(here, [rows(place, next(sequences[place]), said)], minute(arrived))
        now = minute(arrived)
        if seen is None:
            seen = Following(here, [docket], now)
        if random.random() < 0.5:
            seen.hear(now)
            assert seen.subjects(now) == at_once(here, docket, now)
    assert seen is not None
    list(seal(here, MIDNIGHT + DAY, MIDNIGHT + DAY, "ops"))
    seen.hear(minute(1000))
    assert seen.subjects(minute(1000)) == at_once(here, docket, minute(1000))
    assert sum(len(one.outages) for one in seen.subjects(minute(1000))) >= 3


def test_a_batch_that_was_sealed_before_it_was_heard_counts(here: Store, docket: Docket) -> None:
    seen = Following(here, [docket], minute(0))
    assert [one.health for one in seen.subjects(minute(0))] == [Health.UNKNOWN, Health.UNKNOWN]
    take(here, [rows("iad", 1, told(range(10), "api", [range(5, 10)]))])
    list(seal(here, MIDNIGHT + DAY, MIDNIGHT + DAY, "ops"))
    assert seen.hear(minute(10))
    assert seen.subjects(minute(10))[0].outages == (Outage(minute(5), None, lasting=True),)
