"""`stamp`: an authority on this machine is asked, or answers by files; bundles and proofs carry what it said."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest

from makegood.app import posting
from tests.cli.conftest import Program
from tests.cli.running import AGREEMENT, ORDER, WORK, starter
from tests.evidence.authority import Answer, answering, make_authority, openssl, stamped

HERE = ("--allow", "127.0.0.0/8")
REPLY = {"Content-Type": "application/timestamp-reply"}


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_authority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def url(tsa: Path) -> Iterator[str]:
    """The address of an authority, whose answer depends on the path that is asked."""

    def answer(asked: str, body: bytes) -> Answer:
        path, kind = asked.split()
        if kind != "application/timestamp-query":
            return 415, {}, b""
        match path:
            case "/tsr":
                return 200, REPLY, stamped(tsa, body)
            case "/rogue":
                return 200, REPLY, stamped(tsa, body, "rogue")
            case "/old":
                return 200, REPLY, (tsa / "kept.tsr").read_bytes()
            case "/moved":
                return 302, {"Location": "/tsr"}, b""
            case "/long":
                return 200, REPLY, bytes(1 << 17)
            case "/short":
                return 200, {**REPLY, "Content-Length": "99"}, b"short"
            case "/page":
                return 200, {"Content-Type": "text/html"}, b"<html>"
            case "/refuses":
                return 200, REPLY, bytes.fromhex("30133011020102300c0c0a" + b"not today\n".hex())
            case "/slow":
                sleep(0.6)
        return 503, {}, b""

    with answering(answer) as found:
        yield found


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Program, tsa: Path) -> Path:
    starter(tmp_path)
    monkeypatch.chdir(tmp_path)
    for name in ("root", "stranger"):
        (tmp_path / f"{name}.pem").write_bytes((tsa / f"{name}.pem").read_bytes())
    program("store", "kept")
    program("import", WORK, "--into", "kept", "--by", "ops")
    return tmp_path


@pytest.mark.usefixtures("here")
def test_a_head_is_stamped_and_bundles_and_proofs_carry_it(program: Program, url: str) -> None:
    asked = ["evaluate", AGREEMENT, "--order", ORDER, "--facts", "kept", "--period", "2026-02"]
    program(*asked, "--bundle", "before.zip", "--by", "ops")
    told = program("stamp", "kept", "--ask", f"{url}/tsr", *HERE, "--authority", "root.pem")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("head of 4 entries: stamped at 20")
    program(*asked, "--bundle", "after.zip", "--by", "ops")
    program("prove", "kept", "--fact", "M-1", "-o", "proof.json")
    for name in ("after.zip", "proof.json"):
        told = program("verify", name, "--authority", "root.pem")
        assert told.code == 0, told.err
        assert "Z at the latest" in told.out
        assert program("verify", name, "--authority", "stranger.pem").code == 1
        assert "time stamp was not looked at" in program("verify", name).err
    assert "there is no time stamp" in program("verify", "before.zip", "--authority", "root.pem").err
    assert program("stamp", "kept").out.count("head of 4 entries") == 1
    assert "1 time stamp" in program("check", "kept").out


@pytest.mark.usefixtures("here")
def test_by_hand_a_request_is_written_and_the_reply_taken(program: Program, tsa: Path) -> None:
    told = program("stamp", "kept", "--request", "head.tsq")
    assert "for the head of 2 entries" in told.out
    program("import", "facts/states/shop.csv", "--into", "kept", "--as", "status-log", "--by", "ops")
    Path("head.tsr").write_bytes(stamped(tsa, Path("head.tsq").read_bytes()))
    told = program("stamp", "kept", "--reply", "head.tsr")
    assert (told.code, told.out[:18]) == (0, "head of 2 entries:")
    assert "name its root certificate" in told.err
    assert "as known already" in program("stamp", "kept", "--reply", "head.tsr", "--authority", "root.pem").out
    program("head", "kept", "--size", "2", "-o", "head.json")
    openssl(Path.cwd(), "ts", "-verify", "-in", "head.tsr", "-CAfile", "root.pem", "-data", "head.json")


@pytest.mark.usefixtures("here")
def test_a_stamp_on_anything_else_is_not_kept(program: Program, tsa: Path) -> None:
    openssl(Path.cwd(), "ts", "-query", "-data", WORK, "-sha256", "-cert", "-out", "other.tsq")
    Path("other.tsr").write_bytes(stamped(tsa, Path("other.tsq").read_bytes()))
    told = program("stamp", "kept", "--reply", "other.tsr")
    assert (told.code, "this stamp is on no head of this store" in told.err) == (1, True)
    program("stamp", "kept", "--request", "head.tsq")
    Path("rogue.tsr").write_bytes(stamped(tsa, Path("head.tsq").read_bytes(), "rogue"))
    told = program("stamp", "kept", "--reply", "rogue.tsr", "--authority", "root.pem")
    assert (told.code, "the stamp does not hold" in told.err) == (1, True)
    assert program("stamp", "kept").out == "no head was stamped\n"


@pytest.mark.usefixtures("here")
def test_a_reply_to_an_earlier_request_is_refused(program: Program, tsa: Path, url: str) -> None:
    program("stamp", "kept", "--request", "head.tsq")
    (tsa / "kept.tsr").write_bytes(stamped(tsa, Path("head.tsq").read_bytes()))
    told = program("stamp", "kept", "--ask", f"{url}/old", *HERE)
    assert (told.code, "the reply is to another request than ours" in told.err) == (1, True)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/rogue --authority root.pem", "the stamp does not hold"),
        ("/moved", "it answers with status 302, and we are not sent elsewhere"),
        ("/long", "its answer is longer than 65,536 bytes"),
        ("/short", "no answer came:"),
        ("/page", "this is no reply of a time-stamping authority"),
        ("/refuses", "the authority gives no stamp: not today"),
        ("/slow", "no answer came: timeout"),
        ("/none", "it answers with status 503"),
        ("/tsr --size 7", "no head of 7 entries was signed"),
        ("/tsr --authority facts", "facts"),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_is_no_stamp_is_not_kept(
    program: Program, url: str, path: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if path == "/slow":
        monkeypatch.setattr(posting, "PATIENCE", 0.3)
    told = program("stamp", "kept", "--ask", *f"{url}{path}".split(), *HERE)
    assert told.code == 1
    assert said in " ".join(told.err.split())
    assert program("stamp", "kept").out == "no head was stamped\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["kept", "--ask", "ftp://host/path"], 1, "the address has another scheme than http and https"),
        (["kept", "--ask", "http://ada:secret@host/"], 1, "the address holds a user name or a password"),
        (["kept", "--ask", "http://[::1"], 1, "the address has no readable host and port"),
        (["kept", "--ask", "http://127.0.0.1:1/"], 1, "127.0.0.1 is not public"),
        (["kept", "--ask", "http://127.0.0.1:1/"], 1, "name its network with --allow"),
        (["kept", "--ask", "http://127.0.0.1:1/", *HERE], 1, "no answer came: refused"),
        (["kept", "--ask", "http://h/", "--allow", "here"], 1, "`here` is no network"),
        (["kept", *HERE], 2, "--allow is for --ask"),
        (["kept", "--ask", "http://h/", "--request", "x"], 2, "three ways"),
        (["kept", "--size", "2"], 2, "--size is for"),
        (["kept", "--request", "x", "--authority", "root.pem"], 2, "--authority is for"),
        (["kept", "--reply", WORK], 1, "this is no reply of a time-stamping authority"),
        (["kept", "--reply", "none.tsr"], 1, "none.tsr"),
        (["facts", "--ask", "http://h/"], 1, "this is no store"),
        (["empty", "--request", "x"], 1, "the log is empty"),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_cannot_be_is_refused(program: Program, arguments: list[str], code: int, said: str) -> None:
    program("store", "empty")
    told = program("stamp", *arguments)
    assert told.code == code
    assert said in " ".join(told.err.split())


@pytest.mark.usefixtures("here")
def test_the_verifier_that_stands_alone_reads_what_was_stamped(program: Program, url: str) -> None:
    program("stamp", "kept", "--ask", f"{url}/tsr", *HERE)
    program("prove", "kept", "--fact", "M-1", "-o", "proof.json")
    from makegood.evidence.bundle import verifier

    Path("verify.py").write_bytes(verifier())
    found = subprocess.run(["python3", "-I", "verify.py", "proof.json"], capture_output=True, text=True, check=False)
    assert (found.returncode, "1 time stamps, not looked at here" in found.stdout) == (0, True)
