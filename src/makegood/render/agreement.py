"""An agreement as a web page: its prose, with a table of contents and a stable anchor for every clause."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from makegood.render.pages import page
from makegood.render.printable import printable

NAMED = re.compile(r"\s*\{#([A-Za-z][A-Za-z0-9_.-]*)\}\s*$")
TAGS = frozenset(nh3.ALLOWED_TAGS) - {"img", "map", "area"}
ATTRIBUTES = {tag: {"id"} for tag in ("h1", "h2", "h3", "h4", "h5", "h6")} | {
    "a": {"href", "title", "class", "aria-label"},
    "ol": {"start"},
    "td": {"style"},
    "th": {"style"},
}
SCHEMES = frozenset(("http", "https", "mailto"))
CONTENTS = "the-contents"
"""The anchor that the page itself uses."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A clause in the table of contents: its anchor, its heading as text, and its depth from 2."""

    anchor: str
    title: str
    depth: int


def publish_html(title: str, markdown: str, meta: Mapping[str, str]) -> str:
    """The agreement as one page. `markdown` is its prose without rules; `meta` holds facts such as its version.

    Raw HTML in the prose is shown as text, images and other schemes than http, https and mailto are dropped, and a page
    fetches nothing. A heading ending in `{#name}` has that anchor, others one made of their words.
    """
    parser = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable(["table", "strikethrough"])
    tokens = parser.parse(_visible(markdown))
    tokens = _without_title(tokens, title)
    contents = _anchor(tokens)
    rendered = parser.renderer.render(tokens, parser.options, {})
    clean = nh3.clean(
        rendered,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        filter_style_properties={"text-align"},
        allowed_classes=None,
        link_rel="noopener noreferrer",
        strip_comments=True,
    )
    return page(
        "agreement.html.j2", title=title, meta=list(meta.items()), contents=contents, prose=Markup(clean)
    )  # the only markup that is not from a template, after nh3


def publish_markdown(title: str, markdown: str, meta: Mapping[str, str]) -> str:
    """The agreement as Markdown that reads well anywhere: title, facts, prose; without rules, anchors or empty runs."""
    body = re.sub(r"\n{3,}", "\n\n", _visible("\n".join(_plain_headings(markdown.splitlines())))).strip()
    body = re.sub(rf"\A# {re.escape(_visible(title))}\s*\n+", "", body)
    facts = "".join(f"- {printable(name)}: {printable(value)}\n" for name, value in meta.items())
    return f"# {printable(title)}\n\n{facts}\n{body}\n"


def _visible(markdown: str) -> str:
    return "\n".join(printable(line.expandtabs(4)) for line in markdown.splitlines())


def _plain_headings(lines: list[str]) -> list[str]:
    return [NAMED.sub("", line) if line.startswith("#") else line for line in lines]


def _without_title(tokens: list[Token], title: str) -> list[Token]:
    """The tokens without a first heading that repeats the page's title."""
    if len(tokens) >= 3 and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        inline = tokens[1]
        if NAMED.sub("", inline.content).strip() == printable(title).strip():
            return tokens[3:]
    return tokens


def _anchor(tokens: list[Token]) -> list[Entry]:
    """Gives every heading its anchor and a link to itself, and returns the table of contents."""
    entries: list[Entry] = []
    taken = {CONTENTS}
    for opened, inline in pairwise(tokens):
        if opened.type != "heading_open":
            continue
        named = NAMED.search(inline.content)
        _cut_name(inline)
        title = "".join(child.content for child in inline.children or [] if child.type in ("text", "code_inline"))
        anchor = _free(named.group(1) if named else _slug(title), taken)
        opened.attrSet("id", anchor)
        (inline.children or []).extend(_self_link(anchor))
        depth = int(opened.tag[1])
        if depth in (1, 2, 3):
            entries.append(Entry(anchor, title.strip(), max(depth, 2)))
    return entries


def _cut_name(inline: Token) -> None:
    if inline.children and inline.children[-1].type == "text":
        inline.children[-1].content = NAMED.sub("", inline.children[-1].content)


def _self_link(anchor: str) -> list[Token]:
    link = Token("link_open", "a", 1)
    link.attrs = {"href": f"#{anchor}", "class": "anchor", "aria-label": "Link to this clause"}
    sign = Token("text", "", 0)
    sign.content = "#"
    return [link, sign, Token("link_close", "a", -1)]


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").casefold()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return words if words[:1].isalpha() else f"clause-{words}".rstrip("-")


def _free(anchor: str, taken: set[str]) -> str:
    """The anchor, or with the first free number behind it where it is taken."""
    name, n = anchor, 1
    while name in taken:
        n += 1
        name = f"{anchor}-{n}"
    taken.add(name)
    return name
