"""`demo`: the same 47 minutes under four agreements."""

from __future__ import annotations

from pathlib import Path

from makegood.cli.screen import out_screen, say


def demo(folder: Path = Path("makegood-demo")) -> None:
    """Tell a story on generated observations: one outage of 47 minutes, four agreements, one excuse refused.

    Parameters
    ----------
    folder
        Where the facts and the statements are written; replaced where an earlier demo wrote it.
    """
    from makegood.app.demo import tell

    for part in tell(folder, out_screen()):
        say(part)
