"""Whatever moment a process is killed, each fact that was acknowledged leads to a message, and that arrives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.app.telling.killed import STEPS
from tests.app.telling.stage import stage
from tests.notify.servers import web
from tests.store.faults.conftest import TORTURE, dice
from tests.store.faults.nursery import ROOT

KILLED = -9
POINTS = {
    "insert outbox": 2, "insert alert": 1, "insert alert_note": 4, "update outbox": 2, "update alert": 3,
    "before commit": 6, "after commit": 6,
}  # fmt: skip
"""How often the work comes to a point at least."""
ROUNDS = 20 if TORTURE else 1
TRIED = list(POINTS) if TORTURE else ["insert outbox", "update outbox", "before commit", "after commit"]
Run: TypeAlias = Callable[[Path, int, str, int], tuple[int, set[int]]]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Runs one process on a store: how it ended, and which steps were ever acknowledged there."""
    path = f"{ROOT / 'src'}{os.pathsep}{ROOT}"
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.app.telling.killed"], cwd=ROOT, text=True,
        env={**os.environ, "PYTHONPATH": path}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip

    def one(folder: Path, attempt: int, point: str = "", number: int = 0) -> tuple[int, set[int]]:
        assert running.stdin is not None
        assert running.stdout is not None
        told = folder / "told"
        print(json.dumps([str(folder / "store"), str(told), point, number, attempt]), file=running.stdin, flush=True)
        code = int(running.stdout.readline())
        return code, {int(line) for line in told.read_text(encoding="utf-8").split()} if told.exists() else set()

    yield one
    running.communicate(timeout=60)


@pytest.mark.parametrize("point", TRIED)
def test_a_kill_at_a_point_loses_no_message(point: str, tmp_path: Path, run: Run) -> None:
    for attempt in range(ROUNDS):
        number = dice("telling", point, attempt).randint(1, POINTS[point])
        folder = tmp_path / str(attempt)
        folder.mkdir()
        with web() as hook, stage(folder, web=hook.port) as at:
            code, acknowledged = run(folder, 0, point, number)
            assert code == KILLED, f"{point} was not come to {number} times"
            recorded = {fact.id for fact in at.store.facts()}
            assert recorded >= {f"C-{step}" for step in acknowledged}
            seen = {c.subject for alert in at.open_alerts() for c in alert.conditions}
            assert recorded == {f"C-{name[1:]}" for name in seen}, "a fact and its alert are there together"
            assert run(folder, 1, "", 0) == (0, set(range(STEPS)))
            assert run(folder, 2, "", 0)[0] == 0
            got = [json.loads(body) for _, _, _, body in hook.got]
            assert {one["subject"] for said in got for one in said["conditions"]} == {f"s{n}" for n in range(STEPS)}
            sent = {one.message.id for one in at.messages() if one.message.channel == "hook"}
            assert {said["id"] for said in got} == sent, "each message arrived, and is one to its receiver"
