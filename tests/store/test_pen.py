"""A command beside a running server waits in line with it, is let in by it, and does without it when it is gone."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import insert

from makegood.store.opened import create
from makegood.store.place import DATABASE
from makegood.store.sql import database
from makegood.store.sql.database import Unusable, engine_of, reading, sqlite_url, writing
from makegood.store.sql.pen import ENDING, lending, turn
from makegood.store.sql.tables import setting

FACTS = """\
- maintenance: work-{n}
  services: [shop]
  announced: 2026-02-08T07:00Z to 2026-02-08T09:00Z
  kind: standard
  recorded: 2026-02-01T00:00Z
  by: ops
"""
HOLDS = """\
import sys, time
from makegood.store.sql.pen import turn
with turn(sys.argv[1], 10):
    print("mine", flush=True)
    time.sleep(600)
"""
LENDS = HOLDS.replace("import turn", "import lending").replace("turn(sys.argv[1], 10)", "lending(sys.argv[1])")


def started(program: str, *arguments: str) -> subprocess.Popen[str]:
    """A process that prints a line when it has what it is after."""
    running = subprocess.Popen([sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "mine\n"
    return running


def ended(running: subprocess.Popen[str]) -> None:
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=10)


def test_commands_beside_a_server_that_never_rests_are_let_in_and_it_is_told(tmp_path: Path) -> None:
    store = create(tmp_path / "store")
    file, over, told = str(tmp_path / "store" / DATABASE), Event(), list[int]()

    def busy() -> None:
        n = 0
        while not over.is_set():
            with writing(store.engine) as connection:
                connection.execute(insert(setting).values(name=f"busy {n}", value=""))
            n += 1

    with lending(file, lambda: told.append(1)):
        server = Thread(target=busy)
        server.start()
        commands = []
        for n in range(3):
            (tmp_path / f"{n}.facts.yaml").write_text(FACTS.format(n=n))
            command = [sys.executable, "-m", "makegood", "import", f"{n}.facts.yaml", "--into", "store"]
            commands.append(subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        said = [command.communicate(timeout=60)[0].decode() for command in commands]
        over.set()
        server.join()
    assert [command.returncode for command in commands] == [0, 0, 0], said
    assert len(told) >= 3
    assert sorted(fact.id for fact in store.facts()) == ["work-0", "work-1", "work-2"]
    assert not Path(file + ENDING).exists()
    store.engine.dispose()


def test_a_command_that_is_killed_with_the_pen_gives_it_back(tmp_path: Path) -> None:
    file = str(tmp_path / "db")
    back = Event()
    with lending(file, back.set):
        running = started(HOLDS, file)
        assert not back.is_set()
        ended(running)
        assert back.wait(10)
        with turn(file, 1):
            pass


def test_a_server_that_is_killed_leaves_its_store_to_whoever_writes_and_to_the_next_server(tmp_path: Path) -> None:
    store = create(tmp_path / "store")
    file = str(tmp_path / "store" / DATABASE)
    ended(started(LENDS, file))
    assert Path(file + ENDING).exists()
    with writing(store.engine) as connection:
        connection.execute(insert(setting).values(name="after", value=""))
    with lending(file), writing(store.engine) as connection:
        connection.execute(insert(setting).values(name="again", value=""))
    with reading(store.engine) as connection:
        assert {"after", "again"} <= {row.name for row in connection.execute(setting.select())}
    store.engine.dispose()


def test_a_second_server_is_refused_the_pen(tmp_path: Path) -> None:
    running = started(LENDS, str(tmp_path / "db"))
    with pytest.raises(BlockingIOError), lending(str(tmp_path / "db")):
        pass
    ended(running)


def test_a_server_that_does_not_answer_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / f"db{ENDING}"))
        deaf.listen(1)
        with pytest.raises(Unusable, match="does not answer"), writing(engine_of(sqlite_url(tmp_path / "db"))):
            pass


def test_a_path_too_long_for_a_socket_is_entered_by_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / ("a" * 60) / ("b" * 60)
    folder.mkdir(parents=True)
    back = Event()
    with lending(str(folder / "db"), back.set):
        ended(started(HOLDS, str(folder / "db")))
        assert back.wait(10)
