"""A real hub, real agents and a real target, in processes of their own, perhaps each in a network of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from makegood.app.alerts_in_force import put_in_force
from makegood.app.deployed import deployed
from makegood.app.enrolling import new_token
from makegood.app.following import Following
from makegood.app.judging import Docket
from makegood.app.offering import offer_of_files
from makegood.app.planning import apply_plan, plan
from makegood.app.watching import dockets_of
from makegood.model.facts import DOWN, UP
from makegood.model.health import Outage
from makegood.model.spans import MINUTE, SECOND, Instant, Span
from makegood.probe.clocks import wall_clock
from makegood.store.opened import Store
from makegood.store.outages import outages_in
from makegood.store.sql.database import reading
from tests.app.test_following import AGREEMENT, ORDER
from tests.faults.stores import new_store
from tests.faults.truth import Diary, Tried, batches, faults_of
from tests.store.faults.nursery import ROOT

PATIENCE = 90.0
CHECK = "api"
TIMEOUT = 900_000
ALERTS = """\
channels:
  - {{channel: room, webhook: "{url}", secret: "{{secret.HOOK}}"}}
escalations:
  - escalation: all
    steps: [{{tell: room}}]
rules:
  - {{rule: outages, when: outage, tell: all, wait: 0 s, settle: 0 s}}
"""
CHECKS = """\
checks:
  - check: api
    service: api
    every: 1 s
    timeout: 900 ms
    http:
      url: "http://{address}:{port}/"
      headers: {{X-From: "{{secret.WHO}}"}}
"""


@dataclass
class Scene:
    """Processes and their folder. `inside` is what a command begins with to run in a place's network."""

    folder: Path
    left: ExitStack
    store: Store
    address: str
    inside: dict[str, Sequence[str]]
    target: subprocess.Popen[str]
    port: int
    docket: Docket = field(init=False)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def run(self, name: str, *command: str, **more: str) -> None:
        """Start a process of a name, which says what it says into a file of that name."""
        out = self.left.enter_context((self.folder / f"{name}.said").open("ab"))
        whole = [*self.inside.get(name, ()), sys.executable, "-m", "makegood", *command]
        environment = {
            **os.environ,
            "MAKEGOOD_SECRET_WHO": name,
            "MAKEGOOD_SECRET_HOOK": "a secret of some length",
            **more,
        }
        self.running[name] = subprocess.Popen(
            whole, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, cwd=self.folder
        )

    def hub(self) -> None:
        self.run(
            "hub", "serve", str(self.store.folder), "--listen", f"{self.address}:{self.port}", "--no-agent", "--logs",
            "json", "--allow", "127.0.0.0/8",
        )  # fmt: skip

    def agent(self, name: str) -> None:
        token = {"MAKEGOOD_ENROL": self.tokens.pop(name)} if name in self.tokens else {}
        hub = f"http://{self.address}:{self.port}"
        allow = ("--allow", "127.0.0.0/8", "--allow", "10.0.0.0/8")
        self.run(name, "agent", "--hub", hub, "--folder", str(self.folder / name), *allow, **token)

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """End a process, and wait until it has ended."""
        one = self.running.pop(name)
        one.send_signal(how)
        one.wait(PATIENCE)

    def signal(self, name: str, how: signal.Signals) -> None:
        self.running[name].send_signal(how)

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.said").read_text(encoding="utf-8", errors="replace")

    def wait(self, until: Callable[[], bool], what: str) -> None:
        """Wait until something is so."""
        end = time.monotonic() + PATIENCE
        while not until():
            if time.monotonic() > end:
                said = {name: self.said(name)[-1500:] for name in self.running}
                raise AssertionError(f"not within {PATIENCE} s: {what}; they said: {said}")
            time.sleep(0.2)

    def begin(self, *agents: str) -> None:
        """The hub is there, and each agent has found the target up and told of it."""
        self.hub()
        self.wait(lambda: '"serving"' in self.said("hub"), "the hub serves")
        for name in agents:
            self.agent(name)
        self.wait_for_news(*agents)

    def wait_for_news(self, *agents: str, outcome: int = UP) -> None:
        """Each of some agents has begun a probe after now that found what is said, and the hub knows of it."""
        since = wall_clock()

        def known() -> bool:
            news = dict[str, int]()
            for _, one in batches(self.store):
                late = [t > since and found == outcome for t, found in zip(one.begun, one.outcome, strict=True)]
                news[one.location] = news.get(one.location, 0) + sum(late)
            return all(news.get(name, 0) >= 1 for name in agents)

        self.wait(known, f"news of {agents}")

    def become(self, state: str) -> None:
        assert self.target.stdin is not None
        before = len(self.told())
        self.target.stdin.write(f"{state}\n")
        self.target.stdin.flush()
        self.wait(lambda: any(one.get("became") == state for one in self.told()[before:]), f"the target is {state}")

    def told(self) -> list[dict[str, object]]:
        """What the target wrote down."""
        text = (self.folder / "target.told").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def outages(self) -> list[Outage]:
        """The outages that the hub keeps."""
        with reading(self.store.engine) as connection:
            return [one for some in outages_in(connection).values() for one in some]

    def wait_until_heard(self) -> None:
        """The hub keeps what all that came says: it has looked at all of it that matters."""

        def heard() -> bool:
            subjects = Following(self.store, [self.docket], wall_clock()).subjects(wall_clock())
            with reading(self.store.engine) as connection:
                kept = outages_in(connection)
            return kept == {(s.order, s.commitment, s.name): list(s.outages) for s in subjects if s.outages}

        self.wait(heard, "the hub keeps what all that came says")

    def diary(self) -> Diary:
        """What the target says of all that happened."""
        made, since = Diary(near=TIMEOUT), None
        for one in self.told():
            match one:
                case {"became": "down", "after": int(after)}:
                    since = after if since is None else since
                case {"became": "up", "by": int(by)} if since is not None:
                    made.down.append(Span(since, by))
                    since = None
                case {"came": int(came), "who": str(who), "status": int(status)}:
                    made.note(who, CHECK, Tried(came, UP if status == 200 else DOWN))
                case {"still": [int(first), int(last)]}:
                    made.still.append(Span(first - TIMEOUT, last))
        assert since is None, "the target was up at the end"
        return made

    def faults(self) -> list[str]:
        """All that the store says and that did not happen; the hub looked at all of it before."""
        label = datetime.fromtimestamp(self.begun / SECOND, UTC).strftime("%Y-%m")
        return faults_of(self.store, self.docket, label, wall_clock(), self.diary())

    begun: Instant = field(default_factory=wall_clock)


@contextmanager
def scene(
    folder: Path, agents: Sequence[str], port: int, hook: str = "", address: str = "127.0.0.1",
    inside: dict[str, Sequence[str]] | None = None,
) -> Iterator[Scene]:  # fmt: skip
    """A target and a store in which all is deployed, and tokens for agents; all processes end with it."""
    with ExitStack() as left:
        places = inside or {}
        out = left.enter_context((folder / "target.told").open("wb"))
        command = [*places.get("target", ()), sys.executable, "-m", "tests.faults.target", address]
        target = left.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, text=True, cwd=ROOT))
        store = new_store(folder / "store")
        left.callback(store.engine.dispose)
        made = Scene(folder, left, store, address, places, target, port)
        left.callback(_end, made)
        made.wait(lambda: bool(made.told()), "the target is there")
        said = AGREEMENT.replace("every: 1 min", "every: 1 s").replace("10 s", "900 ms").replace("5 min", "2 s")
        order = ORDER.replace("  - {service: shop, checks: [api, shop]}\n", "")
        (folder / "hosting.sla.md").write_text(said)
        (folder / "acme.order.yaml").write_text(order.replace("2026-01-01 to 2026-12-31", "from 2026-01-01"))
        (folder / "web.checks.yaml").write_text(CHECKS.format(address=address, port=made.told()[0]["port"]))
        files = [folder / name for name in ("hosting.sla.md", "acme.order.yaml", "web.checks.yaml")]
        now = wall_clock() - MINUTE
        apply_plan(store, plan(deployed(store), offer_of_files(files)), now, "ops")
        if hook:
            (folder / "ops.alerts.yaml").write_text(ALERTS.format(url=hook))
            put_in_force(store, folder / "ops.alerts.yaml", "ops", now)
        (made.docket,), problems = dockets_of(deployed(store))
        assert not problems
        made.tokens = {
            name: new_token(store, location=name, operator="", by="ops", now=wall_clock()) for name in agents
        }
        yield made


def _end(made: Scene) -> None:
    for one in made.running.values():
        one.send_signal(signal.SIGCONT)
        one.kill()
        one.wait(PATIENCE)
    stdin: IO[str] | None = made.target.stdin
    if stdin is not None:
        stdin.close()
    made.target.wait(PATIENCE)
