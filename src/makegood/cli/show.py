"""`demo`: the same 47 minutes under four agreements; and with `--live` an outage that really happens."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from makegood.cli.screen import out_screen, say
from makegood.cli.usage import WrongUsage

FOLDER = Path("makegood-demo")


def demo(folder: Path = FOLDER, *, live: bool = False) -> None:
    """Tell a story on generated observations: one outage of 47 minutes, four agreements, one excuse refused.

    Parameters
    ----------
    folder
        Where the facts and the statements are written; replaced where an earlier demo wrote it.
    live
        Instead, let a real outage happen here, of a small web service that three agents watch. Nothing is left of it.
    """
    if live:
        if folder != FOLDER:
            raise WrongUsage("--live leaves nothing behind, so it takes no FOLDER")
        from makegood.app.live.story import tell_live

        for part in tell_live(out_screen().width, lambda: time.time_ns() // 1000):
            say(part)
            sys.stdout.flush()
        return
    from makegood.app.demo import tell

    for part in tell(folder, out_screen()):
        say(part)
