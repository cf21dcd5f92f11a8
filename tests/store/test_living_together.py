"""A store that has facts, imports, batches and sealed days is checked, backed up and brought back as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from makegood.cli.main import run
from makegood.model.spans import Spans
from makegood.store.folder import read_folder
from makegood.store.opened import Store
from tests.cli.running import LOG, WORK, starter
from tests.store.batches import MIDNIGHT, slots
from tests.store.test_archive import take


def seen(folder: Path) -> object:
    facts, problems = read_folder(folder)
    assert problems == []
    results = {
        check: sorted(zip(r.begun.tolist(), r.location.tolist(), r.outcome.tolist(), strict=True))
        for check, r in facts.results.items()
    }
    states = {service: [s.at.tolist() for s in sources] for service, sources in facts.states.items()}
    return results, states, facts.maintenances, Spans()


def test_everything_together_is_kept_sealed_checked_and_brought_back(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    starter(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(["import", WORK, "--into", "store"]) == 0
    assert run(["import", LOG, "--into", "store", "--as", "status-log"]) == 0
    take(store, [slots("iad", 1, [(n, "api", n % 7 == 3) for n in range(50)], 12)], MIDNIGHT)
    before = seen(store.folder)
    assert run(["check", "store"]) == 0
    assert run(["seal", "store"]) == 0
    assert "50 results of 1 batch in" in capsys.readouterr().out
    assert seen(store.folder) == before
    assert run(["check", "store"]) == 0
    assert run(["seal", "store", "--until", "2999-01-01"]) == 0
    assert "nothing is to be sealed" in capsys.readouterr().out
    assert run(["backup", "store", "--to", "backups"]) == 0
    assert run(["restore", "backups", "--to", "again", "--key", str(store.place.key)]) == 0
    assert seen(tmp_path / "again") == before
    assert run(["check", "again"]) == 0
