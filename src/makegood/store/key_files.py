"""Where the secret keys of a store's log are: in the file that `store.toml` names, or in the one that is to follow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from makegood.evidence.signing import PublicKey, SigningKey, read_key
from makegood.model.problem import Place, Refused, error
from makegood.store.place import StorePlace


def find_key(place: StorePlace, public: bytes) -> SigningKey:
    """The secret half of a key, from one of the two files that `store.toml` may name. Raises Refused for neither.

    While the key is being changed there are two, and which of them is the log's, the log alone says.
    """
    if place.next_key is not None and holds(place.next_key, public):
        return read_key(place.next_key)
    if not place.key.is_file():
        what, why = "the key that signs is missing", f"the log is signed by key {PublicKey(public).id}, and by no other"
        hint = "bring a copy of it back; until then the store is only read"
        raise Refused([error("key", Place(str(place.key)), what, why, hint)])
    key = read_key(place.key)
    if key.public.raw != public:
        what = f"this is key {key.public.id}, and the log is signed by key {PublicKey(public).id}"
        hint = "put that key there, or let `key` in store.toml name its file; until then the store is only read"
        raise Refused([error("key", Place(str(place.key)), what, "no head may be signed by another key", hint)])
    return key


def holds(file: Path, public: bytes) -> bool:
    """Whether a file holds the secret half of this key, and nobody else can read it."""
    try:
        return read_key(file).public.raw == public
    except Refused:
        return False


def beside(place: StorePlace) -> Iterator[Path]:
    """The files that may hold a key of this store's log, also a former one: those named, and keys that lie by them."""
    named = [place.key, *([place.next_key] if place.next_key is not None else [])]
    yield from named
    for folder in dict.fromkeys(file.parent for file in named):
        yield from sorted(file for file in folder.glob("*.pem") if file not in named)
