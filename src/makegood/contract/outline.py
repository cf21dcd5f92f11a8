"""The block structure of a Markdown document: its headings and fences, by line. Nothing inside a fence is a heading."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt

from makegood.model.problem import Place, Problem, error, warning


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block at the margin. `line` and `end` count from 0 and are half-open; `indent` is that of its fence."""

    line: int
    end: int
    info: str
    marker: str
    indent: int
    content: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """What a document is made of: headings as (line from 0, level, text), fences in order, and problems."""

    headings: tuple[tuple[int, int, str], ...]
    fences: tuple[Fence, ...]
    problems: tuple[Problem, ...]


@cache
def markdown() -> MarkdownIt:
    """The one Markdown that documents are read in: CommonMark, where HTML is text; what is published reads the same."""
    return MarkdownIt("commonmark", {"html": False})


@cache
def _blocks() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False})
    reader.core.ruler.enableOnly(["normalize", "block"])
    return reader


def outline(text: str, source: str) -> Outline:
    """The headings and fences at the margin; those in lists and quotations are prose, and a rule there is a problem."""
    lines = text.split("\n")
    headings: list[tuple[int, int, str]] = []
    fences: list[Fence] = []
    problems: list[Problem] = []
    tokens = _blocks().parse(text)
    for number, token in enumerate(tokens):
        first, end = token.map or (0, 0)
        if token.type == "heading_open" and token.level == 0:
            content = tokens[number + 1].content
            if token.markup.startswith("#"):
                headings.append((first, int(token.tag[1:]), content))
            else:
                problems.append(_underlined(source, first, end, content))
        elif token.type == "fence" and token.level == 0:
            fences.append(_fence(lines, first, end, token.info.strip(), token.markup, token.content))
        elif token.type == "fence" and token.info.split()[:1] == ["sla"]:
            problems.append(_inside(source, first, lines[first]))
        elif token.type == "code_block" and token.content.lstrip().startswith(("```sla", "~~~sla")):
            problems.append(_too_far_in(source, first))
    return Outline(tuple(headings), tuple(fences), tuple(problems))


def _fence(lines: list[str], first: int, end: int, info: str, markup: str, content: str) -> Fence:
    last = lines[end - 1].strip() if end - 1 > first else ""
    closed = len(last) >= len(markup) and set(last) == {markup[0]}
    indent = len(lines[first]) - len(lines[first].lstrip(" "))
    return Fence(first, end, info, markup, indent, content, closed)


def _underlined(source: str, first: int, end: int, content: str) -> Problem:
    """Three dashes under a paragraph make it a heading: meant seldom, seen never."""
    what = f"line {end} makes a heading of the text above it"
    why = "a clause begins with # signs, and dashes under a paragraph are easily overlooked"
    shown = content if len(content) <= 40 and "\n" not in content else "Title"
    hint = f"write ## {shown} for a clause, or put an empty line above line {end}"
    return error("document-underlined-heading", Place(source, first + 1, 1), what, why, hint)


def _inside(source: str, first: int, line: str) -> Problem:
    what = "a rule stands inside a list or a quotation"
    why = "it would not be seen as a rule of its clause"
    place = Place(source, first + 1, max(line.find("```"), line.find("~~~"), 0) + 1)
    return error("document-rule-inside", place, what, why, "begin its fence at the start of a line, after the list")


def _too_far_in(source: str, first: int) -> Problem:
    what = "a rule is indented by four spaces or more"
    why = "Markdown shows such lines as they are, and they are no rule"
    return warning(
        "document-rule-indented", Place(source, first + 1, 1), what, why, "indent its fence by three spaces at most"
    )
