"""Terminals, pipes, full disks, interruptions and killed processes."""

from __future__ import annotations

import json
import os
import pty
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from makegood.app.replacing import LISTING, replacing
from makegood.model.problem import Refused
from tests.cli.conftest import Program
from tests.cli.running import AGREEMENT, INPUTS, LOG, PROGRAM, environment, everything_in, process

FEBRUARY = ["evaluate", *INPUTS, "--period", "2026-02", "--as-of", "2026-05-02T00:00:00Z"]


def on_a_terminal(folder: Path, columns: int, *arguments: str, **environ: str) -> str:
    """What the program shows on a terminal so wide."""
    ours, theirs = pty.openpty()
    size = {"COLUMNS": str(columns), "LINES": "24", "TERM": "xterm", **environ}
    running = subprocess.Popen(
        [*PROGRAM, *arguments], cwd=folder, env=environment(size), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            shown += (got := os.read(ours, 1 << 16))
        except OSError:  # the other side was closed
            break
        if not got:
            break
    assert running.wait() in (0, 1)
    os.close(ours)
    return shown.decode("utf-8").replace("\r\n", "\n")


def test_a_terminal_gets_colour_and_no_line_wider_than_it_is(here: Path) -> None:
    shown = on_a_terminal(here, 40, *FEBRUARY, NO_COLOR="1")
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 40
    assert "\x1b[" in on_a_terminal(here, 80, *FEBRUARY)


def test_problems_fit_a_narrow_terminal_too(here: Path) -> None:
    (here / AGREEMENT).write_text("# A\n\n```sla\nagreement: [\n```\n" + "x" * 200, encoding="utf-8")
    shown = on_a_terminal(here, 40, "lint", AGREEMENT, NO_COLOR="1")
    assert "error " in shown
    assert max(map(len, shown.splitlines())) <= 40


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_letters_that_an_encoding_lacks_are_written_otherwise(here: Path, encoding: str) -> None:
    for arguments in (FEBRUARY, ["lint", AGREEMENT], ["evaluate", "nowhere.md", *FEBRUARY[2:]], ["--help"]):
        ran = process(here, *arguments, PYTHONUTF8="0", PYTHONIOENCODING=f"{encoding}:strict")
        assert ran.returncode in (0, 1)
        assert b"Traceback" not in ran.stderr
        assert (ran.stdout + ran.stderr).decode(encoding)


def test_documents_are_utf_8_whatever_the_terminal_is(here: Path) -> None:
    for form in ("json", "html"):
        ran = process(here, *FEBRUARY, "--format", form, PYTHONUTF8="0", PYTHONIOENCODING="ascii:strict")
        assert (ran.returncode, ran.stderr) == (0, b"")
        assert "→" in ran.stdout.decode("utf-8") or form == "json"


def test_a_pipe_that_closes_is_no_error(here: Path) -> None:
    for arguments in (FEBRUARY, [*FEBRUARY, "--format", "json"], ["lint", AGREEMENT], ["schema"], ["--help"]):
        ours, theirs = os.pipe()
        os.close(ours)
        ran = subprocess.run(
            [*PROGRAM, *arguments], cwd=here, env=environment(), stdout=theirs, stderr=subprocess.PIPE, check=False
        )
        os.close(theirs)
        assert (ran.returncode, ran.stderr) == (0, b"")


def test_nobody_reading_the_output_leaves_the_exit_code_of_what_was_found(here: Path) -> None:
    (here / "bundle.zip").write_bytes(b"no bundle")
    found = (
        (["verify", "bundle.zip"], 1),
        ([*FEBRUARY, "--exit-code"], 3),
        ([*FEBRUARY, "--exit-code", "--format", "json"], 3),
    )
    ours, theirs = os.pipe()
    os.close(ours)
    for arguments, code in found:
        ran = subprocess.run([*PROGRAM, *arguments], cwd=here, env=environment(), stdout=theirs, check=False)
        assert ran.returncode == code
    os.close(theirs)


def test_nobody_reading_the_errors_leaves_the_exit_code(here: Path) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    for arguments, code in ((["lint"], 2), (["publish", "nowhere.md"], 1)):
        ran = subprocess.run([*PROGRAM, *arguments], cwd=here, env=environment(), stderr=theirs, check=False)
        assert ran.returncode == code
    os.close(theirs)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_an_output_without_room_is_told_in_a_line(here: Path) -> None:
    for arguments in (FEBRUARY, [*FEBRUARY, "--format", "json"], ["--help"]):
        with Path("/dev/full").open("w") as full:
            ran = subprocess.run(
                [*PROGRAM, *arguments], cwd=here, env=environment(), stdout=full, stderr=subprocess.PIPE, check=False
            )
        assert (ran.returncode, ran.stderr) == (1, b"makegood: the output: no space left on device\n")


def test_closed_streams_are_no_error(here: Path) -> None:
    line = " ".join([*PROGRAM, *FEBRUARY])
    ran = subprocess.run(["/bin/sh", "-c", f"{line} >&- 2>&-"], cwd=here, env=environment(), check=False)
    assert ran.returncode == 0


def small_files_only() -> None:
    """A disk that is full after some bytes, as far as this process can tell."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))


@pytest.mark.parametrize(
    "arguments",
    [
        [*FEBRUARY, "-o", "x.html"],
        ["publish", AGREEMENT],
        ["import", LOG, "--into", "new"],
        ["init", "new"],
        ["demo", "new"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_full_disk_leaves_nothing_half_written(here: Path, arguments: list[str]) -> None:
    before = everything_in(here)
    ran = subprocess.run(
        [*PROGRAM, *arguments],
        cwd=here,
        env=environment({"PYTHONDONTWRITEBYTECODE": "1"}),  # Python 3.11 would leave half of what it compiled
        capture_output=True,
        preexec_fn=small_files_only,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr.decode()
    assert b"Traceback" not in ran.stderr
    assert b"fault" not in ran.stderr
    assert everything_in(here) == before
    assert not (here / "new").exists()


def until(folder: Path, said: bytes, *arguments: str) -> subprocess.Popen[bytes]:
    """Start the program, and return once it has said something."""
    running = subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=folder,
        env=environment({"PYTHONUNBUFFERED": "1"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None
    while line := running.stdout.readline():
        if said in line:
            break
    return running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_an_interrupted_demo_leaves_nothing_and_says_so(folder: Path) -> None:
    running = until(folder, b"back.", "demo", "story")
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (130, b"makegood: interrupted; nothing was left half-written\n")
    assert list(folder.iterdir()) == []


def test_a_killed_demo_can_be_told_again_and_is_swept_away(folder: Path) -> None:
    running = until(folder, b"back.", "demo", "story")
    running.kill()
    running.communicate(timeout=60)
    assert not (folder / "story").exists()
    for _ in range(2):
        ran = process(folder, "demo", "story")
        assert (ran.returncode, ran.stderr) == (0, b"")
        assert [p.name for p in folder.iterdir()] == ["story"]
    names = {p.name for p in (folder / "story").iterdir()}
    assert names == {"facts", "statements.html", "statements.json", LISTING}
    verdicts = [s["verdict"] for s in json.loads((folder / "story/statements.json").read_bytes())["statements"]]
    assert verdicts == ["breached", "met", "met", "recorded"]


def test_an_interruption_while_the_program_loads_is_quiet(folder: Path) -> None:
    slow = "import sys, importlib.abc\n"
    slow += "class Slow(importlib.abc.MetaPathFinder):\n"
    slow += "    def find_spec(self, name, *_):\n"
    slow += "        if name == 'makegood.cli.main': raise KeyboardInterrupt\n"
    slow += "sys.meta_path.insert(0, Slow())\nfrom makegood.cli import main\nmain()\n"
    ran = subprocess.run([sys.executable, "-c", slow], cwd=folder, env=environment(), capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (130, b"")


def write_into(folder: Path, content: str) -> None:
    with replacing(folder) as work:
        (work / "a.txt").write_text(content, encoding="utf-8")


def test_a_folder_is_replaced_whole_and_only_where_all_in_it_is_ours(folder: Path) -> None:
    write_into(folder / "x", "one")
    write_into(folder / "x", "two")
    assert (folder / "x/a.txt").read_text(encoding="utf-8") == "two"
    (folder / "x/mine").mkdir()
    (folder / "x/mine/letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(Refused, match=r"holds mine/letter\.txt"):
        write_into(folder / "x", "three")
    assert (folder / "x/a.txt").read_text(encoding="utf-8") == "two"
    assert (folder / "x/mine/letter.txt").exists()


def test_a_folder_that_became_foreign_meanwhile_is_left_alone(folder: Path) -> None:
    def interfering() -> None:
        with replacing(folder / "x") as work:
            (work / "a.txt").write_text("one", encoding="utf-8")
            (folder / "x").mkdir()
            (folder / "x/mine.txt").write_text("dear", encoding="utf-8")

    with pytest.raises(Refused):
        interfering()
    assert everything_in(folder) == {"x/mine.txt": b"dear"}


def test_what_is_being_written_now_is_not_swept_away(folder: Path) -> None:
    with replacing(folder / "x") as first:
        write_into(folder / "x", "second")
        assert first.is_dir()
        (first / "a.txt").write_text("first", encoding="utf-8")
    assert (folder / "x/a.txt").read_text(encoding="utf-8") == "first"
    assert [p.name for p in folder.iterdir()] == ["x"]


def test_an_endless_file_is_refused(here: Path, program: Program) -> None:
    begun = time.monotonic()
    told = program("lint", "/dev/zero")
    assert told.code == 1
    assert "at most 4,194,304 are read" in told.out
    assert time.monotonic() - begun < 600
    assert everything_in(here)


def test_a_pipe_may_be_an_input_and_its_problems_are_told(here: Path) -> None:
    line = " ".join([*PROGRAM, "lint", "/dev/stdin"])
    ran = subprocess.run(
        ["/bin/sh", "-c", f"printf '# A\\n\\n```sla\\ntarget: [\\n```\\n' | {line}"],
        cwd=here,
        env=environment(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 1
    assert b"error " in ran.stdout


def test_a_fault_of_the_program_itself_is_told_without_a_traceback(
    here: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no such thing")

    monkeypatch.setattr("makegood.app.judging.open_docket", broken)
    before = everything_in(here)
    told = program(*FEBRUARY)
    assert (told.code, told.out) == (70, "")
    assert "a fault of makegood" in told.err
    assert "ValueError: no such thing" in told.err
    assert "Traceback" not in told.err
    assert everything_in(here) == before
