"""Where a store lies: a folder with a `store.toml`, which says where its database and its key are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from makegood.model.problem import Place, Problem, Refused, error
from makegood.store.durable import make_folder, write_whole
from makegood.store.sql.database import sqlite_url

SETTINGS = "store.toml"
DATABASE, KEY = "makegood.sqlite", "keys/log.pem"
_KEYS = {"store", "database", "key", "segments", "keep"}
KEEPS = {"outcomes": 13, "latencies": 3}
"""For how many calendar months evidence is kept where the settings do not say it; latencies then become sketches."""

_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]*(/[^?#]*)?")

_MONTHS = re.compile(r"([1-9][0-9]{0,3}) months?")

_TEXT = """\
# A store of facts. What it holds is written by `makegood` only: never change, move or delete a file of it by hand.
# A backup of it is made with `makegood backup`, not by copying.
store = 1
database = "{database}"
# What signs the heads of the log. Keep a copy of it apart from the backups.
key = "{key}"
"""
FOREVER = "forever"


@dataclass(frozen=True)
class StorePlace:
    """A store's folder, which holds its segments, and where the rest is: `database` is a URL, `key` a file.

    `segments` is the URL of an object store for sealed segments, of which the folder then holds copies; else empty.
    `keeps` says for how many calendar months `outcomes` and `latencies` are kept; one that is not there, for ever.
    """

    folder: Path
    database: str
    key: Path
    segments: str = ""
    keeps: Mapping[str, int] = field(default_factory=lambda: dict(KEEPS))


def is_store(folder: Path) -> bool:
    """Whether a folder is a store, rather than a plain folder of facts."""
    return (folder / SETTINGS).is_file()


def read_place(folder: Path) -> StorePlace:
    """Where the parts of a store are. Raises Refused for a `store.toml` that is none."""
    file = folder / SETTINGS
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as failure:
        raise _refused(file, f"this cannot be read: {(failure.strerror or 'the system refuses').lower()}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as failure:
        raise _refused(file, f"this is no TOML: {failure}") from None
    if said.get("store") != 1:
        raise _refused(file, "this is no store that this version of Makegood knows", "`store = 1` is missing")
    if strange := sorted(said.keys() - _KEYS):
        raise _refused(file, f"`{strange[0]}` is not known here", f"known are {', '.join(sorted(_KEYS))}")
    database, key = said.get("database", DATABASE), said.get("key", KEY)
    if not isinstance(database, str) or not isinstance(key, str):
        raise _refused(file, "`database` and `key` are texts")
    segments = said.get("segments", "")
    segments = segments_of(segments if isinstance(segments, str) else "-", file)
    url = database if "://" in database else sqlite_url(folder / database)
    return StorePlace(folder, url, folder / key, segments, _keeps(file, said.get("keep", {})))


def _keeps(file: Path, said: object) -> dict[str, int]:
    if not isinstance(said, dict) or not said.keys() <= KEEPS.keys():
        raise _refused(file, "`keep` says for how long evidence is kept", f"it knows {' and '.join(KEEPS)}")
    keeps = dict(KEEPS)
    for name, long in said.items():
        found = _MONTHS.fullmatch(long) if isinstance(long, str) else None
        if long == FOREVER:
            del keeps[name]
        elif found is None:
            raise _refused(file, f"`keep` has no such length for {name}: {long}", 'write "13 months" or "forever"')
        else:
            keeps[name] = int(found[1])
    return keeps


def said_keeps(keeps: Mapping[str, int]) -> dict[str, str]:
    """How long evidence is kept, as `[keep]` says it, of every class."""
    lengths = {name: keeps.get(name, 0) for name in KEEPS}
    return {name: f"{n} month{'s' * (n > 1)}" if n else FOREVER for name, n in lengths.items()}


def keeps_of(said: Mapping[str, object], file: Path) -> dict[str, int]:
    """What `said_keeps` said. Raises Refused for anything else, as what is wrong with a file."""
    return _keeps(file, dict(said))


def segments_of(url: str, where: Path) -> str:
    """The URL of an object store, as it is written in `store.toml`. Raises Refused for what is none."""
    if not (url == "" or _BUCKET.fullmatch(url)):
        raise _refused(where, "`segments` is no object store", 'write segments = "s3://bucket/prefix", or leave it out')
    return url.rstrip("/")


def new_place(folder: Path, database: str = "", key: str = "") -> StorePlace:
    """Where the parts of a new store will be; nothing but the folder is made.

    `database` is a URL of PostgreSQL, or empty for SQLite in the folder. Raises Refused where something is there.
    """
    if is_store(folder):
        raise Refused([error("store-exists", Place(str(folder)), "there is a store here already")])
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        hint = "name a folder that is empty or not there yet; a folder of facts is imported with `makegood import`"
        raise Refused([error("store-exists", Place(str(folder)), "this is not an empty folder", "", hint)])
    if not folder.absolute().parent.is_dir():
        hint = f"make the folder {folder.parent} first"
        raise Refused([error("store-exists", Place(str(folder)), "the folder above it does not exist", "", hint)])
    make_folder(folder)
    return StorePlace(folder, database or sqlite_url(folder / DATABASE), folder / (key or KEY))


def settle(place: StorePlace) -> None:
    """Write the `store.toml` of a new store, when all else of it is durable: from then on it is one."""
    inside = place.database == sqlite_url(place.folder / DATABASE)
    key = place.key.relative_to(place.folder) if place.key.is_relative_to(place.folder) else place.key
    text = _TEXT.format(database=_quoted(DATABASE if inside else place.database), key=_quoted(str(key)))
    text += f'segments = "{_quoted(place.segments)}"\n' if place.segments else ""
    if place.keeps != KEEPS:
        text += "\n[keep]\n" + "".join(f'{name} = "{long}"\n' for name, long in said_keeps(place.keeps).items())
    write_whole(place.folder / SETTINGS, lambda beside: _write(beside, text))


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _refused(file: Path, what: str, hint: str = "") -> Refused:
    return Refused([_problem(file, what, hint)])


def _problem(file: Path, what: str, hint: str) -> Problem:
    return error("store-settings", Place(str(file)), what, "", hint)
