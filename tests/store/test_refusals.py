"""What a disk or an object store refuses is told in words that help; a store that was not made leaves nothing."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import duckdb
import pytest

from makegood.cli.main import run
from makegood.model.problem import Problem, Refused
from makegood.store.opened import create
from makegood.store.place import StorePlace
from makegood.store.refusals import disk_refusal
from makegood.store.segments import remote_sizes, remove_segment, segment_file, upload
from tests.store.conftest import new_database


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "the disk is full"),
        (OSError(errno.EROFS, "x"), "the disk can only be read"),
        (OSError(errno.ENOTDIR, "Not a directory"), "not a directory"),
        (OSError("odd"), "odd"),
        (
            duckdb.IOException(
                'IO Error: Async write failed: {"exception_type":"IO","exception_message":"Could not write file'
                ' \\"a.part\\": No space left on device","errno":"28"}'
            ),
            "the disk is full",
        ),
        (
            duckdb.IOException('IO Error: x: {"exception_message":"no such \\"thing\\"","errno":"1"}\nmore'),
            'no such "thing"',
        ),
        (duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate\nmore"), "there is not enough memory"),
        (duckdb.IOException("IO Error: y\nmore"), "IO Error: y"),
    ],
)
def test_a_disk_that_refuses_is_told_of_in_words(failure: duckdb.Error | OSError, says: str) -> None:
    assert disk_refusal(failure) == says


class _Answers(BaseHTTPRequestHandler):
    status, code = 403, "AccessDenied"

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = f"<Error><Code>{self.code}</Code></Error>".encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = do_PUT  # noqa: N815 -- as the standard library names them

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Answers]]:
    """An object store that refuses everything, as its class says."""

    class Answers(_Answers):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    for name, value in (("ACCESS_KEY_ID", "a"), ("SECRET_ACCESS_KEY", "b"), ("REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_address[1]}")
    yield Answers
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "code", "why", "hint"),
    [
        (403, "AccessDenied", "its credentials may not do that", "AWS_SECRET_ACCESS_KEY right"),
        (403, "SignatureDoesNotMatch", "it does not take these credentials (SignatureDoesNotMatch)", "right?"),
        (401, "Other", "it does not take these credentials", "AWS_ACCESS_KEY_ID"),
        (404, "NoSuchBucket", "there is no such bucket", "`segments` in store.toml"),
        (301, "PermanentRedirect", "the bucket is in another region", "AWS_REGION"),
        (400, "Strange", "it answers with status 400 (Strange)", "AWS_ENDPOINT_URL"),
    ],
)
def test_an_object_store_that_refuses_is_told_of_in_words_whatever_is_asked(
    tmp_path: Path, answers: type[_Answers], status: int, code: str, why: str, hint: str
) -> None:
    answers.status, answers.code = status, code
    place = StorePlace(tmp_path, "", tmp_path / "key", "s3://bucket/x")
    (tmp_path / "a.parquet").write_bytes(b"x")
    problems = list[Problem]()
    for ask in (
        lambda: upload(place, "a.parquet"), lambda: remote_sizes(place), lambda: remove_segment(place, "a.parquet"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            ask()
        problems += refused.value.problems
    unread = segment_file(place, "b.parquet", "0" * 64)
    assert not isinstance(unread, Path)
    for problem in [*problems, unread]:
        assert problem.code in ("segment-unwritable", "segment-unreadable")
        assert problem.why == why
        assert hint in problem.hint
        assert "http:" not in problem.why
    assert (tmp_path / "a.parquet").exists()


def test_a_store_that_cannot_be_made_leaves_no_folder(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    taken = new_database(request)
    create(tmp_path / "first", taken).engine.dispose()
    (tmp_path / "empty").mkdir()
    for folder in ("second", "empty"):
        with pytest.raises(Refused, match="this database holds a store already"):
            create(tmp_path / folder, taken)
    with pytest.raises(Refused, match="cannot be used"):
        create(tmp_path / "third", "postgresql://nobody@127.0.0.1:9/none")
    with pytest.raises(Refused, match="cannot be written"):
        create(tmp_path / "fourth", "", str(tmp_path / "none" / "log.pem"))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["empty", "first"]
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_key_that_a_database_elsewhere_may_need_stays(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_place: StorePlace) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("makegood.store.opened.settle", full)
    with pytest.raises(Refused) as refused:
        create(tmp_path / "far", new_database(request))
    assert refused.value.problems[0].why == "the disk is full"
    assert (tmp_path / "far" / "keys" / "log.pem").is_file()
    with pytest.raises(Refused):
        create(tmp_path / "here")
    assert not (tmp_path / "here").exists()


def test_a_store_that_may_only_be_read_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    create(tmp_path / "kept").engine.dispose()
    monkeypatch.setattr("makegood.store.sql.database._prepare", lambda made: made.execute("pragma query_only=ON"))
    (tmp_path / "rows.csv").write_text("check,location,begun,outcome\napi,iad,2026-02-01T00:00:00Z,up\n")
    assert run(["import", str(tmp_path / "rows.csv"), "--into", str(tmp_path / "kept")]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "the store cannot be written" in said
    assert "this user may only read it" in said
