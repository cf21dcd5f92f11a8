"""Use case: a real outage. A small shop is watched live from three places, broken, mended, and judged by the second."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from makegood.app.deployed import deployed
from makegood.app.enrolling import new_token
from makegood.app.judging import judge, open_docket
from makegood.app.live import documents
from makegood.app.live.documents import AGREEMENT, CHECKS, CONFIRMING, EVERY, ORDER, Hours, hours_from
from makegood.app.live.hub import HubThere, Open, Told
from makegood.app.live.shop import Shop, shop
from makegood.app.live.stage import Stage, stage
from makegood.app.offering import offer_of
from makegood.app.planning import apply_plan, plan
from makegood.calendar.zone import Zone
from makegood.exchange.moments import written
from makegood.model.problem import Refused
from makegood.model.spans import SECOND, Duration, Instant, Span
from makegood.render.lengths import duration
from makegood.render.moments import local_stretch
from makegood.store.opened import Store, create, opened
from makegood.store.serving import serving

PLACES = ("ashburn", "frankfurt", "singapore")
BROKEN_ALONE = "singapore"
BY = "demo"
PAGE = '[page.services]\nshop = "The shop"\n'
TENTH: Duration = SECOND // 10


@dataclass(frozen=True, slots=True)
class Pace:
    """How many slots, which are seconds, each part of the story takes at least; together they are what is promised.

    `patience` is how many seconds anything beyond that may be waited for, before the story is given up.
    """

    up: int = 30
    alone: int = 8
    broken: int = 12
    after: int = 10
    patience: float = 60.0

    @property
    def promised(self) -> Duration:
        return (self.up + self.alone + self.broken + self.after) * EVERY


def tell_live(width: int, clock: Callable[[], Instant], pace: Pace = Pace()) -> Iterator[str]:
    """Let it happen and tell it, line by line, on so many columns. `clock` is UTC in µs.

    When this ends, in whatever way, nothing of it is left. Raises Refused, saying what was missing, where it does not
    go as it should.
    """
    with ExitStack() as left:
        here = left.enter_context(stage(pace.patience))
        web = left.enter_context(shop())
        yield "A real outage, live\n\n"
        yield f"A small web shop is open at {web.url}, and will be watched from three places."
        yield f"All of it runs on this machine, in {here.folder}, which is removed at the end.\n\n"
        tokens = _made(here.folder, web, clock)
        play = _Play(here, web, left.enter_context(opened(here.folder / "store")), width, clock, pace)
        yield from play.watch_begins(tokens)
        yield from play.promise_is_made()
        yield from play.one_place_fails()
        yield from play.all_fail()
        yield from play.it_is_mended()
        yield from play.statement_is_made()
        yield from play.evidence_is_checked()


def _made(folder: Path, web: Shop, clock: Callable[[], Instant]) -> dict[str, str]:
    """Make the store, and let the check hold there; a token for each place."""
    made = create(folder / "store")
    try:
        text = documents.checks(web.url).encode()
        offer = offer_of([(CHECKS, CHECKS, text)])
        apply_plan(made, plan(deployed(made), offer), clock(), BY)
        (made.folder / "serve.toml").write_text(PAGE, encoding="utf-8")
        return {place: new_token(made, location=place, operator="", by=BY, now=clock()) for place in PLACES}
    finally:
        made.engine.dispose()


@dataclass
class _Play:
    """The story, part by part, each of which goes on from the one before."""

    here: Stage
    web: Shop
    store: Store
    width: int
    clock: Callable[[], Instant]
    pace: Pace
    told: Told = field(init=False)
    hub: HubThere = field(init=False)
    hours: Hours = field(init=False)
    confirmed: Instant = 0
    """When the second began in which the outage was confirmed."""

    def __post_init__(self) -> None:
        self.told = Told(self.store)

    def watch_begins(self, tokens: dict[str, str]) -> Iterator[str]:
        """The hub and the agents start, and tell their first results."""
        self.here.start("serve", ["serve", "store", "--listen", "127.0.0.1:0", "--no-agent", "--logs", "json"])
        self.hub = self.here.wait(self._hub, "the hub did not begin to serve")
        self.here.wait(self.hub.ready, "the hub was not ready")
        yield f"makegood serve   the hub is there. Its public page, to look at meanwhile: {self.hub.url}/"
        for place, token in tokens.items():
            folder = ["--folder", f"agent-{place}", "--allow", "127.0.0.0/8"]
            variables = {"MAKEGOOD_ENROL": token, "MAKEGOOD_SECRET_PLACE": place}
            self.here.start(f"agent-{place}", ["agent", "--hub", self.hub.url, *folder], variables)
        yield f"makegood agent   three of them start: {', '.join(PLACES)}"
        self.here.wait(lambda: self.told.until(PLACES) > 0, "not every place told what it saw")
        yield "                 each has enrolled with its token, and told its first results"

    def promise_is_made(self) -> Iterator[str]:
        """The agreement and the order are applied, and the shop is up for a while."""
        self.hours = hours_from((self.clock() // SECOND + 2) * SECOND, self.pace.promised)
        texts = {AGREEMENT: documents.agreement(self.hours), ORDER: documents.order(self.hours)}
        for name, text in texts.items():
            (self.here.folder / name).write_text(text, encoding="utf-8")
        self.hub.apply(texts)
        (self.here.folder / "head.json").write_bytes(self.hub.head())
        said = local_stretch(self.hours.span, self.hours.zone)
        yield f"makegood apply   an agreement and an order: the shop is promised {said};"
        yield "                 95 % of that. It is asked every second, and down when it fails three times in a"
        yield "                 row at two places or more.\n\n"
        self._until(self.hours.span.start + self.pace.up * EVERY)
        headline = self.here.wait(lambda: self._headline("up"), "the page did not say that the shop is up")
        yield self._now(f"{self.pace.up} s up, seen from everywhere. The page says: “{headline}”")

    def one_place_fails(self) -> Iterator[str]:
        """The shop is broken for one place, which is no outage."""
        since = self.clock()
        self.web.break_for([BROKEN_ALONE])
        yield self._now(f"The shop breaks for {BROKEN_ALONE} alone.")
        enough = self.pace.alone
        self.here.wait(
            lambda: self.told.failures(BROKEN_ALONE, since) >= enough, f"{BROKEN_ALONE} did not find it down", enough
        )
        found = self.told.failures(BROKEN_ALONE, since)
        said = f"{BROKEN_ALONE.title()} has seen it fail {found} times in a row. One place is no outage:"
        if self.hub.began():
            said = "An outage began all the same: the machine was so busy that a second place had no answer either:"
        yield self._now(f"{said} the page says: “{self.hub.headline()}”")

    def all_fail(self) -> Iterator[str]:
        """The shop is broken for all, and the outage opens."""
        since, before = self.clock(), len(self.hub.began())
        self.web.break_for_all()
        yield self._now("The shop breaks for everybody.")
        if not self._open():
            self.here.wait(lambda: len(self.hub.began()) > before, "the hub found no outage", CONFIRMING)
        one = self.here.wait(self._open, "the hub did not tell of the outage")
        found, due = self.hub.began()[-1], one.begin + CONFIRMING * EVERY
        self.confirmed = due - EVERY
        yield self._now(f"OUTAGE since {self.hours.clock(one.begin)}, as the agreement dates it.")
        yield f"          The failure that confirms it was in the second before {self.hours.clock(due)};"
        yield f"          the hub opened the outage {_tenths(found - due)} s after that second."
        headline = self.here.wait(lambda: self._headline("down"), "the page did not say that the shop is down")
        yield f"          The page says: “{headline}”"
        enough = self.pace.broken
        self.here.wait(
            lambda: min(self.told.failures(place, since) for place in PLACES) >= enough,
            "not every place found it down", enough,
        )  # fmt: skip

    def it_is_mended(self) -> Iterator[str]:
        """The shop works again, and the promised time comes to its end."""
        self.web.mend()
        yield self._now("The shop is mended.")
        over = self.here.wait(self._over, "the outage did not end")
        said = f"from {self.hours.clock(over.start)} to {self.hours.clock(over.end)}, {duration(over.length)}"
        headline = self.here.wait(lambda: self._headline("up"), "the page did not say that the shop is up")
        yield self._now(f"The outage is over: {said}. The page says: “{headline}”")
        self._until(self.hours.span.end)
        yield self._now("What was promised is over, and every place has told of all of it.\n\n")

    def statement_is_made(self) -> Iterator[str]:
        """The statement of the day, and what will be owed for it."""
        label = self.hours.on.isoformat()
        known = (self.clock() // SECOND + 1) * SECOND
        self.here.wait(lambda: self.clock() >= known, "the clock stands still")
        command = ["evaluate", AGREEMENT, "--order", ORDER, "--facts", "store", "--period", label]
        given = ["--as-of", written(known), "--bundle", "shop.zip", "--since", "head.json"]
        yield f"$ makegood {' '.join(command)} \\"
        yield f"      {' '.join(given)}\n\n"
        yield self.here.run([*_PROGRAM, *command, *given, "--by", BY], self.width)
        folder = self.here.folder
        docket = open_docket(folder / AGREEMENT, folder / ORDER, folder / "store")
        midnight = Zone.named(self.hours.zone).day(self.hours.on).end
        (one,) = judge(docket, label, midnight, explain=False).statements
        yield "\nThe day is not over, so nothing is owed yet."
        yield f"If nothing else is recorded until then, it will be: {one.amount}.\n\n"

    def evidence_is_checked(self) -> Iterator[str]:
        """The agents and the hub end, and whoever has the bundle checks it."""
        self.here.end()
        yield "The agents and the hub have ended. What was kept of it is checked:\n\n"
        bundle = ["shop.zip", "--since", "head.json"]
        yield f"$ makegood verify {' '.join(bundle)}"
        yield self.here.run([*_PROGRAM, "verify", *bundle], self.width)
        yield f"$ python3 -I verify.py {' '.join(bundle)}    # the verifier in the bundle, on its own"
        self.here.run([sys.executable, "-m", "zipfile", "-e", "shop.zip", "opened"])
        yield self.here.run([sys.executable, "-I", "opened/verify.py", *bundle], self.width)
        yield f"\nThe batches in which the places told of {self.hours.clock(self.confirmed)}, which confirmed it:\n\n"
        at = [f"--position={n}" for n in self.told.positions(self.confirmed)]
        proof = ["prove", "store", *at, "--since", "head.json", "--output", "outage.json"]
        yield f"$ makegood {' '.join(proof)}"
        yield self.here.run([*_PROGRAM, *proof], self.width)
        yield "$ makegood verify outage.json --since head.json"
        yield self.here.run([*_PROGRAM, "verify", "outage.json", "--since", "head.json"], self.width)
        yield "$ makegood check store"
        yield self.here.run([*_PROGRAM, "check", "store"], self.width)

    def _hub(self) -> HubThere | None:
        try:
            found = serving(self.store.folder)
        except Refused:  # it is starting
            return None
        return None if found is None else HubThere(found.url, found.token, self.here.said("serve"))

    def _until(self, at: Instant) -> None:
        """Wait until every place has told of all slots before an instant."""
        longer = max(0, at - self.clock()) / SECOND
        self.here.wait(lambda: self.told.until(PLACES) >= at, "not every place told what it saw", longer)

    def _open(self) -> Open | None:
        return next((one for one in self.hub.outages() if one.end is None), None)

    def _over(self) -> Span | None:
        """The latest outage, where all are over."""
        found = [None if one.end is None else Span(one.begin, one.end) for one in self.hub.outages()]
        return found[0] if found and None not in found else None

    def _headline(self, word: str) -> str | None:
        said = self.hub.headline()
        return said if word in said else None

    def _now(self, says: str) -> str:
        return f"{self.hours.clock(self.clock())}  {says}"


_PROGRAM: Sequence[str] = (sys.executable, "-m", "makegood")


def _tenths(length: Duration) -> str:
    """A length in seconds with one digit after the point."""
    tenths = (length + TENTH // 2) // TENTH
    return f"{tenths // 10}.{tenths % 10}"
