"""The page behind the link in a message about an alert: what is wrong, what was decided, and one button."""

from __future__ import annotations

from collections.abc import Sequence

from makegood.engine.alerting.alert import Alert, Condition, Note
from makegood.model.spans import SECOND, Instant
from makegood.render.lengths import duration
from makegood.render.moments import local
from makegood.render.pages import page


def alert_page(alert: Alert, name: str, notes: Sequence[Note], now: Instant, acted: bool) -> str:
    """The page for whoever the link was sent to, `name`; `acted` says that they acknowledged just now. Times are UTC,
    since one link may be read anywhere."""
    return page(
        "alert.html.j2", alert=alert, name=name, notes=notes, acted=acted, line=lambda one: condition_line(one, now),
        state=_state(alert, acted, name), local=lambda at: local(at // SECOND * SECOND, "UTC"),
    )  # fmt: skip


def no_alert_page() -> str:
    """The page for whoever comes by a link that is wrong or cut: what to do."""
    return page("no_alert.html.j2")


def _state(alert: Alert, acted: bool, name: str) -> str:
    if alert.closed is not None:
        return "It is over: nothing is left to be done."
    if acted:
        return f"Acknowledged as {name}. Nobody else is told of what is listed here; you hear when it is over."
    if alert.acknowledged is not None:
        return f"{alert.acknowledged.by} takes care of it."
    return "Nobody takes care of it yet."


def condition_line(one: Condition, now: Instant) -> str:
    """`shop: since Sun 1 Mar 2026 11:59 +00:00, for 1 min so far; connect timeout`."""
    since = local(one.since // SECOND * SECOND, "UTC")
    ended = one.ended if not one.open and one.ended is not None else now
    lasted = duration(max(0, ended - one.since) // SECOND * SECOND)
    if one.retracted:
        return f"{one.subject}: nothing was wrong after all, from {since}"
    stands = f"since {since}, for {lasted} so far" if one.open else f"from {since}, for {lasted}; over"
    return "; ".join(part for part in (f"{one.subject}: {stands}", one.says) if part)
