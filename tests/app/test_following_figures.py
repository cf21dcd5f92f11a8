"""What signals measure makes outages as it comes, by an agreement that reads measurements, as if all came at once."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from makegood.app.following import Following
from makegood.app.judging import Docket, open_docket
from makegood.app.recording import record
from makegood.engine.judge.case import World
from makegood.engine.live import OrderNow
from makegood.model.health import Health, Outage, Subject
from makegood.model.spans import DAY, Instant
from makegood.store.folder import read_folder
from makegood.store.opened import Store
from makegood.store.sealing_days import seal
from tests.app.test_following import AGREEMENT, ORDER, here, minute
from tests.store.batches import MIDNIGHT, measuring
from tests.store.test_archive import take

__all__ = ["here"]

CAUSE = """\
- cause: C-1
  service: api
  what: third party
  during: 2026-02-01T00:00:00Z to 2026-02-01T00:05:00Z
  recorded: 2026-02-01T00:09:00Z
  by: ops
"""
MEASURED = """\
```sla
detect: monitoring
reads: measurements
metric: requests
down when: {failed: more than 5 %}
```
"""


@pytest.fixture
def docket(tmp_path: Path) -> Docket:
    start = AGREEMENT.index("```sla\ndetect:")
    end = AGREEMENT.index("```sla\noutage:")
    (tmp_path / "hosting.sla.md").write_text(AGREEMENT[:start] + MEASURED + "\n" + AGREEMENT[end:])
    (tmp_path / "acme.order.yaml").write_text(ORDER.replace(", checks: [api]", "").replace(", checks: [api, shop]", ""))
    (tmp_path / "facts").mkdir()
    return open_docket(tmp_path / "hosting.sla.md", tmp_path / "acme.order.yaml", tmp_path / "facts", True)


def counted(minutes: range, good: int) -> list[tuple[int, str, str, str]]:
    return [(k, "api", word, value) for k in minutes for word, value in (("good", str(good)), ("valid", "100"))]


def at_once(store: Store, docket: Docket, now: Instant) -> list[Subject]:
    """The oracle: everything in the store, read as `evaluate` reads it."""
    (terms,) = docket.terms.values()
    world = World(docket.order, read_folder(store.folder)[0].known_at(now), now)
    return OrderNow(world, terms, "2026-02").subjects(now)


def test_an_interval_in_which_too_much_failed_opens_an_outage_and_the_next_good_one_ends_it(
    here: Store, docket: Docket
) -> None:
    take(here, [measuring(1, counted(range(10), 100))], minute(9))
    seen = Following(here, [docket], minute(10))
    api, shop = seen.subjects(minute(10))
    assert (api.health, api.outages, shop.health) == (Health.UP, (), Health.UNKNOWN)
    take(here, [measuring(2, counted(range(10, 16), 94))], minute(15))
    seen.hear(minute(16))
    (api, _) = seen.subjects(minute(16))
    assert (api.health, api.outages) == (Health.DOWN, (Outage(minute(10), None, lasting=True),))
    take(here, [measuring(3, counted(range(16, 17), 95))], minute(16))
    seen.hear(minute(17))
    (api, _) = seen.subjects(minute(17))
    assert (api.health, api.outages) == (Health.UP, (Outage(minute(10), minute(16), lasting=True),))
    assert seen.subjects(minute(19))[0].health is Health.UP
    assert seen.subjects(minute(20))[0].health is Health.UNKNOWN


def test_a_fact_that_is_recorded_leaves_what_was_measured_as_it_is(here: Store, docket: Docket, tmp_path: Path) -> None:
    take(here, [measuring(1, counted(range(10), 94))], minute(9))
    seen = Following(here, [docket], minute(10))
    (tmp_path / "cause.facts.yaml").write_text(CAUSE)
    record(tmp_path / "cause.facts.yaml", here.folder, now=minute(10), by="ops")
    assert seen.hear(minute(11))
    (api, _) = seen.subjects(minute(11))
    assert api.outages == (Outage(minute(0), None, lasting=True),)
    take(here, [measuring(2, counted(range(10, 12), 100))], minute(11))
    assert seen.hear(minute(12))
    assert seen.subjects(minute(12)) == at_once(here, docket, minute(12))
    assert seen.subjects(minute(12))[0].outages == (Outage(minute(0), minute(10), lasting=True),)


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_measured_when_each_look_says_what_all_of_it_says_at_once(
    here: Store, docket: Docket, seed: int
) -> None:
    random, at, waiting = Random(seed), 0, list[tuple[int, range]]()
    while at < 400:
        until = min(400, at + random.randint(1, 40))
        waiting.append((until + random.choice([0, 0, 0, 5, 90]), range(at, until)))
        at = until
    waiting.sort(key=lambda one: one[0])
    seen = Following(here, [docket], minute(0))
    for number, (arrived, minutes) in enumerate(waiting, 1):
        figures = [one for k in minutes for one in counted(range(k, k + 1), random.choice([100, 100, 95, 90]))]
        take(here, [measuring(number, figures)], minute(arrived))
        seen.hear(minute(arrived + 1))
        assert seen.subjects(minute(arrived + 1)) == at_once(here, docket, minute(arrived + 1))
    before = seen.subjects(minute(600))
    assert sum(len(one.outages) for one in before) >= 3
    list(seal(here, MIDNIGHT + DAY, MIDNIGHT + DAY, "ops"))
    seen.hear(minute(600))
    assert seen.subjects(minute(600)) == before == at_once(here, docket, minute(600))
