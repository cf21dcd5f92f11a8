"""An agreement as a page: clauses with anchors, and prose that cannot act."""

from __future__ import annotations

import pytest

from makegood.render.agreement import publish_html, publish_markdown
from tests.render.test_html import read, text_of

PROSE = """# Hosting Levels

Part of the [master agreement](https://example.com/master).

## 1. Availability {#availability}

At least **99.9 %** of each month.

### 1.1 How

| From | Credit |
|---|---:|
| 99 % | 10 % |

## 1. Availability

## Prüfung & Größe
"""
META = {"Version": "3", "Effective": "Thu 1 Jan 2026"}


def test_every_clause_has_an_anchor_and_stands_in_the_contents() -> None:
    html = publish_html("Hosting Levels", PROSE, META)
    ids = {a["id"] for _, a in read(html).tags if "id" in a}
    assert {"availability", "clause-1-1-how", "clause-1-availability", "prufung-groe"} <= ids
    links = [a["href"] for tag, a in read(html).tags if tag == "a" and a.get("class") != "anchor"]
    assert links == [
        "#availability",
        "#clause-1-1-how",
        "#clause-1-availability",
        "#prufung-groe",
        "https://example.com/master",
    ]


def test_anchors_that_would_be_equal_are_numbered() -> None:
    html = publish_html("T", "## Same\n\n## Same\n\n## Other {#same}\n", {})
    assert [a["id"] for tag, a in read(html).tags if tag == "h2" and a["id"] != "the-contents"] == [
        "same",
        "same-2",
        "same-3",
    ]


def test_an_anchor_never_takes_the_name_of_the_contents() -> None:
    ids = [a["id"] for _, a in read(publish_html("T", "## The contents\n\n## Two\n", {})).tags if "id" in a]
    assert len(ids) == len(set(ids))


def test_the_title_is_said_once_and_facts_follow() -> None:
    html = publish_html("Hosting Levels", PROSE, META)
    assert [tag for tag, _ in read(html).tags].count("h1") == 1
    assert "Version3 Effective" in text_of(html)
    assert "{#" not in html


@pytest.mark.parametrize(
    "prose",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://evil.example/x.png)",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hello)",
        "<https://ok.example> <svg/onload=alert(1)>",
        "## <b onclick=alert(1)>x</b> {#a}",
        '## x {#a"onclick="alert(1)}',
        "[x]: javascript:alert(1)\n\n[x]",
        "| a |\n|---|\n| <style>*{display:none}</style> |",
    ],
)
def test_prose_cannot_act(prose: str) -> None:
    tags = read(publish_html("T", prose, {"<b>": "<script>"})).tags
    names = [tag for tag, _ in tags]
    assert not {"script", "img", "svg", "iframe", "object"} & set(names)
    assert names.count("style") == 1
    for _, attributes in tags:
        assert not [a for a in attributes if a.startswith("on") or a == "src"]
        assert not (attributes.get("href") or "").startswith(("javascript:", "data:"))


def test_acting_characters_are_shown() -> None:
    html = publish_html("T\x1b", "a\x1b[31m \u202e", {"x": "\x00"})
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert "\\u202e" in html


def test_markdown_is_clean() -> None:
    assert publish_markdown("Hosting Levels", PROSE, META).startswith(
        "# Hosting Levels\n\n- Version: 3\n- Effective: Thu 1 Jan 2026\n\nPart of the [master agreement]"
        "(https://example.com/master).\n\n## 1. Availability\n\nAt least"
    )
