"""Where a store lies: a folder with a `store.toml`, which says where its database and its key are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from makegood.model.problem import Place, Problem, Refused, error
from makegood.store.durable import begin_private, make_folder, write_whole
from makegood.store.sql.database import sqlite_url

SETTINGS = "store.toml"
DATABASE, KEY = "makegood.sqlite", "keys/log.pem"
NEXT_KEY = "next-key"
_KEYS = {"store", "database", "key", NEXT_KEY, "segments", "keep"}
KEEPS = {"outcomes": 13, "latencies": 3}
"""For how many calendar months evidence is kept where the settings do not say it; latencies then become sketches."""

_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]*(/[^?#]*)?")

_KEY_LINE, _NEXT_LINE, _TABLE = (re.compile(rf"\s*{begin}") for begin in (r"key\s*=", rf"{NEXT_KEY}\s*=", r"\["))

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
    `next_key` is the file of the key that is to follow, while the key is being changed (see `store.keys`).
    `keeps` says for how many calendar months `outcomes` and `latencies` are kept; one that is not there, for ever.
    """

    folder: Path
    database: str
    key: Path
    segments: str = ""
    next_key: Path | None = None
    keeps: Mapping[str, int] = field(default_factory=lambda: dict(KEEPS))


def is_store(folder: Path) -> bool:
    """Whether a folder is a store, rather than a plain folder of facts."""
    return (folder / SETTINGS).is_file()


def no_store(folder: Path) -> Problem:
    """What is said of a folder that is no store, or not there."""
    what = "there is no such folder" if not folder.exists() else "this is no store: it has no store.toml"
    hint = "name the folder of a store; `makegood store FOLDER` makes one"
    return error("no-store", Place(str(folder)), what, "", hint)


def read_place(folder: Path) -> StorePlace:
    """Where the parts of a store are. Raises Refused for a `store.toml` that is none."""
    file = folder / SETTINGS
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise Refused([no_store(folder)]) from None
    except OSError as failure:
        raise _refused(file, f"this cannot be read: {(failure.strerror or 'the system refuses').lower()}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as failure:
        raise _refused(file, f"this is no TOML: {failure}") from None
    if said.get("store") != 1:
        raise _refused(file, "this is no store that this version of Makegood knows", "`store = 1` is missing")
    if strange := sorted(said.keys() - _KEYS):
        raise _refused(file, f"`{strange[0]}` is not known here", f"known are {', '.join(sorted(_KEYS))}")
    database, key, following = said.get("database", DATABASE), said.get("key", KEY), said.get(NEXT_KEY, "")
    if not all(isinstance(text, str) for text in (database, key, following)):
        raise _refused(file, f"`database`, `key` and `{NEXT_KEY}` are texts")
    segments = said.get("segments", "")
    segments = segments_of(segments if isinstance(segments, str) else "-", file)
    url = database if "://" in database else sqlite_url(folder / database)
    next_key = folder / following if following else None
    return StorePlace(folder, url, folder / key, segments, next_key, _keeps(file, said.get("keep", {})))


def name_keys(folder: Path, key: Path, following: Path | None = None) -> None:
    """Let the `store.toml` of a store name its key, and the one that is to follow, durably; all else in it stays.

    Raises Refused where its lines are not written so that this can be done, and OSError as the system does.
    """
    file = folder / SETTINGS
    text = file.read_text(encoding="utf-8")
    names = {"key": _inside(folder, key)} | ({} if following is None else {NEXT_KEY: _inside(folder, following)})
    lines = text.splitlines(keepends=True)
    end = next((n for n, line in enumerate(lines) if _TABLE.match(line)), len(lines))
    at = next((n for n, line in enumerate(lines[:end]) if _KEY_LINE.match(line)), end)
    ours = [f"{name} = {_text(value)}\n" for name, value in names.items()]
    before = [line for line in lines[:at] if not _NEXT_LINE.match(line)]
    after = [line for line in lines[at:end] if not (_KEY_LINE.match(line) or _NEXT_LINE.match(line))]
    if before and not before[-1].endswith("\n"):
        before[-1] += "\n"
    changed = "".join([*before, *ours, *after, *lines[end:]])
    expected = {name: value for name, value in tomllib.loads(text).items() if name != NEXT_KEY} | names
    if _loaded(changed) != expected:
        hint = "write `key = …` on a line of its own, above every [table]"
        raise _refused(file, "the key cannot be changed in these lines", hint)
    write_whole(file, lambda beside: _write(beside, changed))


def _loaded(text: str) -> dict[str, object] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


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
    make_folder(folder, private=True)
    return StorePlace(folder, database or sqlite_url(folder / DATABASE), folder / (key or KEY))


def settle(place: StorePlace) -> None:
    """Write the `store.toml` of a new store, when all else of it is durable: from then on it is one."""
    inside = place.database == sqlite_url(place.folder / DATABASE)
    text = _TEXT.format(
        database=_quoted(DATABASE if inside else place.database), key=_quoted(_inside(place.folder, place.key))
    )
    text += f'segments = "{_quoted(place.segments)}"\n' if place.segments else ""
    if place.keeps != KEEPS:
        text += "\n[keep]\n" + "".join(f'{name} = "{long}"\n' for name, long in said_keeps(place.keeps).items())
    write_whole(place.folder / SETTINGS, lambda beside: _write(beside, text))


def _inside(folder: Path, file: Path) -> str:
    """A file by its name below the folder, or wholly where it is elsewhere."""
    whole, base = file.absolute(), folder.absolute()
    return str(whole.relative_to(base) if whole.is_relative_to(base) else whole)


def _text(text: str) -> str:
    return f'"{_quoted(text)}"'


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _write(path: Path, text: str) -> None:
    begin_private(path)  # the URL of a database may hold a password
    path.write_text(text, encoding="utf-8")


def _refused(file: Path, what: str, hint: str = "") -> Refused:
    return Refused([_problem(file, what, hint)])


def _problem(file: Path, what: str, hint: str) -> Problem:
    return error("store-settings", Place(str(file)), what, "", hint)
