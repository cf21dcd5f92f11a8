"""The object store brought up to what the log lists: of segments that were there before it, or before a restore."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from makegood.model.problem import Problem, Refused
from makegood.store.opened import Store
from makegood.store.segments import remote_sizes, segment_file, upload
from makegood.store.sql.database import reading
from makegood.store.sql.tables import segment


def mirror(store: Store) -> Iterator[str]:
    """Upload the segments that the object store lacks, each held against its hash before; their names.

    Raises Refused where a segment was changed or is missing, and where the object store refuses.
    """
    if not store.place.segments:
        return
    remote, s = remote_sizes(store.place), segment.c
    with reading(store.engine) as connection:
        asked = select(s.name, s.sha256, s.bytes).where(s.retired.is_(None)).order_by(s.position)
        listed = connection.execute(asked).all()
    for name, digest, size in listed:
        if remote.get(name) != size:
            found = segment_file(store.place, name, bytes(digest).hex())
            if isinstance(found, Problem):
                raise Refused([found])
            upload(store.place, name)
            yield name
