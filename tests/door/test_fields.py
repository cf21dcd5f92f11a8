"""The matrix has every field that takes an address: whoever adds a field says here what it is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import pytest

from makegood.agent.setting_up import EVERYWHERE, send_to
from makegood.agent.transport import Away
from makegood.model.alerts import Alerts
from makegood.model.checks import Check
from tests.door import fields as matrix
from tests.door.door_fields import curled
from tests.door.spellings import PLACES_4, PLACES_6
from tests.door.trapped import ROOT

ADDRESSES = {
    "checks.HttpProbe.url": ("probe: a URL", "probe: a redirect", "probe: a captured URL"),
    "checks.TcpProbe.host": ("probe: a host and port",),
    "checks.TlsProbe.host": ("probe: a host of TLS",),
    "checks.DnsProbe.server": ("probe: a name server",),
    "checks.PingProbe.host": ("door: datagram",),  # the kernel answers echo requests before the trap can
    "checks.SignalProbe.url": ("probe: a Prometheus server",),
    "alerts.Mail.server": ("notify: e-mail",),
    "alerts.Webhook.url": ("notify: webhook",),
    "alerts.Alertmanager.url": ("notify: alertmanager", "notify: alertmanager's API"),
    "alerts.Chat.url": ("notify: chat",),
    "alerts.Reach.address": ("notify: chat",),  # as `{to}` in the URL of a chat; to others it is a mailbox
    "alerts.DeadMan.url": ("notify: dead man's switch",),
    "stamp --ask": ("app: an authority",),
    "watchdog --hub": ("notify: the hub of a watchdog",),
}
"""What somebody writes an address into, and the fields of the matrix that try it."""

NO_ADDRESSES = {
    "checks.Check": "name service locations title labels",
    "checks.HttpProbe": "method headers body contains lacks",
    "checks.JsonAssertion": "path value",
    "checks.TcpProbe": "send contains",
    "checks.DnsProbe": "name type answers code",  # the name is asked about, and nobody connects to it
    "checks.TlsProbe": "server_name",  # what the certificate must be for
    "checks.Step": "name",
    "checks.Capture": "name path header between",
    "checks.SignalProbe": "query value metric quantities headers",
    "alerts.Channel": "name",
    "alerts.Mail": "sender user password",
    "alerts.Webhook": "secret headers",
    "alerts.Alertmanager": "headers",
    "alerts.Person": "name zone title",
    "alerts.Reach": "channel",
    "alerts.Rotation": "name zone",
    "alerts.Layer": "people",
    "alerts.Override": "person",
    "alerts.Escalation": "name",
    "alerts.Step": "tell",
    "alerts.Rule": "name tell services orders locations subject text",
    "alerts.Alerts": "link",  # is written into messages
}
"""The other fields that hold texts."""

OPERATORS = {
    "agent --hub", "agent --control", "serve --control",  # reached wherever they are, but for credentials of clouds
    "evaluate --cluster", "store --database", "restore --database", "restore --segments",  # not behind the door
}  # fmt: skip
"""Addresses that only who runs a program can give."""

NO_OPTIONS = {
    "serve --listen", "serve --url", "alerts --to", "outbox --deliver", "stamp --allow", "stamp --refuse",
}  # fmt: skip
"""Options in whose description an address is named, and that are none which is connected to."""


def texts(model: Any, seen: set[type]) -> Iterator[str]:
    """The fields of a model, and of those within it, that hold texts."""
    if model in seen:
        return
    seen.add(model)
    hints = get_type_hints(model)
    room = model.__module__.rpartition(".")[2]
    for one in fields(model):
        parts = [hints[one.name]]
        for part in parts:
            parts.extend(get_args(part))
        if str in parts:
            yield f"{room}.{model.__name__}.{one.name}"
        for part in parts:
            if is_dataclass(part):
                yield from texts(part, seen)


def test_every_text_of_a_check_or_a_file_of_alerts_is_an_address_that_the_matrix_tries_or_none() -> None:
    seen = set[type]()
    found = [*texts(Check, seen), *texts(Alerts, seen)]
    others = [f"{model}.{name}" for model, names in NO_ADDRESSES.items() for name in names.split()]
    assert len(found) == len(set(found))
    assert sorted(found) == sorted([name for name in ADDRESSES if "--" not in name] + others)


def test_every_option_that_takes_an_address_is_tried_or_for_operators_alone() -> None:
    command, found = "", set[str]()
    for line in (ROOT / "docs" / "commands.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            command = line.removeprefix("## makegood ")
        match = re.match(r"\| .*`(--[a-z-]+)`.* \| (.*) \|$", line)
        if match and re.search(r"address|URL|host|server|[a-z0-9]+://", match[2]):
            found.add(f"{command} {match[1]}")
    assert found == {name for name in ADDRESSES if "--" in name} | OPERATORS | NO_OPTIONS


def test_the_matrix_has_what_the_table_names_and_the_ways_of_the_door_itself() -> None:
    named = {field for several in ADDRESSES.values() for field in several}
    assert named <= set(matrix.fields())
    assert {name for name in matrix.fields() if not name.startswith("door: ")} == named - {"door: datagram"}


@pytest.mark.parametrize("address", [one for one in (*PLACES_4, *PLACES_6) if EVERYWHERE.refuses(one)])
def test_what_an_operator_names_is_never_where_clouds_hand_out_credentials(address: str) -> None:
    url = f"http://[{address}]:9/" if ":" in address else f"http://{address}:9/"

    async def ask() -> None:
        await send_to(url.rstrip("/"))("GET", "/agent/v1/clock", {}, b"")

    with pytest.raises(Away, match="credentials"):
        asyncio.run(ask())
    assert asyncio.run(curled(url, EVERYWHERE, follows=False)) == "forbidden"
