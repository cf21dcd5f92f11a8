"""`stamp`: an authority's word for when the head of a store's log was there, asked for here or by hand."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from makegood.cli.asked import Paths, Words
from makegood.cli.screen import complain, say, write_file
from makegood.cli.usage import WrongUsage
from makegood.exchange.moments import written

if TYPE_CHECKING:
    from makegood.app.stamping import Stamped


def stamp(
    folder: Path,
    *,
    ask: str = "",
    request: Path | None = None,
    reply: Path | None = None,
    authority: Paths = (),
    size: int | None = None,
    allow: Words = (),
    refuse: Words = (),
) -> None:
    """Have the head of a store's log stamped by a time-stamping authority (RFC 3161), or list the stamps there are.

    Parameters
    ----------
    folder
        The folder of the store.
    ask
        The address of an authority, https://host/path: ask it, and keep the stamp.
    request
        Write what is to be sent to an authority to this file; it needs no network.
    reply
        The file of an authority's reply: keep the stamp with the head that it is about.
    authority
        A root certificate in PEM: keep only a stamp of this authority. May be given several times.
    size
        With --ask or --request, the head at this length of the log; the latest where not given.
    allow
        With --ask: also ask an address in this network, such as 10.0.0.0/8; only public ones where not given.
    refuse
        With --ask: ask no address in this network, though it is public or allowed.
    """
    from makegood.app import stamping
    from makegood.door.policy import policy_of

    if (bool(ask) + (request is not None) + (reply is not None)) > 1:
        raise WrongUsage("--ask, --request and --reply are three ways: say one of them")
    if size is not None and not ask and request is None:
        raise WrongUsage("--size is for --ask and --request; a reply says itself which head it is about")
    if authority and not ask and reply is None:
        raise WrongUsage("--authority is for --ask and --reply")
    if (allow or refuse) and not ask:
        raise WrongUsage(f"{'--allow' if allow else '--refuse'} is for --ask")
    now = time.time_ns() // 1000
    if request is not None:
        entries, raw = stamping.request(folder, size)
        write_file(request, raw)
        say(f"written: {request}, for the head of {entries:,} entries")
        say(f"Send it as application/timestamp-query, then: makegood stamp {folder} --reply FILE")
    elif ask or reply is not None:
        if ask:
            found = stamping.ask(folder, ask, authority, size, now, policy_of(allow, refuse))
        else:
            assert reply is not None
            found = stamping.take_reply(folder, reply, authority, now)
        say(_line(found) + (", as known already" if found.known else ""))
        if not found.trusted:
            complain("whether it is the authority's was not looked at: name its root certificate with --authority")
    else:
        there = stamping.kept(folder)
        for one in there:
            say(_line(one))
        if not there:
            say("no head was stamped")


def _line(one: Stamped) -> str:
    return f"head of {one.size:,} entries: stamped at {written(one.at)}"
