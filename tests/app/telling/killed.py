"""Processes that record, tell and deliver, and are killed at a point; made quickly by one that has all loaded.

`python -m tests.app.telling.killed` takes a line of JSON for each process and answers with one when it has ended.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import traceback
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from makegood.app.alerting import take_outages, tick
from makegood.app.alerts_in_force import in_force
from makegood.app.delivering import Delivery, context_for, deliver_due
from makegood.model.alerts import Alerts
from makegood.model.events import OutageOpened
from makegood.model.facts import Cause
from makegood.model.spans import HOUR, MINUTE, Span
from makegood.store.opened import opened
from makegood.store.sql.store import Appended
from tests.app.telling.stage import NOW
from tests.notify.servers import LOOPBACK, SECRETS
from tests.store.faults.points import Fault, arm

STEPS = 3


def tell(alerts: Alerts, event: OutageOpened, connection: Connection, new: range) -> None:
    """What is done in the transaction of a fact: its outage is heard of, where the fact is new."""
    take_outages(connection, alerts, [event] if new else [], NOW)


def work(folder: str, told: str, point: str, number: int, attempt: int) -> None:
    """Record some facts, each with an outage in its transaction, see what is due, and deliver it.

    What was acknowledged is written down; all of it may be done again, each attempt ten minutes later.
    """
    if point:
        arm(Fault(point, number))
    with opened(Path(folder)) as store, Path(told).open("ab", buffering=0) as out:
        alerts, later = in_force(store), NOW + HOUR + attempt * 10 * MINUTE
        for step in range(STEPS):
            fact = Cause(f"C-{step}", NOW, "ada", service="web", span=Span(NOW, NOW + step + 1), cause="storm")
            event = OutageOpened(f"s{step}", "acme", NOW, NOW, "connect timeout")
            store.append(Appended("ada", [fact]), NOW, partial(tell, alerts, event))
            out.write(b"%d\n" % step)
        tick(store.engine, alerts, NOW + MINUTE)
        context = context_for(store, LOOPBACK, SECRETS.get, lambda: later)
        asyncio.run(deliver_due(Delivery(store, lambda: alerts, context)))


def main() -> None:
    """Make processes as asked, until nobody asks any more."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                os.dup2(os.open(os.devnull, os.O_RDWR), 0)
                os.dup2(2, 1)
                work(*json.loads(line))
            except BaseException:  # noqa: BLE001 -- told, and the parent sees the code
                traceback.print_exc()
                os._exit(70)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
