"""From a check to the function that probes its kind, and one probe from its begin to a result, whatever happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from makegood.door.failing import reason_of
from makegood.door.forbidden import Forbidden, Unreached
from makegood.model.checks import (
    Check,
    DnsProbe,
    HttpProbe,
    PingProbe,
    SignalProbe,
    TcpProbe,
    TlsProbe,
    WorkflowProbe,
)
from makegood.model.results import Reason, Result
from makegood.model.spans import SECOND, Duration
from makegood.probe.attempt import Attempt, Context, Found, begin
from makegood.probe.dns import probe_dns
from makegood.probe.http import probe_http
from makegood.probe.ping import probe_ping
from makegood.probe.secret import MissingSecret
from makegood.probe.signal import probe_signal
from makegood.probe.tcp import probe_tcp
from makegood.probe.tls import probe_tls
from makegood.probe.workflow import probe_workflow

Work: TypeAlias = Callable[[Any, Attempt], Awaitable[Result]]
"""What a kind does: it takes a probe of that kind."""

KINDS: Mapping[type, Work] = {
    HttpProbe: probe_http,
    TcpProbe: probe_tcp,
    DnsProbe: probe_dns,
    TlsProbe: probe_tls,
    PingProbe: probe_ping,
    WorkflowProbe: probe_workflow,
    SignalProbe: probe_signal,
}
"""All kinds that are probed; a heartbeat is told by others."""

OVER: Duration = SECOND
"""How much longer than its timeout a probe may run until it is ended from outside. Each ends by itself."""

log = logging.getLogger(__name__)


async def probe(check: Check, context: Context) -> Result:
    """Probe once, now. Answers a result in every case but that of being cancelled: what goes wrong on our side is one
    whose outcome is unknown."""
    return await carry_out(check, begin(context, check.timeout))


async def carry_out(check: Check, attempt: Attempt, work: Work | None = None) -> Result:
    """The same for a probe that has begun; `work` is done instead of what its kind does."""
    try:
        async with asyncio.timeout((check.timeout + OVER) / 1e6):
            return await (work or KINDS[type(check.probe)])(check.probe, attempt)
    except Found as found:
        return attempt.result(found.reason, found.detail, found.status)
    except Forbidden as why:
        return attempt.result(why.reason, str(why))
    except Unreached as why:
        return attempt.result(why.reason, why.detail)
    except MissingSecret as why:
        return attempt.result(Reason.SECRET, str(why))
    except TimeoutError:
        return attempt.result(Reason.INTERNAL, "the probe did not end in time")
    except MemoryError:
        return attempt.result(Reason.RESOURCES, "no memory is left here")
    except OSError as problem:  # such as for want of a descriptor; what a service does is told by the kind
        reason, detail = reason_of(problem)
        return attempt.result(reason if reason is Reason.RESOURCES else Reason.INTERNAL, detail)
    except Exception as defect:  # noqa: BLE001 - a defect of ours must never look like an outage
        # Not its text, which may hold a secret.
        log.error("probe of %s failed: %s at %s", check.name, type(defect).__name__, _place(defect))
        return attempt.result(Reason.INTERNAL, f"a defect of the probe: {type(defect).__name__} at {_place(defect)}")


def _place(defect: BaseException) -> str:
    trace = defect.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace is not None else "?"
