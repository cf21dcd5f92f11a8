"""Use case: a plan of what would change in what is deployed, and its application, all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from makegood.app.binding import OF_ORDER, bound
from makegood.app.deployed import AGREEMENT, ALERTS, CHECK, IN_FORCE, ORDER, Deployed
from makegood.app.differing import Keys, agreement_keys, differing, written_document
from makegood.app.fitting_alerts import misfits_of_alerts
from makegood.app.fitting_checks import Placed, misfits_of_checks
from makegood.app.offering import Offer, Offered
from makegood.app.refusals import nearest, unknown_version
from makegood.app.versions import twice
from makegood.contract.written import Agreement
from makegood.exchange.checks.read import read_checks
from makegood.exchange.checks.write import check_written
from makegood.exchange.orders import ReadOrder
from makegood.model.alerts import Alerts
from makegood.model.checks import Check
from makegood.model.plan import Happens, PlannedChange
from makegood.model.problem import Place, Problem, Refused, Severity, error
from makegood.model.spans import Instant
from makegood.render.plan import counted
from makegood.store.opened import Store
from makegood.store.sql.alerts import wake
from makegood.store.sql.deploying import Put, Record, unmoved
from makegood.store.sql.store import Appended, Document, Receipt

Name = tuple[str, str]
"""A kind and a name in it."""

_KINDS = (AGREEMENT, ORDER, CHECK, ALERTS)


@dataclass(frozen=True)
class Plan:
    """What would change, in the order in which it is told, and what makes it so. `warnings` do not stop it."""

    changes: tuple[PlannedChange, ...]
    record: Record
    documents: tuple[Document, ...]
    warnings: tuple[Problem, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing would change at all."""
        return not self.changes


def plan(now: Deployed, offer: Offer, prune: bool = False) -> Plan:
    """What would change if an offer were applied to what is deployed.

    A check that was in one of the offered files before and is in none of them now is removed; with `prune` whatever is
    not offered. Raises Refused where what would be deployed then cannot hold: an order whose agreement is not there or
    cannot bind it.
    """
    offered = {(one.kind, one.name): one for one in offer.every}
    gone = [
        (kind, name)
        for (kind, name), put in now.put.items()
        if (kind, name) not in offered and (prune or (kind == CHECK and put.file in offer.files))
    ]
    new = [one for one in offer.every if now.put.get((one.kind, one.name)) != _put(one)]
    checks = {check.name: check for check in now.checks}
    changes = [*(_change(now, checks, one) for one in new), *_removed(now, gone)]
    changes.sort(key=lambda change: (_KINDS.index(change.kind), change.name))
    problems = [*offer.problems, *(_problems(now, offered, gone, changes) if changes else ()), *_unkept(new)]
    if any(p.severity is Severity.ERROR for p in problems):
        raise Refused(problems)
    record = Record(now.digest, tuple(map(_put, new)), tuple(gone))
    return Plan(tuple(changes), record, tuple(one.document for one in new), tuple(problems))


def apply_plan(store: Store, made: Plan, now: Instant, by: str) -> Receipt:
    """Let a plan hold: its documents and the record of it, in one transaction.

    Raises Refused, and nothing changes, where something else was applied since the plan was made.
    """
    if made.empty:
        return Receipt(range(0), 0)
    documents = [*made.documents, made.record.document()]
    stood = unmoved(made.record.after)

    def also(connection: Connection, positions: range) -> None:
        stood(connection, positions)
        if any(change.kind == ALERTS for change in made.changes):
            wake(connection, now)

    return store.append(Appended(by, documents=documents), now, also)


def _unkept(new: Sequence[Offered]) -> Iterator[Problem]:
    """Checks whose documents would not be read as what they are: what is applied must be there to be asked for."""
    for one in new:
        if isinstance(one.what, Placed) and read_checks(one.document.body, one.file)[0] != (one.what.check,):
            what = f"the check `{one.name}` cannot be kept: its document would have {len(one.document.body):,} bytes"
            yield error("check-too-long", one.place, what, "a document is read whole", "shorten its texts")


def _put(one: Offered) -> Put:
    return Put(one.kind, one.name, one.file, one.document.digest)


def _change(now: Deployed, checks: Mapping[str, Check], one: Offered) -> PlannedChange:
    before = now.put.get((one.kind, one.name))
    if before is None:
        return PlannedChange(one.kind, one.name, Happens.ADDED, _first_keys(one), _says(one))
    keys, says = _keys(now, checks, one, before), ""
    if not keys and before.digest != one.document.digest:
        says = "its words, and no rule" if one.kind == AGREEMENT else "remarks or the way it is written"
    moved = (("file", before.file, one.file),) if before.file != one.file else ()
    return PlannedChange(one.kind, one.name, Happens.CHANGED, (*keys, *moved), says)


def _keys(now: Deployed, checks: Mapping[str, Check], one: Offered, before: Put) -> Keys:
    match one.what:
        case Placed(check=check):
            return differing(check_written(checks[one.name]), check_written(check))
        case Agreement() as agreement:
            name, version = agreement.header.name, agreement.header.version
            found = next(a for a in now.agreements if (a.header.name, a.header.version) == (name, version))
            return agreement_keys(found, agreement)
        case ReadOrder() | Alerts():
            return differing(written_document(now.raw[before.digest]), written_document(one.document.body))


def _first_keys(one: Offered) -> Keys:
    """What a new check does; a new agreement or order is read in its file."""
    if not isinstance(one.what, Placed):
        return ()
    return tuple(key for key in differing({}, check_written(one.what.check)) if key[0] != "check")


def _says(one: Offered) -> str:
    match one.what:
        case Agreement(header=header):
            return f"effective {header.effective}"
        case ReadOrder(order=order):
            return f"{order.customer}, under {order.agreement}"
        case Alerts():
            return counted(one.what)
        case Placed():
            return ""


def _removed(now: Deployed, gone: Sequence[Name]) -> Iterator[PlannedChange]:
    for kind, name in gone:
        yield PlannedChange(kind, name, Happens.REMOVED, (), f"was in {now.put[kind, name].file}")


def _problems(
    now: Deployed, offered: dict[Name, Offered], gone: Sequence[Name], changes: Sequence[PlannedChange]
) -> Iterator[Problem]:
    """What is wrong with what would be deployed, as far as it is about what changes."""
    away = {*gone, *offered}
    mine = [one.what for one in offered.values()]
    agreements = [a for a in now.agreements if (AGREEMENT, f"{a.header.name} {a.header.version}") not in away]
    before = [a.header.name for a in now.agreements]
    agreements += [what for what in mine if isinstance(what, Agreement)]
    changed = {(change.kind, change.name) for change in changes}
    touched = {name.rpartition(" ")[0] for kind, name in changed if kind == AGREEMENT}
    for name in sorted(touched):
        versions = [a for a in agreements if a.header.name == name]
        yield from twice(sorted(versions, key=lambda a: (a.header.effective, a.header.version)))
    orders = [(read, Place(f"order {read.order.id}")) for read in now.orders if (ORDER, read.order.id) not in away]
    orders += [(one.what, one.place) for one in offered.values() if isinstance(one.what, ReadOrder)]
    concerned = [
        (read, place)
        for read, place in orders
        if (ORDER, read.order.id) in changed
        or read.order.agreement in touched
        or any((CHECK, check) in changed for service in read.order.services for check in service.checks)
    ]
    for read, place in concerned:
        yield from _unbound(read, place, agreements, before)
    checks = [Placed(c, Place(f"check {c.name}")) for c in now.checks if (CHECK, c.name) not in away]
    checks += [what for what in mine if isinstance(what, Placed)]
    named = [(read, place.source) for read, place in orders]
    only = {read.order.id for read, _ in concerned}
    wrong = misfits_of_checks(named, agreements, checks, only)
    new = {one.place for one in offered.values() if (one.kind, one.name) in changed}
    offered_alerts = offered.get((ALERTS, IN_FORCE))
    if offered_alerts is not None and isinstance(offered_alerts.what, Alerts):
        yield from misfits_of_alerts(offered_alerts.what, offered_alerts.place, [o for o, _ in orders], checks)
    yield from (p for p in wrong if p.where in new or p.where.source in {place.source for _, place in concerned})


def _unbound(
    read: ReadOrder, place: Place, agreements: Sequence[Agreement], before: Sequence[str]
) -> Iterator[Problem]:
    """Why an order could not be judged by what would be deployed."""
    versions = [a for a in agreements if a.header.name == read.order.agreement]
    if not versions:
        what = f"the order `{read.order.id}` is under the agreement `{read.order.agreement}`, which would not be there"
        known = sorted({a.header.name for a in agreements})
        hint = nearest(read.order.agreement, known, "apply the agreement with it")
        why = "nothing could be judged" if read.order.agreement not in before else "it is still needed"
        yield error("no-agreement", place, what, why, hint)
        return
    ordered = sorted(versions, key=lambda a: (a.header.effective, a.header.version))
    unknown = unknown_version(ordered, read.order, place.source)
    yield from unknown
    if not unknown:
        _, problems = bound(ordered, read.order, read.instead)
        yield from (replace(p, where=place) if p.where.source == OF_ORDER else p for p in problems)
