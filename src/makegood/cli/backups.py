"""`backup`, `restore` and `drill`: a store kept twice, brought back, and that exercised."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from makegood.app import safekeeping
from makegood.cli.screen import say, say_problems
from makegood.cli.upkeep import looked_at
from makegood.cli.usage import WrongUsage
from makegood.cli.who import user_name
from makegood.contract.wrong import Wrong
from makegood.exchange.measurements import read_length
from makegood.exchange.moments import written
from makegood.model.problem import Refused
from makegood.store.backing_up import Taken
from makegood.store.place import KEY, said_keeps
from makegood.store.restoring import Wanted


def backup(
    folder: Path, *, to: Path, encrypt: Path | None = None, with_key: bool = False, keep: int = 0, every: str = ""
) -> None:
    """Take a backup of a store while others use it, read it back, and name it only when it is whole.

    Parameters
    ----------
    folder
        The folder of the store.
    to
        The folder of its backups, made where it is missing. Segments that are there already are not copied again.
    encrypt
        The file of a passphrase: encrypt the backups.
    with_key
        Put the key that signs into the backup too; only with --encrypt. Better keep a copy of it elsewhere.
    keep
        Keep so many of the latest backups, and remove those before them; all where not given.
    every
        Go on until interrupted, and take one whenever the log grew, looking so often: "30 s".
    """
    if keep < 0:
        raise WrongUsage("--keep: a number of backups from 1 on")
    pause = _pause(every)
    if pause is None:
        _say_taken(_back_up(folder, to, encrypt, with_key, keep))
        return
    size = -1
    while True:
        try:
            if (now := safekeeping.extent(folder)) != size:
                _say_taken(_back_up(folder, to, encrypt, with_key, keep))
                sys.stdout.flush()
                size = now
        except Refused as refused:  # the next time it may be there again
            say_problems(refused.problems)
        time.sleep(pause)


def restore(
    backup: Path,
    *,
    to: Path,
    decrypt: Path | None = None,
    database: str = "",
    key: Path | None = None,
    since: Path | None = None,
    switch: bool = False,
    segments: str = "",
) -> None:
    """Bring a backup back beside what is there, verify everything in it, and only then give it its name.

    Parameters
    ----------
    backup
        A folder of backups, of which the latest is taken, or one backup in it.
    to
        The folder of the restored store: one that is not there yet, or with --switch the store to replace.
    decrypt
        The file of the passphrase of an encrypted backup.
    database
        postgresql://user@host/name, an empty database to restore into; SQLite in the folder where not given.
    key
        The file of the key that signs, which stays where it is.
    since
        The file of a head that somebody saved: refuse a backup whose log does not extend it.
    switch
        Put the restored store in the place of the one that is there, which is kept under a dated name.
    segments
        s3://bucket/prefix, where the restored store is to keep its segments too; nowhere where not given, or with
        --switch where the store that is there keeps them.
    """
    now = time.time_ns() // 1000
    wanted = Wanted(database, key, None, switch, segments)
    found = safekeeping.bring_back(backup, to, decrypt=decrypt, since=since, wanted=wanted, now=now)
    say(f"{looked_at(found.checked)}; everything is as it was signed")
    say(f"restored: {to}, {found.manifest.size:,} entries, of {_when(found.manifest.at)}")
    keeps = ", ".join(f"{name} {long}" for name, long in said_keeps(found.place.keeps).items())
    say(f"evidence is kept so long: {keeps}")
    if found.place.segments:
        say(f"segments are kept on {found.place.segments} too; `makegood seal` puts there what it lacks")
    if found.aside is not None:
        say(f"The store that was there is now {found.aside}")
    if found.holds:
        say(f"The backup does not know these holds; make them again before `makegood retain`: {', '.join(found.holds)}")
    if not found.signs:
        say(f"Put the key that signs in {to / KEY} before anything is recorded; without it the store is only read.")


def drill(folder: Path, *, backup: Path, decrypt: Path | None = None, within: Path | None = None, by: str = "") -> None:
    """Restore a backup for a while, verify everything, and record what that achieved as a fact in the store.

    Parameters
    ----------
    folder
        The folder of the store.
    backup
        The folder of its backups, of which the latest is taken, or one backup in it.
    decrypt
        The file of the passphrase of an encrypted backup.
    within
        Where to restore to for a while; the folder for temporary files where not given.
    by
        Who exercises; the user's name where not given.
    """
    now = time.time_ns() // 1000
    found = safekeeping.drill(folder, backup, decrypt=decrypt, now=now, by=by or user_name(), within=within)
    say(f"{looked_at(found.checked)}; everything is as it was signed")
    lost = f"{found.lost:,} {'entry' if found.lost == 1 else 'entries'} would be lost"
    say(f"recovery point {safekeeping.seconds(found.point)}: {lost if found.lost else 'nothing would be lost'}")
    say(f"recovery time {safekeeping.seconds(found.time)}: until everything was restored and verified")
    say(f"recorded in {folder}, position {found.position}")


def _back_up(folder: Path, to: Path, encrypt: Path | None, with_key: bool, keep: int) -> Taken:
    now = time.time_ns() // 1000
    return safekeeping.back_up(folder, to, encrypt=encrypt, now=now, with_key=with_key, keep=keep)


def _taken(found: Taken) -> str:
    files = f"{found.copied:,} of {len(found.manifest.files):,} segments new ({found.copied_bytes / 1e6:,.1f} MB)"
    gone = (
        f"; {found.removed:,} earlier {'backup' if found.removed == 1 else 'backups'} removed" if found.removed else ""
    )
    again = found.again
    seen = f"; {again.read:,} of the {again.there:,} others read again" if again.there else ""
    return f"backed up: {found.folder}, {found.manifest.size:,} entries, {files}; read back and verified{seen}{gone}"


def _say_taken(found: Taken) -> None:
    say(_taken(found))
    for name in found.again.mended:
        say(f"copied anew, since the copy was damaged: {name}")
    say_problems(found.again.problems)


def _when(at: int) -> str:
    return written(at // 1_000_000 * 1_000_000)


def _pause(every: str) -> float | None:
    if not every:
        return None
    length = read_length(every)
    if isinstance(length, Wrong):
        raise WrongUsage(f"--every {every}: {length.what}; write as in 30 s")
    return length / 1_000_000
