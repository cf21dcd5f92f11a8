"""Strict YAML: what is written is what is read, and every surprise of YAML is refused in a sentence with its place."""

from typing import TypeAlias

import pytest

from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.strict_yaml import read_yaml
from makegood.model.problem import Place, Problem, Severity

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"


def plain(node: Node | None) -> Plain:
    match node:
        case Text():
            return node.text
        case Many():
            return [plain(item) for item in node.items]
        case Keyed():
            return {key.text: plain(value) for key, value in node.entries}
        case None:
            return None


def told(problem: Problem) -> tuple[str, ...]:
    where = f"{problem.where.line}:{problem.where.column}"
    return where, problem.code, problem.what, problem.why, problem.hint


@pytest.mark.parametrize(
    "written",
    [
        "on",
        "off",
        "NO",
        "yes",
        "10:00",
        "99.90",
        "~",
        "0x1F",
        "0o17",
        "1_000",
        "1e3",
        ".inf",
        "2026-02-01",
        "-5",
        "< 5",
        "<<",
    ],
)
def test_a_value_is_the_text_as_written(written: str) -> None:
    assert read_yaml(f"key: {written}", "a.sla.md") == (
        Keyed(
            ((Text("key", Place("a.sla.md", 1, 1)), Text(written, Place("a.sla.md", 1, 6))),),
            Place("a.sla.md", 1, 1),
        ),
        [],
    )


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a: 'NO'\nb: \"10:00\"", {"a": "NO", "b": "10:00"}),
        ("a: null\nb:\nc: ''\nd: 'null'", {"a": "", "b": "", "c": "", "d": "null"}),
        ("null: x", {"null": "x"}),
        ("a: [b, 'c', {d: e}]", {"a": ["b", "c", {"d": "e"}]}),
        ("- a\n- - b\n  - c", ["a", ["b", "c"]]),
        (
            "clips: {within: Sunday 02:00-06:00, lasting: at most 4 h}",
            {"clips": {"within": "Sunday 02:00-06:00", "lasting": "at most 4 h"}},
        ),
        ("a: |\n  one\n  two\nb: >\n  three\n  four\n", {"a": "one\ntwo\n", "b": "three four\n"}),
        ("a: one\n  two", {"a": "one two"}),
        ("a: b # why\n# more\nc: d", {"a": "b", "c": "d"}),
        ("a: b\r\nc: d\r\n", {"a": "b", "c": "d"}),
        ("--- # the rule\na: b\n...\n", {"a": "b"}),
        ('a: "\\u00e9\\n"', {"a": "é\n"}),
        ("counts as: up", {"counts as": "up"}),
        ("a: [1, 250]\nb: [1,2,3]", {"a": ["1", "250"], "b": ["1", "2", "3"]}),
        ("fee: 1,250.00 USD", {"fee": "1,250.00 USD"}),
        ("", None),
        ("# nothing but words\n", None),
        ("a", "a"),
    ],
)
def test_a_text_is_read_without_a_problem(text: str, read: Plain) -> None:
    node, problems = read_yaml(text, "a.sla.md")
    assert (plain(node), problems) == (read, [])


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            "a: 1\nb: 2\na: 3",
            [
                (
                    "3:1",
                    "yaml-duplicate-key",
                    "`a` is written twice",
                    "it is written in line 1 already, and one of the two would win silently",
                    "keep one of them",
                )
            ],
        ),
        (
            "a: &x 5\nb: *x",
            [
                (
                    "1:4",
                    "yaml-anchor",
                    "`&x` names a value for use elsewhere",
                    "a rule says what it means in its own place",
                    "delete it, or put the value in double quotes if it is meant as written",
                ),
                (
                    "2:4",
                    "yaml-alias",
                    "`*x` refers to another value",
                    "a rule says what it means in its own place",
                    "repeat the value, or put the value in double quotes if it is meant as written",
                ),
            ],
        ),
        (
            "a: !!python/object:os.system x",
            [
                (
                    "1:4",
                    "yaml-tag",
                    "`!!python/object:os.system` asks for another kind of value",
                    "every value is read as the text that is written",
                    "delete it, or put the value in double quotes if it is meant as written",
                )
            ],
        ),
        (
            "a: !x y",
            [
                (
                    "1:4",
                    "yaml-tag",
                    "`!x` asks for another kind of value",
                    "every value is read as the text that is written",
                    "delete it, or put the value in double quotes if it is meant as written",
                )
            ],
        ),
        (
            "a: !y!z x",
            [
                (
                    "1:4",
                    "yaml-tag",
                    "a value that starts with ! cannot be read",
                    "! asks for another kind of value",
                    "put the value in double quotes",
                )
            ],
        ),
        (
            "<<: {a: b}",
            [
                (
                    "1:1",
                    "yaml-merge",
                    "`<<` merges keys from elsewhere",
                    "a rule says what it means in its own place",
                    "write the keys out",
                )
            ],
        ),
        (
            "a: b\n---\nc: d",
            [
                (
                    "2:1",
                    "yaml-several-documents",
                    "a second document begins here",
                    "each block or file holds one",
                    "delete the line ---, or write a block of its own",
                )
            ],
        ),
        (
            "a: b\n...\nc: d",
            [
                (
                    "3:1",
                    "yaml-several-documents",
                    "text follows the end of the rules",
                    "a line of ... ends them",
                    "delete that line",
                )
            ],
        ),
        (
            "# first\n%YAML 1.2\n---\na: b",
            [
                (
                    "2:1",
                    "yaml-directive",
                    "`%YAML 1.2` is a directive",
                    "directives change how the rest is read",
                    "delete the line",
                )
            ],
        ),
        (
            "a:\n\t- b\n\t- c",
            [
                (
                    "2:1",
                    "yaml-tab",
                    "this line is indented with a tab",
                    "a tab is as wide as each reader's editor makes it",
                    "indent with spaces",
                ),
                (
                    "3:1",
                    "yaml-tab",
                    "this line is indented with a tab",
                    "a tab is as wide as each reader's editor makes it",
                    "indent with spaces",
                ),
            ],
        ),
        (
            "a\x00: b",
            [
                (
                    "1:2",
                    "text-control-character",
                    "the NUL character cannot stand in a text",
                    "a control character is invisible, and readers disagree about what it means",
                    "delete it",
                )
            ],
        ),
        (
            "a: b\u202ec",
            [
                (
                    "1:5",
                    "text-hidden-character",
                    "RIGHT-TO-LEFT OVERRIDE (U+202E) cannot stand in an agreement",
                    "it is invisible, and can make a text look like another one",
                    "delete it",
                )
            ],
        ),
        (
            "\ufeffa: b",
            [
                (
                    "1:1",
                    "text-hidden-character",
                    "ZERO WIDTH NO-BREAK SPACE (U+FEFF) cannot stand in an agreement",
                    "it is invisible, and can make a text look like another one",
                    "delete it",
                )
            ],
        ),
        (
            "a: \ud800",
            [
                (
                    "1:4",
                    "text-control-character",
                    "half a character (U+D800) cannot stand in a text",
                    "a control character is invisible, and readers disagree about what it means",
                    "delete it",
                )
            ],
        ),
        (
            'a: "\\u202e"',
            [
                (
                    "1:4",
                    "text-hidden-character",
                    "RIGHT-TO-LEFT OVERRIDE (U+202E) cannot stand in an agreement",
                    "it is invisible, and can make a text look like another one",
                    "delete it",
                )
            ],
        ),
        (
            "? [a]\n: b",
            [
                (
                    "1:3",
                    "yaml-key",
                    "a list or mapping stands where a key is expected",
                    "a key is a word",
                    "put the value in double quotes if it is meant as written",
                )
            ],
        ),
        (
            "{a: b}: c",
            [
                (
                    "1:1",
                    "yaml-key",
                    "a list or mapping stands where a key is expected",
                    "a key is a word",
                    "put the value in double quotes if it is meant as written",
                )
            ],
        ),
        (
            "a: b\n: c",
            [("2:1", "yaml-key", "a key is missing before this colon", "a value needs a name", "write the key")],
        ),
        ("'': c", [("1:1", "yaml-key", "a key is missing before this colon", "a value needs a name", "write the key")]),
        (
            "fee: {is: 1,250.00 USD}",
            [
                (
                    "1:13",
                    "yaml-comma",
                    "this comma would cut a number in two",
                    "between brackets or braces a comma separates values",
                    "put the number in double quotes, or write a space after the comma",
                )
            ],
        ),
        (
            "fees: [1,250.00 USD]",
            [
                (
                    "1:10",
                    "yaml-comma",
                    "this comma would cut a number in two",
                    "between brackets or braces a comma separates values",
                    "put the number in double quotes, or write a space after the comma",
                )
            ],
        ),
        (
            "gates: {kind:standard}",
            [
                (
                    "1:9",
                    "yaml-colon",
                    "a space is missing after the colon in `kind:standard`",
                    "without a space it is part of the key",
                    "write a space after the colon",
                )
            ],
        ),
        (
            "a: b\n  - c",
            [
                (
                    "1:4",
                    "yaml-dash",
                    "a list follows this value",
                    "the dashes would be part of the value",
                    "delete the value, or put it in the list",
                )
            ],
        ),
        (
            "a: - b",
            [
                (
                    "1:4",
                    "yaml-dash",
                    "a list cannot start on the line of its key",
                    "each item has its own line and dash",
                    "start the list on the next line, or write [one, two]",
                )
            ],
        ),
        (
            "title: Order #5",
            [
                (
                    "1:14",
                    "yaml-hash",
                    "`#5` is not part of the value",
                    "a # after a space begins a comment",
                    "put the value in double quotes if it is meant as written, or write a space after # for a comment",
                )
            ],
        ),
        (
            "a: b: c",
            [
                (
                    "1:5",
                    "yaml-second-colon",
                    "there is a second colon in this line",
                    "one line holds one key and one value",
                    "put the value in double quotes, or begin a new line",
                )
            ],
        ),
        (
            "a: b\n c: d",
            [
                (
                    "2:3",
                    "yaml-indent",
                    "this line does not go on with the lines above it",
                    "the keys of a rule start in the same column, and so do the dashes of a list",
                    "indent it like the lines it belongs to",
                )
            ],
        ),
        (
            " a: b\nc: d",
            [
                (
                    "2:1",
                    "yaml-indent",
                    "this line does not go on with the lines above it",
                    "the keys of a rule start in the same column, and so do the dashes of a list",
                    "indent it like the lines it belongs to",
                )
            ],
        ),
        (
            "- a\nb: c",
            [
                (
                    "2:1",
                    "yaml-indent",
                    "this line does not go on with the lines above it",
                    "the keys of a rule start in the same column, and so do the dashes of a list",
                    "indent it like the lines it belongs to",
                )
            ],
        ),
        (
            "a: b\nc d\ne: f",
            [
                (
                    "2:1",
                    "yaml-no-colon",
                    "this line has no colon after its key",
                    "a key is followed by a colon and a space",
                    "write key: value, or indent a line that goes on with a value",
                )
            ],
        ),
        (
            "a: 'it's'",
            [
                (
                    "1:8",
                    "yaml-after-end",
                    "something follows the end of this value",
                    "a quotation mark or bracket has ended it",
                    "put the whole value in double quotes; an apostrophe is safe in them",
                )
            ],
        ),
        (
            "a: 'x\nb: c",
            [
                (
                    "1:4",
                    "yaml-open-quote",
                    "this quotation mark is never closed",
                    "everything after it is part of the value",
                    "close the quotation, or delete the mark",
                )
            ],
        ),
        (
            'a: "x\n---\n"',
            [
                (
                    "1:4",
                    "yaml-open-quote",
                    "this quotation mark is never closed",
                    "a line of --- or ... ends the text",
                    "close the quotation, or delete the mark",
                )
            ],
        ),
        (
            'a: "\\q"',
            [
                (
                    "1:5",
                    "yaml-backslash",
                    "this backslash does not write a character",
                    "in double quotes a backslash begins a special character",
                    "use single quotes, or two backslashes",
                )
            ],
        ),
        (
            "a: [b",
            [
                (
                    "1:4",
                    "yaml-open-bracket",
                    "this [ is not closed, or a comma is missing after it",
                    "commas separate the items of a list, and ] ends it",
                    "close it with ], or put the value in double quotes",
                )
            ],
        ),
        (
            "a: {b: c",
            [
                (
                    "1:4",
                    "yaml-open-brace",
                    "this { is not closed, or a comma is missing after it",
                    "commas separate its keys, and } ends it",
                    "close it with }, or put the value in double quotes",
                )
            ],
        ),
        (
            "a: [b, , c]",
            [
                (
                    "1:8",
                    "yaml-no-value",
                    "a value is missing before this character",
                    "it separates or ends the items of a list",
                    "write the value, or put the value in double quotes",
                )
            ],
        ),
        (
            "a: % of fees",
            [
                (
                    "1:4",
                    "yaml-reserved",
                    "no value can start with this character",
                    "YAML keeps @, % and ` for itself",
                    "put the value in double quotes",
                )
            ],
        ),
        (
            "a: > 5 min",
            [
                (
                    "1:6",
                    "yaml-block-text",
                    "nothing can follow | or > on its line",
                    "they announce text on the lines below",
                    "put the value in double quotes, or start the text on the next line",
                )
            ],
        ),
        (
            "a: *twice*",
            [
                (
                    "1:4",
                    "yaml-alias",
                    "a value that starts with * cannot be read",
                    "* refers to a value written elsewhere",
                    "put the value in double quotes",
                )
            ],
        ),
        (
            "a: ? b",
            [
                (
                    "1:4",
                    "yaml-question-mark",
                    "a value cannot start with a question mark and a space",
                    "? begins a key",
                    "put the value in double quotes",
                )
            ],
        ),
    ],
)
def test_a_mistake_is_told_in_a_sentence_with_its_place(text: str, problems: list[tuple[str, ...]]) -> None:
    assert [told(problem) for problem in read_yaml(text, "a.sla.md")[1]] == problems


def test_all_problems_of_a_text_are_told_at_once_in_order_of_place() -> None:
    text = "a: &x 1\nb: !y 2\na: 3\n<<: *x\n? [k]\n: v\nc: \u202e\n"
    assert [(p.where.line, p.code) for p in read_yaml(text, "a.sla.md")[1]] == [
        (1, "yaml-anchor"),
        (2, "yaml-tag"),
        (3, "yaml-duplicate-key"),
        (4, "yaml-merge"),
        (4, "yaml-alias"),
        (5, "yaml-key"),
        (7, "text-hidden-character"),
    ]


def test_of_a_key_written_twice_the_first_is_read_on() -> None:
    node, problems = read_yaml("a: 1\na: 2\nb: 3", "a.sla.md")
    assert (plain(node), len(problems)) == ({"a": "1", "b": "3"}, 1)


def test_places_are_those_of_the_whole_file() -> None:
    node, problems = read_yaml("a: b\nc: {d: e}\na: f", "a.sla.md", 41, 3, "credits")
    assert isinstance(node, Keyed)
    inner = node.get("c")
    assert isinstance(inner, Keyed)
    assert inner.entries[0][1].place == Place("a.sla.md", 42, 10, "credits")
    assert problems[0].where == Place("a.sla.md", 43, 3, "credits")
    assert problems[0].why.startswith("it is written in line 41 already")


def test_a_character_outside_the_basic_plane_counts_as_one_column() -> None:
    node, _ = read_yaml("{é😀: x}", "a.sla.md")
    assert isinstance(node, Keyed)
    assert node.entries[0][1].place == Place("a.sla.md", 1, 6)


def test_a_comment_in_a_value_is_a_warning_and_nothing_is_lost_otherwise() -> None:
    node, problems = read_yaml("title: Order #5", "a.sla.md")
    assert (plain(node), problems[0].severity) == ({"title": "Order"}, Severity.WARNING)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 1_000_000,
        "{" * 1_000_000,
        "- " * 500_000,
        "? " * 500_000,
        "[\n" * 500_000,
        "{a: " * 250_000,
        "".join(" " * level + "a:\n" for level in range(1_000)),
    ],
)
def test_a_thousand_deep_text_is_refused_at_its_sixty_fifth_level(text: str) -> None:
    node, problems = read_yaml(text, "a.sla.md")
    assert (node, [p.what for p in problems]) == (None, ["lists and keys are nested more than 64 deep"])


def test_sixty_four_levels_are_read() -> None:
    assert read_yaml("[" * 64 + "]" * 64, "a.sla.md")[1] == []


def test_five_megabytes_are_refused_unread() -> None:
    assert [told(p) for p in read_yaml("- a\n" * 1_250_000, "a.sla.md")[1]] == [
        (
            "1:1",
            "yaml-too-long",
            "this text has 5,000,000 characters",
            "at most 1,048,576 are read as rules",
            "split it into several files",
        )
    ]


@pytest.mark.parametrize(
    "line", ["- &a x\n", "- !a x\n", "a: b\n", "\ta: b\n", "%YAML 1.2\n", "\u202e\n", "\x00\n", "%TAG !x! y\n"]
)
def test_a_text_full_of_problems_names_no_more_than_a_person_reads(line: str) -> None:
    problems = read_yaml(line * 90_000, "a.sla.md")[1]
    assert 20 <= len(problems) <= 122
