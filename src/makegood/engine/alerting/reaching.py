"""Who stands behind a name at an instant: a person by all their channels, whoever is on call, or a channel itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from makegood.engine.alerting.course import Recipient
from makegood.engine.alerting.rotation import on_call
from makegood.model.alerts import Alerts, Person
from makegood.model.spans import Instant


def reached(alerts: Alerts, names: Iterable[str], at: Instant) -> tuple[Recipient, ...]:
    """Everybody behind some names, each address once. A name that is not known any more reaches nobody."""
    found = (recipient for name in names for recipient in _behind(alerts, name, at))
    return tuple({(one.channel, one.address): one for one in found}.values())


def _behind(alerts: Alerts, name: str, at: Instant) -> Iterator[Recipient]:
    if (rotation := alerts.rotation(name)) is not None:
        name = on_call(rotation, at)
    if (person := alerts.person(name)) is not None:
        yield from _addresses(alerts, person)
    elif (channel := alerts.channel(name)) is not None and not channel.personal:
        yield Recipient(name, channel.name)


def _addresses(alerts: Alerts, person: Person) -> Iterator[Recipient]:
    for reach in person.reach:
        if alerts.channel(reach.channel) is not None:
            yield Recipient(person.name, reach.channel, reach.address)
