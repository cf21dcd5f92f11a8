"""Use case: everything that a store derives from its facts is made again, and held against what is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from makegood.app.deployed import deployed
from makegood.app.following import Following
from makegood.app.watching import dockets_of
from makegood.model.health import Subject
from makegood.model.problem import Place, Refused, Severity, error
from makegood.store.opened import Store
from makegood.store.outages import Basis, basis_in, differing, followed_in, outages_in, replace_outages
from makegood.store.sql import deriving
from makegood.store.sql.database import reading, writing
from makegood.store.sql.deriving import Rebuilt

TRIES: Final = 5


def rebuilt(store: Store, only_check: bool = False) -> Rebuilt:
    """Make what is derived again, the tree over the log and the outages, where it differs; or only say what does.

    Raises Refused, and changes nothing more, where the log or the evidence is not as it was signed.
    """
    tree, outages = _tree(store, only_check), _outages(store, only_check)
    return Rebuilt(tree.rows + outages.rows, tree.different + outages.different)


def _tree(store: Store, only_check: bool) -> Rebuilt:
    if not only_check:
        return deriving.rebuild(store.engine)
    with reading(store.engine) as connection:
        made = deriving.derive(connection)
        return Rebuilt(made.count, deriving.compare(connection, made))


def _outages(store: Store, only_check: bool) -> Rebuilt:
    """The outages as they were last looked at, by the entries that the log had then.

    A server may look again meanwhile: what was found is written only where the rows are still about the same.
    """
    for _ in range(TRIES):
        with reading(store.engine) as connection:
            basis, there, known = basis_in(connection), outages_in(connection), followed_in(connection)
        if basis is None:
            return Rebuilt(0, 0)
        subjects = _found(store, basis)
        different = differing(subjects, there, known, basis)
        if not different or only_check or _written(store, subjects, basis):
            return Rebuilt(sum(len(s.outages) for s in subjects) + 1, different)
    what, hint = (
        "the outages of this store differ, and a server finds them anew all the time",
        "stop it, and do it again",
    )
    raise Refused([error("in-use", Place(str(store.folder)), what, "", hint)])


def _written(store: Store, subjects: Sequence[Subject], basis: Basis) -> bool:
    with writing(store.engine) as connection:
        if basis_in(connection, lock=True) != basis:
            return False
        replace_outages(connection, subjects, basis)
        return True


def _found(store: Store, basis: Basis) -> list[Subject]:
    """Every subject of what was deployed then. Raises Refused where evidence of it is missing or was changed."""
    dockets, _ = dockets_of(deployed(store, basis.size))
    following = Following(store, dockets, basis.at, basis.size)
    if wrong := [p for p in following.problems if p.severity is Severity.ERROR]:
        raise Refused(wrong)
    return list({(s.order, s.commitment, s.name): s for s in following.subjects(basis.at)}.values())
