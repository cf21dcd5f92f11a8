"""What a person gets wrong, in every kind of input: an exit code, a place, a reason, a repair, and nothing written.

Exact words about single values are pinned beside the readers (`tests/contract`, `tests/cases/*/bad`); this asks that
each reaches its user whole, through the program.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.cli.conftest import Program, Told
from tests.cli.running import AGREEMENT, INPUTS, LOG, ORDER, WORK, everything_in, mend

Mistake: TypeAlias = Callable[[Path], None]

FEBRUARY = ["evaluate", *INPUTS, "--period", "2026-02", "--as-of", "2026-05-02T00:00:00Z"]
PROBES = "facts/observations/shop-http.csv"
SOUND = "check,location,begun,outcome\nshop-http,fra,2026-02-08T07:00:00Z,up\n"
TEXTS = [AGREEMENT, ORDER, WORK]
TABLES = [LOG, PROBES]


@pytest.fixture
def watched(here: Path) -> Path:
    """The starter whose service has a check, with results of it."""
    (here / PROBES).parent.mkdir()
    (here / PROBES).write_text(SOUND, encoding="utf-8")
    mend(here / ORDER, "    title: The shop\n", "    title: The shop\n    checks: [shop-http]\n")
    return here


def refused(folder: Path, program: Program, *arguments: str) -> Told:
    """Run what must be refused: without a word on the output, a traceback, or a trace on the disk."""
    before = everything_in(folder)
    told = program(*arguments)
    assert everything_in(folder) == before
    assert "Traceback" not in told.err
    assert (told.code, told.out) == (1, "")
    assert re.search(r"^\d+ errors?(, |$)", told.err, re.MULTILINE)
    return told


def instead(old: str, new: str) -> Callable[[str], Mistake]:
    return lambda name: lambda folder: mend(folder / name, old, new)


def raw(change: Callable[[bytes], bytes]) -> Callable[[str], Mistake]:
    def made(name: str) -> Mistake:
        def mistake(folder: Path) -> None:
            path = folder / name
            path.write_bytes(change(path.read_bytes()))

        return mistake

    return made


def gone(name: str) -> Mistake:
    return lambda folder: (folder / name).unlink()


def a_folder(name: str) -> Mistake:
    def mistake(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return mistake


def a_loop(name: str) -> Mistake:
    def mistake(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).symlink_to(Path(name).name)

    return mistake


BYTES: dict[str, tuple[Callable[[str], Mistake], str]] = {
    "a mark": (raw(lambda text: b"\xef\xbb\xbf" + text), "begins with a UTF-8 byte order mark"),
    "UTF-16": (raw(lambda text: text.decode().encode("utf-16")), "is UTF-16, by its first bytes"),
    "UTF-16 without a mark": (raw(lambda text: text.decode().encode("utf-16-le")), "looks like UTF-16 or UTF-32"),
    "an older encoding": (raw(lambda text: text + b"# caf\xe9\n"), "the byte 0xE9 is not UTF-8"),
    "a NUL": (raw(lambda text: text + b"# \x00\n"), "the NUL character cannot stand in a text"),
    "five megabytes": (raw(lambda text: text + b"#" * 5_000_000), "at most 4,194,304 are read"),
    "a folder": (a_folder, "cannot be read: is a directory"),
    "a link to itself": (a_loop, "cannot be read: too many levels of symbolic links"),
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("kind", BYTES)
def test_a_file_that_is_no_text_is_refused_whole(here: Path, program: Program, name: str, kind: str) -> None:
    mistake, says = BYTES[kind]
    mistake(name)(here)
    told = refused(here, program, *FEBRUARY)
    if (kind, name) == ("a folder", AGREEMENT):
        says = "this folder holds no file `*.sla.md`"  # a folder may hold the versions of an agreement
    if (kind, name) == ("a folder", ORDER):
        says = "this folder holds no file `*.order.yaml`"  # a folder may hold many orders
    assert says in told.err
    assert f" {name}" in told.err.splitlines()[0]


@pytest.mark.parametrize("name", [AGREEMENT, ORDER])
def test_a_missing_file_is_named(here: Path, program: Program, name: str) -> None:
    gone(name)(here)
    assert f"{name}\n  cannot be read: no such file or directory" in refused(here, program, *FEBRUARY).err


@pytest.mark.parametrize(("name", "says"), [(AGREEMENT, "does not say which agreement"), (ORDER, "holds no order")])
def test_an_empty_file_says_what_belongs_into_it(here: Path, program: Program, name: str, says: str) -> None:
    (here / name).write_bytes(b"")
    assert says in refused(here, program, *FEBRUARY).err


def test_an_empty_file_of_facts_holds_none(here: Path, program: Program) -> None:
    (here / WORK).write_bytes(b"")
    assert program(*FEBRUARY).code == 0


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", TEXTS)
def test_a_file_that_one_may_not_read_is_refused(program: Program, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_any = Path.open

    def guarded(path: Path, *how: Any, **more: Any) -> Any:
        if path.name == Path(name).name:
            raise PermissionError(13, "Permission denied", str(path))
        return open_any(path, *how, **more)

    monkeypatch.setattr(Path, "open", guarded)
    told = program(*FEBRUARY)
    assert told.code == 1
    assert "cannot be read: permission denied" in told.err


ROWS: dict[str, tuple[dict[str, Callable[[str], Mistake]], str]] = {
    "UTF-16": (dict.fromkeys(TABLES, raw(lambda text: text.decode().encode("utf-16"))), "is UTF-16: save it"),
    "UTF-16 without a mark": (
        dict.fromkeys(TABLES, raw(lambda text: text.decode().encode("utf-16-le"))),
        "holds NUL characters, as UTF-16 does",
    ),
    "nothing": (dict.fromkeys(TABLES, raw(lambda _: b"")), "the first row is empty: it must name the columns"),
    "a NUL": (dict.fromkeys(TABLES, raw(lambda text: text.replace(b"shop", b"sh\0p", 1))), "NUL character"),
    "a ragged row": (dict.fromkeys(TABLES, raw(lambda text: text + b"1,2\n")), "has 2 cells where the header has"),
    "an open quote": (dict.fromkeys(TABLES, raw(lambda text: text + b'"1,2\n')), "a quote that is never closed"),
    "semicolons": (dict.fromkeys(TABLES, raw(lambda text: text.replace(b",", b";"))), "separated by semicolons"),
    "a column twice": (dict.fromkeys(TABLES, raw(lambda t: b"a,a\n" + t)), "the header names `a` twice"),
    "a local time": (dict.fromkeys(TABLES, raw(lambda t: re.sub(rb"(\d)(Z|\+\d\d:\d\d),", rb"\1,", t))), "offset"),
    "milliseconds": (
        dict.fromkeys(TABLES, raw(lambda t: re.sub(rb"2026-[^,]*", b"1770534000000", t))),
        "as milliseconds since 1970 it would be 2026-02-08T07:00:00Z",
    ),
    "beyond 2^63": (dict.fromkeys(TABLES, raw(lambda t: re.sub(rb"2026-[^,]*", b"9" * 30, t))), "beyond 2^63"),
    "not a number": (dict.fromkeys(TABLES, raw(lambda t: re.sub(rb"2026-[^,]*", b"NaN", t))), "`NaN` is not a moment"),
    "a formula": (dict.fromkeys(TABLES, raw(lambda t: re.sub(rb"shop", b"=shop", t))), "like a formula"),
    "NO": (dict.fromkeys(TABLES, raw(lambda t: re.sub(rb",up\n", b",NO\n", t))), "`NO` is none of up, down and unk"),
    "10:00": (dict.fromkeys(TABLES, raw(lambda t: re.sub(rb"2026-[^,]*", b"10:00", t))), "`10:00`"),
    "a folder": (dict.fromkeys(TABLES, a_folder), "this is a folder, and what it holds is not read"),
    "a link to itself": (dict.fromkeys(TABLES, a_loop), "this cannot be read as a file"),
    "a large cell": (dict.fromkeys(TABLES, raw(lambda t: t + b"x" * 5_000_000 + b"\n")), "more than 131,072 charact"),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("kind", ROWS)
def test_a_table_that_cannot_be_right_is_refused(watched: Path, program: Program, name: str, kind: str) -> None:
    mistakes, says = ROWS[kind]
    mistakes[name](name)(watched)
    told = refused(watched, program, *FEBRUARY)
    assert says in " ".join(told.err.split())
    assert name in told.err.splitlines()[0]


RESULT = b'{"check":"shop-http","location":"fra","begun":"2026-02-08T07:00:00Z","outcome":"up"}\n'
IMPORTED: dict[str, tuple[bytes, str]] = {
    name: (content, says)
    for name, content, says in [
        ("rows.csv", SOUND.replace("up", "NO").encode(), "row 2: outcome: `NO` is none of up, down and unknown"),
        ("twice.csv", (SOUND + "shop-http,fra,2026-02-08T07:00:00Z,down\n").encode(), "which contradicts row 2"),
        ("future.csv", SOUND.replace("2026", "2199").encode(), "row 2: begun: "),
        ("many.csv", SOUND.encode() + b"x\n" * 30, "and 10 more"),
        ("rows.jsonl", RESULT + b"[]\n", "row 2: is not a JSON object"),
        ("deep.jsonl", RESULT + b"[" * 1000, "row 2: is n"),
    ]
}


@pytest.mark.parametrize("name", IMPORTED)
def test_rows_that_cannot_be_right_are_counted_told_and_not_imported(here: Path, program: Program, name: str) -> None:
    content, says = IMPORTED[name]
    (here / name).write_bytes(content)
    before = everything_in(here)
    told = program("import", name, "--into", "new", "--as", "observations")
    assert (told.code, told.err) == (1, "")
    assert says in told.out
    assert "nothing was written, because rows were rejected" in told.out
    assert everything_in(here) == before
    assert not (here / "new").exists()


FILES: dict[str, tuple[bytes | None, str]] = {
    "a.txt": (SOUND.encode(), "this file is neither a table of ours nor of a format that is known"),
    "empty.csv": (b"", "the first row is empty"),
    "empty.jsonl": (b"", "its columns fit none"),
    "wide.csv": (SOUND.encode("utf-16"), "is UTF-16: save it as CSV in UTF-8"),
    "no.parquet": (b"PAR1", "cannot be read as Parquet"),
    "missing.csv": (None, "no such file or directory"),
    "facts": (None, "is a directory"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_evidence_is_not_imported(here: Path, program: Program, name: str) -> None:
    content, says = FILES[name]
    if content is not None:
        (here / name).write_bytes(content)
    assert says in " ".join(refused(here, program, "import", name, "--into", "new").err.split())
    assert not (here / "new").exists()


VALUES: list[tuple[str, str, str, str]] = [
    (AGREEMENT, "is: at least 99.9 %", "is: at least 99,9 %", "write 99.9 %"),
    (AGREEMENT, "is: at least 99.9 %", "is: at least 100.5 %", "cannot be reached"),
    (AGREEMENT, "is: at least 99.9 %", "is: at least NaN %", "NaN"),
    (AGREEMENT, "is: at least 99.9 %", f"is: at least {2**63} %", "too large"),
    (AGREEMENT, "is: at least 99.9 %", "is: 99.9 %", "say which side"),
    (AGREEMENT, "holds: 1 h", "holds: -1 h", "a length of time cannot be negative"),
    (AGREEMENT, "holds: 1 h", "holds: 1", "`1` has no unit"),
    (AGREEMENT, "holds: 1 h", "hold: 1 h", "did you mean `holds`?"),
    (AGREEMENT, "zone: Europe/Berlin", "zone: Europe/Berlim", "Europe/Berlin"),
    (AGREEMENT, "zone: Europe/Berlin", "zone: EST", "America/New_York"),
    (AGREEMENT, "within: Sunday", "within: 10:00 #", "`10:00`"),
    (AGREEMENT, "within: Sunday", "within: NO #", "`NO`"),
    (AGREEMENT, "provider: Example Hosting", "provider: A\nprovider: B", "`provider` is written twice"),
    (AGREEMENT, "provider: Example Hosting", "provider: *A", "refers to another value"),
    (AGREEMENT, "provider: Example Hosting", "provider: !!str A", "asks for another kind of value"),
    (AGREEMENT, "provider: Example Hosting", "provider: A\n---\na: b", "a second document begins here"),
    (AGREEMENT, "  notice:", "\tnotice:", "indented with a tab"),
    (AGREEMENT, "allow: 30 days", "allow: " + "[" * 1000 + "]" * 1000, "nested more than 64 deep"),
    (ORDER, "fee: 200.00 EUR per month", "fee: 200,00 EUR per month", "write 200.00 EUR"),
    (ORDER, "fee: 200.00 EUR per month", "fee: NaN EUR per month", "`NaN EUR` is not a number"),
    (ORDER, "fee: 200.00 EUR per month", f"fee: {2**63} EUR per month", "too large"),
    (ORDER, "customer: Acme", "custmer: Acme", "did you mean `customer`?"),
    (ORDER, "customer: Acme", "customer: A\ncustomer: B", "`customer` is written twice"),
    (ORDER, "customer: Acme", "customer: &a A", "names a value for use elsewhere"),
    (ORDER, "customer: Acme", "customer: !a A", "asks for another kind of value"),
    (ORDER, "customer: Acme", "\tcustomer: A", "indented with a tab"),
    (ORDER, "customer: Acme", "customer: A\n---\na: b", "a second document begins here"),
    (ORDER, "title: The shop", "title: " + "[" * 1000 + "]" * 1000, "nested more than 64 deep"),
    (ORDER, "agreement: web-hosting", "agreement: web-hostin", "write `agreement: web-hosting`"),
    (ORDER, "fee: 200.00 EUR per month", "fee: 200.00 EUR per month\nreadings:\n  a.b: c", "has no reading `a.b`"),
    (ORDER, "zone: Europe/Berlin", "zone: CET", "abbreviation"),
    (WORK, "Europe/Berlin", "EST", "did you mean `America/New_York`?"),
    (WORK, "Europe/Berlin", "Mars/Phobos", "`Mars/Phobos` is not a zone"),
    (WORK, "recorded: 2026-02-12T08:00:00Z", "recorded: 2026-02-12T08:00:00", "is on no clock"),
    (WORK, "recorded: 2026-02-12T08:00:00Z", "recorded: 1770883200000", "looks like milliseconds since 1970"),
    (WORK, "recorded: 2026-02-12T08:00:00Z", "recorded: 10:00", "`10:00`"),
    (WORK, "recorded: 2026-02-12T08:00:00Z", "recorded: NO", "`NO` is not a moment"),
    (WORK, "kind: standard", "kin: standard", "did you mean `kind`?"),
    (WORK, "kind: standard", "kind: a\n  kind: b", "`kind` is written twice"),
    (WORK, "kind: standard", "kind: *a", "refers to another value"),
    (WORK, "kind: standard", "kind: a\n---\n- b", "a second document begins here"),
    (WORK, "kind: standard", "kind: " + "[" * 1000 + "]" * 1000, "nested more than 64 deep"),
]


@pytest.mark.parametrize(("name", "old", "new", "says"), VALUES, ids=[f"{v[0]}-{v[2][:40]!r}" for v in VALUES])
def test_a_value_that_cannot_be_right_is_told_with_its_line(
    here: Path, program: Program, name: str, old: str, new: str, says: str
) -> None:
    mend(here / name, old, new)
    told = refused(here, program, *FEBRUARY)
    assert says in " ".join(told.err.split())
    assert name in told.err
    if ":" in told.err.splitlines()[0].split(name)[-1]:
        assert " │ " in told.err


@pytest.mark.parametrize("word", ["NO", "10:00", "on", "1e3", "0x10", "~", "2026-01-01"])
def test_an_unquoted_word_is_what_it_looks_like(here: Path, program: Program, word: str) -> None:
    mend(here / ORDER, "customer: Acme", f"customer: {word}")
    told = program(*FEBRUARY)
    assert told.code == 0
    assert f"Customer    {word}, order acme-hosting\n" in told.out


def test_the_mistakes_of_all_files_are_told_at_once(here: Path, program: Program) -> None:
    mend(here / AGREEMENT, "is: at least 99.9 %", "is: at least 99,9 %")
    mend(here / AGREEMENT, "holds: 1 h", "holds: 1")
    mend(here / ORDER, "zone: Europe/Berlin", "zone: CET")
    mend(here / WORK, "kind: standard", "kin: standard")
    mend(here / LOG, "shop,down", "shop,broken")
    told = refused(here, program, *FEBRUARY)
    places = [line.split()[2] for line in told.err.splitlines() if line.startswith("error ")]
    assert sorted({place.partition(":")[0] for place in places}) == sorted([AGREEMENT, ORDER, WORK, LOG])
    assert "5 errors" in told.err


def test_two_missing_files_are_both_named(here: Path, program: Program) -> None:
    told = refused(here, program, "evaluate", "a.md", "--order", "b.yaml", "--facts", "c", "--period", "2026-02")
    assert [line.split()[2] for line in told.err.splitlines() if line.startswith("error ")] == ["a.md", "b.yaml", "c"]


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        (WORK, "services: [shop]", "services: [shopp]", "maintenance M-1 names the service `shopp`"),
        (LOG, "shop,down", "shopp,down", "a status log names the service `shopp`"),
    ],
)
def test_facts_about_an_unknown_service_are_refused_with_the_nearest_name(
    here: Path, program: Program, name: str, old: str, new: str, says: str
) -> None:
    mend(here / name, old, new)
    told = " ".join(refused(here, program, *FEBRUARY).err.split())
    assert says in told
    assert "did you mean `shop`?" in told
    assert "--other-services" in told


def test_results_of_an_unknown_check_are_refused(watched: Path, program: Program) -> None:
    mend(watched / PROBES, "shop-http,fra", "shop-htp,fra")
    told = " ".join(refused(watched, program, *FEBRUARY).err.split())
    assert "no service of the order has the check `shop-htp`" in told
    assert "did you mean `shop-http`?" in told


def test_an_order_for_a_plan_that_the_agreement_does_not_have_is_refused(here: Path, program: Program) -> None:
    mend(here / AGREEMENT, "effective: 2026-01-01", "effective: 2026-01-01\nplans: [basic, gold]")
    mend(here / ORDER, "term:", "plan: silver\nterm:")
    told = refused(here, program, *FEBRUARY)
    assert "has no plan `silver`" in told.err


def test_a_file_given_for_another_is_told(here: Path, program: Program) -> None:
    told = refused(here, program, "evaluate", ORDER, "--order", AGREEMENT, "--facts", LOG, "--period", "2026-02")
    assert "does not say which agreement it is" in told.err
    assert f"{LOG}\n  this is a file, not a folder" in told.err


PERIODS = {
    "": "a period is missing here",
    "feb": "`feb` is no period of this agreement",
    "2026": "write a calendar month such as 2026-02",
    "2026-2": "`2026-2` is no period",
    "2026-13": "`2026-13` is no period",
    "2026-Q1": "`2026-Q1` is no period",
    "-1": "`-1` is no period",
    "0001-01": "`0001-01` is no period",
    "9999-12": "`9999-12` is no period",
    "2026-02..": "a period is missing here",
    "..2026-02": "a period is missing here",
    "2026-01..2026-13": "`2026-13` is no period",
    "2026-01..2026-02..2026-03": "`2026-02..2026-03` are not two periods",
    "2026-03..2026-01": "2026-01 is before 2026-03",
    "2026-12": "2026-12 has not begun",
    "2026-06..2026-12": "2026-06 has not begun",
    "2030-01": "the term of `acme-hosting` is 2026-01-01 to 2026-12-31",
    "1999-01..1999-12": "does not cover 1999-01 to 1999-12",
}


@pytest.mark.parametrize("period", PERIODS)
def test_a_period_that_cannot_be_judged_is_refused(here: Path, program: Program, period: str) -> None:
    told = refused(here, program, "evaluate", *INPUTS, "--as-of", "2026-05-02T00:00:00Z", f"--period={period}")
    assert PERIODS[period] in " ".join(told.err.split())
    assert " --period\n" in told.err
    assert "hint:" in told.err


AS_OF = {
    "nonsense": "`nonsense` is not a moment",
    "2026-03-02": "it has no time of day",
    "2026-03-02T00:00:00": "has no offset from UTC",
    "1772409600000": "it looks like milliseconds since 1970",
    "10:00": "`10:00` is not a moment",
    "NO": "`NO` is not a moment",
    "NaN": "`NaN` is not a moment",
    "9" * 40: "is not a moment",
    "2026-02-30T00:00:00Z": "February 2026 has no day 30",
    "": "nothing is written here",
}


@pytest.mark.parametrize("as_of", AS_OF)
def test_an_instant_that_is_none_is_refused(here: Path, program: Program, as_of: str) -> None:
    told = refused(here, program, "evaluate", *INPUTS, "--period", "2026-02", f"--as-of={as_of}")
    assert AS_OF[as_of] in told.err
    assert " --as-of\n" in told.err


BEFORE = "--as-of=1999-01-01T00:00:00Z"


def test_a_period_is_in_the_future_of_an_earlier_instant(here: Path, program: Program) -> None:
    assert "2026-02 has not begun" in refused(here, program, "evaluate", *INPUTS, "--period", "2026-02", BEFORE).err


USAGE: dict[tuple[str, ...], str] = {
    ("frobnicate",): "there is no command `frobnicate`",
    ("evalute",): 'Did you mean "evaluate"?',
    ("evaluate",): "AGREEMENT is missing",
    ("evaluate", AGREEMENT, "--ordr", ORDER): "--order is missing, and --ordr is no option",
    ("evaluate", *INPUTS): "--period is missing",
    ("evaluate", *INPUTS, "--period"): "--period needs a value",
    ("evaluate", *INPUTS, "--period", "2026-02", "--frob"): "unknown option: --frob",
    ("evaluate", *INPUTS, "--period", "2026-02", "--format", "pdf"): 'invalid value "pdf" for --format',
    ("evaluate", *INPUTS, "--period", "2026-02", "--period", "2026-03"): "--period is given twice",
    ("evaluate", *INPUTS, "--period", "2026-02", "-o", "x.pdf"): "the ending of x.pdf names no format",
    ("evaluate", AGREEMENT, "more", *INPUTS[1:], "--period", "2026-02"): "`more`",
    ("explain", AGREEMENT, "whyy", *INPUTS[1:], "--period", "2026-02"): 'Did you mean "why"?',
    ("explain", *INPUTS, "--period", "2026-01..2026-02"): "explain takes one period",
    ("lint",): "lint needs at least one agreement",
    ("publish", AGREEMENT, "--to", "x.pdf"): "the ending of x.pdf names no format",
    ("import", LOG): "--into is missing",
    ("import", LOG, "--into", "new", "--as", "status"): 'Did you mean "status-log"?',
    ("schema", "nonsense"): 'invalid value "nonsense" for WHAT',
}


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_a_wrong_command_line_is_told_in_one_line(here: Path, program: Program, arguments: tuple[str, ...]) -> None:
    before = everything_in(here)
    told = program(*arguments)
    assert (told.code, told.out) == (2, "")
    assert USAGE[arguments] in told.err
    assert told.err.startswith("makegood: ")
    assert told.err.count("\n") == 1
    assert everything_in(here) == before


UNWRITABLE: dict[tuple[str, ...], str] = {
    ("evaluate", *FEBRUARY[1:], "-o", "nowhere/x.html"): "there is no folder nowhere",
    ("evaluate", *FEBRUARY[1:], "-o", "facts"): "is a folder, not a file",
    ("evaluate", *FEBRUARY[1:], "-o", ""): "is a folder, not a file",
    ("evaluate", *FEBRUARY[1:], "-o", "/dev/full", "--format", "text"): "no space left on device",
    ("evaluate", *FEBRUARY[1:], "-o", "x" * 300 + ".html"): "file name too long",
    ("evaluate", *FEBRUARY[1:], "-o", f"{ORDER}/x.html"): "there is no folder acme.order.yaml",
    ("publish", AGREEMENT, "--to", "nowhere/x.html"): "there is no folder nowhere",
    ("init", ORDER): "is a file, not a folder",
    ("import", LOG, "--into", ORDER): "this is a file, not a folder",
    ("import", LOG, "--into", "a/b/c"): "the folder above it does not exist",
    ("demo", ORDER): "is there already and is no folder",
    ("demo", "facts"): "holds states/shop.csv and 1 more, which was not written by this command",
    ("demo", "."): "which was not written by this command",
}


@pytest.mark.parametrize("arguments", UNWRITABLE, ids=lambda words: " ".join(words)[:60])
def test_what_cannot_be_written_is_told_and_leaves_nothing(
    here: Path, program: Program, arguments: tuple[str, ...]
) -> None:
    told = refused(here, program, *arguments)
    assert UNWRITABLE[arguments] in " ".join(told.err.split())
