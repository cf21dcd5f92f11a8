"""Sealed files on an object store: uploaded before they count, fetched where missing, verified on each read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from makegood.model.problem import Refused
from makegood.store.folder import read_folder
from makegood.store.opened import Store, create, opened
from tests.store.batches import rows
from tests.store.conftest import BUCKET
from tests.store.test_archive import said, sealed, take


@pytest.fixture
def kept(tmp_path: Path, remote: Any) -> Iterator[Store]:
    assert not list(remote.objects.all())
    create(tmp_path / "store").engine.dispose()
    settings = tmp_path / "store/store.toml"
    settings.write_text(settings.read_text() + f'segments = "s3://{BUCKET}/acme"\n')
    with opened(tmp_path / "store") as store:
        take(store, [rows("iad", 1, [(0, "api", 0), (3, "api", 1)], 5)])
        yield store


def codes(store: Store) -> list[str]:
    return [p.code for p in read_folder(store.folder)[1]]


def test_a_sealed_file_is_on_the_object_store_and_is_fetched_where_the_copy_is_gone(kept: Store, remote: Any) -> None:
    before = said(kept)
    (days,) = sealed(kept)
    names = sorted(one.key for one in remote.objects.all())
    assert [name.split("/")[:2] for name in names] == [["acme", "latencies"], ["acme", "outcomes"]]
    (kept.folder / days.name).unlink()
    assert said(kept) == before
    assert (kept.folder / days.name).is_file()


def test_a_copy_that_was_changed_is_fetched_again(kept: Store) -> None:
    before = said(kept)
    (days,) = sealed(kept)
    (kept.folder / days.name).write_bytes(b"nothing")
    assert said(kept) == before


def test_an_object_that_is_missing_or_was_changed_is_a_problem(kept: Store, remote: Any) -> None:
    (days,) = sealed(kept)
    (kept.folder / days.name).unlink()
    one = remote.Object(f"acme/{days.name}")
    raw = one.get()["Body"].read()
    one.put(Body=raw[:-1] + b"?")
    assert codes(kept) == ["segment-changed"]
    assert not (kept.folder / days.name).exists()
    one.delete()
    assert codes(kept) == ["segment-missing"]


def test_nothing_is_sealed_while_the_object_store_refuses(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    before = said(kept)
    with monkeypatch.context() as patched:
        patched.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patched.setattr("makegood.store.segments._remote", lambda _: 1 / 0)
        with pytest.raises(Refused) as refused:
            sealed(kept)
    assert [p.code for p in refused.value.problems] == ["segment-unwritable"]
    assert said(kept) == before
    assert len(sealed(kept)) == 1


@pytest.mark.parametrize("said_so", ['"https://example.com/x"', "5", '"s3://Bad Bucket"'])
def test_what_names_no_object_store_is_refused(tmp_path: Path, said_so: str) -> None:
    create(tmp_path / "store").engine.dispose()
    settings = tmp_path / "store/store.toml"
    settings.write_text(settings.read_text() + f"segments = {said_so}\n")
    with pytest.raises(Refused) as refused, opened(tmp_path / "store"):
        pass
    assert [p.code for p in refused.value.problems] == ["store-settings"]
