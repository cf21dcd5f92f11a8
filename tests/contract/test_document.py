"""A document: clauses by their headings, prose with its line numbers, and `sla` blocks as rules."""

from textwrap import dedent

import pytest

from makegood.contract.agreement import read_agreement
from makegood.contract.document import Document, prose_lines, read_document
from makegood.model.problem import Place, Problem, Severity

AGREEMENT = """\
# Service Level Agreement

Between the parties.

## 1. Availability {#availability}

At least 99.9 % in each month.

```sla
target: monthly-availability
is: at least 99.9 %
```

More words: 30 days.

~~~sla
measure: ratio
~~~

```text
## this is no heading
```

### 1.1 Service hours

   ```sla
   calendar: office
   hours: [Monday to Friday 09:00-17:00]
   ```

## Maintenance work
"""


def read(text: str) -> tuple[Document, list[Problem]]:
    return read_document(dedent(text), "a.sla.md")


def told(text: str) -> list[tuple[str, str, str, str, str]]:
    return [(f"{p.where.line}:{p.where.column}", p.code, p.what, p.why, p.hint) for p in read(text)[1]]


def test_headings_make_clauses_with_number_title_and_id() -> None:
    document, problems = read(AGREEMENT)
    assert problems == []
    assert (document.title, document.text) == ("Service Level Agreement", AGREEMENT)
    assert [(c.id, c.number, c.title, c.level, c.line) for c in document.clauses] == [
        ("service-level-agreement", "", "Service Level Agreement", 1, 1),
        ("availability", "1.", "Availability", 2, 5),
        ("service-hours", "1.1", "Service hours", 3, 24),
        ("maintenance-work", "", "Maintenance work", 2, 31),
    ]


def test_rules_belong_to_the_clause_above_them_and_know_their_place() -> None:
    blocks = [block for clause in read(AGREEMENT)[0].clauses for block in clause.rules]
    assert [(b.clause, b.place.line, b.place.column, b.node.keys()) for b in blocks] == [
        ("availability", 9, 1, ("target", "is")),
        ("availability", 16, 1, ("measure",)),
        ("service-hours", 26, 4, ("calendar", "hours")),
    ]
    assert blocks[2].text == "calendar: office\nhours: [Monday to Friday 09:00-17:00]\n"
    assert [key.place for key, _ in blocks[2].node.entries] == [
        Place("a.sla.md", 27, 4, "service-hours"),
        Place("a.sla.md", 28, 4, "service-hours"),
    ]


def test_prose_keeps_the_line_numbers_of_the_file_and_leaves_the_rules_out() -> None:
    clause = read(AGREEMENT)[0].clauses[1]
    assert [(number, line) for number, line in prose_lines(clause) if line] == [
        (7, "At least 99.9 % in each month."),
        (14, "More words: 30 days."),
        (20, "```text"),
        (21, "## this is no heading"),
        (22, "```"),
    ]
    assert all(AGREEMENT.split("\n")[number - 1] == line for number, line in prose_lines(clause) if line)
    assert list(prose_lines(read(AGREEMENT)[0].clauses[3])) == []


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_make_the_same_clauses(end: str) -> None:
    assert read_document(AGREEMENT.replace("\n", end), "a.sla.md")[0].clauses == read(AGREEMENT)[0].clauses


@pytest.mark.parametrize(
    ("heading", "number", "title", "id_"),
    [
        ("## 2. Maintenance", "2.", "Maintenance", "maintenance"),
        ("## 2.1 Notice {#notice}", "2.1", "Notice", "notice"),
        ("## 2.1. Notice {#2nd}", "2.1.", "Notice", "notice"),
        ("## 3) Credits ##", "3)", "Credits", "credits"),
        ("## 24 hours a day", "", "24 hours a day", "clause-24-hours-a-day"),
        ("## 99.9 % of the time", "", "99.9 % of the time", "clause-99-9-of-the-time"),
        ("## Élévation & Größe", "", "Élévation & Größe", "elevation-groe"),
        ("## 可用性", "", "可用性", "clause"),
        ("## {#only-an-anchor}", "", "", "only-an-anchor"),
        ("#   Spaces   {#a_b.c-D}  ", "", "Spaces", "a_b.c-D"),
    ],
)
def test_a_heading_is_read(heading: str, number: str, title: str, id_: str) -> None:
    clause = read_document(heading, "a.sla.md")[0].clauses[0]
    assert (clause.number, clause.title, clause.id) == (number, title, id_)


def test_clauses_of_the_same_title_have_ids_of_their_own() -> None:
    text = "# Fees\n# Fees\n# Fees {#fees-2}\n# Fees\n"
    assert [c.id for c in read_document(text, "a.sla.md")[0].clauses] == ["fees", "fees-3", "fees-2", "fees-4"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "## A {#x}\n## B {#X}\n",
            (
                *("2:1", "document-duplicate-anchor", "the anchor `X` is written twice"),
                *("line 1 has it, and a reference could mean either", "give one of the clauses another anchor"),
            ),
        ),
        (
            "## A {#my anchor}\n",
            (
                *("1:1", "document-anchor", "`{#my anchor}` is not an anchor"),
                "an anchor begins with a letter and has letters, digits, hyphens, dots and underscores",
                "write {#my-anchor}",
            ),
        ),
        (
            "Words.\n\n```sla\na: b\n```\n# A\n",
            (
                *("3:1", "document-rule-without-clause", "this rule stands before the first heading"),
                *("a rule belongs to a clause", "write a heading above it, as in ## Availability {#availability}"),
            ),
        ),
        (
            "# A\n```sla\na: b\n\n# B\n",
            (
                *("2:1", "document-open-block", "this block is never closed"),
                *("everything after it is part of it", "end it with a line of ```"),
            ),
        ),
        (
            "# A\n~~~~text\na: b\n~~~\n# B\n",
            (
                *("2:1", "document-open-block", "this block is never closed"),
                *("everything after it is part of it", "end it with a line of ~~~~"),
            ),
        ),
        (
            "# A\n```sla\na: b\n\n# B\n```sla\nc: d\n```\n",
            (
                *("2:1", "document-open-block", "this block is not closed where it should be"),
                *("line 6 begins another block inside it", "end it with a line of ``` before that line"),
            ),
        ),
        (
            "# A\n```sla\n\n# a comment\n```\n",
            (
                *("2:1", "document-empty-rule", "this rule is empty"),
                *("nothing is promised by it", "write a rule, or delete the block"),
            ),
        ),
        (
            "# A\n```sla\n- a\n- b\n```\n",
            (
                *("3:1", "document-rule-not-keyed", "this is not a rule", "a rule is made of keys and values"),
                "write key: value, with a space after the colon",
            ),
        ),
        (
            "# A\n```sla\nexclude:maintenance\n```\n",
            (
                *("3:1", "document-rule-not-keyed", "this is not a rule", "a rule is made of keys and values"),
                "write key: value, with a space after the colon",
            ),
        ),
        (
            "# A\n```sla\na: b\n---\nc: d\n```\n",
            (
                *("4:1", "yaml-several-documents", "a second document begins here", "each block or file holds one"),
                "delete the line ---, or write a block of its own",
            ),
        ),
        (
            "# A\n\nThe term is a year.\n---\n",
            (
                *("3:1", "document-underlined-heading", "line 4 makes a heading of the text above it"),
                "a clause begins with # signs, and dashes under a paragraph are easily overlooked",
                "write ## The term is a year. for a clause, or put an empty line above line 4",
            ),
        ),
        (
            "# A\n- item\n  ```sla\n  a: b\n  ```\n",
            (
                *("3:3", "document-rule-inside", "a rule stands inside a list or a quotation"),
                "it would not be seen as a rule of its clause",
                "begin its fence at the start of a line, after the list",
            ),
        ),
        (
            "# A\n\n    ```sla\n    a: b\n    ```\n",
            (
                *("3:1", "document-rule-indented", "a rule is indented by four spaces or more"),
                "Markdown shows such lines as they are, and they are no rule",
                "indent its fence by three spaces at most",
            ),
        ),
        (
            "# A\n\nWords.\u202e\n",
            (
                *("3:7", "text-hidden-character"),
                "RIGHT-TO-LEFT OVERRIDE (U+202E) cannot stand in an agreement",
                *("it is invisible, and can make a text look like another one", "delete it"),
            ),
        ),
    ],
)
def test_a_mistake_in_the_structure_is_told(text: str, problem: tuple[str, str, str, str, str]) -> None:
    assert told(text) == [problem]


@pytest.mark.parametrize(
    "tag",
    ["SLA", "Sla", "slа", "yaml sla", "sla yaml", "sla:", "{.sla}", "ѕlа", "sal", "slla", "slas", "ｓｌａ", "s1a"],
)
def test_a_tag_that_was_meant_to_be_sla_is_a_warning(tag: str) -> None:
    document, (problem,) = read(f"# A\n```{tag}\na: b\n```\n")
    assert document.clauses[0].rules == ()
    assert problem == Problem(
        "document-block-tag",
        Severity.WARNING,
        Place("a.sla.md", 2, 1, "a"),
        f"`{tag}` does not make this block a rule",
        "only sla does, in small letters and with nothing beside it",
        "did you mean ```sla?",
    )


@pytest.mark.parametrize("tag", ["", "text", "yaml", "sql", "sh", "scala", "slang", "python", "less", "asl2", "ssl"])
def test_other_blocks_are_prose(tag: str) -> None:
    document, problems = read(f"# A\n```{tag}\na: b\n```\n")
    assert (document.clauses[0].rules, problems, document.clauses[0].prose) == ((), [], f"```{tag}\na: b\n```")


def test_spaces_around_the_tag_do_no_harm() -> None:
    assert len(read("# A\n```  sla  \na: b\n```\n")[0].clauses[0].rules) == 1


def test_a_heading_in_a_quotation_or_list_makes_no_clause() -> None:
    document, _ = read("# A\n> # B\n\n- # C\n")
    assert [c.title for c in document.clauses] == ["A"]


def test_what_looks_like_an_html_comment_is_text_and_hides_no_rule() -> None:
    document, problems = read("# A\n<!--\n```sla\na: b\n```\n-->\n")
    assert (len(document.clauses[0].rules), problems) == (1, [])


def test_a_rule_with_problems_is_still_given_with_what_could_be_read() -> None:
    document, problems = read("# A\n```sla\na: b\na: c\n```\n")
    assert [b.node.keys() for b in document.clauses[0].rules] == [("a",)]
    assert [(p.where, p.code) for p in problems] == [(Place("a.sla.md", 4, 1, "a"), "yaml-duplicate-key")]


def test_the_problems_of_all_rules_are_told_at_once() -> None:
    text = "# A {#x}\n```sla\na: [\n```\n# B {#x}\n```sla\n```\n```sla\nb: &c d\n```\n"
    assert [(line, code) for line, code, *_ in told(text)] == [
        ("4:1", "yaml-open-bracket"),
        ("5:1", "document-duplicate-anchor"),
        ("6:1", "document-empty-rule"),
        ("9:4", "yaml-anchor"),
    ]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a\n" * 50_000, "this document has 50,001 lines"),
        ("a" * 4_194_305, "this document has 4,194,305 characters"),
    ],
)
def test_a_document_beyond_reading_is_refused_unread(text: str, what: str) -> None:
    document, problems = read_document(text, "a.sla.md")
    assert (document.clauses, [(p.code, p.what) for p in problems]) == ((), [("text-too-long", what)])


def test_a_document_without_headings_has_no_title_and_no_clauses() -> None:
    assert read("Words.\n") == (Document("a.sla.md", "", (), "Words.\n"), [])


@pytest.mark.parametrize("inside", ["", "{}", "# only a remark", "--- {}"])
def test_a_block_without_keys_is_an_empty_rule_and_no_crash(inside: str) -> None:
    agreement, problems = read_agreement(f"# A\n\n```sla\n{inside}\n```\n".encode(), "a.sla.md")
    assert agreement is None
    assert "document-empty-rule" in {p.code for p in problems}
