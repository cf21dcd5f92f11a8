"""The edge to a terminal: how wide it is, whether it shows colour, and which letters it can carry."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from io import StringIO
from typing import NamedTuple, TextIO

from rich.console import Console, RenderableType
from rich.theme import Theme

from makegood.render.printable import lettered

STYLES = Theme(
    {
        "good": "bold green",
        "bad": "bold red",
        "open": "bold yellow",
        "plain": "bold cyan",
        "title": "bold",
        "quiet": "dim",
        "holds": "green",
        "fails": "red",
    }
)
NARROWEST, WIDEST = 40, 120


class Screen(NamedTuple):
    """Columns, whether to colour, and the encoding of the letters; `statement_text(statement, *screen)`."""

    width: int = 80
    color: bool = False
    encoding: str = "utf-8"


def screen_of(stream: TextIO, environ: Mapping[str, str]) -> Screen:
    """What this stream can show. Colour only on a terminal, and never where NO_COLOR is set (no-color.org)."""
    tty = stream.isatty()
    color = tty and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    width = shutil.get_terminal_size((80, 24)).columns if tty else 80
    return Screen(max(NARROWEST, min(width, WIDEST)), color, stream.encoding or "ascii")


def shown(what: RenderableType, width: int, color: bool, encoding: str) -> str:
    """Rendered text with a line feed at its end; without colour it holds no escape sequence and no trailing space."""
    out = StringIO()
    Console(
        file=out,
        width=max(width, NARROWEST),
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        theme=STYLES,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        force_jupyter=False,
    ).print(what)
    text = "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
    return lettered(text, encoding)
