"""Files of other programs made in a test, read as `makegood import` reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from makegood.exchange.brought import Brought, Foreign
from makegood.exchange.formats import FORMATS, told
from makegood.exchange.moments import written
from makegood.exchange.status_log import StatusRows
from makegood.exchange.time_column import read_time
from makegood.model.spans import Instant

NOW = 1_790_000_000_000_000
"""2026-09-21T14:13:20Z."""
WORDS = ("up", "down", "unknown")


def at(text: str) -> Instant:
    """An instant of 2026, from `02-08 07:10` or `02-08 07:10:30`."""
    found = read_time(f"2026-{text.replace(' ', 'T')}{'' if text.count(':') == 2 else ':00'}Z")
    assert isinstance(found, int)
    return found


def zulu(text: str) -> str:
    """The same instant as RFC 3339."""
    return written(at(text))


def foreign(
    folder: Path,
    content: object,
    name: str = "given.json",
    names: Mapping[str, str] | None = None,
    source: str = "",
    services: Mapping[str, tuple[str, ...]] | None = None,
    **options: str,
) -> Foreign:
    """A file with this content: bytes and texts as they are, anything else as JSON."""
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
    given = {key.replace("_", "-"): value for key, value in options.items()}
    return Foreign(path, NOW, "anna", source, names or {}, given, services or {})


def read(file: Foreign) -> Brought:
    """What the one format that the content tells makes of it."""
    (found,) = told(file)
    return found.read(file)


def states(rows: StatusRows | None) -> list[tuple[str, str, str, str]]:
    """(service, earliest, at, outcome) of each row, the earliest empty where it is `at`; times without their year."""
    assert rows is not None
    return [
        (rows.services[s], "" if earliest == when else written(earliest)[5:-1], written(when)[5:-1], WORDS[outcome])
        for s, earliest, when, outcome in zip(
            rows.service.tolist(), rows.earliest.tolist(), rows.at.tolist(), rows.outcome.tolist(), strict=True
        )
    ]


def said(brought: Brought) -> list[str]:
    """What is wrong, in words."""
    return [" ".join(part for part in (p.what, p.why and f"({p.why})", p.hint and f"→ {p.hint}") if part)
            for p in brought.problems]  # fmt: skip


def names_of_formats() -> list[str]:
    return list(FORMATS)
