"""The live demo: an outage that really happens opens, ends and is judged; whatever ends the demo, nothing is left."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from makegood.app.linting import lint_files
from makegood.app.live import documents
from makegood.app.live.shop import ASKED_FROM, shop
from makegood.app.live.stage import stage
from makegood.model.problem import Refused
from makegood.model.spans import HOUR, SECOND

PATIENCE = 60.0
SHORT = """
import sys, time
from makegood.app.live.story import Pace, tell_live
for part in tell_live(80, lambda: time.time_ns() // 1000, Pace(up=1, alone=3, broken=3, after=2)):
    print(part, flush=True)
"""
EVENING, NOON = 1_764_115_150_000_000, 1_764_072_000_000_000  # 2025-11-25T23:59:10Z, 12:00:00Z
linux = pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="it looks for processes as Linux lists them")


def started(folder: Path, *command: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "TMPDIR": str(folder), "PYTHONIOENCODING": "utf-8"}
    return subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env=environment, cwd=folder,
    )  # fmt: skip


def left_in(folder: Path) -> list[str]:
    """The processes that run in a folder, or are told of it, and the files in it."""
    found = [str(path) for path in folder.iterdir()]
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and int(process.name) != os.getpid():
            try:
                at, said = os.readlink(process / "cwd"), (process / "cmdline").read_text(errors="replace")  # noqa: PTH115
            except OSError:
                continue
            if at.startswith(str(folder)) or str(folder) in said:
                found.append(said)
    return found


def until(holds: Callable[[], bool], what: Callable[[], object]) -> None:
    end = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < end, what()
        sleep(0.05)


@linux
def test_an_outage_opens_ends_is_judged_and_its_evidence_verifies(tmp_path: Path) -> None:
    running = started(tmp_path, "-c", SHORT)
    out, err = running.communicate(timeout=4 * PATIENCE)
    assert (running.returncode, err) == (0, "")
    told = [line for line in out.splitlines() if line]

    def place_of(pattern: str) -> int:
        found = [n for n, line in enumerate(told) if re.search(pattern, line)]
        assert found, f"{pattern} is missing in:\n{out}"
        return found[0]

    story = (
        "1 s up, seen from everywhere.*“The shop is up.”", "breaks for singapore alone", "breaks for everybody",
        "OUTAGE since", "“The shop is down.”", "The shop is mended", "The outage is over: from .*“The shop is up.”",
        r"^\$ makegood evaluate shop.sla.md", "^BREACHED", "^sound: shop.zip", "^SOUND",
        "^sound: outage.json", "^everything is as it was signed",
    )  # fmt: skip
    places = [place_of(one) for one in story]
    assert places == sorted(places)
    (length,) = re.findall(r"The outage is over: from [0-9:]+ to [0-9:]+, ([0-9]+) s", out)
    assert int(length) >= 3
    (available, judged, down) = map(
        int, re.findall(r"^([0-9]+) of ([0-9]+) s available, ([0-9]+) s down", out, re.MULTILINE)[0]
    )
    assert judged == 1 + 3 + 3 + 2
    assert available + down == judged
    assert 0 < down <= int(length)  # a slow machine mends it after the promised time
    assert re.search(r"it will be: .*[1-9][0-9]*\.00 EUR", out)
    until(lambda: left_in(tmp_path) == [], lambda: left_in(tmp_path))


@linux
@pytest.mark.parametrize(
    ("how", "after", "processes"),
    [(signal.SIGINT, "the hub is there", 3), (signal.SIGKILL, "three of them start", 6)],  # with demo and caretaker
)
def test_whatever_ends_it_no_process_and_no_file_is_left(
    tmp_path: Path, how: signal.Signals, after: str, processes: int
) -> None:
    running = started(tmp_path, "-m", "makegood", "demo", "--live")
    assert running.stdout is not None
    while after not in (line := running.stdout.readline()):
        assert line, running.communicate()
    assert len(left_in(tmp_path)) >= 1 + processes
    running.send_signal(how)
    _, err = running.communicate(timeout=PATIENCE)
    if how is signal.SIGINT:
        assert (running.returncode, err) == (130, "makegood: interrupted; nothing was left half-written\n")
    until(lambda: left_in(tmp_path) == [], lambda: left_in(tmp_path))


def test_what_was_missing_is_said_when_it_was_waited_for_in_vain() -> None:
    with stage(0.2) as here, pytest.raises(Refused, match="nobody came, within 0 s"):
        here.wait(lambda: None, "nobody came")
    assert not here.folder.exists()


def test_a_process_that_ends_by_itself_is_told_with_its_last_words() -> None:
    with stage(PATIENCE) as here:
        here.start("agent", ["agent"])
        with pytest.raises(Refused) as refused:
            here.wait(lambda: None, "nobody came")
    (problem,) = refused.value.problems
    assert problem.what == "agent ended by itself with 1"
    assert "this folder is not enrolled yet" in problem.why


def test_a_command_that_fails_is_told_with_its_last_words() -> None:
    with stage(PATIENCE) as here, pytest.raises(Refused, match="failed with 1"):
        here.run([sys.executable, "-m", "makegood", "head", "nothing"])


@pytest.mark.parametrize("start", [NOON, EVENING])
def test_the_agreement_lints_clean_and_its_hours_are_on_one_date(tmp_path: Path, start: int) -> None:
    hours = documents.hours_from(start, 60 * SECOND)
    assert hours.zone == ("UTC" if start == NOON else "Pacific/Honolulu")
    assert hours.clock(start) == ("12:00:00" if start == NOON else "13:59:10")
    assert documents.hours_from(start + 2 * HOUR, 60 * SECOND).zone == "UTC"
    texts = {
        documents.AGREEMENT: documents.agreement(hours), documents.ORDER: documents.order(hours),
        documents.CHECKS: documents.checks("http://127.0.0.1:8080/"),
    }  # fmt: skip
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    files = [tmp_path / documents.AGREEMENT, tmp_path / documents.ORDER]
    assert lint_files(files)[0] == []


def test_the_shop_is_broken_for_whom_it_is_said() -> None:
    def status(place: str) -> int:
        try:
            with urlopen(Request(one.url, headers={ASKED_FROM: place}), timeout=PATIENCE) as answer:
                return int(answer.status)
        except HTTPError as failure:
            return failure.code

    with shop() as one:
        assert (status("iad"), status("fra")) == (200, 200)
        one.break_for(["fra"])
        assert (status("iad"), status("fra")) == (200, 503)
        one.break_for_all()
        assert (status("iad"), status("fra")) == (503, 503)
        one.mend()
        assert (status("iad"), status("fra")) == (200, 200)
