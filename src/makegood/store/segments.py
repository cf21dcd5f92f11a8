"""The files of segments: durable, verified on every read, and on an object store too where there is one."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from makegood.model.problem import Place, Problem, Refused, error
from makegood.store.durable import make_folder, write_whole
from makegood.store.place import StorePlace
from makegood.store.refusals import ENDPOINT, no_bucket, object_store_refusal


def write_segment(place: StorePlace, kind: str, write: Callable[[Path], int]) -> tuple[str, str, int, int]:
    """Let `write` make a file, which says how many rows it has; its name below the store, SHA-256, bytes and rows.

    It is durable when this returns, on the object store too where there is one, and counts once the log lists it.
    Raises Refused where a disk or the object store refuses.
    """
    folder = place.folder / kind
    make_folder(folder)
    part = folder / f".sealing.{os.getpid()}.part"
    try:
        rows = write(part)
        digest = _digest(part)
        name = f"{kind}/{digest[:16]}.parquet"
        size = part.stat().st_size
        write_whole(place.folder / name, lambda beside: _moved(part, beside))
    finally:
        part.unlink(missing_ok=True)
    upload(place, name)
    return name, digest, size, rows


def upload(place: StorePlace, name: str) -> None:
    """Put a file of the folder on the object store, where there is one. Raises Refused where that refuses."""
    if place.segments:
        _put(place, name)


def segment_file(place: StorePlace, name: str, digest: str) -> Path | Problem:
    """A segment's file as it was written: the local one, or else that of the object store, of which a copy is kept."""
    path = place.folder / name
    if path.is_file():
        if _digest(path) == digest:
            return path
        if not place.segments:
            hint = "restore it from a copy"
            return error("segment-changed", Place(name), "this segment was changed", "the log has its hash", hint)
    if not place.segments:
        return error("segment-missing", Place(name), "this segment is missing", "", "restore it from a copy")
    return _fetched(place, name, digest)


def remove_segment(place: StorePlace, name: str) -> None:
    """Remove a file that nothing counts on any more; where it is gone already, that is well.

    Raises Refused where the object store refuses; the file is then removed nowhere.
    """
    if place.segments:
        try:
            _remote(place).delete(name)
        except Refused:
            raise
        except Exception as failure:  # noqa: BLE001 -- obstore has a type for each way in which a network can fail
            if not isinstance(failure, FileNotFoundError) or no_bucket(failure):
                what = "this file cannot be removed from the object store"
                then = "Then say `makegood retain` again"
                raise Refused([_failed(place, name, "segment-unwritable", what, failure, then)]) from None
    (place.folder / name).unlink(missing_ok=True)


def remote_sizes(place: StorePlace) -> dict[str, int]:
    """The names of the files on the object store with their bytes. Raises Refused where it cannot be read."""
    try:
        return {str(one["path"]): int(one["size"]) for part in _remote(place).list() for one in part}
    except Refused:
        raise
    except Exception as failure:  # noqa: BLE001 -- as above
        raise Refused([_unread(place, "", failure)]) from None


def remote_is(place: StorePlace, name: str, digest: str) -> Problem | None:
    """What is wrong with the file of the object store, or None; no copy of it is kept."""
    raw = _got(place, name, digest)
    return raw if isinstance(raw, Problem) else None


def _fetched(place: StorePlace, name: str, digest: str) -> Path | Problem:
    raw = _got(place, name, digest)
    if isinstance(raw, Problem):
        return raw
    make_folder((place.folder / name).parent)
    write_whole(place.folder / name, lambda beside: _write(beside, raw))
    return place.folder / name


def _got(place: StorePlace, name: str, digest: str) -> bytes | Problem:
    where = f"{place.segments}/{name}"
    try:
        raw = bytes(_remote(place).get(name).bytes())
    except Refused as refused:
        return refused.problems[0]
    except Exception as failure:  # noqa: BLE001 -- as above
        if not isinstance(failure, FileNotFoundError) or no_bucket(failure):
            return _unread(place, name, failure)
        hint = "restore it from a copy; the log has its hash"
        return error("segment-missing", Place(where), "this segment is missing", "", hint)
    if sha256(raw).hexdigest() != digest:
        hint = "restore it from a copy"
        return error("segment-changed", Place(where), "this segment was changed", "the log has its hash", hint)
    return raw


def _put(place: StorePlace, name: str) -> None:
    try:
        _remote(place).put(name, (place.folder / name).read_bytes())
    except Refused:
        raise
    except Exception as failure:  # noqa: BLE001 -- as above
        what, then = "the object store cannot be written", "Nothing of it counts; then do it again"
        raise Refused([_failed(place, name, "segment-unwritable", what, failure, then)]) from None


def _unread(place: StorePlace, name: str, failure: Exception) -> Problem:
    return _failed(place, name, "segment-unreadable", "the object store cannot be read", failure)


def _failed(place: StorePlace, name: str, code: str, what: str, failure: Exception, then: str = "") -> Problem:
    where = f"{place.segments}/{name}" if name else place.segments
    why, hint = object_store_refusal(failure)
    return error(code, Place(where), what, why, f"{hint}{'' if hint.endswith('?') else '.'} {then}" if then else hint)


def _remote(place: StorePlace) -> Any:
    """The object store, with the credentials and the endpoint of the environment (AWS_…)."""
    try:
        from obstore.store import S3Store
    except ImportError:
        what, hint = "segments on an object store need an extra", "pip install 'makegood[s3]'"
        raise Refused([error("segment-unwritable", Place("store.toml"), what, "", hint)]) from None
    endpoint = os.environ.get(ENDPOINT, "")
    options: dict[str, Any] = {"client_options": {"allow_http": True}} if endpoint.startswith("http://") else {}
    if endpoint:
        options["endpoint"] = endpoint
    return S3Store.from_url(place.segments, **options)


def _digest(path: Path) -> str:
    with path.open("rb") as raw:
        return file_digest(raw, "sha256").hexdigest()


def _moved(part: Path, beside: Path) -> None:
    part.replace(beside)


def _write(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
