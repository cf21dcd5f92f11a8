"""The files of sealed segments: named by their hash, durable, verified on every read; on an object store too."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from makegood.model.problem import Place, Problem, Refused, error
from makegood.store.durable import make_folder, write_whole
from makegood.store.place import StorePlace

ENDPOINT = "AWS_ENDPOINT_URL"
"""The variable of the environment that names another endpoint of an object store than Amazon's."""


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
    if place.segments:
        _put(place, name)
    return name, digest, size, rows


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
    """Remove a file that nothing counts on any more; where it is gone already, that is well."""
    (place.folder / name).unlink(missing_ok=True)
    if place.segments:
        store = _remote(place)
        with suppress(FileNotFoundError):
            store.delete(name)


def _fetched(place: StorePlace, name: str, digest: str) -> Path | Problem:
    where = f"{place.segments}/{name}"
    try:
        raw = bytes(_remote(place).get(name).bytes())
    except FileNotFoundError:
        hint = "restore it from a copy; the log has its hash"
        return error("segment-missing", Place(where), "this segment is missing", "", hint)
    except Exception as failure:  # noqa: BLE001 -- obstore has a type for each way in which a network can fail
        why = str(failure).strip().splitlines()[0]
        return error(
            "segment-unreadable", Place(where), "the object store cannot be read", why, f"is {ENDPOINT} right?"
        )
    if sha256(raw).hexdigest() != digest:
        hint = "restore it from a copy"
        return error("segment-changed", Place(where), "this segment was changed", "the log has its hash", hint)
    make_folder((place.folder / name).parent)
    write_whole(place.folder / name, lambda beside: _write(beside, raw))
    return place.folder / name


def _put(place: StorePlace, name: str) -> None:
    try:
        _remote(place).put(name, (place.folder / name).read_bytes())
    except Refused:
        raise
    except Exception as failure:  # noqa: BLE001 -- as above
        why = str(failure).strip().splitlines()[0]
        hint = "nothing was sealed; do it again when the object store answers"
        what = "the object store cannot be written"
        raise Refused([error("segment-unwritable", Place(f"{place.segments}/{name}"), what, why, hint)]) from None


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
