"""The page of a statement: one file without scripts or requests, in which hostile text is only text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise

import pytest
from jinja2 import UndefinedError

from makegood.calendar.zone import Zone
from makegood.model.spans import Span, Spans
from makegood.model.statement import NotApplicable, Statement
from makegood.model.terms import Clause
from makegood.model.trace import Kind, Op, derive, leaf
from makegood.model.when import Period
from makegood.render.derivation import trees
from makegood.render.document import statement_document
from makegood.render.html import statement_html
from makegood.render.pages import page
from makegood.render.timeline import bars, ticks
from tests.render.samples import (
    BROKEN,
    HOSTILE,
    WHOLE,
    breach,
    classes,
    everything,
    hostile,
    insufficient,
    met,
    statement,
)

VOID = frozenset(("meta", "br", "hr", "link", "img", "input"))
ALL = {**everything(), "hostile": hostile()}


@dataclass
class Reader(HTMLParser):
    """Reads a page as a browser would, and fails on a tag that is not closed where it should be."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.texts.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def text_of(html: str) -> str:
    return " ".join("".join(read(html).texts).split())


@pytest.mark.parametrize("name", ALL)
def test_a_page_is_well_formed_and_asks_for_nothing(name: str) -> None:
    html = statement_html([ALL[name]])
    tags = read(html).tags
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & {tag for tag, _ in tags}
    for _, attributes in tags:
        assert not [a for a in attributes if a.startswith("on") or a in ("src", "srcset", "action", "background")]
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"https?:|//[a-z]|@import|url\(", html.replace("</", ""))


def test_a_page_forbids_what_it_does_not_need() -> None:
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in statement_html([breach()])


def test_hostile_text_is_shown_as_text() -> None:
    html = statement_html([hostile()])
    assert "<script" not in html
    assert "\x1b" not in html
    assert "\x00" not in html
    assert "\u202e" not in html
    assert "{{ 7*7 }}" in text_of(html)
    shown = HOSTILE.replace("\x1b", "\\x1b").replace("\u202e", "\\u202e").replace("\x00", "\\x00")
    assert text_of(html).count(shown) > 40


def test_hostile_text_stays_inside_an_attribute() -> None:
    nasty = '" onload="alert(1)" x="'
    html = statement_html(
        [statement(outages=tuple(replace(o, seen_by=(nasty,)) for o in breach().outages), subject=nasty)]
    )
    assert not [a for _, attributes in read(html).tags for a in attributes if a == "onload"]


@pytest.mark.parametrize("name", everything())
def test_a_page_says_what_the_statement_says(name: str) -> None:
    s = everything()[name]
    text = text_of(statement_html([s]))
    for words in (s.verdict.value.capitalize(), s.amount, s.target, s.subject, s.customer, s.order, s.version):
        assert words in text
    for excuse in s.excuses:
        assert excuse.why in text
        assert all(gate.says in text and gate.found in text for gate in excuse.gates)


def test_both_operands_are_on_the_page() -> None:
    assert "40,273 of 40,320 min available, 47 min down" in text_of(statement_html([breach()]))


def test_two_runs_have_two_derivations() -> None:
    titles = [tree.title for tree in trees(insufficient())]
    assert titles == [
        "Verdict if what was not seen was up",
        "Verdict if what was not seen was down",
        "availability-credit if what was not seen was down",
    ]


def test_several_statements_are_linked_from_a_table() -> None:
    tags = read(statement_html(list(everything().values()))).tags
    links = [a["href"] for tag, a in tags if tag == "a" and (a["href"] or "").startswith("#statement-")]
    ids = {a.get("id") for _, a in tags}
    assert len(links) >= len(everything())
    assert {(link or "").removeprefix("#") for link in links} <= ids


def test_the_table_names_what_differs_and_not_what_is_the_same() -> None:
    heads = re.findall(r'scope="col"[^>]*>([^<]*)<', statement_html([breach(), breach()]).partition("</thead>")[0])
    assert heads == ["Subject", "Period", "Available", "Down", "Verdict", "Credit"]
    other = statement(customer="Contoso", agreement="other", agreement_title="Another agreement")
    told = statement_html([breach(), other])
    heads = re.findall(r'scope="col"[^>]*>([^<]*)<', told.partition("</thead>")[0])
    assert heads[:4] == ["Subject", "Agreement", "Period", "Customer"]
    assert "Another agreement" in told.partition("</table>")[0]


def test_two_versions_of_an_agreement_are_told_apart() -> None:
    table = statement_html([statement(version="1"), statement(version="2")]).partition("</table>")[0]
    assert re.findall(r", version (\d)<", table) == ["1", "2"]


def test_a_title_says_from_which_period_to_which() -> None:
    def titled(*labels: str) -> str:
        html = statement_html([statement(period=replace(breach().period, label=label)) for label in labels])
        return html.partition("<h1>")[2].partition("</h1>")[0]

    assert titled("2026-01", "2026-03", "2026-02").endswith(", 2026-01 to 2026-03")
    assert "2026" not in titled("2026-01", "2026-Q1")


GONE = [
    NotApplicable("uptime", Clause("up", "4.", "Availability"), "it applies to deployment saas <b>"),
    NotApplicable("credit", Clause("credit", "5.", "Credit"), "it applies to deployment saas <b>"),
]


def test_what_does_not_apply_is_said_with_its_clause_instead_of_an_empty_page() -> None:
    text = text_of(statement_html([], not_applicable=GONE))
    assert text.count("Nothing of this agreement applies to the order") == 2
    assert "it applies to deployment saas <b>: clause 4. Availability: uptime" in text
    assert "clause 5. Credit: credit" in text
    assert "0 statements" not in text


def test_what_does_not_apply_follows_the_statements() -> None:
    html = statement_html([breach()], not_applicable=GONE)
    assert "What does not apply to the order" in html.partition("</article>")[2]
    assert "uptime" in text_of(html)


@pytest.mark.parametrize("statements", [[], [breach()], [breach(), met()]])
def test_ids_are_unique_and_there_is_one_first_heading(statements: list[Statement]) -> None:
    tags = read(statement_html(statements)).tags
    ids = [a["id"] for _, a in tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert [tag for tag, _ in tags].count("h1") == 1


def test_headings_go_down_one_level_at_a_time() -> None:
    for html in (statement_html([breach()]), statement_html([breach(), met()])):
        levels = [int(tag[1]) for tag, _ in read(html).tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))


def test_every_table_has_a_caption_and_every_row_a_head() -> None:
    for _, rest in _tables(statement_html([breach(), insufficient()])):
        assert "<caption>" in rest
        assert rest.count("<tr") <= rest.count('scope="row"') + 1


def _tables(html: str) -> Iterator[tuple[int, str]]:
    for found in re.finditer(r"<table.*?</table>", html, re.DOTALL):
        yield found.start(), found.group()


def test_steps_have_the_numbers_of_the_document() -> None:
    document = statement_document(breach())
    html = statement_html([breach()])
    numbers = {int(n) for n in re.findall(r'id="statement-1-step-(\d+)"', html)}
    assert numbers <= {step.id for step in document.trace}
    assert document.figures[0].step in numbers


def test_a_derivation_opens_down_to_single_facts() -> None:
    text = text_of(statement_html([breach()]))
    for fact in ("check/web@Ashburn", "M-17", "N-41", "order/ORD-7"):
        assert fact in text


def test_a_step_that_is_used_again_points_to_where_it_was_shown() -> None:
    html = statement_html([breach()])
    again = re.findall(r'href="#(statement-1-step-\d+)">derived above', html)
    assert again
    assert all(f'id="{step}"' in html for step in again)


def test_a_very_deep_derivation_is_cut_and_says_so() -> None:
    node = leaf(Op.FACT, "one", Kind.ITEMS, Fraction(1))
    for _ in range(500):
        node = derive(Op.SUM, "the same", Kind.ITEMS, (node,))
    run = replace(breach().favourable, trace=node)
    assert "all in the JSON document" in statement_html([statement(favourable=run, unfavourable=run)])


def test_a_second_of_downtime_is_seen_and_stays_on_the_bar() -> None:
    edges = [Span(WHOLE.start, WHOLE.start + 1), BROKEN, Span(WHOLE.end - 1, WHOLE.end)]
    drawn = list(bars(statement(classes=classes(WHOLE, Spans(edges)))))
    assert len(drawn) == 3
    for bar in drawn:
        assert Fraction(bar.width) >= 5
        assert 0 <= Fraction(bar.left) <= 1000 - Fraction(bar.width)


def test_dates_below_the_bar_stand_at_their_local_midnights() -> None:
    assert [(t.label, t.left) for t in ticks(breach())] == [
        ("1 Feb", "0"),
        ("8 Feb", "25"),
        ("15 Feb", "50"),
        ("22 Feb", "75"),
    ]
    year = Span(Zone.named("UTC").day(date(2026, 1, 1)).start, Zone.named("UTC").day(date(2026, 12, 31)).end)
    period = Period("2026", date(2026, 1, 1), date(2026, 12, 31), "UTC")
    labels = [t.label for t in ticks(statement(period=period, judged=year, span=year))]
    assert labels[:2] == ["1 Jan", "1 Feb"]
    assert len(labels) <= 13


def test_a_template_without_its_value_fails() -> None:
    with pytest.raises(UndefinedError):
        page("agreement.html.j2", title="x")


def test_templates_do_not_join_and_do_not_mark_as_safe() -> None:
    folder = files("makegood.render").joinpath("templates")
    for template in folder.iterdir():
        assert not re.search(r"\|\s*(join|safe)\b", template.read_text(encoding="utf-8")), template.name
