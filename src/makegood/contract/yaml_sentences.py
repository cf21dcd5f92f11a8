"""What the YAML scanner says, in sentences for a person who writes agreements."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import yaml

from makegood.model.problem import Place, Problem, error


class Ground(NamedTuple):
    """Where a text stands: its file, the line and column of its first character, and the clause around it."""

    source: str
    first_line: int
    first_column: int
    clause: str

    def place(self, line: int, column: int) -> Place:
        """The place in the file of a line and column counted from 0 in the text."""
        return Place(self.source, self.first_line + line, self.first_column + column, self.clause)


class Sentence(NamedTuple):
    """The code of a problem, what is wrong, why it cannot be right, and what to write instead."""

    code: str
    what: str
    why: str
    hint: str


_QUOTES: Final = "put the value in double quotes"
_NEIGHBOURS: Final = "indent it like the lines it belongs to"
_DIRECTIVE: Final = Sentence(
    *("yaml-directive", "a line that starts with % cannot be read"),
    *("directives change how the rest is read", "delete the line"),
)
_TAG: Final = Sentence(
    *("yaml-tag", "a value that starts with ! cannot be read"),
    *("! asks for another kind of value", _QUOTES),
)
_AFTER_END: Final = Sentence(
    *("yaml-after-end", "something follows the end of this value"),
    *(
        "a quotation mark or bracket has ended it",
        "put the whole value in double quotes; an apostrophe is safe in them",
    ),
)
_INDENT: Final = Sentence(
    *("yaml-indent", "this line does not go on with the lines above it"),
    *("the keys of a rule start in the same column, and so do the dashes of a list", _NEIGHBOURS),
)
_NO_KEY: Final = Sentence(
    *("yaml-key", "a key is missing before this colon"),
    *("a value needs a name", "write the key"),
)
_SECOND_COLON: Final = Sentence(
    *("yaml-second-colon", "there is a second colon in this line"),
    *("one line holds one key and one value", "put the value in double quotes, or begin a new line"),
)
_NO_COLON: Final = Sentence(
    *("yaml-no-colon", "this line has no colon after its key"),
    *("a key is followed by a colon and a space", "write key: value, or indent a line that goes on with a value"),
)
_NO_VALUE: Final = Sentence(
    *("yaml-no-value", "a value is missing before this character"),
    *("it separates or ends the items of a list", f"write the value, or {_QUOTES}"),
)
_OPEN_AT_END: Final = Sentence(
    *("yaml-open-bracket", "a [ or { above is not closed"),
    *("the text ends inside it", "close it with ] or }"),
)
_SEVERAL: Final = Sentence(
    *("yaml-several-documents", "text follows the end of the rules"),
    *("a line of ... ends them", "delete that line"),
)
_OTHERWISE: Final = Sentence("yaml-syntax", "this is not keys and values", "", "write key: value, one on each line")

_TABLE: Final[tuple[tuple[str, str, Sentence], ...]] = (  # what the scanner was doing, what it found, what to say
    ("directive", "", _DIRECTIVE),
    ("", "YAML document", _DIRECTIVE),
    (
        *("alias", ""),
        Sentence(
            *("yaml-alias", "a value that starts with * cannot be read"),
            *("* refers to a value written elsewhere", _QUOTES),
        ),
    ),
    (
        *("anchor", ""),
        Sentence(
            *("yaml-anchor", "a value that starts with & cannot be read"),
            *("& names a value for use elsewhere", _QUOTES),
        ),
    ),
    ("tag", "", _TAG),
    ("", "tag handle", _TAG),
    ("", "mapping values", _SECOND_COLON),
    (
        *("", "sequence entries"),
        Sentence(
            *("yaml-dash", "a list cannot start on the line of its key"),
            *("each item has its own line and dash", "start the list on the next line, or write [one, two]"),
        ),
    ),
    (
        *("", "mapping keys"),
        Sentence(
            *("yaml-question-mark", "a value cannot start with a question mark and a space"),
            *("? begins a key", _QUOTES),
        ),
    ),
    (
        *("quoted scalar", "end of stream"),
        Sentence(
            *("yaml-open-quote", "this quotation mark is never closed"),
            *("everything after it is part of the value", "close the quotation, or delete the mark"),
        ),
    ),
    (
        *("quoted scalar", "document indicator"),
        Sentence(
            *("yaml-open-quote", "this quotation mark is never closed"),
            *("a line of --- or ... ends the text", "close the quotation, or delete the mark"),
        ),
    ),
    (
        *("quoted scalar", ""),
        Sentence(
            *("yaml-backslash", "this backslash does not write a character"),
            *("in double quotes a backslash begins a special character", "use single quotes, or two backslashes"),
        ),
    ),
    (
        *("block scalar", ""),
        Sentence(
            *("yaml-block-text", "nothing can follow | or > on its line"),
            *("they announce text on the lines below", f"{_QUOTES}, or start the text on the next line"),
        ),
    ),
    (
        *("flow sequence", ""),
        Sentence(
            *("yaml-open-bracket", "this [ is not closed, or a comma is missing after it"),
            *("commas separate the items of a list, and ] ends it", f"close it with ], or {_QUOTES}"),
        ),
    ),
    (
        *("flow mapping", ""),
        Sentence(
            *("yaml-open-brace", "this { is not closed, or a comma is missing after it"),
            *("commas separate its keys, and } ends it", f"close it with }}, or {_QUOTES}"),
        ),
    ),
    ("", "node content", _NO_VALUE),
    (
        *("", "cannot start any token"),
        Sentence(
            *("yaml-reserved", "no value can start with this character"),
            *("YAML keeps @, % and ` for itself", _QUOTES),
        ),
    ),
    ("", "expected ':'", _NO_COLON),
    ("block", "", _INDENT),
    ("", "document start", _SEVERAL),
)
_AT_CONTEXT: Final = {
    *("yaml-open-quote", "yaml-open-bracket", "yaml-open-brace"),
    *("yaml-alias", "yaml-anchor", "yaml-tag", "yaml-no-colon"),
}
"""Problems that are shown where the value begins, not where the scanner gave up."""

_COLON = re.compile(r":\s")


def explained(failure: yaml.YAMLError, text: str, ground: Ground) -> Problem:
    """The problem behind a syntax error, at the place where a person would mend it."""
    doing, found = str(getattr(failure, "context", None) or ""), str(getattr(failure, "problem", None) or "")
    mark = getattr(failure, "problem_mark", None)
    said = next((s for context, problem, s in _TABLE if context in doing and problem in found), _OTHERWISE)
    if mark is not None:
        lines = text.split("\n")
        here = lines[mark.line] if mark.line < len(lines) else ""
        said = _told_apart(said, here[: mark.column], here[mark.column :], lines[: mark.line])
    if said.code in _AT_CONTEXT and said is not _OPEN_AT_END:
        mark = getattr(failure, "context_mark", None) or mark
    where = ground.place(mark.line, mark.column) if mark else ground.place(0, 0)
    return error(said.code, where, said.what, said.why, said.hint)


def _told_apart(said: Sentence, before: str, after: str, above: list[str]) -> Sentence:
    """The scanner has one word for several mistakes; what stands around the place tells them apart."""
    if said is _INDENT and not before.strip() and after.startswith(":"):
        return _NO_KEY
    if said is _SECOND_COLON and not _COLON.search(before):
        return _INDENT
    if said is _NO_VALUE and not after.strip():
        return _OPEN_AT_END
    if said is _INDENT and before.strip() and before.strip().strip("- "):
        return _AFTER_END
    if said is _SEVERAL and not any(line.startswith("...") for line in above):
        return _INDENT
    return said
