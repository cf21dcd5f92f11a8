"""The handles of curl that probes share, each aimed at addresses that the door let pass."""

from __future__ import annotations

from types import TracebackType

import pycurl

from makegood.door.curl import Guard, guard
from makegood.door.policy import Policy
from makegood.door.resolve import resolve
from makegood.door.target import Target
from makegood.model.spans import Duration
from makegood.probe.attempt import Attempt, Found
from makegood.probe.certificate import Trust, is_address
from makegood.probe.transfers import Failure, Transfers

IDLE = 256
"""Handles that are kept for the next probes; more were for a burst."""


class Session:
    """One handle for the requests of one probe: they share its cookies, and nothing else. In a `with` statement it goes
    back to the others at the end."""

    __slots__ = ("_aim", "_back", "curl", "guard", "lookup")

    def __init__(self, back: list[Session]) -> None:
        self.curl = pycurl.Curl()
        self.lookup: Duration = 0
        self._aim = ""
        self._back = back

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, why: BaseException | None, at: TracebackType | None) -> None:
        if (why is None or isinstance(why, Found)) and len(self._back) < IDLE:
            self.curl.setopt(pycurl.COOKIELIST, "ALL")
            self._back.append(self)
        else:
            self.curl.close()

    async def aim(self, target: Target, policy: Policy, attempt: Attempt, host: str = "") -> None:
        """Ready the handle for a request, which will connect to addresses that were found and checked just now: of the
        target, or of another `host` that is to answer for it.

        The door's resolver is asked, and not curl's: that one has few threads, and where the name servers of some hosts
        hang, all others would wait, and be held to have no address. Raises Forbidden and Unreached.
        """
        self.curl.reset()
        self.guard: Guard = guard(self.curl, policy)
        self.lookup = 0
        addresses = await resolve(host or target.host, target.port, policy, attempt.left() / 1e6)
        self.lookup = addresses.took
        ips = [f"[{one.ip}]" if ":" in one.ip else one.ip for one in addresses.found]
        if target.host == addresses.found[0].ip:
            return
        if is_address(target.host):
            self.curl.setopt(pycurl.CONNECT_TO, [f"::{ips[0]}:{target.port}"])
            return
        place = f"{target.host}:{target.port}"
        forget = [f"-{self._aim}"] if self._aim else []  # else curl would keep every name for ever
        self.curl.setopt(pycurl.RESOLVE, [*forget, f"{place}:{','.join(ips)}"])
        self._aim = place


class Handles:
    """What the HTTP and TLS probes of one location share, in the loop that runs when this is made."""

    def __init__(self, policy: Policy, authorities: str = "") -> None:
        """`authorities` is a file of certificates to trust instead of the system's."""
        self.policy = policy
        self.trust = Trust(authorities)
        self._transfers = Transfers()
        self._idle: list[Session] = []

    def __len__(self) -> int:
        """How many transfers are under way."""
        return len(self._transfers)

    def session(self) -> Session:
        """A handle without cookies. It is used again only after a probe that came to an end."""
        return self._idle.pop() if self._idle else Session(self._idle)

    async def perform(self, session: Session, target: Target) -> Failure | None:
        """Make the transfer that was set up. The answer is how it failed, if it has. Raises Forbidden where the door
        stayed shut."""
        failure = await self._transfers.perform(session.curl)
        if failure is not None:
            refusal = session.guard.refusal(target.host)
            if refusal is not None:
                raise refusal
        return failure

    async def aclose(self) -> None:
        """End every transfer and let go of all handles."""
        await self._transfers.aclose()
        for session in self._idle:
            session.curl.close()
        self._idle.clear()
