"""`verify` as a counterparty uses it: what it says, what it exits with, and that a crash is never success."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from makegood.app import verifying
from makegood.evidence import bundle, verify_alone
from makegood.evidence.archive import read_archive
from makegood.evidence.bundle import write_proof
from makegood.evidence.canonical import canonical
from makegood.evidence.head import SignedHead, sign_head
from makegood.evidence.signing import write_key
from tests.cli.conftest import Program
from tests.cli.running import process
from tests.evidence.making import AT, CHANGED_AT, FIRST, SECOND, STRANGER, fact, real

W = real()
W_FILE = json.loads(write_proof(W.head(), FIRST.public, [], [W.proven(7)]))["entries"][0]


@pytest.fixture(autouse=True)
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a bundle, heads of several sizes, keys and a proof."""
    monkeypatch.chdir(tmp_path)
    Path("march.zip").write_bytes(W.bundle())
    for size in (3, 4, 9):
        Path(f"head-{size}.json").write_bytes(W.head(size).to_bytes())
    for name, key in (("first", FIRST), ("second", SECOND), ("stranger", STRANGER)):
        Path(f"{name}.pub").write_bytes(key.public.pem)
    write_key(tmp_path / "secret.key", FIRST)
    proof = write_proof(W.head(), FIRST.public, [W.extension(4)], [W.proven(3), W.proven(4), W.proven(CHANGED_AT)])
    Path("proof.json").write_bytes(proof)
    return tmp_path


def test_a_sound_bundle_says_what_it_shows(program: Program) -> None:
    told = program("verify", "march.zip", "--since", "head-4.json", "--key", "first.pub")
    assert told.code == 0
    lines = [line.split(maxsplit=1) for line in told.out.splitlines()]
    assert [name for name, _ in lines] == ["log", "signed", "extends", "entries", "statement", "sound:"]
    assert "9 entries at 2026-03-03T01:06:40.000009Z" in told.out
    assert "the head you saved, of 4 entries at 2026-03-03T01:06:40.000004Z, by 5" in told.out
    assert "7 proven, 1 with what they say erased, 1 file by the hash alone" in told.out
    assert "breached, 20.00 EUR: monthly-availability for shop in 2026-02 (26 steps worked out anew)" in told.out
    assert "error" not in told.err
    assert "1 of the facts that it cites are not in the bundle: `M-1`" in " ".join(told.err.split())


def test_a_bundle_that_nothing_vouches_for_is_sound_and_says_so(program: Program) -> None:
    told = program("verify", "march.zip")
    assert (told.code, told.out.splitlines()[-1]) == (0, "sound: march.zip")
    assert "nothing outside vouches for the key of log" in told.err
    assert "nothing outside vouches" not in program("verify", "march.zip", "--key", "second.pub").err


def test_a_flipped_bit_is_named(program: Program) -> None:
    raw = bytearray(Path("march.zip").read_bytes())
    at = raw.index(b"order", raw.index(b"documents/acme.order.yaml"))
    raw[at] ^= 1
    Path("march.zip").write_bytes(raw)
    told = program("verify", "march.zip")
    assert (told.code, told.out) == (1, "NOT SOUND: march.zip\n")
    assert "error not-sound  march.zip" in told.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["march.zip", "--since", "head-3.json"], 1, "nothing shows that the log extends the head you saved"),
        (["march.zip", "--key", "stranger.pub"], 1, "none of the keys you gave"),
        (["march.zip", "--key", "stranger.pub", "--key", "first.pub"], 0, ""),
        (["march.zip", "--key", "secret.key"], 1, "the secret key was given: name the public one"),
        (["march.zip", "--key", "head-4.json"], 1, "no public key in PEM"),
        (["march.zip", "--since", "march.zip"], 1, "not-a-head"),
        (["march.zip", "--since", "none.json"], 1, "none.json"),
        (["march.zip", "--authority", "first.pub"], 1, "no certificate in PEM"),
        (["proof.json", "--since", "head-3.json"], 1, "nothing shows that the log extends the head you saved"),
        (["proof.json", "--key", "stranger.pub"], 1, "none of the keys you gave"),
        (["proof.json", "--authority", "second.pub"], 1, "no certificate in PEM"),
        (
            ["head-9.json", "--since", "head-4.json"],
            1,
            "ask for a proof, which does: makegood prove STORE --since HEAD",
        ),
        (["none.zip"], 1, "none.zip"),
        (["."], 1, "."),
        (["empty"], 1, "does not begin with a file"),
        (["brace"], 1, "not JSON"),
        ([], 2, "FILE is missing"),
        (["march.zip", "more.zip"], 2, "more.zip"),
    ],
)
def test_exit_codes_are_as_documented(program: Program, arguments: list[str], code: int, said: str) -> None:
    Path("empty").write_bytes(b"")
    Path("brace").write_bytes(b"{")
    told = program("verify", *arguments)
    assert told.code == code
    assert said in " ".join(told.err.split())
    assert ("\nsound:" in told.out) is (code == 0)


@pytest.mark.parametrize("part", ["check_bundle", "what_does_not_hold", "read_statements", "cited_facts", "_notes"])
@pytest.mark.parametrize("fault", [RuntimeError, ValueError, RecursionError, MemoryError, AssertionError])
def test_a_crash_is_never_success(
    program: Program, monkeypatch: pytest.MonkeyPatch, part: str, fault: type[Exception]
) -> None:
    def crash(*_: object) -> None:
        raise fault("boom")

    monkeypatch.setattr(verifying, part, crash)
    told = program("verify", "march.zip")
    assert told.code == 70
    assert "sound" not in told.out
    assert "a fault of makegood" in told.err


def test_what_it_says_goes_with_its_exit_code_as_a_process() -> None:
    told = process(Path.cwd(), "verify", "march.zip", "--since", "head-4.json")
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, b"sound: march.zip")
    Path("march.zip").write_bytes(Path("march.zip").read_bytes()[:-1])
    told = process(Path.cwd(), "verify", "march.zip")
    assert (told.returncode, told.stdout) == (1, b"NOT SOUND: march.zip\n")


def alone(*arguments: str) -> int:
    return verify_alone.run([*arguments])


def test_a_proof_shows_entries_and_that_the_log_was_extended(program: Program) -> None:
    told = program("verify", "proof.json", "--since", "head-4.json")
    assert (told.code, told.err) == (0, "")
    assert "the head you saved, of 4 entries" in told.out
    assert '3: maintenance `M-17`, logged 2026-03-03T01:06:40Z: {"id":"M-17","services":["web"]}' in told.out
    assert "4: notice `N-1`, logged 2026-03-03T01:06:40Z; what it said is not shown" in told.out
    assert alone("proof.json", "--since", "head-4.json") == 0


def test_a_proof_for_the_first_key_holds_across_its_change(
    program: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    for key, code in (("first.pub", 0), ("second.pub", 0), ("stranger.pub", 1)):
        assert program("verify", "proof.json", "--key", key).code == code
        assert alone("proof.json", "--key", key) == code
    assert program("verify", "proof.json", "--since", "head-9.json").code == 0
    capsys.readouterr()
    assert alone("proof.json") == 0
    assert 'entry 3: "maintenance" "M-17", at 1772500000000000 us: {"id":"M-17"' in capsys.readouterr().out


def test_a_head_alone_is_checked_without_makegood() -> None:
    assert alone("head-4.json") == 0
    assert alone("head-9.json") == 1
    assert alone("head-4.json", "--since", "head-3.json") == 1
    Path("head-4.json").write_bytes(replace(W.head(4), signature=bytes(64)).to_bytes())
    assert alone("head-4.json") == 1


def test_a_saved_head_is_its_own_proof(program: Program) -> None:
    assert program("verify", "head-4.json", "--since", "head-4.json").code == 0
    assert program("verify", "head-4.json", "--key", "first.pub").code == 0


def test_a_saved_head_may_end_in_a_line_feed(program: Program) -> None:
    saved = Path("head-4.json")
    saved.write_bytes(saved.read_bytes() + b"\n")
    assert program("verify", "head-4.json", "--key", "first.pub").code == 0
    assert program("verify", "march.zip", "--since", "head-4.json").code == 0
    assert verify_alone.run(["march.zip", "--since", "head-4.json"]) == 0
    saved.write_bytes(saved.read_bytes() + b"\n")
    assert program("verify", "march.zip", "--since", "head-4.json").code == 1
    assert verify_alone.run(["march.zip", "--since", "head-4.json"]) == 1


def test_a_head_alone_is_checked_for_its_signature(program: Program) -> None:
    told = program("verify", "head-4.json")
    assert told.code == 0
    assert "nothing outside vouches" in told.err
    Path("head-4.json").write_bytes(replace(W.head(4), signature=bytes(64)).to_bytes())
    assert program("verify", "head-4.json").code == 1


def test_a_head_of_a_later_key_needs_the_change_of_keys_or_that_key(program: Program) -> None:
    told = program("verify", "head-9.json")
    assert told.code == 1
    assert "a later key of the log signed this head" in told.err
    assert program("verify", "head-9.json", "--key", "second.pub").code == 0
    assert program("verify", "head-9.json", "--key", "first.pub").code == 1


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (W.head(3), "nothing shows that the log extends"),
        (sign_head(W.head().head.log, 4, W.head(3).head.root, AT, FIRST), "another root than the head you saved"),
        (sign_head(STRANGER.public.log, 4, W.head(4).head.root, AT, STRANGER), "this is a head of log"),
        (W.head(4, key=STRANGER), "is not signed by the key"),
        (replace(W, entries=[*W.entries, fact("more")]).head(), "and the head you saved 10"),
    ],
)
def test_a_head_that_does_not_extend_the_saved_one_is_refused(program: Program, since: SignedHead, said: str) -> None:
    Path("since.json").write_bytes(since.to_bytes())
    assert alone("proof.json", "--since", "since.json") == 1
    told = program("verify", "proof.json", "--since", "since.json")
    assert told.code == 1
    assert said in " ".join(told.err.split())


def test_every_byte_of_a_proof_flipped_is_caught(program: Program) -> None:
    raw = Path("proof.json").read_bytes()
    for at in range(0, len(raw), 7):
        Path("proof.json").write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        told = program("verify", "proof.json", "--since", "head-4.json")
        assert told.code == 1, (at, raw[at - 20 : at + 20])
        assert alone("proof.json", "--since", "head-4.json") == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda said: said.update(more=1), "and nothing else"),
        (lambda said: said.update(format="makegood.proof/2"), "the only one known here"),
        (lambda said: said.update(stamps=["0"]), "bytes in hexadecimal"),
        (lambda said: said.update(stamps=["02", "01"]), "not in order, each once"),
        (lambda said: said.update(stamps={}), "is no list"),
        (lambda said: said["entries"].reverse(), "not in order, each once"),
        (lambda said: said["entries"].pop(), "the head is not signed by the key"),
        (lambda said: said["entries"].append(W_FILE), "a proof carries no files"),
        (lambda said: said.update(head=None), "a signed head"),
    ],
)
def test_a_proof_is_in_its_form(program: Program, change: Callable[[Any], object], said: str) -> None:
    whole = json.loads(Path("proof.json").read_bytes())
    change(whole)
    Path("proof.json").write_bytes(canonical(whole))
    told = program("verify", "proof.json")
    assert told.code == 1
    assert said in " ".join(told.err.split())
    assert alone("proof.json") == 1


def test_what_a_bundle_says_cannot_act_on_the_terminal(program: Program) -> None:
    whole = json.loads(W.statement)
    whole["statements"][0]["subject"] = "shop\x1b[31m\u202e"
    Path("march.zip").write_bytes(replace(W, statement=json.dumps(whole).encode()).bundle())
    told = program("verify", "march.zip")
    assert "\x1b" not in told.out
    assert "shop\\x1b[31m\\u202e" in told.out


def test_a_head_of_no_date_is_no_crash(program: Program) -> None:
    Path("far.json").write_bytes(sign_head(FIRST.public.log, 4, W.head(4).head.root, 2**63 - 1, FIRST).to_bytes())
    told = program("verify", "far.json")
    assert (told.code, "which is no date" in told.out) == (0, True)


def test_a_verifier_of_another_release_is_noted(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "verifier", lambda: b"another")
    told = program("verify", "march.zip")
    assert (told.code, "not the one of this release" in told.err) == (0, True)


def test_the_parts_of_a_bundle_are_plain_files(tmp_path: Path) -> None:
    """Whoever trusts neither verifier looks into it with what everyone has."""
    files = read_archive(Path("march.zip").read_bytes())
    (tmp_path / "verify.py").write_bytes(files["verify.py"])
    assert json.loads(files["head.json"])["head"]["size"] == 9
    ran = subprocess.run(["python3", "-I", "verify.py", "march.zip"], cwd=tmp_path, capture_output=True, check=False)
    assert ran.stdout.endswith(b"\nSOUND\n")
