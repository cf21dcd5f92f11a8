"""A stage on which alerts play: a simulated clock, changes at instants, and what is told written down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from makegood.engine.alerting.alert import Alert, Change, Note, Turn, acknowledge, take
from makegood.engine.alerting.course import Recipient, Tell, advance
from makegood.model.alerts import Escalation, Mute, Rule, Step, Trigger
from makegood.model.spans import MINUTE, SECOND, Instant

RULE = Rule("outages", Trigger.OUTAGE, "ops", wait=30 * SECOND, gather=5 * MINUTE, settle=5 * MINUTE, remind=None)
OPS = Escalation("ops", (Step(("primary",)), Step(("second",), 15 * MINUTE)), 30 * MINUTE)


@dataclass
class Stage:
    """Plays changes and acknowledgements in order of time, and looks at alerts whenever they are due."""

    rule: Rule = RULE
    escalation: Escalation = OPS
    mutes: Sequence[Mute] = ()
    away: dict[str, tuple[Instant, Instant]] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    due: dict[str, Instant | None] = field(default_factory=dict)
    told: list[tuple[Instant, str, str]] = field(default_factory=list)
    tells: list[tuple[Instant, str, Tell]] = field(default_factory=list)
    notes: list[tuple[str, Note]] = field(default_factory=list)
    looks: int = 0

    def reached(self, names: Iterable[str], at: Instant) -> tuple[Recipient, ...]:
        here = (n for n in names if not (n in self.away and self.away[n][0] <= at < self.away[n][1]))
        return tuple(Recipient(name, "mail", f"{name}@example.com") for name in here)

    def play(self, changes: Iterable[Change], until: Instant, acts: dict[Instant, str] | None = None) -> Stage:
        """Until an instant; `acts` are acknowledgements of every open alert, by somebody at an instant."""
        acts, waiting = dict(acts or {}), sorted(changes, key=lambda c: c.known)
        while True:
            times = (
                [c.known for c in waiting[:1]] + [at for at in self.due.values() if at is not None] + sorted(acts)[:1]
            )
            now = min(times, default=until + 1)
            if now > until:
                return self
            self.looks += 1
            assert self.looks < 20_000, "it looks again and again without getting on"
            if acts and min(acts) == now:
                by = acts.pop(now)
                for alert in [a for a in self.alerts.values() if a.closed is None]:
                    self._see(acknowledge(alert, by, now)[0], now)
                continue
            if waiting and waiting[0].known == now:
                taken = take(list(self.alerts.values()), self.rule, [waiting.pop(0)], self._ids())
                self.notes += taken.notes
                for alert in taken.alerts:
                    self._see(alert, now)
                continue
            for key in [k for k, at in self.due.items() if at is not None and at <= now]:
                self._see(self.alerts[key], now)

    def _see(self, alert: Alert, now: Instant) -> None:
        found = advance(alert, self.rule, self.escalation, self.mutes, self.reached, now)
        again = advance(found.alert, self.rule, self.escalation, self.mutes, self.reached, now)
        assert again.tells == (), "what is told is told once"
        assert found.due is None or found.due > now, "what is due now is done now"
        self.alerts[alert.id], self.due[alert.id] = found.alert, found.due
        self.notes += [(alert.id, note) for note in found.notes]
        for tell in found.tells:
            self.tells.append((now, alert.id, tell))
            self.told += [(now, tell.why.value, recipient.name) for recipient in tell.recipients]

    def _ids(self) -> Iterator[str]:
        while True:
            yield f"a{len(self.alerts) + 1}"


def began(at: Instant, subject: str = "web", part: str = "acme", says: str = "connect timeout") -> Change:
    return Change("outages", subject, Turn.BEGAN, at, at, part, says)


def ended(at: Instant, subject: str = "web", part: str = "acme") -> Change:
    return Change("outages", subject, Turn.ENDED, at, at, part)


def retracted(at: Instant, since: Instant = 0, subject: str = "web", part: str = "acme") -> Change:
    return Change("outages", subject, Turn.RETRACTED, since, at, part, "late evidence")
