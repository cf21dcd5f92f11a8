"""`key`: which keys the log of a store had, the public one as a file, and a new one in place of the last."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from makegood.app.upkeep import must_be_store
from makegood.cli.screen import complain, say, write_file
from makegood.cli.usage import WrongUsage
from makegood.cli.who import user_name
from makegood.exchange.moments import written
from makegood.model.problem import Refused
from makegood.store.keys import Changed, LogKey, change_key, log_keys
from makegood.store.opened import Store, opened


def key(
    folder: Path,
    *,
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
    change: bool = False,
    to: Path | None = None,
    by: str = "",
) -> None:
    """Say which keys sign, or signed, the heads of a store's log; or put a new key in place of the present one.

    Parameters
    ----------
    folder
        The folder of the store.
    output
        Write the public key to this file, in PEM, for those who verify.
    change
        Put a new key in place of the present one: the log records that it follows, and from there on it signs.
    to
        With --change, the file of the new key: made, or taken where it is there. Beside the last one where not given.
    by
        Who changes the key; your user name where not given.
    """
    if not change and (to is not None or by):
        raise WrongUsage("--to and --by are about a change of keys: say --change too")
    must_be_store(folder)
    with opened(folder) as store:
        if change:
            _tell_change(change_key(store, to, time.time_ns() // 1000, by or user_name()), folder)
        elif output is None:
            _tell_keys(store)
        if output is not None:
            write_file(output, log_keys(store)[-1].public.pem)
            say(f"written: {output}")


def _tell_keys(store: Store) -> None:
    say(f"log {store.log}")
    keys = log_keys(store)
    for number, one in enumerate(keys):
        since = _since(one)
        until = f", up to {keys[number + 1].position:,} entries" if number + 1 < len(keys) else ""
        say(f"key {one.public.id} signs heads {since}{until}\n  SHA-256 {one.public.fingerprint}")
    try:
        secret = store.key_file
    except Refused as refused:
        for problem in refused.problems:
            complain(f"{problem.where}: {problem.what}; " + (problem.hint or "without it the store is only read"))
    else:
        say(f"the secret key is in {secret}")


def _since(one: LogKey) -> str:
    if one.position is None or one.at is None:
        return "from the first entry on"
    return f"from {one.position + 1:,} entries on, since {written(one.at)}"


def _tell_change(done: Changed, folder: Path) -> None:
    if done.finished:
        say("a change that was interrupted is now complete; no further one was made")
    say(f"key {done.key.public.id} signs now, in {done.file}; key {done.before.public.id} no longer does")
    say(f"recorded in {folder}, position {done.key.position}, signed by both")
    say("Keep a copy of the new key apart from every backup, and the old one as long as backups from before.")
    say(f"Give the new public key to those who verify: makegood key {folder} -o FILE")
    if done.unused is not None:
        say(f"{done.unused} holds a key that was never used; remove it.")
