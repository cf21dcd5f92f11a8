"""A fleet judged on any pool, with any number of jobs and whatever dies, says what its orders say one by one."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from makegood.app.fleet.judging import Fleet, sheets
from makegood.app.fleet.parts import of_orders, packed, parts
from makegood.app.fleet.pools import TRIES, Here
from makegood.app.fleet.processes import Processes
from makegood.app.fleet.task import Sheet, Task
from makegood.app.judging import judge_range, world_at
from makegood.model.problem import Refused
from makegood.model.statement import Verdict
from makegood.render.document import collection_of, statements_json
from makegood.render.fleet import csv_rows, row_of
from tests.app.fleet.fleets import AS_OF, deadly, faulty, opened, slow, told, unhurried, written

ORDERS = 24


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return opened(written(tmp_path_factory.mktemp("fleet"), ORDERS))


@pytest.fixture(scope="module")
def expected(fleet: Fleet) -> list[Sheet]:
    return told(fleet, Here(), 1)


def figures(found: list[Sheet]) -> list[object]:
    return [(s.number, s.order, s.rows, s.documents, s.left_out, s.problems) for s in found]


def test_a_fleet_says_what_each_of_its_orders_says_alone(fleet: Fleet, expected: list[Sheet]) -> None:
    assert len(expected) == ORDERS
    for one, sheet in zip(fleet.asked, expected, strict=True):
        answers, _ = judge_range(world_at(one.docket, AS_OF), one.docket, one.labels, explain=False)
        assert sheet.rows == tuple(row_of(s) for answer in answers for s in answer.statements)
    verdicts = {row.verdict for sheet in expected for row in sheet.rows}
    assert verdicts >= {Verdict.MET, Verdict.BREACHED, Verdict.INSUFFICIENT, Verdict.RUNNING}


@pytest.mark.parametrize("seed", range(2, 6))
def test_what_the_sweep_tells_is_what_the_chain_tells(tmp_path: Path, seed: int) -> None:
    fleet = opened(written(tmp_path, 10, seed))
    swept = list(sheets(fleet, Here(), AS_OF, 1))
    whole = list(sheets(fleet, Here(), AS_OF, 1, swept=False))
    assert figures(swept) == figures(whole)
    periods = sum(len(one.labels) for one in fleet.asked)
    assert periods / 4 < sum(sheet.swept for sheet in swept) < periods
    assert sum(sheet.swept for sheet in whole) == 0


def test_statements_in_json_are_those_of_each_order_alone(fleet: Fleet) -> None:
    some = Fleet(fleet.asked[:6], (), ())
    found = told(some, Here(), 1, documents=True)
    statements = [
        statement
        for one in some.asked
        for answer in judge_range(world_at(one.docket, AS_OF), one.docket, one.labels)[0]
        for statement in answer.statements
    ]
    pieces = [piece for sheet in found for piece in sheet.documents]
    assert "".join(collection_of(pieces, tuple)) == statements_json(statements)
    assert "".join(collection_of([], tuple)) == statements_json([])


@pytest.mark.parametrize("jobs", [1, 3])
def test_any_number_of_processes_says_the_same(fleet: Fleet, expected: list[Sheet], jobs: int) -> None:
    assert figures(told(fleet, Processes(jobs), jobs)) == figures(expected)
    assert multiprocessing.active_children() == []


def test_processes_write_the_same_documents(fleet: Fleet) -> None:
    some = Fleet(fleet.asked[:8], (), ())
    here, there = (told(some, pool, 2, documents=True) for pool in (Here(), Processes(2)))
    assert figures(here) == figures(there)
    assert all(sheet.documents for sheet in here)


@pytest.mark.parametrize("seed", range(2))
def test_a_worker_that_is_killed_changes_nothing(fleet: Fleet, expected: list[Sheet], seed: int) -> None:
    dice, pool = Random(seed), Processes(2, unhurried)
    tasks = list(packed(fleet.asked, AS_OF, 2))
    kill_after = dice.randrange(len(tasks) - 4)
    killed, found = 0, list[Sheet]()
    for n, (_, result) in enumerate(pool.run(tasks, time.monotonic() + 120)):
        found += pickle.loads(result)
        if n == kill_after:
            time.sleep(dice.random() * 0.1)
            victim = next(worker for worker in pool.workers if worker.has is not None)
            os.kill(victim.process.pid or 0, signal.SIGKILL)
            killed = victim.process.pid or 0
    assert killed
    assert killed not in [worker.process.pid for worker in pool.workers]
    assert figures(sorted(found, key=lambda sheet: sheet.number)) == figures(expected)
    assert multiprocessing.active_children() == []


def test_work_that_kills_every_worker_is_given_up_and_its_orders_are_named(fleet: Fleet) -> None:
    with pytest.raises(Refused) as refused:
        told(Fleet(fleet.asked[:1], (), ()), Processes(1, deadly))
    (problem,) = refused.value.problems
    assert problem.code == "worker-lost"
    assert problem.what == f"the work on the order `order-000` was given up: {TRIES} workers died of it"
    assert problem.why == "the last one was ended by SIGKILL"
    assert multiprocessing.active_children() == []


def test_a_fault_in_a_worker_is_told_and_ends_all_of_them(fleet: Fleet) -> None:
    with pytest.raises(RuntimeError, match="a worker failed with ValueError: True"):
        told(fleet, Processes(1, faulty))
    assert multiprocessing.active_children() == []


def test_a_deadline_that_passes_names_what_was_not_done(fleet: Fleet) -> None:
    with pytest.raises(Refused) as refused:
        list(sheets(fleet, Processes(1, slow), AS_OF, 1, seconds=0.2))
    assert [p.code for p in refused.value.problems] == ["fleet-deadline"]
    assert "`order-000`" in refused.value.problems[0].what
    assert multiprocessing.active_children() == []
    with pytest.raises(Refused) as refused:
        list(sheets(fleet, Here(), AS_OF, 1, seconds=-1.0))
    assert [p.code for p in refused.value.problems] == ["fleet-deadline"]


def test_results_that_come_in_any_order_are_told_in_the_order_that_was_asked(
    fleet: Fleet, expected: list[Sheet]
) -> None:
    class Shuffled(Here):
        def run(self, tasks, deadline):  # type: ignore[no-untyped-def]
            done = list(super().run(tasks, deadline))
            Random(7).shuffle(done)
            yield from done

    assert figures(told(fleet, Shuffled(), 3)) == figures(expected)


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_every_order_is_in_one_task_and_a_task_has_the_evidence_of_its_own_orders_alone(
    fleet: Fleet, workers: int
) -> None:
    made = parts(fleet.asked, workers)
    assert sorted(one.number for part in made for one in part) == list(range(ORDERS))
    assert len(made) >= min(16 * workers if workers > 1 else 1, ORDERS) // 2
    for one in packed(fleet.asked, AS_OF, workers):
        task: Task = pickle.loads(one.task)
        covered = {service.name for asked in task.asked for service in asked.docket.order.services}
        assert {*task.asked[0].docket.facts.states} == covered
        assert all(asked.docket.facts is task.asked[0].docket.facts for asked in task.asked)
        assert one.orders == tuple(asked.docket.order.id for asked in task.asked)


def test_orders_that_share_a_service_lie_in_one_task_where_it_holds_them(fleet: Fleet) -> None:
    (part,) = parts(fleet.asked, 1)
    lone = [
        one for one in part if len(one.docket.order.services) == 1 and one.docket.order.services[0].name[:3] == "own"
    ]
    assert lone
    names = [tuple(service.name for service in one.docket.order.services) for one in part if one not in lone]
    assert names == sorted(names)


def test_records_stay_whole_where_evidence_is_left_out(fleet: Fleet) -> None:
    facts = fleet.asked[0].docket.facts
    nothing = of_orders(facts, [])
    assert (nothing.states, nothing.results, nothing.measurements) == ({}, {}, {})
    assert nothing.digests == facts.digests


def test_a_cell_that_a_spreadsheet_would_take_for_a_formula_is_text(expected: list[Sheet]) -> None:
    row = replace(expected[0].rows[0], customer="=cmd()", subject='a "b", c')
    assert csv_rows([row]).startswith("order-000,'=cmd(),web-hosting,")
    assert '"a ""b"", c"' in csv_rows([row])
