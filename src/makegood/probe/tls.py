"""TLS: a handshake, and how long the certificates still hold."""

from __future__ import annotations

import pycurl

from makegood.door.target import Target, read_host, read_port
from makegood.model.checks import TlsProbe
from makegood.model.results import Result
from makegood.probe.attempt import Attempt, Found
from makegood.probe.certificate import expires_finding
from makegood.probe.curl_errors import finding_of
from makegood.probe.request import ending_of, take_times, verify


async def probe_tls(probe: TlsProbe, attempt: Attempt) -> Result:
    """Up where the handshake is made, the chain verified for the name, and everything in it holds for long enough."""
    handles = attempt.context.handles
    host, port = read_host(probe.host), read_port(probe.port)
    name = read_host(probe.server_name) if probe.server_name else host
    target = Target("https", name, port)
    with handles.session() as session:
        await session.aim(target, handles.policy, attempt, host)
        curl = session.curl
        curl.setopt(pycurl.URL, target.url)
        curl.setopt(pycurl.CONNECT_ONLY, 1)
        curl.setopt(pycurl.OPT_CERTINFO, 1)
        curl.setopt(pycurl.SSL_ENABLE_ALPN, 0)  # whatever it speaks behind it
        curl.setopt(pycurl.TIMEOUT_MS, max(1, attempt.left() // 1000))
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, max(1, attempt.left() // 1000))
        verify(curl, probe.verify, handles.trust.file)
        failed = await handles.perform(session, target)
        take_times(session, attempt, secure=True)
        if failed is not None:
            raise Found(*finding_of(failed.code, failed.message, curl, session.guard))
        ending = ending_of(curl, name, attempt)
    reason, detail = expires_finding(ending, probe.remaining, attempt.begun)
    return attempt.result(reason, detail)
