"""The handles of curl that probes share, each aimed at addresses that the door let pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pycurl

from makegood.door.curl import Guard, guard
from makegood.door.policy import Policy
from makegood.door.resolve import resolve
from makegood.door.target import Target
from makegood.model.spans import Duration
from makegood.probe.attempt import Attempt, Found
from makegood.probe.certificate import Trust, is_address
from makegood.probe.transfers import TransferFailed, Transfers

IDLE = 256
"""Handles that are kept for the next probes; more were for a burst."""


class Session:
    """One handle for the requests of one probe: they share its cookies, and nothing else."""

    __slots__ = ("_aim", "curl", "guard", "lookup")

    def __init__(self, curl: pycurl.Curl) -> None:
        self.curl = curl
        self.lookup: Duration = 0
        self._aim = ""

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

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A handle without cookies. It is used again only after a probe that came to an end."""
        session = self._idle.pop() if self._idle else Session(pycurl.Curl())
        try:
            yield session
        except Found:
            self._put_back(session)
            raise
        except BaseException:
            session.curl.close()
            raise
        self._put_back(session)

    def _put_back(self, session: Session) -> None:
        if len(self._idle) < IDLE:
            session.curl.setopt(pycurl.COOKIELIST, "ALL")
            self._idle.append(session)
        else:
            session.curl.close()

    async def perform(self, session: Session, target: Target) -> TransferFailed | None:
        """Make the transfer that was set up. The answer is its error, if it has one. Raises Forbidden where the door
        stayed shut."""
        try:
            await self._transfers.perform(session.curl)
        except TransferFailed as why:
            refusal = session.guard.forbidden(target.host)
            if refusal is not None:
                raise refusal from None
            return why
        return None

    async def aclose(self) -> None:
        """End every transfer and let go of all handles."""
        await self._transfers.aclose()
        for session in self._idle:
            session.curl.close()
        self._idle.clear()
