"""What is public, as `serve.toml` in the store's folder says it: nothing, unless it stands there."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from makegood.model.problem import Place, Problem, Refused, error

FILE = "serve.toml"
MOST = 200
"""Letters of a title."""


@dataclass(frozen=True)
class PageSettings:
    """The page's title, the id of the order by which it judges (empty: all that are deployed), and the public services
    with their titles, in the order in which they are shown."""

    title: str = "Service status"
    order: str = ""
    services: Mapping[str, str] = field(default_factory=dict)


def read_page_settings(folder: Path) -> PageSettings:
    """The settings of a store's page; the plain ones where there is no file. Raises Refused with every problem."""
    file = folder / FILE
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return PageSettings()
    except OSError as failure:
        raise Refused(
            [_wrong(file, f"this cannot be read: {(failure.strerror or 'the system refuses').lower()}")]
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as failure:
        raise Refused([_wrong(file, f"this is no TOML: {failure}")]) from None
    problems = [
        _wrong(file, f"`{name}` is not known here", "known is [page]") for name in sorted(said.keys() - {"page"})
    ]
    page = said.get("page", {})
    if not isinstance(page, dict):
        raise Refused([*problems, _wrong(file, "`page` is a table", "write [page] on a line of its own")])
    return _read(file, page, problems)


def _read(file: Path, page: Mapping[str, Any], problems: list[Problem]) -> PageSettings:
    known = {"title", "order", "services"}
    problems += [
        _wrong(file, f"[page] does not know `{name}`", f"it knows {', '.join(sorted(known))}")
        for name in sorted(page.keys() - known)
    ]
    for name in ("title", "order"):
        if name in page and not _is_line(page[name]):
            problems.append(_wrong(file, f"`{name}` is a text of one line, and up to {MOST} letters"))
    services = page.get("services", {})
    if not isinstance(services, dict) or not all(_is_line(title) for title in services.values()):
        hint = '[page.services] web = "Web shop"'
        problems.append(_wrong(file, "`services` gives each public service its title", hint))
    if problems:
        raise Refused(problems)
    return PageSettings(page.get("title", PageSettings.title), page.get("order", ""), services)


def _is_line(said: object) -> bool:
    return isinstance(said, str) and 0 < len(said) <= MOST and said.isprintable()


def _wrong(file: Path, what: str, hint: str = "") -> Problem:
    return error("serve-settings", Place(str(file)), what, "", hint)
