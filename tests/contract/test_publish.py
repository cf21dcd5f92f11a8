"""The published agreement: the prose as written, without its rules."""

from pathlib import Path
from textwrap import dedent

import pytest

from makegood.contract.document import read_document
from makegood.contract.publish import published

EXAMPLES = sorted(Path("examples").glob("*/*.sla.md"))


def publish(text: str) -> str:
    document, _ = read_document(dedent(text), "a.sla.md")
    return published(document)


def test_rules_are_left_out_and_one_blank_line_stays_where_each_stood() -> None:
    text = """\
        # Terms {#terms}

        Before.

        ```sla
        calendar: office
        zone: UTC
        ```


        ~~~sla
        measure: m
        ~~~

        After.
        ```sla
        target: t
        ```
    """
    assert publish(text) == "# Terms {#terms}\n\nBefore.\n\nAfter.\n"


def test_other_blocks_stay_as_they_are_even_when_they_show_a_rule() -> None:
    text = """\
        # Terms

        ````text
        ```sla


        ```
        ````

        > quoted
    """
    assert publish(text) == "# Terms\n\n````text\n```sla\n\n\n```\n````\n\n> quoted\n"


def test_line_ends_are_plain_and_a_forced_break_stays() -> None:
    assert publish("# A\r\n\r\none  \r\ntwo \r\n") == "# A\n\none  \ntwo\n"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_what_is_published_has_the_same_clauses_and_prose_and_no_rule(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    before, _ = read_document(text, "a.sla.md")
    after, problems = read_document(published(before), "a.sla.md")
    assert not problems
    assert not any(clause.rules for clause in after.clauses)
    assert [(c.id, c.number, c.title) for c in after.clauses] == [(c.id, c.number, c.title) for c in before.clauses]
    assert [c.prose.split() for c in after.clauses] == [c.prose.split() for c in before.clauses]
    assert published(after) == published(before)
