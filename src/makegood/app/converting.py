"""Use case: an agreement from objectives of OpenSLO, and objectives from an agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from makegood.app.binding import bound
from makegood.app.judging import file_bytes
from makegood.contract.agreement import read_agreement
from makegood.exchange.openslo.from_terms import openslo_objects
from makegood.exchange.openslo.objectives import Lost
from makegood.exchange.openslo.read import read_openslo
from makegood.exchange.openslo.to_agreement import agreement_text
from makegood.exchange.openslo.write import openslo_text
from makegood.exchange.orders import read_order
from makegood.model.problem import Place, Problem, Refused, Severity, error


@dataclass(frozen=True, slots=True)
class Converted:
    """What was written of the other kind, what it does not say, and problems that do not stop it."""

    text: str
    lost: tuple[Lost, ...]
    problems: tuple[Problem, ...] = ()


def agreement_of(path: Path, name: str, today: date | None = None) -> Converted:
    """An agreement from the objectives in a file of OpenSLO; in force from `today` on. Raises Refused."""
    read, problems = read_openslo(file_bytes(path), str(path))
    _stop(problems)
    services = [read.services.get(o.service, o.service) for o in read.objectives if o.service]
    title = "Objectives of " + (" and ".join(dict.fromkeys(services)) or name)
    lost = tuple(dict.fromkeys(read.lost))
    text = agreement_text(name, title, read.objectives, lost, today or datetime.now(UTC).date())
    return Converted(text, lost, tuple(problems))


def objectives_of(path: Path, order_path: Path) -> Converted:
    """Objects of OpenSLO from an agreement, for the services of an order on its first plan. Raises Refused."""
    agreement, problems = read_agreement(file_bytes(path), str(path))
    order, found = read_order(file_bytes(order_path), str(order_path))
    problems = [*problems, *found]
    if agreement is None or order is None:
        raise Refused(problems)
    by_plan, found = bound([agreement], order.order, order.instead)
    _stop(problems := [*problems, *found])
    terms = next(iter(by_plan.values()))
    objects, lost = openslo_objects(terms, order.order)
    if len(by_plan) > 1:
        plans = "the plans " + ", ".join(f"`{plan}`" for _, plan in list(by_plan)[1:])
        lost.append(Lost(f"order {order.order.id}", plans, "objectives have no dates; the first plan is written"))
    if not any(each["kind"] == "SLO" for each in objects):
        why = "; ".join(str(each) for each in lost[:3])
        hint = "name an agreement that promises a share of time or of counts"
        raise Refused([error("openslo-nothing", Place(str(path)), "nothing in it is an objective", why, hint)])
    head = f"Written from {agreement.header.title}, version {agreement.header.version}, for order {order.order.id}."
    kept = tuple(dict.fromkeys(lost))
    return Converted(openslo_text(objects, kept, head), kept, tuple(problems))


def _stop(problems: Sequence[Problem]) -> None:
    if any(p.severity is Severity.ERROR for p in problems):
        raise Refused(tuple(problems))
