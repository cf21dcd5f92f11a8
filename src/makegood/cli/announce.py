"""`announce`: tell the contacts of orders of planned work, after a look at what each agreement would make of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from makegood.cli.screen import complain, say
from makegood.cli.usage import WrongUsage
from makegood.cli.who import user_name
from makegood.contract.wrong import Wrong
from makegood.model.facts import Maintenance

Names = Annotated[tuple[str, ...], Parameter(consume_multiple=False)]


def announce(
    store: Path,
    work: str,
    *,
    service: Names = (),
    during: str = "",
    kind: str = "",
    purpose: str = "",
    text: str = "",
    order: Names = (),
    channel: str = "",
    dry_run: bool = False,
    by: str = "",
) -> None:
    """Announce planned work by e-mail: to the contacts of every order that covers its services.

    Parameters
    ----------
    store
        The folder of the store.
    work
        The id of the work, by which facts name it.
    service
        A service on which is worked; may be given several times.
    during
        From when to when: "2026-02-08 02:00 to 2026-02-08 04:00 America/New_York".
    kind
        Its kind, in the words of the agreement, such as standard or emergency.
    purpose
        What it is for, in a line.
    text
        What else is said in the notices.
    order
        Tell the contacts of this order only; may be given several times.
    channel
        By this channel of e-mail; the only one where not given.
    dry_run
        Say who would be told, and what each agreement would make of it; nothing is recorded or sent.
    by
        Who announces it; the user's name where not given.
    """
    from makegood.app.announcing import Asked, announce_work, announcement
    from makegood.exchange.moments import read_span
    from makegood.render.announcing import announcement_text
    from makegood.store.opened import opened

    if not service or not during:
        raise WrongUsage("name what is worked on and when, with --service and --during")
    span = read_span(during)
    if isinstance(span, Wrong):
        raise WrongUsage(f"--during: {span.what}" + (f": {span.hint}" if span.hint else ""))
    if span[1]:
        complain(f"--during: {span[1]}")
    now, who = time.time_ns() // 1000, by or user_name()
    fact = Maintenance(work, now, who, services=tuple(dict.fromkeys(service)), announced=span[0], kind=kind,
                       purpose=purpose)  # fmt: skip
    with opened(store) as found:
        made = announcement(found, Asked(fact, order, text, channel), now)
        say(announcement_text(made.work, made.told))
        if dry_run:
            say("\nnothing was recorded or sent: this was a dry run")
            return
        count = announce_work(found, made, who, now)
    if count:
        many = "1 notice waits" if count == 1 else f"{count:,} notices wait"
        say(f"\n{many} in the outbox: a server delivers them, or `makegood outbox {store} --deliver`")
    else:
        say("\nthis was announced before; nothing is new")
