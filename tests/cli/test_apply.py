"""`apply`, `deployed`, and checks in `lint`, `schema` and `convert`, as their user runs them."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Program
from tests.cli.running import AGREEMENT, ORDER, everything_in, mend
from tests.exchange.checks.others import BLACKBOX, PROMETHEUS, kuma

CHECKS = "shop.checks.yaml"


@pytest.fixture
def store(here: Path, program: Program) -> str:
    assert program("store", "st").code == 0
    assert here.joinpath("st").is_dir()
    return "st"


def test_the_starter_is_applied_and_applying_it_again_changes_nothing(store: str, program: Program) -> None:
    told = program("apply", ".", "--into", store, "--yes")
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines() == [
        "+ agreement web-hosting 2026-01-01  (effective 2026-01-01)",
        "+ order acme-hosting  (Acme, under web-hosting)",
        "+ check shop-http",
        "    service: shop",
        "    timeout: 10 s",
        "    http.url: https://shop.example/",
        "    http.status: 200-299",
        "3 added",
        "applied to st, positions 0-3",
    ]
    again = program("apply", ".", "--into", store, "--yes")
    assert (again.code, again.out) == (0, "nothing changes\n")
    listed = program("deployed", store).out.splitlines()
    assert [line.split("  ")[0] for line in listed] == [
        "agreement web-hosting 2026-01-01",
        "check shop-http",
        "order acme-hosting",
    ]


def test_the_checks_of_a_store_are_written_as_a_file_that_changes_nothing(
    here: Path, store: str, program: Program
) -> None:
    program("apply", ".", "--into", store, "--yes")
    assert program("deployed", store, "--checks", "-o", CHECKS).out == f"written: {CHECKS}\n"
    assert "#" not in (here / CHECKS).read_text(encoding="utf-8")
    assert program("apply", CHECKS, "--into", store, "--yes").out == "nothing changes\n"
    assert program("deployed", store, "--checks", "--size", "1").out == "checks: []\n"
    assert program("deployed", store, "--size", "1").out == "nothing is deployed\n"


def test_a_change_is_shown_and_a_dry_run_changes_nothing(here: Path, store: str, program: Program) -> None:
    program("apply", ".", "--into", store, "--yes")
    mend(here / CHECKS, "timeout: 10 s", "timeout: 20 s")
    mend(here / ORDER, "200.00 EUR", "250.00 EUR")
    dry = program("apply", ".", "--into", store, "--dry-run")
    assert dry.code == 0
    assert dry.out.splitlines() == [
        "~ order acme-hosting",
        "    services[shop].fee: 200.00 EUR per month → 250.00 EUR per month",
        "~ check shop-http",
        "    timeout: 10 s → 20 s",
        "2 changed",
        "nothing was applied: this was a dry run",
    ]
    assert program("apply", ".", "--into", store, "--dry-run").out == dry.out


def test_prose_and_remarks_that_change_are_said_to_be_that(here: Path, store: str, program: Program) -> None:
    program("apply", ".", "--into", store, "--yes")
    mend(here / AGREEMENT, "This is a starter.", "This was a starter.")
    mend(here / ORDER, "# Who bought", "# Who has bought")
    mend(here / CHECKS, "# What watches", "# What looks at")
    assert program("apply", ".", "--into", store, "--yes").out.splitlines()[:3] == [
        "~ agreement web-hosting 2026-01-01  (its words, and no rule)",
        "~ order acme-hosting  (remarks or the way it is written)",
        "2 changed",
    ]


def test_a_check_that_is_gone_is_removed(here: Path, store: str, program: Program) -> None:
    program("apply", ".", "--into", store, "--yes")
    (here / CHECKS).write_text("checks: []\n", encoding="utf-8")
    told = program("apply", CHECKS, "--into", store, "--yes")
    assert told.out.splitlines()[:2] == ["- check shop-http  (was in shop.checks.yaml)", "1 removed"]
    assert program("check", store).code == 0


def test_the_plan_is_json_for_programs(store: str, program: Program) -> None:
    told = program("apply", ".", "--into", store, "--yes", "--format", "json")
    assert [(each["happens"], each["kind"]) for each in json.loads(told.out)] == [
        ("added", "agreement"), ("added", "order"), ("added", "check"),
    ]  # fmt: skip
    assert json.loads(program("apply", ".", "--into", store, "--dry-run", "--format", "json").out) == []


class Terminal:
    """A person at a terminal who answers."""

    def __init__(self, answer: str) -> None:
        self.answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return self.answer


@pytest.mark.parametrize(("answer", "code"), [("yes\n", 0), ("y\n", 1), ("\n", 1), ("", 1)])
def test_a_person_is_asked_and_only_yes_applies(
    store: str, program: Program, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    told = program("apply", ".", "--into", store)
    assert told.code == code
    assert "Apply this? Write yes: " in told.out
    assert program("deployed", store).out.startswith("nothing is deployed" if code else "agreement")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((".", "--into", "st"), 2, "nobody is there to be asked: say --yes"),
        (("--into", "st"), 2, "apply needs at least one agreement"),
        ((".", "--into", "st", "--format", "json"), 2, "--format json asks nobody"),
        ((".", "--into", "facts", "--yes"), 1, "only a store can hold what is deployed"),
        (("facts/work.facts.yaml", "--into", "st", "--yes"), 1, "facts are recorded by `makegood import`"),
        (
            ("facts", "--into", "st", "--yes"),
            1,
            "this folder holds no agreement, order, file of checks or file of alerts",
        ),
        (("gone.checks.yaml", "--into", "st", "--yes"), 1, "cannot be read: no such file"),
        ((ORDER, "--into", "st", "--yes"), 1, "which would not be there"),
    ],
)
def test_what_cannot_be_applied_is_refused_and_nothing_is_recorded(
    here: Path, store: str, program: Program, arguments: tuple[str, ...], code: int, says: str
) -> None:
    told = program("apply", *arguments)
    assert (told.code, says in told.err) == (code, True), told.err
    assert program("head", store).err.startswith("error no-head")
    assert here.exists()


def test_a_broken_file_of_checks_is_told_at_its_line(here: Path, store: str, program: Program) -> None:
    mend(here / CHECKS, "http:\n", "htpp:\n")
    told = program("apply", CHECKS, "--into", store, "--yes")
    assert told.code == 1
    assert "did you mean `http`?" in told.err


def test_lint_reads_checks_named_beside_or_given(here: Path, program: Program) -> None:
    assert program("lint", AGREEMENT).out == "nothing found\n"
    mend(here / CHECKS, "service: shop", "service: shpo")
    said = (
        f"{CHECKS}:4:12: warning: the check `shop-http` watches `shpo`, which no order covers [check-of-no-service]\n"
    )
    assert program("lint", AGREEMENT, "--format", "line").out == said
    assert program("lint", ".", "--format", "line").out == said
    assert program("lint", AGREEMENT, "--strict").code == 1
    (here / CHECKS).rename(here / "facts" / CHECKS)
    assert program("lint", AGREEMENT).out == "nothing found\n"
    given = program("lint", AGREEMENT, ORDER, "--checks", f"facts/{CHECKS}", "--format", "line")
    assert given.out == f"facts/{said}"


def test_the_schema_of_checks_is_printed(program: Program) -> None:
    assert json.loads(program("schema", "checks").out)["title"] == "checks"


def test_monitors_become_checks_and_what_is_lost_is_said(here: Path, program: Program) -> None:
    kuma(here / "kuma.db", [{"name": "Shop front", "type": "http", "url": "https://shop.example", "maxretries": 1}])
    told = program("convert", "kuma.db", "--to", "k.checks.yaml", "--service", "shop", "--name", "Shop front=shop-http")
    assert told.code == 0
    assert told.out.startswith("written: k.checks.yaml\nwithout:\n  monitor Shop front: 1 retry before it is down")
    assert "  - check: shop-http\n    service: shop\n" in (here / "k.checks.yaml").read_text(encoding="utf-8")


def test_targets_of_a_blackbox_exporter_become_checks(here: Path, program: Program) -> None:
    (here / "blackbox.yml").write_text(BLACKBOX, encoding="utf-8")
    (here / "prometheus.yml").write_text(PROMETHEUS, encoding="utf-8")
    assert program("convert", "blackbox.yml", "--targets", "prometheus.yml", "--to", "b.checks.yaml").code == 0
    assert program("lint", "b.checks.yaml").out == "nothing found\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("kuma.db", "--to", "k.checks.yaml", "--order", ORDER), 2),
        (("kuma.db", "--to", "k.checks.yaml", "--name", "web"), 2),
        (("kuma.db", "--to", "k.checks.yaml", "--targets", "kuma.db"), 1),
        (("kuma.db", "--to", "k.sla.md", "--service", "web"), 2),
        (("gone.db", "--to", "k.checks.yaml"), 1),
        ((ORDER, "--to", "k.checks.yaml"), 1),
    ],
)
def test_what_convert_cannot_make_checks_of_is_refused_and_nothing_is_written(
    here: Path, program: Program, arguments: tuple[str, ...], code: int
) -> None:
    kuma(here / "kuma.db", [{"name": "a", "type": "ping", "hostname": "b"}])
    sqlite3.connect(here / "kuma.db").close()
    before = everything_in(here)
    assert program("convert", *arguments).code == code
    assert everything_in(here) == before
