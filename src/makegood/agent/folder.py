"""The folder of an agent: its secret key, what it was enrolled as, the checks and the head that it was given last,
and the time that its hub found right.

Only one process uses a folder at a time. Files are there whole or not at all.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from makegood.agent.clock import Tie
from makegood.evidence.signing import SigningKey, read_key, write_key
from makegood.exchange.check_json import NotAsWritten, check_to_json, checks_from_json
from makegood.model.checks import Check
from makegood.model.problem import Place, Refused, error

KEY, SETTINGS, CHECKS, HEAD, SPOOL = "key.pem", "agent.json", "checks.json", "head.json", "spool"
TIE = "clock.json"


@dataclass(frozen=True, slots=True)
class Identity:
    """What an agent was enrolled as: where its hub is, the name of its location, who runs it, and the id of the log."""

    hub: str
    location: str
    operator: str
    log: str


@dataclass(frozen=True, slots=True)
class Given:
    """The checks of a location as the hub gave them, and their etag."""

    etag: str
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Folder:
    """An agent's folder. Its methods raise Refused where a file cannot be used, and OSError where a disk refuses."""

    path: Path

    @property
    def spool(self) -> Path:
        return self.path / SPOOL

    @property
    def enrolled(self) -> bool:
        """Whether the folder is that of an agent that was enrolled."""
        return (self.path / SETTINGS).is_file()

    def key(self, make: bool = False) -> SigningKey:
        """The secret key; with `make` a new one where there is none, durable when this returns."""
        path = self.path / KEY
        if make and not path.exists():
            write_key(path, SigningKey.make())
        return read_key(path)

    def identity(self) -> Identity:
        """What the agent was enrolled as."""
        try:
            return Identity(**json.loads((self.path / SETTINGS).read_bytes()))
        except (ValueError, TypeError) as wrong:
            raise _damaged(self.path / SETTINGS, wrong) from None

    def keep_identity(self, one: Identity) -> None:
        """From now on the folder is that of an enrolled agent."""
        _write(self.path / SETTINGS, asdict(one))

    def given(self) -> Given:
        """The checks that were given last; none where there are none, or not by this version of the program."""
        try:
            said = json.loads((self.path / CHECKS).read_bytes())
            return Given(str(said["etag"]), checks_from_json(said["checks"]))
        except (OSError, ValueError, TypeError, KeyError, NotAsWritten):
            return Given("", ())  # the hub gives them again

    def keep_given(self, one: Given) -> None:
        """Keep the checks, so that the next start needs no hub."""
        _write(self.path / CHECKS, {"etag": one.etag, "checks": [check_to_json(check) for check in one.checks]})

    def tie(self) -> Tie | None:
        """The time that the hub found right last; None where it never did, or it cannot be read."""
        try:
            said = json.loads((self.path / TIE).read_bytes())
            return Tie(str(said["boot"]), int(said["ahead"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def keep_tie(self, one: Tie) -> None:
        """Keep a time that the hub found right, so that the next start need not ask it."""
        _write(self.path / TIE, asdict(one))

    def keep_head(self, head: Any) -> None:
        """Keep the head of the hub's log, as it was signed."""
        _write(self.path / HEAD, head)

    def head_size(self) -> int:
        """How long the hub's log was, by the head that was kept; 0 where there is none."""
        try:
            return int(json.loads((self.path / HEAD).read_bytes())["head"]["size"])
        except (OSError, ValueError, TypeError, KeyError):
            return 0

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder for this process. Raises Refused where another one has it."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sys.platform == "win32":  # no such lock there
            yield
            return
        import fcntl

        handle = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            why, hint = "two agents of one key contradict each other", "stop it, or name another folder with --folder"
            what = "an agent is running in this folder"
            raise Refused([error("agent-running", Place(str(self.path)), what, why, hint)]) from None
        else:
            yield
        finally:
            os.close(handle)


def _write(path: Path, value: Any) -> None:
    beside = path.with_name(f".{path.name}.part")
    with beside.open("w", encoding="utf-8") as out:
        json.dump(value, out, indent=1, sort_keys=True)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _damaged(path: Path, wrong: Exception) -> Refused:
    hint = "enrol a new agent in another folder"
    return Refused([error("agent-folder", Place(str(path)), f"this is not as the agent wrote it: {wrong}", "", hint)])
