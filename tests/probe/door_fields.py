"""Every field of a check that takes an address, as fields of the matrix of the door (`tests.door.fields`).

That of echo requests is missing, for the kernel answers them before the trap can: it passes the door by `datagram`,
which is a field.
"""

from __future__ import annotations

from urllib.parse import quote

from makegood.door.policy import Policy
from makegood.model.checks import (
    Capture,
    Check,
    DnsProbe,
    HttpProbe,
    Probe,
    SignalProbe,
    Step,
    TcpProbe,
    TlsProbe,
    WorkflowProbe,
)
from makegood.model.results import Reason, Result
from makegood.model.spans import SECOND, Duration
from makegood.probe.attempt import Context
from makegood.probe.handles import Handles
from makegood.probe.kinds import probe as carry_out
from makegood.probe.secret import Secrets
from tests.door.fields import REDIRECTING, SKIPPED, Field
from tests.door.spellings import Spelling
from tests.probe.servers import now, steady

UNANSWERED: Duration = SECOND // 2
"""The timeout of what the trap takes and cannot answer."""


async def _found(probe: Probe, policy: Policy, timeout: Duration = 4 * SECOND) -> str:
    return (await _result(probe, policy, timeout)).reason.word


async def _result(probe: Probe, policy: Policy, timeout: Duration) -> Result:
    handles = Handles(policy)
    try:
        context = Context(now, steady, policy, Secrets({}), handles)
        return await carry_out(Check("any", "any", probe, timeout=timeout), context)
    finally:
        await handles.aclose()


def _leading(place: Spelling, port: int) -> str:
    return f"http://{REDIRECTING}:{port}/to/{quote(place.url(port), safe='')}"


async def by_url(place: Spelling, port: int, policy: Policy) -> str:
    return await _found(HttpProbe(place.url(port)), policy)


async def by_redirect(place: Spelling, port: int, policy: Policy) -> str:
    return await _found(HttpProbe(_leading(place, port)), policy)


async def by_captured_url(place: Spelling, port: int, policy: Policy) -> str:
    first = Step("first", HttpProbe(_leading(place, port), redirects=0), (Capture("there", header="Location"),))
    return await _found(WorkflowProbe((first, Step("second", HttpProbe("{there}")))), policy)


async def by_tcp(place: Spelling, port: int, policy: Policy) -> str:
    return await _found(TcpProbe(place.bare, port), policy) if place.host else SKIPPED


async def by_tls(place: Spelling, port: int, policy: Policy) -> str:
    return await _found(TlsProbe(place.bare, port), policy, UNANSWERED) if place.host else SKIPPED


async def by_name_server(place: Spelling, port: int, policy: Policy) -> str:
    if not place.host:
        return SKIPPED
    server = f"[{place.bare}]:{port}" if ":" in place.bare else f"{place.bare}:{port}"
    return await _found(DnsProbe("shop.example", server=server), policy, UNANSWERED)


async def by_signal(place: Spelling, port: int, policy: Policy) -> str:
    result = await _result(SignalProbe(place.url(port), "up"), policy, 4 * SECOND)
    # A Prometheus server that has no address is away, as one that does not answer.
    return Reason.DNS.word if result.detail.startswith("Prometheus: dns: ") else result.reason.word


FIELDS: dict[str, Field] = {
    "a URL": by_url,
    "a redirect": by_redirect,
    "a captured URL": by_captured_url,
    "a host and port": by_tcp,
    "a host of TLS": by_tls,
    "a name server": by_name_server,
    "a Prometheus server": by_signal,
}
