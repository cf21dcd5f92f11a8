"""`prove`: a file that shows somebody else that an entry is in a store's log, or that the log was only extended."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from makegood.cli.asked import Words
from makegood.cli.screen import say, say_document, write_file
from makegood.cli.usage import WrongUsage


def prove(
    folder: Path,
    *,
    fact: Words = (),
    position: Annotated[tuple[int, ...], Parameter(show_default=False)] = (),
    since: Path | None = None,
    size: int | None = None,
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
) -> None:
    """Prove to somebody else that entries are in a store's log, or that the log was only extended since their head.

    Parameters
    ----------
    folder
        The folder of the store.
    fact
        The id of a fact to be shown; may be given several times.
    position
        The position of an entry to be shown, of whatever kind; may be given several times.
    since
        A head that the reader saved: the log extends it.
    size
        Under the head at this length of the log; the latest where not given.
    output
        Write the proof to this file; on the screen where not given.
    """
    from makegood.app.bundling import saved_head
    from makegood.app.proving import prove

    if not (fact or position or since):
        raise WrongUsage("say what is to be proved: --fact ID, --position NUMBER or --since HEAD")
    raw = prove(folder, fact, position, None if since is None else saved_head(since), size)
    if output is None:
        say_document(raw.decode("utf-8") + "\n")
        return
    write_file(output, raw)
    say(f"written: {output}; check it with `makegood verify {output}`")
