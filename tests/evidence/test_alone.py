"""The verifier that stands alone: its own arithmetic is right, and it runs on any Python from 3.9 with nothing else."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.evidence import verify_alone as alone
from makegood.evidence.bundle import verifier
from makegood.evidence.canonical import NotCanonical, canonical, read_canonical, read_strict
from makegood.evidence.signing import PublicKey, SigningKey
from makegood.evidence.tree import consistent, included, leaf_hash
from makegood.model.money import Rounding
from makegood.model.spans import Spans
from makegood.model.terms import Range
from makegood.model.trace import LEAVES, Kind, Node, Op, Value, recompute, write_ranges
from tests.evidence import merkle
from tests.evidence.making import FIRST, real
from tests.evidence.test_canonical import VALUES
from tests.evidence.test_signing import KEY, ORDER, RFC_8032, UNSOUND

FILE = Path(alone.__file__)
MINORS = range(9, 20)


def pythons() -> Iterator[str]:
    """This Python, and whichever others from 3.9 on are here and start."""
    yield sys.executable
    named = [Path(found) for minor in MINORS if (found := shutil.which(f"python3.{minor}"))]
    kept = sorted(Path("~/.pyenv/versions").expanduser().glob("3.*/bin/python3"))
    asked = "import sys; print(sys.version_info >= (3, 9))"
    for path in [*named, *kept]:
        told = subprocess.run([path, "-I", "-c", asked], capture_output=True, text=True, check=False)
        if told.stdout == "True\n":
            yield str(path)


def ran(folder: Path, *arguments: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    """The file alone, as a process that sees neither this checkout nor installed packages."""
    command = [python, "-I", "-S", "-W", "error", str(folder / "verify.py"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a counterparty has: the verifier, a bundle, a head saved earlier and a public key."""
    world = real()
    (tmp_path / "verify.py").write_bytes(verifier())
    (tmp_path / "bundle.zip").write_bytes(world.bundle())
    (tmp_path / "head.json").write_bytes(world.head(4).to_bytes())
    (tmp_path / "log.pub").write_bytes(FIRST.public.pem)
    return tmp_path


def test_it_runs_alone_on_every_python_here(folder: Path) -> None:
    raw = bytearray((folder / "bundle.zip").read_bytes())
    raw[700] ^= 1
    (folder / "spoiled.zip").write_bytes(raw)
    for python in pythons():
        told = ran(folder, "bundle.zip", "--since", "head.json", "--key", "log.pub", python=python)
        assert (told.returncode, told.stderr) == (0, ""), python
        assert told.stdout.endswith("\nSOUND\n")
        told = ran(folder, "spoiled.zip", python=python)
        assert (told.returncode, told.stderr) == (1, ""), python
        assert told.stdout.endswith("NOT SOUND\n")


def test_it_needs_nothing_but_the_standard_library_of_python_3_9() -> None:
    tree = ast.parse(FILE.read_text(encoding="utf-8"), feature_version=(3, 9))
    named = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    modules = {a.name for n in named if isinstance(n, ast.Import) for a in n.names}
    modules |= {str(n.module) for n in named if isinstance(n, ast.ImportFrom)}
    assert {module.partition(".")[0] for module in modules} <= sys.stdlib_module_names
    assert not modules & {"socket", "urllib", "http", "subprocess", "os", "importlib"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 2),
        (["bundle.zip", "bundle.zip"], 2),
        (["--nonsense", "bundle.zip"], 2),
        (["bundle.zip", "--since"], 2),
        (["--help"], 0),
        (["none.zip"], 1),
        (["."], 1),
        (["verify.py"], 1),
        (["bundle.zip", "--since", "bundle.zip"], 1),
        (["bundle.zip", "--since", "none.json"], 1),
        (["bundle.zip", "--key", "head.json"], 1),
    ],
)
def test_its_exit_codes_are_as_it_says(folder: Path, arguments: list[str], code: int) -> None:
    told = ran(folder, *arguments)
    assert (told.returncode, told.stderr) == (code, "")
    assert ("SOUND\n" in told.stdout.replace("NOT SOUND", "")) is False


@pytest.mark.parametrize(
    "fault", [RuntimeError("x"), KeyboardInterrupt(), SystemExit(0), MemoryError(), RecursionError()]
)
def test_a_crash_is_never_success(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: BaseException
) -> None:
    def crash(*_: object) -> None:
        raise fault

    assert alone.run([str(folder / "bundle.zip")]) == 0
    for part in ("check_bundle", "unzip", "signed", "check_entry", "check_statements", "worked_out", "given"):
        with monkeypatch.context() as patched:
            patched.setattr(alone, part, crash)
            assert alone.run([str(folder / "bundle.zip")]) in (1, 70), part
    assert capsys.readouterr().out.count("\nSOUND\n") == 1


def test_signatures_are_those_of_rfc_8032() -> None:
    for _, public, message, signature in RFC_8032:
        key, said = bytes.fromhex(public), bytes.fromhex(message)
        assert alone.signed(key, said, bytes.fromhex(signature))
        assert not alone.signed(key, said + b"x", bytes.fromhex(signature))


def test_a_malleable_signature_is_refused() -> None:
    signature = KEY.sign(b"message")
    s = int.from_bytes(signature[32:], "little")
    assert alone.signed(KEY.public.raw, b"message", signature)
    for times in range(1, 9):
        other = signature[:32] + (s + times * ORDER).to_bytes(32, "little")
        assert not alone.signed(KEY.public.raw, b"message", other)
    for wrong in (b"", signature[:-1], signature + b"\0", bytes(64)):
        assert not alone.signed(KEY.public.raw, b"message", wrong)


@pytest.mark.parametrize("raw", UNSOUND, ids=bytes.hex)
def test_keys_for_which_anything_could_be_signed_are_refused(raw: bytes) -> None:
    """Under a key of small order, R = S·B with S = 0 is a signature of many messages, if only the equation is asked."""
    neutral = (1).to_bytes(32, "little") + bytes(32)
    assert not any(alone.signed(raw, b"%d" % i, neutral) for i in range(16))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=40), st.integers(0, 511))
def test_it_agrees_with_the_library_on_signatures(seed: bytes, message: bytes, bit: int) -> None:
    key = SigningKey.from_seed(seed)
    signature = key.sign(message)
    spoiled = bytearray(signature)
    spoiled[bit // 8] ^= 1 << bit % 8
    assert alone.signed(key.public.raw, message, signature)
    assert not alone.signed(key.public.raw, message, bytes(spoiled))


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64))
def test_it_agrees_with_the_library_on_any_key_and_signature(raw: bytes, signature: bytes) -> None:
    try:
        ours = PublicKey(raw).verifies(b"message", signature)
    except ValueError:
        ours = False
    assert alone.signed(raw, b"message", signature) is ours


def test_it_follows_every_proof_up_to_forty() -> None:
    entries = [b"%d" % i for i in range(40)]
    roots = [merkle.mth(entries[:n]) for n in range(41)]
    for size in range(1, 41):
        for at in range(size):
            proof = merkle.path(at, entries[:size])
            assert alone.inclusion_root(at, size, leaf_hash(entries[at]), proof) == roots[size]
        for old in range(1, size + 1):
            proof = merkle.proof(old, entries[:size])
            assert alone.consistency_roots(old, size, roots[old], proof) == (roots[old], roots[size])


@given(
    st.integers(1, 20),
    st.integers(0, 20),
    st.lists(st.sampled_from([leaf_hash(b"%d" % i) for i in range(4)]), max_size=6),
)
def test_it_agrees_on_proofs_that_are_made_up(size: int, at: int, proof: list[bytes]) -> None:
    leaf, root = leaf_hash(b"0"), leaf_hash(b"1")
    for wanted in (root, found := root_of_path(at, size, leaf, proof)):
        assert included(at, size, leaf, proof, wanted or root) is (found is not None and found == (wanted or root))
    for old_root in (root, leaf):
        then, now = roots_of_proof(at, size, old_root, proof) or (root, leaf)
        for said, found in (((old_root, now), now), ((then, now), now), ((root, root), root), ((leaf, leaf), leaf)):
            theirs = at > 0 and roots_of_proof(at, size, said[0], proof) == said
            assert consistent(at, size, said[0], found, proof) is theirs or at == 0


def roots_of_proof(old: int, new: int, old_root: bytes, proof: list[bytes]) -> tuple[bytes, bytes] | None:
    try:
        return alone.consistency_roots(old, new, old_root, proof) if 0 < old <= new else None
    except alone.Bad:
        return None


def root_of_path(at: int, size: int, leaf: bytes, proof: list[bytes]) -> bytes | None:
    try:
        return alone.inclusion_root(at, size, leaf, proof) if at < size else None
    except alone.Bad:
        return None


@given(VALUES)
def test_it_writes_the_same_canonical_json(value: Any) -> None:
    raw = canonical(value)
    assert alone.bytes_of(read_canonical(raw)) == raw
    assert alone.parse_canonical(raw) == read_canonical(raw)


@given(st.text(alphabet='{}[]":,\\u0aeE+-.1nulltrfsNaI \n\ud800', max_size=14))
def test_it_reads_and_refuses_the_same_json(text: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    for ours, theirs in ((read_strict, alone.parse), (read_canonical, alone.parse_canonical)):
        try:
            found: object = ours(raw)
        except NotCanonical:
            with pytest.raises(alone.Bad):
                theirs(raw)
        else:
            assert theirs(raw) == found


FRACTIONS = st.fractions(-20, 20, max_denominator=12)
PAIRS = st.lists(st.integers(-30, 30), max_size=8, unique=True).map(sorted)
SPANS = PAIRS.map(lambda t: Spans(zip(t[::2], t[1::2], strict=False)))
ARGUMENTS = {Op.ROUND: [how.value for how in Rounding], Op.ROUND_RATIO: ["0", "3", "60"]}
OF_SPANS = (Op.UNION, Op.INTERSECTION, Op.DIFFERENCE, Op.TOTAL)
OF_TRUTHS = (Op.ALL, Op.ANY, Op.NOT)


@st.composite
def steps(draw: st.DrawFn) -> tuple[Op, list[Value], str]:
    """An operation with operands, mostly such as it takes."""
    op = draw(st.sampled_from(sorted(set(Op) - LEAVES)))
    anything: st.SearchStrategy[Any] = st.one_of(FRACTIONS, SPANS, st.booleans(), st.none(), st.just("word"))
    kind: st.SearchStrategy[Any] = SPANS if op in OF_SPANS else st.booleans() if op in OF_TRUTHS else FRACTIONS
    if draw(st.integers(0, 9)) == 0:
        kind = anything
    values: list[Value] = draw(st.lists(kind, min_size=draw(st.integers(0, 3)), max_size=4))
    if op is Op.IF:
        values = [draw(st.booleans()), draw(anything), draw(anything)]
    if op is Op.LOOKUP:
        edges = st.one_of(st.none(), st.integers(-20, 20).map(Fraction))
        ranges = draw(st.lists(st.builds(Range, edges, st.booleans(), edges, st.booleans()), max_size=4))
        amounts = draw(st.lists(st.one_of(st.none(), FRACTIONS), min_size=len(ranges), max_size=len(ranges)))
        nesting = draw(st.sampled_from(["", "adding", "deepest"]))
        return op, [draw(FRACTIONS), *amounts], f"{nesting}|{write_ranges(ranges)}"
    return op, values, draw(st.sampled_from(ARGUMENTS.get(op, [""])))


def plain(value: Value) -> Any:
    return tuple((s.start, s.end) for s in value) if isinstance(value, Spans) else value


@given(steps())
def test_it_works_every_operation_out_as_the_engine_does(step: tuple[Op, list[Value], str]) -> None:
    op, values, argument = step
    operands = tuple(Node(Op.FACT, "", value, Kind.ITEMS) for value in values)
    try:
        ours = plain(recompute(Node(op, "", None, Kind.ITEMS, operands, argument=argument)))
    except (ArithmeticError, ValueError, TypeError, LookupError):
        with pytest.raises((alone.Bad, ArithmeticError, ValueError, TypeError, LookupError)):
            alone.worked_out(op.value, [plain(value) for value in values], argument)
        return
    theirs = alone.worked_out(op.value, [plain(value) for value in values], argument)
    assert (type(theirs), theirs) == (type(ours), ours)


@pytest.mark.parametrize("op", sorted(set(Op) - LEAVES))
def test_every_operation_of_the_trace_is_known(op: Op) -> None:
    """An unknown one is looked up in the last table, after two numbers were taken for it."""
    try:
        known = alone.worked_out(op.value, [Fraction(2), Fraction(1)], ARGUMENTS.get(op, [""])[0]) is not None
    except (ValueError, LookupError, TypeError, alone.Bad) as reason:
        known = not isinstance(reason, KeyError)
    assert known or op is Op.LOOKUP
    with pytest.raises(KeyError):
        alone.worked_out("guessed", [Fraction(2), Fraction(1)], "")
