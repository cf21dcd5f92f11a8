"""A line that is cut between a location and all else: what is found then is nobody's outage, nothing is up unseen."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from makegood.model.facts import DOWN
from makegood.model.results import Reason
from makegood.store.alarms import alarms
from tests.faults.networks import NEAR, networks, why_not
from tests.faults.real import scene
from tests.faults.truth import batches
from tests.store.faults.conftest import TORTURE, dice


@pytest.mark.parametrize("turn", range(10 if TORTURE else 1))
def test_a_line_that_is_cut_is_not_an_outage_and_hides_none(tmp_path: Path, turn: int) -> None:
    why = why_not()
    if why and not (os.geteuid() == 0 and os.environ.get("CI")):
        pytest.skip(why)
    random = dice("cut", turn)
    with networks() as line:
        inside = {"hub": line.near, "target": line.near, "iad": line.far}
        with scene(tmp_path, ("iad",), 8080, address=NEAR, inside=inside) as here:
            here.begin("iad")
            line.line("down")
            time.sleep(random.uniform(4, 6))
            line.line("up")
            here.wait_for_news("iad")
            here.become("down")
            here.wait(lambda: any(one.end is None for one in here.outages()), "the outage is found")
            line.line("down")
            time.sleep(random.uniform(3, 5))
            line.line("up")
            here.wait_for_news("iad", outcome=DOWN)
            here.become("up")
            here.wait_for_news("iad")
            here.kill("iad", signal.SIGTERM)
            here.wait_until_heard()
            here.kill("hub", signal.SIGTERM)
            assert here.faults() == []
            assert alarms(here.store) == []
            assert len(here.outages()) == 1
            found = [one.details for _, one in batches(here.store) if one.details is not None]
            assert Reason.ABSTAINED in {reason for one in found for reason in one.reason.tolist()}
