"""`evaluate` of many orders, as its user runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from makegood.cli import fleet
from tests.cli.conftest import Program
from tests.cli.running import AGREEMENT, INPUTS, ORDER, PROGRAM, environment, mend

YEAR = ["--period", "2026-01..2026-04", "--as-of", "2026-06-02T00:00:00Z"]
MANY = ["evaluate", AGREEMENT, "--facts", "facts", *YEAR, "--order"]


@pytest.fixture
def orders(here: Path) -> Path:
    """A folder with three orders, which cover the same shop."""
    folder = here / "orders"
    folder.mkdir()
    text = (here / ORDER).read_text(encoding="utf-8")
    for name in ("first", "second", "third"):
        (folder / f"{name}.order.yaml").write_text(text.replace("acme-hosting", name), encoding="utf-8")
    return folder


def test_a_folder_of_orders_is_a_table_by_order_and_period_with_totals(orders: Path, program: Program) -> None:
    told = program(*MANY, "orders")
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[0].split() == ["Order", "Period", "Verdicts", "Credit"]
    assert [line.split()[:2] for line in lines[2:14]] == [
        [name, f"2026-0{month}"] for name in ("first", "second", "third") for month in range(1, 5)
    ]
    assert lines[3].split() == ["first", "2026-02", "1", "breached", "20.00", "EUR"]
    assert lines[-1].startswith(
        "3 orders, 12 statements: 3 met, 3 breached, 6 insufficient data. Credit at least 60.00 EUR"
    )
    assert orders.is_dir()


def test_orders_are_told_in_the_order_in_which_they_are_named(orders: Path, program: Program) -> None:
    named = ["third.order.yaml", "first.order.yaml"]
    told = program(*MANY, f"orders/{named[0]}", "--order", f"orders/{named[1]}", "--format", "csv")
    assert [line.split(",")[0] for line in told.out.splitlines()[1:]] == ["third"] * 4 + ["first"] * 4
    assert orders.is_dir()


def test_statements_are_the_same_with_any_number_of_jobs(orders: Path, program: Program) -> None:
    first, second = (program(*MANY, "orders", "--format", "json", "--jobs", jobs).out for jobs in ("1", "2"))
    assert first == second
    assert len(json.loads(first)["statements"]) == 12
    assert orders.is_dir()


def test_json_of_one_order_is_the_same_in_a_fleet_of_one(here: Path, program: Program) -> None:
    alone = program("evaluate", *INPUTS, *YEAR, "--format", "json").out
    assert program("evaluate", *INPUTS, *YEAR, "--format", "json", "--jobs", "1").out == alone
    assert len(json.loads(alone)["statements"]) == 4
    assert here.is_dir()


def test_many_periods_of_orders_are_given_to_processes(
    orders: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = program(*MANY, "orders").out
    monkeypatch.setattr(fleet, "FEW", 1)
    assert program(*MANY, "orders").out == few
    assert orders.is_dir()


def test_a_file_holds_what_the_terminal_shows(orders: Path, here: Path, program: Program) -> None:
    for ending in ("csv", "json"):
        told = program(*MANY, "orders", "-o", f"all.{ending}")
        assert (told.code, told.out) == (0, f"written: all.{ending}\n")
        shown = program(*MANY, "orders", "--format", ending).out
        assert (here / f"all.{ending}").read_text(encoding="utf-8") == shown
    assert orders.is_dir()


def test_every_problem_of_all_orders_is_told_before_any_work(orders: Path, here: Path, program: Program) -> None:
    mend(orders / "first.order.yaml", "customer: Acme", "customer: [")
    mend(orders / "second.order.yaml", "agreement: web-hosting", "agreement: another")
    (orders / "fourth.order.yaml").write_bytes((orders / "third.order.yaml").read_bytes())
    told = program(*MANY, "orders", "-o", "all.csv")
    assert (told.code, told.out) == (1, "")
    assert "orders/first.order.yaml" in told.err
    assert "the order is under the agreement `another`" in told.err
    assert "the order `third` is given twice" in told.err
    assert not (here / "all.csv").exists()


def test_a_folder_without_orders_is_refused(here: Path, program: Program) -> None:
    (here / "none").mkdir()
    told = program(*MANY, "none")
    assert told.code == 1
    assert "this folder holds no file `*.order.yaml`" in told.err


def test_orders_outside_their_term_are_left_out_and_named(orders: Path, program: Program) -> None:
    mend(orders / "second.order.yaml", "2026-01-01 to 2026-12-31", "2027-01-01 to 2027-12-31")
    told = program(*MANY, "orders", "--exit-code")
    assert told.code == 3
    assert "second" not in told.out
    assert "the term of `second` is 2027-01-01 to 2027-12-31" in told.err
    for name in ("first", "third"):
        mend(orders / f"{name}.order.yaml", "2026-01-01 to 2026-12-31", "2027-01-01 to 2027-12-31")
    assert program(*MANY, "orders").code == 1


def test_periods_that_have_not_begun_are_left_out(orders: Path, program: Program) -> None:
    told = program("evaluate", AGREEMENT, "--facts", "facts", "--order", "orders", "--period", "2026-01..2026-12",
                   "--as-of", "2026-03-02T00:00:00Z", "--exit-code")  # fmt: skip
    assert told.code == 3
    assert "2026-04 has not begun; it and later periods are left out of 3 orders" in told.err
    assert "12 statements" not in told.out
    assert "3 orders, 9 statements" in told.out
    assert orders.is_dir()


WRONG = {
    ("--format", "html"): "--format html is for one order",
    ("--format", "text"): "--format text is for one order",
    ("--jobs", "0"): "--jobs is a number from 1 up",
    ("--jobs", "2", "--cluster", "tcp://127.0.0.1:1"): "say --jobs or --cluster, not both",
    ("--deadline", "soon"): "--deadline:",
    ("--bundle", "all.bundle"): "--bundle is for one order",
}


@pytest.mark.parametrize("options", WRONG, ids=" ".join)
def test_a_command_line_that_cannot_be_right_is_told(orders: Path, program: Program, options: tuple[str, ...]) -> None:
    told = program(*MANY, "orders", *options)
    assert (told.code, told.out) == (2, "")
    assert WRONG[options] in told.err
    assert orders.is_dir()


def test_a_deadline_that_passes_leaves_no_file(orders: Path, here: Path, program: Program) -> None:
    told = program(*MANY, "orders", "--deadline", "0 s", "-o", "all.csv")
    assert told.code == 1
    assert "the deadline passed before" in told.err
    assert not (here / "all.csv").exists()
    assert orders.is_dir()


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are seen in /proc")
def test_an_interrupt_ends_every_child(orders: Path, here: Path) -> None:
    command = [*PROGRAM, *MANY, "orders", "--jobs", "2", "--format", "json", "-o", "all.json"]
    running = subprocess.Popen(
        command, cwd=here, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    listed = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    while running.poll() is None and len(listed.read_text(encoding="ascii").split()) < 2:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (130, b"")
    assert err == b"makegood: interrupted; nothing was left half-written\n"
    assert not (here / "all.json").exists()
    assert [path for path in here.iterdir() if path.name.startswith(".")] == []
    until = time.monotonic() + 20
    while alive_in(running.pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert alive_in(running.pid) == []
    assert orders.is_dir()


def alive_in(group: int) -> list[str]:
    """The processes of a group; one that has ended and whom nobody has waited for is not alive."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, of = status.read_text(encoding="utf-8").rpartition(")")[2].split()[:3]
            found += [status.parent.name] if int(of) == group and state != "Z" else []
    return found
