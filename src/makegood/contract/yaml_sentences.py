"""What the YAML scanner says, in sentences for a person who writes agreements."""

from __future__ import annotations

from typing import Final, NamedTuple


class Sentence(NamedTuple):
    """The code of a problem, what is wrong, why it cannot be right, and what to write instead."""

    code: str
    what: str
    why: str
    hint: str


_QUOTES: Final = "put the value in double quotes"
_TABLE: Final[tuple[tuple[str, str, Sentence], ...]] = (
    # words of the scanner's context, words of its problem, and the sentence
    (
        "directive",
        "",
        Sentence(
            "yaml-directive",
            "a line that starts with % cannot be read",
            "directives change how the rest is read",
            "delete the line",
        ),
    ),
    (
        "",
        "YAML document",
        Sentence(
            "yaml-directive",
            "a line that starts with % cannot be read",
            "directives change how the rest is read",
            "delete the line",
        ),
    ),
    (
        "alias",
        "",
        Sentence(
            "yaml-alias", "a value that starts with * cannot be read", "* refers to a value written elsewhere", _QUOTES
        ),
    ),
    (
        "anchor",
        "",
        Sentence(
            "yaml-anchor", "a value that starts with & cannot be read", "& names a value for use elsewhere", _QUOTES
        ),
    ),
    (
        "tag",
        "",
        Sentence("yaml-tag", "a value that starts with ! cannot be read", "! asks for another kind of value", _QUOTES),
    ),
    (
        "",
        "tag handle",
        Sentence("yaml-tag", "a value that starts with ! cannot be read", "! asks for another kind of value", _QUOTES),
    ),
    (
        "",
        "mapping values",
        Sentence(
            "yaml-second-colon",
            "there is a second colon here, where a value is expected",
            "one line holds one key and one value",
            "put the value in double quotes, or the new key on a line of its own, indented like its neighbours",
        ),
    ),
    (
        "",
        "sequence entries",
        Sentence(
            "yaml-dash",
            "a list cannot start on the line of its key",
            "each item has its own line and dash",
            "start the list on the next line, or write [one, two]",
        ),
    ),
    (
        "",
        "mapping keys",
        Sentence(
            "yaml-question-mark", "a value cannot start with a question mark and a space", "? begins a key", _QUOTES
        ),
    ),
    (
        "",
        "tab character",
        Sentence(
            "yaml-tab",
            "this line is indented with a tab",
            "a tab is as wide as the reader's editor makes it",
            "indent with spaces",
        ),
    ),
    (
        "quoted scalar",
        "end of stream",
        Sentence(
            "yaml-open-quote",
            "this quotation mark is never closed",
            "everything after it would be part of the value",
            "close the quotation, or delete the mark",
        ),
    ),
    (
        "quoted scalar",
        "document indicator",
        Sentence(
            "yaml-open-quote",
            "this quotation mark is never closed",
            "a line of --- or ... ends the text",
            "close the quotation, or delete the mark",
        ),
    ),
    (
        "quoted scalar",
        "",
        Sentence(
            "yaml-backslash",
            "a backslash in double quotes is followed by a character it cannot change",
            "in double quotes a backslash begins a special character",
            "use single quotes, or write two backslashes",
        ),
    ),
    (
        "block scalar",
        "",
        Sentence(
            "yaml-block-text",
            "text cannot follow | or > on the same line",
            "they announce text on the lines below",
            "start the text on the next line, or put the value in double quotes",
        ),
    ),
    (
        "flow sequence",
        "",
        Sentence(
            "yaml-open-bracket",
            "this list [ is not closed, or a comma is missing in it",
            "items are separated by commas and ended by ]",
            "close it with ], or put a value that holds brackets in double quotes",
        ),
    ),
    (
        "flow mapping",
        "",
        Sentence(
            "yaml-open-brace",
            "this { is not closed, or a comma is missing in it",
            "its keys are separated by commas and ended by }",
            "close it with }, or put a value that holds braces in double quotes",
        ),
    ),
    (
        "",
        "node content",
        Sentence(
            "yaml-no-value",
            "no value can start with this character",
            "it closes or separates a list that is not open",
            _QUOTES,
        ),
    ),
    (
        "",
        "cannot start any token",
        Sentence(
            "yaml-reserved", "no value can start with this character", "YAML keeps @, ` and % for itself", _QUOTES
        ),
    ),
    (
        "",
        "expected ':'",
        Sentence(
            "yaml-no-colon",
            "this key has no colon after it",
            "a key is followed by a colon and a space",
            "write key: value, and indent a value that goes on in the next line",
        ),
    ),
    (
        "block collection",
        "",
        Sentence(
            "yaml-indent",
            "this line does not go on with the list",
            "the items of a list start in the same column, each with a dash",
            "indent the line like the lines it belongs to",
        ),
    ),
    (
        "block mapping",
        "",
        Sentence(
            "yaml-indent",
            "this does not go on with the keys above it",
            "the keys of a rule start in the same column, and nothing follows a closing quotation mark or bracket",
            "indent the line like the lines it belongs to, or put the whole value in double quotes",
        ),
    ),
    (
        "",
        "document start",
        Sentence("yaml-several-documents", "text follows the end of the rules", "... ends them", "delete the line ..."),
    ),
)
_OTHERWISE: Final = Sentence(
    "yaml-syntax", "this cannot be read as keys and values", "", "write key: value, one on each line"
)
AT_CONTEXT: Final = ("yaml-open-quote", "yaml-open-bracket", "yaml-open-brace", "yaml-alias", "yaml-anchor", "yaml-tag")
"""Problems that are shown where the value begins, not where the scanner gave up."""


def sentence_for(context: str, problem: str) -> Sentence:
    """The sentence for what the scanner was doing and what it found."""
    for doing, found, sentence in _TABLE:
        if doing in context and found in problem:
            return sentence
    return _OTHERWISE
