"""A real Prometheus scrapes the metrics, with a token of its own."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from time import monotonic, sleep, time_ns
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from makegood.app.roles import Role
from makegood.model.checks import Check, SignalProbe, TlsProbe
from makegood.model.figures import Figure
from makegood.model.messages import Message
from makegood.model.spans import DAY, HOUR, SECOND, Span
from makegood.model.status import ServiceStatus, State, ToldOutage, Work
from makegood.probe.attempt import begin
from makegood.probe.signal import pull
from makegood.store.alarms import Alarm, AlarmKind
from makegood.store.opened import create
from makegood.store.sql.agents_tables import agent
from makegood.store.sql.certificates import note_certificates
from makegood.store.sql.database import writing
from makegood.store.sql.notify_tables import outbox
from makegood.store.sql.outbox import put
from makegood.store.sql.store import Appended
from tests.house.programs import program
from tests.probe.servers import location
from tests.web.asking import NOON, PATIENCE, Desk, Fixed, desk
from tests.web.conftest import Served

TLS = Check("shop-tls", "shop", TlsProbe("shop.example"))
SETTINGS = """\
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: makegood
    authorization: {{credentials_file: {token}}}
    static_configs: [{{targets: ['{target}']}}]
"""


def test_services_have_a_series_for_each_state_with_their_maintenance(tmp_path: Path) -> None:
    store = create(tmp_path / "store")
    web = ServiceStatus("web", "Web", State.DOWN, NOON - HOUR, outages=(ToldOutage(NOON - HOUR, None),))
    mail = replace(
        web, name="mail", state=State.UP, since=None, outages=(), works=(Work("w", Span(NOON, NOON + HOUR)),)
    )
    with desk(store, Fixed((web, mail))) as hub:
        lines = _scraped(hub)
    for line in (
        'makegood_service_state{maintenance="false",service="web",state="down"} 1.0',
        'makegood_service_state{maintenance="false",service="web",state="up"} 0.0',
        'makegood_service_state{maintenance="true",service="mail",state="up"} 1.0',
        'makegood_service_outage_open{service="web"} 1.0',
        'makegood_service_state_since_timestamp_seconds{service="web",state="down"} 1.7723628e+09',
    ):
        assert line in lines
    store.engine.dispose()


def test_when_certificates_end_is_a_series_for_each_check_and_location(hub: Desk) -> None:
    hub.hub.configured._now = replace(hub.hub.configured.now(), checks=(TLS,))
    with writing(hub.store.engine) as connection:
        for key, location in enumerate(("fra", "iad")):
            connection.execute(
                insert(agent).values(
                    key=bytes([key]) * 32, location=location, operator="", enrolled=NOON, state="active", why="",
                    version="1", asked=NOON, seen=NOON, oldest=1, told="{}",
                )
            )  # fmt: skip
            note_certificates(connection, location, {"shop-tls": NOON + (key + 1) * DAY, "gone": NOON}, NOON)
    name = "makegood_certificate_ends_timestamp_seconds"
    found = [line for line in _scraped(hub) if line.startswith(name)]
    assert found == [
        f'{name}{{check="shop-tls",location="fra",service="shop"}} 1.7724528e+09',
        f'{name}{{check="shop-tls",location="iad",service="shop"}} 1.7725392e+09',
    ]


def test_what_nobody_would_see_otherwise_is_there_messages_alarms_and_loops_that_fail(hub: Desk) -> None:
    with writing(hub.store.engine) as connection:
        for n, state in enumerate(("waiting", "waiting", "dead", "sent")):
            message = Message(str(n), "mail", "ada", "ada@example.com", "", "", NOON)
            put(connection, message, f"cause {n}", NOON)
            connection.execute(update(outbox).where(outbox.c.id == str(n)).values(state=state))
    found = [Alarm(AlarmKind.CLONED, NOON + n, "fra", "two of them").document() for n in range(2)]
    hub.store.append(Appended("test", documents=found), NOON)
    first = _scraped(hub)
    hub.store.append(Appended("test", documents=[Alarm(AlarmKind.CLONED, NOON, "iad", "x").document()]), NOON)
    assert 'makegood_messages{channel="mail",state="waiting"} 2.0' in first
    assert 'makegood_messages{channel="mail",state="dead"} 1.0' in first
    assert 'makegood_alarms_total{kind="cloned"} 2.0' in first
    assert 'makegood_alarms_total{kind="lost"} 0.0' in first
    assert 'makegood_alarms_total{kind="cloned"} 3.0' in _scraped(hub)
    assert not any(line.startswith("makegood_loop_failing{") for line in first)

    def fails() -> None:
        raise DBAPIError.instance("select", {}, OSError("database or disk is full"), OSError)

    with capture_logs() as logged:
        asyncio.run(hub.loops._once("outages", fails))
    assert [one["why"] for one in logged] == ["database or disk is full"]
    assert 'makegood_loop_failing{loop="outages"} 1.0' in _scraped(hub)
    asyncio.run(hub.loops._once("outages", lambda: None))
    assert 'makegood_loop_failing{loop="outages"} 0.0' in _scraped(hub)


def _scraped(hub: Desk) -> list[str]:
    return hub.ask("GET", "/metrics", hub.token(Role.SCRAPER)).text.splitlines()


def test_a_real_prometheus_scrapes_it(served: Served, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(served.scraper)
    target = served.server.url.removeprefix("http://")
    (tmp_path / "prometheus.yml").write_text(SETTINGS.format(token=tmp_path / "token", target=target))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(program("prometheus", "prometheus")), f"--config.file={tmp_path}/prometheus.yml",
        f"--storage.tsdb.path={tmp_path}/tsdb", f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        assert _asked(port, "up") == ["1"]
        assert _asked(port, "makegood_log_entries >= bool 0") == ["1"]
        assert _asked(port, 'sum(makegood_http_requests_total{route="/metrics",status="200"}) > bool 0') == ["1"]
        assert {(one.quantity, one.value) for one in _measured(port)} == {("good", Decimal(1)), ("valid", Decimal(2))}
    finally:
        running.terminate()
        running.wait(PATIENCE)


def _measured(port: int) -> list[Figure]:
    """What a signal measures of it in the last slots that are over."""
    probe = SignalProbe(f"http://127.0.0.1:{port}", quantities=(("good", "up"), ("valid", "count(up) * 2")))
    check, last = Check("scrapes", "shop", probe, every=SECOND), time_ns() // 10**9

    async def ask() -> list[Figure]:
        async with location() as context:
            return await pull(check, begin(context, check.timeout), range(last - 5, last))

    found = asyncio.run(ask())
    assert found[-1].start == (last - 1) * SECOND
    return found


def _asked(port: int, query: str) -> list[str]:
    """The values that Prometheus answers, as soon as there are any but those of a target that is not scraped yet."""
    until = monotonic() + PATIENCE
    found: list[str] = []
    while monotonic() < until and found in ([], ["0"] if query == "up" else []):
        try:
            with urlopen(f"http://127.0.0.1:{port}/api/v1/query?query={quote(query)}", timeout=5) as got:
                said: Any = json.load(got)
            found = [one["value"][1] for one in said["data"]["result"]]
        except OSError:
            pass
        sleep(0.1)
    return found
