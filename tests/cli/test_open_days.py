"""Bundles of days that are not over hold the batches that no segment holds yet, for both verifiers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from makegood.app import bundling
from makegood.app.verifying import verify_bundle
from makegood.cli.main import run
from makegood.evidence import verify_alone
from makegood.evidence.archive import read_archive, write_archive
from makegood.evidence.batch import Batch, Roster, SlotBatch, read_batch
from makegood.evidence.checking import Trusted
from makegood.model.spans import DAY, MINUTE
from makegood.store.ingest import Arrival, Ingest
from makegood.store.opened import opened
from makegood.store.sql.batches import Sent
from tests.cli.test_archive import FEBRUARY, here  # noqa: F401 -- a fixture
from tests.cli.test_bundles import alone, manifest

ASKED = ["evaluate", "hosting.sla.md", "--order", "acme.order.yaml", "--facts", "kept", "--period", "2026-02"]


def bundled(folder: Path, *more: str) -> tuple[dict[str, bytes], Counter[str]]:
    """The files of a bundle that both verifiers find sound, and how many entries of each kind it has, those of files
    that are not in it with a minus."""
    assert run([*ASKED, *more, "--bundle", "feb.zip", "--by", "ops"]) == 0
    assert run(["verify", "feb.zip"]) == 0
    found = alone(folder, "feb.zip")
    assert found.returncode == 0, found.stdout + found.stderr
    kinds = Counter[str]()
    for one in manifest(folder / "feb.zip")["entries"]:
        leaf = one["leaf"]
        assert isinstance(leaf, dict)
        kinds[leaf["kind"] if one["opened"] is not None else f"-{leaf['kind']}"] += 1
    return read_archive((folder / "feb.zip").read_bytes()), kinds


def more(folder: Path, some: Sequence[Batch | Arrival]) -> None:
    with opened(folder / "kept") as store, Ingest(store, "agents", lambda: FEBRUARY + 30 * DAY) as ingest:
        ingest.take_all(some)


def one(location: str, sequence: int, *checks: str) -> SlotBatch:
    cells = np.zeros((1, len(checks)), dtype=np.int8)
    return SlotBatch(location, sequence, MINUTE, Roster(checks), (FEBRUARY + 27 * DAY) // MINUTE, cells)


def test_a_running_month_is_there_batch_by_batch_and_sound(here: Path) -> None:  # noqa: F811
    files, kinds = bundled(here)
    assert kinds["batch"] == 56
    assert kinds["-batch"] == 0
    batches = {name: raw for name, raw in files.items() if name.endswith(".batch")}
    assert len(batches) == 56
    assert "evidence/fra-28.batch" in batches
    (listed,) = (name for name in files if name.startswith("evidence/checks-"))
    roster = Roster(tuple(json.loads(files[listed])))
    assert roster.checks == ("shop-home",)
    assert read_batch(batches["evidence/iad-7.batch"], roster).name == "iad/7"
    digests = {e["leaf"]["commit"] for e in manifest(here / "feb.zip")["entries"]}  # type: ignore[index]
    assert {sha256(raw).hexdigest() for raw in batches.values()} <= digests


def test_what_is_sealed_is_there_by_its_segment_and_the_rest_by_its_batches(here: Path) -> None:  # noqa: F811
    assert run([*ASKED, "--bundle", "first.zip", "--by", "ops"]) == 0
    assert run(["seal", "kept", "--until", "2026-02-21"]) == 0
    _, kinds = bundled(here)
    assert (kinds["batch"], kinds["-segment/outcomes"]) == (2 * 8, 1)
    size = len({e["position"] for e in manifest(here / "first.zip")["entries"]})
    files, kinds = bundled(here, "--as-of", f"log {size}")
    assert (kinds["batch"], kinds["-batch"], kinds["-segment/outcomes"]) == (2 * 8, 2 * 20, 0)
    assert sum(name.endswith(".batch") for name in files) == 2 * 8


def test_what_tells_of_others_too_is_there_by_its_hash_and_what_does_not_count_is_not(here: Path) -> None:  # noqa: F811
    secret = "check-of-another-customer"
    both, theirs = one("sin", 1, "shop-home", secret), one("sin", 2, secret)
    more(here, [both, theirs, Arrival(one("sin", 3, "shop-home"), Sent(flag="skewed")), one("sin", 4, "shop-home")])
    files, kinds = bundled(here, "--other-services")
    assert (kinds["batch"], kinds["-batch"]) == (57, 1)
    assert [name for name in files if "sin" in name] == ["evidence/sin-4.batch"]
    assert secret.encode() not in b"".join(files.values())


def test_of_too_many_the_latest_are_there_and_the_others_are_told_of(
    here: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(bundling, "MOST_BATCHES", 10)
    files, kinds = bundled(here)
    assert kinds["batch"] == 10
    assert "evidence/iad-28.batch" in files
    assert "evidence/fra-28.batch" not in files
    assert "46 batches of open days are not in the bundle: seal them first" in capsys.readouterr().err


def test_each_byte_of_a_batch_that_is_flipped_is_named_by_both_verifiers(here: Path) -> None:  # noqa: F811
    files, _ = bundled(here)
    for name in ("evidence/fra-8.batch", next(name for name in files if name.startswith("evidence/checks-"))):
        raw = files[name]
        for at in range(0, len(raw), max(1, len(raw) // 12)):
            flipped = raw[:at] + bytes([raw[at] ^ 1 << at % 8]) + raw[at + 1 :]
            raw_bundle = write_archive({**files, name: flipped})
            ours = verify_bundle(raw_bundle, "feb.zip", Trusted()).problems
            assert f"feb.zip/{name}" in [p.where.source for p in ours if p.severity == "error"]
            theirs, _ = verify_alone.check_bundle(raw_bundle, None, [])
            assert any(name in told for told in theirs), theirs
