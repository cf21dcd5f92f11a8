"""`retain` and `hold`: let evidence go that was kept long enough, and keep what must stay."""

from __future__ import annotations

import time
from pathlib import Path

from makegood.app import archiving
from makegood.cli.asked import date_of
from makegood.cli.screen import say
from makegood.cli.usage import WrongUsage
from makegood.cli.who import user_name
from makegood.exchange.moments import written


def retain(folder: Path, *, dry_run: bool = False, trust_clock: bool = False, by: str = "") -> None:
    """Retire evidence that was kept for as long as the store's settings say, unless a hold keeps it.

    Parameters
    ----------
    folder
        The folder of the store.
    dry_run
        Change nothing; only say what would be retired.
    trust_clock
        The clock of this machine is right, though the log has no entry on each of the last seven days.
    by
        Who does it; the user of this machine where not given.
    """
    now = time.time_ns() // 1000
    found = archiving.retain(folder, by=by or user_name(), now=now, dry_run=dry_run, trust_clock=trust_clock)
    for one in found:
        span = f"from {written(one.first)} to {written(one.last)}"
        done = f"kept by the hold {one.held}" if one.held else "would be retired" if dry_run else "retired"
        say(f"{one.name}: {span}, {done}")
    if not found:
        say("nothing is old enough")


def hold(
    folder: Path,
    name: str,
    *,
    because: str,
    order: Path | None = None,
    service: tuple[str, ...] = (),
    check: tuple[str, ...] = (),
    since: str | None = None,
    until: str | None = None,
    release: bool = False,
    by: str = "",
) -> None:
    """Keep evidence whatever its age, for a dispute say, until the hold is released.

    Parameters
    ----------
    folder
        The folder of the store.
    name
        What the hold is called.
    because
        Why; it stays in the log, so name no person.
    order
        Evidence of the services of this order.
    service
        Only of this service of the order; may be given several times.
    check
        Evidence of this check; may be given several times.
    since
        Evidence from this date on (UTC); from the beginning where not given.
    until
        Evidence up to this date (UTC); without end where not given.
    release
        End the hold of this name.
    by
        Who holds; the user of this machine where not given.
    """
    now, who = time.time_ns() // 1000, by or user_name()
    if release:
        if order is not None or service or check or since or until:
            raise WrongUsage("--release ends a hold as it was made: name nothing else")
        archiving.let_go(folder, name, because=because, by=who, now=now)
        say(f"released: {name}")
        return
    first, last = date_of(since, "--since"), date_of(until, "--until")
    made = archiving.keep_held(
        folder, name, order=order, services=service, checks=check, first=first, last=last, because=because, by=who,
        now=now,
    )  # fmt: skip
    of = ", ".join(made.checks + made.services) or "everything"
    say(f"held: {name}, evidence of {of}")
