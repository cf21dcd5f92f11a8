"""What `serve.toml` in the store's folder says: what is public, which is nothing unless it stands there, and by which
places the location beside the server knows that it is well."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from makegood.model.problem import Place, Problem, Refused, error
from makegood.probe.places import control_check

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


@dataclass(frozen=True)
class ServeSettings:
    """All of it; `control` are the control places, as `--control` names them."""

    page: PageSettings = field(default_factory=PageSettings)
    control: tuple[str, ...] = ()


def read_settings(folder: Path) -> ServeSettings:
    """The settings of a store's server; the plain ones where there is no file. Raises Refused with every problem."""
    file = folder / FILE
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ServeSettings()
    except OSError as failure:
        raise Refused(
            [_wrong(file, f"this cannot be read: {(failure.strerror or 'the system refuses').lower()}")]
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as failure:
        raise Refused([_wrong(file, f"this is no TOML: {failure}")]) from None
    problems = [
        _wrong(file, f"`{name}` is not known here", "known are [page] and [location]")
        for name in sorted(said.keys() - {"page", "location"})
    ]
    page = _page(file, _table(file, said, "page", {"title", "order", "services"}, problems), problems)
    control = _control(file, _table(file, said, "location", {"control"}, problems), problems)
    if problems:
        raise Refused(problems)
    return ServeSettings(page, control)


def _table(
    file: Path, said: Mapping[str, Any], name: str, known: AbstractSet[str], problems: list[Problem]
) -> Mapping[str, Any]:
    table = said.get(name, {})
    if not isinstance(table, dict):
        problems.append(_wrong(file, f"`{name}` is a table", f"write [{name}] on a line of its own"))
        return {}
    problems += [
        _wrong(file, f"[{name}] does not know `{key}`", f"it knows {', '.join(sorted(known))}")
        for key in sorted(table.keys() - known)
    ]
    return table


def _control(file: Path, location: Mapping[str, Any], problems: list[Problem]) -> tuple[str, ...]:
    control = location.get("control", [])
    if not isinstance(control, list) or not all(isinstance(place, str) for place in control):
        problems.append(_wrong(file, "`control` lists places", 'control = ["https://example.com/", "example.net:443"]'))
        return ()
    for place in control:
        try:
            control_check(place, str(file))
        except Refused as refused:
            problems += refused.problems
    return tuple(control)


def _page(file: Path, page: Mapping[str, Any], problems: list[Problem]) -> PageSettings:
    problems += [
        _wrong(file, f"`{name}` is a text of one line, and up to {MOST} letters")
        for name in ("title", "order")
        if name in page and not _is_line(page[name])
    ]
    services = page.get("services", {})
    if not isinstance(services, dict) or not all(_is_line(title) for title in services.values()):
        hint = '[page.services] web = "Web shop"'
        problems.append(_wrong(file, "`services` gives each public service its title", hint))
    return PageSettings(page.get("title", PageSettings.title), page.get("order", ""), services)


def _is_line(said: object) -> bool:
    return isinstance(said, str) and 0 < len(said) <= MOST and said.isprintable()


def _wrong(file: Path, what: str, hint: str = "") -> Problem:
    return error("serve-settings", Place(str(file)), what, "", hint)
