"""What is deployed at a store: agreements, orders, checks and alerts that hold now, or held at a length of its log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from makegood.contract.agreement import read_agreement
from makegood.contract.shape import article
from makegood.contract.written import Agreement
from makegood.exchange.alerts.reading import read_alerts
from makegood.exchange.checks.read import read_checks
from makegood.exchange.orders import ReadOrder, read_order
from makegood.model.alerts import Alerts
from makegood.model.checks import Check
from makegood.model.problem import Place, Problem, Refused, Severity, error
from makegood.store.opened import Store
from makegood.store.sql.database import reading
from makegood.store.sql.deploying import Put, bodies, latest, standing
from makegood.store.sql.log import extent

AGREEMENT, ORDER, CHECK, ALERTS = "agreement", "order", "check", "alerts"
IN_FORCE: Final = "in force"
"""The name of the only file of alerts that is deployed."""
HEAD: Final = b"checks:\n"
"""The first line of the document of a check, which is a file of checks with one in it."""
_AT_ONCE: Final = 500_000


@dataclass(frozen=True)
class Deployed:
    """What holds at the first `size` entries of a log: agreements, orders and checks, each kind in order, and
    the alerts in force, None where there are none.

    `digest` is the SHA-256 of the record that made it so, empty where nothing was ever applied: while it is the same,
    all of this is. `put` says by kind and name which document and file each is from, `raw` has the bytes of agreements,
    orders and alerts by their SHA-256.
    """

    agreements: tuple[Agreement, ...]
    orders: tuple[ReadOrder, ...]
    checks: tuple[Check, ...]
    alerts: Alerts | None
    size: int
    digest: bytes
    put: Mapping[tuple[str, str], Put]
    raw: Mapping[bytes, bytes]


def deployed(store: Store, size: int | None = None) -> Deployed:
    """What is deployed at a store, as its log was `size` entries long, or now.

    Raises Refused where a document cannot be read, be it because a later version of the program is stricter.
    """
    with reading(store.engine) as connection:
        return deployed_in(connection, size)


def deployed_digest(store: Store) -> bytes:
    """The SHA-256 of the latest record, empty where there is none: it changes when what is deployed does."""
    with reading(store.engine) as connection:
        return latest(connection)


def deployed_in(connection: Connection, size: int | None = None) -> Deployed:
    """The same, in a transaction."""
    until = extent(connection).size if size is None else size
    stands = standing(connection, until)
    raw = bodies(connection, [put.digest for put in stands.put.values()])
    problems: list[Problem] = []
    kinds: dict[str, list[tuple[Put, bytes]]] = {AGREEMENT: [], ORDER: [], CHECK: [], ALERTS: []}
    for put in sorted(stands.put.values(), key=lambda put: (put.kind, put.name)):
        if put.kind not in kinds:
            what = f"`{put.name}` is {article(put.kind)}, which this version of makegood does not know"
            problems.append(error("unknown-kind", Place("store"), what, "", "install a later version"))
        elif put.digest not in raw:
            what = f"the document of {put.kind} `{put.name}` is missing"
            problems.append(error("no-document", Place("store"), what, "", "restore the store from a backup"))
        else:
            kinds[put.kind].append((put, raw[put.digest]))
    agreements = [read for put, body in kinds[AGREEMENT] if (read := _agreement(put, body, problems)) is not None]
    orders = [order for put, body in kinds[ORDER] if (order := _order(put, body, problems)) is not None]
    checks = [check for part in _parts([body for _, body in kinds[CHECK]]) for check in _checks(part, problems)]
    alerts = [found for put, body in kinds[ALERTS] if (found := _alerts(put, body, problems)) is not None]
    if problems:
        raise Refused(problems)
    kept = {put.digest: body for kind in (AGREEMENT, ORDER, ALERTS) for put, body in kinds[kind]}
    ordered = sorted(agreements, key=lambda a: (a.header.name, a.header.effective, a.header.version))
    return Deployed(
        tuple(ordered), tuple(orders), tuple(checks), alerts[0] if alerts else None, until, stands.digest, stands.put,
        kept,
    )  # fmt: skip


def _agreement(put: Put, body: bytes, problems: list[Problem]) -> Agreement | None:
    found, wrong = read_agreement(body, put.file)
    problems += _errors(wrong)
    return found


def _order(put: Put, body: bytes, problems: list[Problem]) -> ReadOrder | None:
    found, wrong = read_order(body, put.file)
    problems += _errors(wrong)
    return found


def _alerts(put: Put, body: bytes, problems: list[Problem]) -> Alerts | None:
    found, wrong = read_alerts(body, put.file)
    problems += _errors(wrong)
    return found


def _checks(raw: bytes, problems: list[Problem]) -> Sequence[Check]:
    found, wrong = read_checks(raw, "checks of the store")
    problems += _errors(wrong)
    return found or ()


def _errors(problems: Sequence[Problem]) -> list[Problem]:
    return [p for p in problems if p.severity is Severity.ERROR]


def _parts(documents: Sequence[bytes]) -> Iterator[bytes]:
    """The documents of checks, many as one: a reader takes a long text quicker than many short ones."""
    part, length = list[bytes](), 0
    for body in documents:
        if part and length + len(body) > _AT_ONCE:
            yield HEAD + b"".join(part)
            part, length = [], 0
        part.append(body.removeprefix(HEAD))
        length += len(body)
    if part:
        yield HEAD + b"".join(part)
