"""Whether rules of alerts are about what is deployed: a rule that names a service that nobody knows tells nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from makegood.app.fitting_checks import Placed
from makegood.app.refusals import nearest
from makegood.exchange.orders import ReadOrder
from makegood.model.alerts import Alerts
from makegood.model.problem import Place, Problem, warning


def misfits_of_alerts(
    alerts: Alerts, place: Place, orders: Sequence[ReadOrder], checks: Sequence[Placed]
) -> Iterator[Problem]:
    """Services and orders that rules name, and that would not be deployed."""
    covered = (service.name for read in orders for service in read.order.services)
    services = dict.fromkeys((*covered, *(one.check.service for one in checks)))
    by_id = [read.order.id for read in orders]
    for rule in alerts.rules:
        for kind, named, known in (("service", rule.services, services), ("order", rule.orders, by_id)):
            for name in named:
                if name not in known:
                    what = f"the rule `{rule.name}` is about the {kind} `{name}`, which would not be deployed"
                    hint = nearest(name, known, "apply it as well")
                    yield warning("rule-of-nothing", place, what, "it tells nothing of it", hint)
