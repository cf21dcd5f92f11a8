"""Every command from its first use to its last, on the starter that `init` writes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from makegood import __version__
from makegood.app.starting import STARTER, WATCHED
from makegood.exchange.parquet_table import connect
from makegood.render.document import StatementsDocument
from tests.cli.conftest import Program
from tests.cli.running import AGREEMENT, INPUTS, LOG, ORDER, WORK, everything_in, mend

AS_OF = ["--as-of", "2026-05-02T00:00:00Z"]
FEBRUARY = [*INPUTS, "--period", "2026-02", *AS_OF]
SPRING = [*INPUTS, "--period", "2026-01..2026-03", *AS_OF]
pytestmark = pytest.mark.usefixtures("here")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

OBSERVED = "check,location,begun,outcome\nshop,fra,2026-02-08T07:00:00Z,up\nshop,lon,2026-02-08T07:00:00Z,down\n"
LINES = (
    '{"check":"shop","location":"fra","begun":"2026-02-08T07:00:00Z","outcome":"up"}\n'
    '{"check":"shop","location":"lon","begun":"2026-02-08T07:00:00Z","outcome":"down"}\n'
)


def test_the_starter_is_written_and_says_what_to_try(
    tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = program("init", "a/b")
    assert (told.code, told.err) == (0, "")
    assert everything_in(tmp_path / "a/b") == everything_in(STARTER)
    tried = [line.split()[1:] for line in told.out.splitlines() if line.startswith("  makegood")]
    assert [command[0] for command in tried] == ["lint", "evaluate"]
    assert [program(*command).code for command in tried] == [0, 0]


def test_the_watched_starter_lints_clean_and_is_applied_whole(
    tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the other starter but for where its outages come from."""
    monkeypatch.chdir(tmp_path)
    told = program("init", "a", "--watched")
    assert (told.code, told.err) == (0, "")
    assert everything_in(tmp_path / "a") == everything_in(WATCHED)
    tried = [line.split()[1:] for line in told.out.splitlines() if line.startswith("  makegood")]
    assert [command[0] for command in tried] == ["lint", "store", "apply", "serve"]
    lint, store, apply, _ = tried
    assert program(*lint, "--strict").out.splitlines()[-1] == "nothing found"
    assert program(*store).code == 0
    applied = program(*apply, "--yes")
    assert (applied.code, applied.err) == (0, "")
    assert "4 added" in applied.out
    one, other = ((folder / AGREEMENT).read_text(encoding="utf-8") for folder in (STARTER, WATCHED))
    about, maintenance = "strength: promise", "## 2. Maintenance"
    assert one.partition(about)[0] == other.partition(about)[0]
    assert one.partition(maintenance)[2] == other.partition(maintenance)[2]


def test_the_starter_never_overwrites(here: Path, program: Program) -> None:
    (here / AGREEMENT).write_text("mine", encoding="utf-8")
    before = everything_in(here)
    told = program("init", ".")
    assert (told.code, told.out) == (1, "")
    assert told.err.count("error exists") == len(before)
    assert everything_in(here) == before


def test_lint_finds_nothing_grave_in_the_starter(here: Path, program: Program) -> None:
    assert program("lint", AGREEMENT).code == 0
    assert program("lint", "--strict", AGREEMENT).code == 0
    found = json.loads(program("lint", "--format", "json", AGREEMENT).out)
    assert {problem["severity"] for problem in found} <= {"note"}
    mend(here / AGREEMENT, "is: at least 99.9 %", "is: at least 99,9 %")
    told = program("lint", AGREEMENT)
    assert told.code == 1
    assert "`99,9` is not a number" in told.out


def test_lint_tells_of_every_file_even_where_one_cannot_be_read(here: Path, program: Program) -> None:
    mend(here / AGREEMENT, "is: at least 99.9 %", "is: at least 99,9 %")
    told = program("lint", "nowhere.sla.md", AGREEMENT)
    assert told.code == 1
    assert "nowhere.sla.md" in told.out
    assert "`99,9` is not a number" in told.out


def test_a_warning_fails_only_where_lint_is_strict(here: Path, program: Program) -> None:
    mend(here / AGREEMENT, "below 99.0 % 25 %.", "below 99.0 % 30 %.")
    told = program("lint", AGREEMENT)
    assert (told.code, "2 warnings" in told.out) == (0, True)
    assert program("lint", "--strict", AGREEMENT) == (1, told.out, "")


def test_evaluate_tells_a_month_in_text(program: Program) -> None:
    told = program("evaluate", *FEBRUARY)
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("BREACHED  99.826 % available; at least 99.9 % was promised.\n")
    assert "40,250 of 40,320 min available, 1 h 10 min down" in told.out
    assert "Credit  20.00 EUR" in told.out


def test_a_range_is_a_table(program: Program) -> None:
    told = program("evaluate", *SPRING)
    assert told.code == 0
    assert [line.split()[:2] for line in told.out.splitlines() if line.startswith("2026-")] == [
        ["2026-01", "shop"],
        ["2026-02", "shop"],
        ["2026-03", "shop"],
    ]
    assert program("evaluate", *SPRING, "--format", "table").out == told.out


def test_a_range_covers_no_more_than_the_order_does(program: Program) -> None:
    told = program("evaluate", *INPUTS, "--period", "1999-01..2026-02", *AS_OF)
    assert [line.split()[0] for line in told.out.splitlines() if line.startswith("2026-")] == ["2026-01", "2026-02"]


def test_json_is_the_published_document_and_says_the_same(program: Program) -> None:
    told = program("evaluate", *SPRING, "--format", "json")
    document = TypeAdapter(StatementsDocument).validate_json(told.out)
    assert [s.period.label for s in document.statements] == ["2026-01", "2026-02", "2026-03"]
    assert [s.verdict.value for s in document.statements] == ["met", "breached", "insufficient data"]
    assert document.statements[1].credit.text == "20.00 EUR"
    assert program("evaluate", *SPRING, "--format", "json").out == told.out


@pytest.mark.parametrize(
    ("name", "begins"),
    [("x.html", "<!doctype html>"), ("x.HTM", "<!doctype html>"), ("x.json", "{"), ("x.txt", "BREACHED"), ("x", "BRE")],
)
def test_a_file_is_written_in_the_format_that_its_ending_names(
    here: Path, program: Program, name: str, begins: str
) -> None:
    told = program("evaluate", *FEBRUARY, "-o", name)
    assert (told.code, told.out, told.err) == (0, f"written: {name}\n", "")
    assert (here / name).read_text(encoding="utf-8").startswith(begins)
    assert not list(here.glob(".*"))


def test_a_named_format_goes_before_the_ending(here: Path, program: Program) -> None:
    assert program("evaluate", *FEBRUARY, "-o", "x.pdf", "--format", "json").code == 0
    assert json.loads((here / "x.pdf").read_text(encoding="utf-8"))["statements"]


def test_a_link_stays_a_link_and_what_it_names_is_written(here: Path, program: Program) -> None:
    (here / "real.html").write_text("old", encoding="utf-8")
    (here / "x.html").symlink_to("real.html")
    assert program("evaluate", *FEBRUARY, "-o", "x.html").code == 0
    assert (here / "x.html").is_symlink()
    assert (here / "real.html").read_text(encoding="utf-8").startswith("<!doctype")


def test_a_device_is_written_to_and_not_replaced(program: Program) -> None:
    assert program("evaluate", *FEBRUARY, "-o", "/dev/null").code == 0
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(("period", "code"), [("2026-01", 0), ("2026-02", 3), ("2026-06", 4), ("2026-01..2026-03", 3)])
def test_the_exit_code_tells_the_verdict_where_it_is_asked_to(program: Program, period: str, code: int) -> None:
    as_of = ["--as-of", "2026-07-02T00:00:00Z"]
    assert program("evaluate", *INPUTS, "--period", period, *as_of, "--exit-code").code == code
    assert program("evaluate", *INPUTS, "--period", period, *as_of).code == 0


def test_what_is_known_depends_on_the_instant_asked_for(program: Program) -> None:
    told = program("evaluate", *INPUTS, "--period", "2026-02", "--as-of", "2026-02-05T12:00:00Z", "--format", "table")
    assert "running" in told.out
    assert "met" not in told.out


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("why", "the target is met"),
        ("tier", "99"),
        ("change", "29 min 41 s less down time"),
        ("readings", "left nothing to read"),
        ("all", "29 min 41 s less down time"),
    ],
)
def test_explain_answers_each_question(program: Program, question: str, says: str) -> None:
    told = program("explain", AGREEMENT, question, *INPUTS[1:], "--period", "2026-02", *AS_OF)
    assert (told.code, told.err) == (0, "")
    assert says in told.out.lower()


ON_PREMISES = [
    str(EXAMPLES / "harness/harness.sla.md"),
    *("--order", str(EXAMPLES / "harness/on-premises.order.yaml"), "--facts", "nothing", "--period", "2026-Q1", *AS_OF),
]


@pytest.mark.parametrize("command", [["evaluate"], ["evaluate", "--format", "table"], ["explain"]])
def test_where_nothing_applies_it_is_said_with_clauses(here: Path, program: Program, command: list[str]) -> None:
    (here / "nothing").mkdir()
    told = program(command[0], *ON_PREMISES, *command[1:])
    assert told.code == 0
    assert told.out.startswith("Nothing of this agreement applies to the order.\n")
    assert "clause 4. Availability:" in told.out
    assert told.out.count("this order is on-premises") == 1


def test_documents_say_too_that_nothing_applies(here: Path, program: Program) -> None:
    (here / "nothing").mkdir()
    document = json.loads(program("evaluate", *ON_PREMISES, "--format", "json").out)
    assert document["statements"] == []
    assert {"deployment" in one["why"] for one in document["not_applicable"]} == {True}
    page = program("evaluate", *ON_PREMISES, "--format", "html").out
    assert "applies to northwind-on-premises</h1>" in page
    assert "clause 4. Availability" in page


def observed(here: Path, name: str) -> Path:
    """The same two results in each of the three forms."""
    path = here / name
    if name.endswith("parquet"):
        (here / "source.csv").write_text(OBSERVED, encoding="utf-8")
        with connect() as db:
            db.execute(f"copy (select * from read_csv('{here / 'source.csv'}')) to '{path}' (format parquet)")
    else:
        path.write_text(OBSERVED if name.endswith("csv") else LINES, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["o.csv", "o.jsonl", "o.parquet"])
def test_observations_are_imported_once(here: Path, program: Program, name: str) -> None:
    observed(here, name)
    dry = program("import", name, "--into", "new", "--dry-run")
    assert dry.out == "2 accepted, 0 duplicate, 0 rejected\nnothing was written: this was a dry run\n"
    assert not (here / "new").exists()
    assert program("import", name, "--into", "new").out == "2 accepted, 0 duplicate, 0 rejected\nwritten into new\n"
    before = everything_in(here)
    again = program("import", name, "--into", "new")
    assert again.code == 0
    assert again.out.startswith(f"0 accepted, 2 duplicate, 0 rejected\n{name} was imported before, on ")
    assert everything_in(here) == before


def test_a_contradiction_is_rejected_and_nothing_is_written(here: Path, program: Program) -> None:
    observed(here, "o.csv")
    program("import", "o.csv", "--into", "new")
    before = everything_in(here / "new")
    (here / "p.csv").write_text(OBSERVED.replace("up", "down"), encoding="utf-8")
    told = program("import", "p.csv", "--into", "new")
    assert told.code == 1
    assert "row 2: `shop` (fra) at 2026-02-08T07:00:00Z is down, which contradicts what the folder holds" in told.out
    assert "nothing was written, because rows were rejected" in told.out
    assert everything_in(here / "new") == before


def test_an_imported_status_log_is_judged_like_one_placed_by_hand(here: Path, program: Program) -> None:
    placed = json.loads(program("evaluate", *FEBRUARY, "--format", "json").out)
    shutil.move(here / LOG, here / "shop.csv")
    assert program("import", "shop.csv", "--into", "facts", "--as", "status-log", "--by", "anna").code == 0
    told = program("evaluate", *INPUTS, "--period", "2026-02", "--format", "json")
    imported = json.loads(told.out)
    assert [s["figures"][0]["down_us"] for s in imported["statements"]] == [
        s["figures"][0]["down_us"] for s in placed["statements"]
    ]


def test_rows_about_strangers_to_an_order_are_rejected(here: Path, program: Program) -> None:
    (here / "log.csv").write_text("at,service,status\n2026-02-08T07:00:00Z,shopp,up\n", encoding="utf-8")
    told = program("import", "log.csv", "--into", "new", "--order", ORDER)
    assert told.code == 1
    assert "row 2: service: `shopp` is no known service; did you mean `shop`?" in told.out
    assert not (here / "new").exists()


def test_an_agreement_is_published_for_readers(here: Path, program: Program) -> None:
    told = program("publish", AGREEMENT)
    assert told.out == "written: hosting.html\nwritten: hosting.md\n"
    page, text = (here / "hosting.html").read_text(encoding="utf-8"), (here / "hosting.md").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "## 2. Maintenance" in text
    assert "```sla" not in page + text


@pytest.mark.parametrize(
    ("options", "name", "begins"),
    [
        (["--to", "a.html"], "a.html", "<!doctype"),
        (["--to", "a.md"], "a.md", "#"),
        (["--to", "a.txt", "--format", "markdown"], "a.txt", "#"),
        (["--format", "html"], "hosting.html", "<!doctype"),
        (["--format", "markdown"], "hosting.md", "#"),
    ],
)
def test_what_is_published_is_what_was_asked_for(
    here: Path, program: Program, options: list[str], name: str, begins: str
) -> None:
    before = set(everything_in(here))
    assert program("publish", AGREEMENT, *options).out == f"written: {name}\n"
    assert set(everything_in(here)) - before == {name}
    assert (here / name).read_text(encoding="utf-8").startswith(begins)


@pytest.mark.parametrize("what", [[], ["statement"], ["rules"]])
def test_schemas_are_json_schema(program: Program, what: list[str]) -> None:
    schema = json.loads(program("schema", *what).out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_help_names_every_command_and_the_version_is_told(program: Program) -> None:
    told = program("--help")
    assert told.code == 0
    for command in ("lint", "evaluate", "explain", "import", "init", "publish", "schema", "demo"):
        assert f" {command} " in told.out
        assert program(command, "--help").code == 0
    assert program("--version").out == f"{__version__}\n"
    assert "--no-" not in program("evaluate", "--help").out


def test_facts_about_other_services_are_let_in_where_asked(here: Path, program: Program) -> None:
    mend(here / WORK, "services: [shop]", "services: [blog]")
    refused = program("evaluate", *FEBRUARY)
    assert refused.code == 1
    assert "maintenance M-1 names the service `blog`" in refused.err
    assert program("evaluate", *FEBRUARY, "--other-services").code == 0
