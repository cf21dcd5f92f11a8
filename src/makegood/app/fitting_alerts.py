"""Whether alerts fit what is deployed: rules about what nobody knows tell nothing, messages without a link less."""

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
    """Services and orders that rules name, and that would not be deployed; and that messages would hold no link."""
    if not alerts.link:
        what, why = "messages will hold no link", "nobody can acknowledge by one, or see the alert"
        yield warning("no-link", place, what, why, "write `link:` with the address of the hub for people")
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
