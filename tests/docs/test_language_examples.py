"""Every example of a rule, an order or a fact in the documents is right.

The `sla` blocks of one section are put into the agreement that `makegood init` writes, where a rule of the same name
gives way; what comes out is read and linted. Blocks tagged `yaml` are read as an order or as facts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from makegood.app.starting import STARTER
from makegood.contract.agreement import read_agreement
from makegood.contract.lint import lint
from makegood.exchange.checks.read import read_checks
from makegood.exchange.facts import read_facts
from makegood.exchange.orders import read_order
from makegood.model.problem import Problem, Severity
from tests.docs.test_docs import EXPLAINING, ROOT, name_of, tokens

BASE = (STARTER / "hosting.sla.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```sla\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Section:
    """The examples under one heading of a document."""

    document: Path
    title: str
    rules: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{name_of(self.document)}: {self.title}"


def sections() -> Iterator[Section]:
    for document in EXPLAINING:
        if "decisions" in document.parts or "reference" in document.parts:
            continue
        title, rules, files = "", list[str](), list[str]()
        parsed = tokens(document.read_text(encoding="utf-8"))
        for at, token in enumerate(parsed):
            if token.type == "heading_open":
                if rules or files:
                    yield Section(document, title, tuple(rules), tuple(files))
                title, rules, files = parsed[at + 1].content, [], []
            if token.type == "fence" and token.info.strip() == "sla":
                rules.append(token.content)
            if token.type == "fence" and token.info.strip() == "yaml":
                files.append(token.content)
        if rules or files:
            yield Section(document, title, tuple(rules), tuple(files))


SECTIONS = list(sections())


def rule_name(rule: str) -> str:
    """The name of a rule, or `agreement` for the block that says which agreement it is."""
    lines = [line for line in rule.splitlines() if not line.startswith("#")]
    kind, _, name = lines[0].partition(": ")
    return kind if kind == "agreement" else name


def embedded(rules: tuple[str, ...]) -> str:
    """The starter with these rules in the place of those that they name, and the others at its end."""
    given = {rule_name(rule): rule for rule in rules}

    def in_place(found: re.Match[str]) -> str:
        return f"```sla\n{given.pop(rule_name(found[1]), found[1])}```\n"

    text = BLOCK.sub(in_place, BASE)
    return text + "".join(f"\n```sla\n{rule}```\n" for rule in given.values())


def errors(problems: list[Problem]) -> list[str]:
    return [f"{p.where}: {p.what} {p.hint}" for p in problems if p.severity is Severity.ERROR]


@pytest.mark.parametrize("section", [s for s in SECTIONS if s.rules], ids=lambda s: s.name)
def test_the_rules_of_a_section_are_read_and_linted(section: Section) -> None:
    names = [rule_name(rule) for rule in section.rules]
    assert len(set(names)) == len(names), "two examples of a section have one name"
    text = embedded(section.rules)
    agreement, problems = read_agreement(text.encode(), "example.sla.md")
    assert errors(problems) == [], text
    assert agreement is not None
    assert errors(lint(agreement)) == []


@pytest.mark.parametrize("section", [s for s in SECTIONS if s.files], ids=lambda s: s.name)
def test_the_files_of_a_section_are_read(section: Section) -> None:
    checks = [file for file in section.files if file.startswith("  - check: ") or "\nchecks:\n" in f"\n{file}"]
    for file in checks:
        whole = file if "checks:\n" in file else f"checks:\n{file}"
        assert errors(list(read_checks(whole.encode(), "example.checks.yaml")[1])) == [], file
    orders = [file for file in section.files if not file.startswith("- ") and file not in checks]
    facts = [file for file in section.files if file.startswith("- ")]
    for order in orders:
        _, problems = read_order(order.encode(), "example.order.yaml")
        assert errors(problems) == [], order
    _, problems = read_facts("".join(facts).encode(), "example.facts.yaml")
    assert errors(problems) == []


def test_there_are_examples() -> None:
    assert len([s for s in SECTIONS if s.document == ROOT / "docs" / "language.md"]) > 15


def test_a_rule_takes_the_place_of_its_namesake() -> None:
    text = embedded(("measure: availability\nof: other\n", "outage: other\nfrom: status-log\n"))
    assert text.count("measure: availability") == 1
    assert text.endswith("\n```sla\noutage: other\nfrom: status-log\n```\n")
