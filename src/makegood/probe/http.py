"""HTTP(S): one request, and what its answer must be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from makegood.door.forbidden import Forbidden
from makegood.door.redirect import Request
from makegood.door.target import Target, read_url
from makegood.model.checks import HttpProbe
from makegood.model.results import Reason, Result
from makegood.probe.assertions import Body, judge_body
from makegood.probe.attempt import Attempt, Finding, Found
from makegood.probe.certificate import expires_finding
from makegood.probe.request import Answer, Reading, get
from makegood.probe.secret import Secrets

NOTHING: Mapping[str, str] = {}
"""No captured values."""

_NOT_OF_A_URL = re.compile(r"""[\x00-\x20\x7f"<>\\^`{|}]""")
_NOT_OF_A_HEADER = re.compile(r"[\r\n\0]")


async def probe_http(probe: HttpProbe, attempt: Attempt) -> Result:
    """Up where the answer, after the redirects that are followed, is all that it must be."""
    context = attempt.context
    request, reading = requested(probe, context.secrets, NOTHING)
    with context.handles.session() as session:
        answer = await get(session, request, reading, probe.redirects, attempt)
    reason, detail = judge(probe, answer, NOTHING, attempt)
    return attempt.result(reason, detail, answer.status)


def requested(
    probe: HttpProbe, secrets: Secrets, captured: Mapping[str, str], body: bool = False, headers: bool = False
) -> tuple[Request, Reading]:
    """The request of a probe with secrets and captured values put in, and what of the answer is read: what the probe
    asserts needs, the body and the headers also where they are asked for.

    Raises MissingSecret, and Found or Forbidden where the values make no request.
    """
    filled = secrets.fill(probe.body, captured)
    request = Request(
        probe.method,
        target(probe.url, secrets, captured),
        tuple((name, _value(name, text, secrets, captured)) for name, text in probe.headers),
        filled.encode(),
    )
    reading = Reading(
        probe.cap,
        body or bool(probe.contains or probe.lacks or probe.json),
        headers,
        probe.verify,
        private=filled != probe.body,
    )
    return request, reading


def target(text: str, secrets: Secrets, captured: Mapping[str, str]) -> Target:
    """Where a URL with values in it leads. A value may be a part of a URL or a whole one; what cannot stand in a URL is
    written in percents. Raises MissingSecret, and Found or Forbidden where no URL of the web comes out."""
    url = secrets.fill(text, captured)
    if url == text:
        return _read(text)
    try:
        return read_url(_NOT_OF_A_URL.sub(lambda found: f"%{ord(found[0]):02X}", url))
    except Forbidden as why:
        raise Found(_fault(captured), f"the URL, with the values in it, {why.why}") from None


@lru_cache(maxsize=1 << 14)
def _read(text: str) -> Target:
    return read_url(text)


def _value(name: str, text: str, secrets: Secrets, captured: Mapping[str, str]) -> str:
    value = secrets.fill(text, captured)
    if _NOT_OF_A_HEADER.search(value):
        raise Found(_fault(captured), f"the value for the header {name} has a line break in it")
    return value


def _fault(captured: Mapping[str, str]) -> Reason:
    """Whose fault it is that values make no request: the service's that gave them, or our own."""
    return Reason.CAPTURE if captured else Reason.SECRET


def judge(probe: HttpProbe, answer: Answer, captured: Mapping[str, str], attempt: Attempt) -> Finding:
    """What of an answer is not as it must be: its status, its body, and last how long its certificate still holds."""
    if not any(first <= answer.status <= last for first, last in probe.status):
        return Reason.STATUS, f"the status is {answer.status}"
    found = judge_body(probe, Body(answer.body, answer.cut, attempt.context.secrets, captured))
    if found[0] is Reason.OK and answer.secure and probe.remaining:
        return expires_finding(answer.ending, probe.remaining, attempt.begun)
    return found
