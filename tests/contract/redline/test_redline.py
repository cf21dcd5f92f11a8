"""A redline says of every clause, word, rule and reading what became of it, and of nothing else."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.app.redlining import compared
from makegood.contract.agreement import read_agreement
from makegood.contract.redline.comparing import redline
from makegood.contract.redline.difference import KeyChange, Kind, Mark, Piece, Redline
from makegood.contract.redline.figures import said
from makegood.contract.redline.prose import passages, words
from makegood.contract.written import Agreement
from makegood.model.problem import Refused
from makegood.render.redline import redline_html, redline_json, redline_text
from tests.engine.whole import HEADER, agreement

ROOT = Path(__file__).resolve().parents[3]
HARBOUR = (ROOT / "examples" / "harbour" / "harbour.sla.md").read_text(encoding="utf-8")
WORDS = ("a", "bb", "ccc", "dddd", "99.9", "%", ",", ".")
NOTICE = "clock: amendment\nfrom: change announced\nallow: 30 days\nin: local"


def read(text: str) -> Agreement:
    found, problems = read_agreement(text.encode(), "x.sla.md")
    assert found is not None, problems
    return found


def between(old: str, new: str) -> Redline:
    return redline(read(old), read(new))


def changed(old: str, new: str, text: str = HARBOUR) -> Redline:
    """The redline of a text in which these words were changed."""
    assert old in text
    return between(text, text.replace(old, new))


def marked(pieces: tuple[Piece, ...]) -> str:
    """`the [old] {new} rest`."""
    signs = {Mark.SAME: "{}", Mark.REMOVED: "[{}]", Mark.ADDED: "{{{}}}"}
    return " ".join(signs[p.mark].format(p.text.strip()) for p in pieces)


def keys(found: Redline) -> list[str]:
    return [
        f"{rule.name} {key.path}: {key.old} → {key.new}"
        for clause in found.clauses
        for rule in clause.rules
        for key in rule.keys
    ]


def test_a_version_does_not_differ_from_itself() -> None:
    found = between(HARBOUR, HARBOUR)
    assert {c.kind for c in found.clauses} == {Kind.SAME}
    assert (found.header, found.moved, list(found.figures()), list(found.readings())) == ((), (), [], [])


def test_how_lines_are_broken_is_no_difference() -> None:
    sentence = "The provider may change the priority as the impact becomes clear."
    assert sentence in HARBOUR
    wrapped = HARBOUR.replace(sentence, sentence.replace(" ", "\n"))
    assert {c.kind for c in between(HARBOUR, wrapped).clauses} == {Kind.SAME}


def test_a_target_that_was_raised_is_told_with_what_it_allows() -> None:
    found = changed("is: at least 99.9 %", "is: at least 99.95 %")
    (clause,) = found.of(Kind.CHANGED)
    assert (clause.clause.id, keys(found)) == (
        "availability",
        ["monthly-uptime is: at least 99.9 % → at least 99.95 %"],
    )
    ((_, rule, key),) = found.figures()
    assert rule.primitive == "target"
    assert key.says == "raised by 0.05 points; 30 days then allow 21 min 36 s of downtime, and not 43 min 12 s"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("at least 99.9 %", "at least 99.5 %", "lowered by 0.4 points"),
        ("at least 99.9 %", "more than 99.9 %", "now more than, no longer at least"),
        ("at least 72 h", "at least 48 h", "24 h shorter"),
        ("at least 72 h", "at least 5 business days", "now counted in business days, no longer in elapsed"),
        ("30 days", "45 days", "15 days longer"),
        ("30 days", "29 days", "1 day shorter"),
        ("1 month", "3 months", "2 months longer"),
        ("5 instances", "3 instances", "2 fewer"),
        ("500.00 EUR", "750.00 EUR", "raised by 250.00 EUR"),
        ("500.00 EUR", "500.00 USD", "now counted in USD, no longer in EUR"),
        ("10 %", "10.0 %", "the same, written differently"),
        ("2026-01-01", "2026-04-01", "90 days later, a Wednesday"),
        ("from 99.0 % to 99.9 %", "from 98.0 % to 99.9 %", "its lower edge is lowered by 1 point"),
        ("below 95 %", "below 94 %", "lowered by 1 point"),
        ("at least 99 % and below 99.9 %", "more than 99 % and below 99.9 %", "an edge lies on the other side now"),
        ("credits x fees", "credits x half", ""),
        ("first failure", "confirmation", ""),
    ],
)
def test_a_figure_says_by_how_much_it_changed(old: str, new: str, says: str) -> None:
    assert said(old, new, "limit", "most") == says


def test_rows_are_known_by_what_they_begin_with() -> None:
    row = "{when: from 95.0 % to 99.0 %, gives: 25 %}"
    assert keys(changed(row, row.replace("25 %", "30 %"))) == [
        "uptime-credits rows › from 95.0 % to 99.0 % › gives: 25 % → 30 %"
    ]
    assert keys(changed(f"  - {row}\n", "")) == [
        "uptime-credits rows › from 95.0 % to 99.0 %: when: from 95.0 % to 99.0 %, gives: 25 % → None"
    ]


def test_a_key_that_was_added_or_taken_away_has_one_side() -> None:
    assert keys(changed("shortest: at least 5 min\n", "")) == ["downtime shortest: at least 5 min → None"]
    assert keys(changed("form: credit\n", "form: credit\nautomatic: yes\n")) == ["uptime-credit automatic: None → yes"]


def test_readings_that_changed_are_told_with_their_values() -> None:
    found = changed("chosen: the smaller credit", "chosen: the larger credit")
    ((_, reading),) = found.readings()
    assert reading.id == "uptime-credits.shared-edges-go-to"
    assert reading.says == "read as `the larger credit`, no longer as `the smaller credit`"
    assert keys(found) == ["uptime-credits shared edges go to: the smaller credit → the larger credit"]


def test_a_reading_may_be_settled_or_opened() -> None:
    start = HARBOUR.index("shared edges go to:\n")
    block = HARBOUR[start : HARBOUR.index("```", start)]
    settled = HARBOUR.replace(block, "shared edges go to: the larger credit\n")
    for old, new, says, value in (
        (HARBOUR, settled, "settled as `the larger credit`: no reading is needed any more", 1),
        (settled, HARBOUR, "open to readings now, and read as `the smaller credit`", 1),
        (HARBOUR, HARBOUR.replace(block, "shared edges go to: the smaller credit\n"), "settled as", 0),
    ):
        found = between(old, new)
        assert next(r.says for _, r in found.readings()).startswith(says)
        assert len(keys(found)) == value


def test_another_reason_for_the_same_choice_is_told() -> None:
    found = changed("because: the same question at the other end", "because: another reason")
    assert [r.says for _, r in found.readings()] == ["the same choice, with another reason"]
    assert keys(found) == []


def test_prose_is_compared_by_words() -> None:
    found = changed("at least 72 hours ahead, and lasts", "at least 48 hours ahead, and it lasts")
    (clause,) = found.of(Kind.CHANGED)
    (passage,) = [p for p in clause.passages if p.changed]
    assert "at least [72] {48} hours ahead, and {it} lasts" in marked(passage.pieces)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a b c", "a b c", "a b c"),
        ("99.9 % of it", "99.95 % of it", "[99.9] {99.95} % of it"),
        ("within thirty days", "within 30 days", "within [thirty] {30} days"),
        ("the fees, in cash", "the fees in credit", "the fees [, in cash] {in credit}"),
        ("", "new words", "{new words}"),
        ("old words", "", "[old words]"),
    ],
)
def test_words_are_kept_whole(old: str, new: str, expected: str) -> None:
    assert marked(words(old, new)) == expected


@given(*[st.lists(st.sampled_from(WORDS), max_size=14) for _ in range(2)])
def test_both_texts_can_be_read_from_the_pieces(one: list[str], other: list[str]) -> None:
    old, new = " ".join(one), " ".join(other)
    pieces = words(old, new)
    for text, gone in ((old, Mark.ADDED), (new, Mark.REMOVED)):
        read_back = "".join(p.text for p in pieces if p.mark is not gone)
        assert re.sub(r"\s", "", read_back) == re.sub(r"\s", "", text)
    assert (old.split() == new.split()) == all(p.mark is Mark.SAME for p in pieces)


def test_list_items_and_rows_are_passages_of_their_own() -> None:
    old = "Words:\n\n- one\n- two\n- three\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    new = "Words:\n\n- one\n- three\n\n| a | b |\n|---|---|\n| 1 | 3 |"
    told = [marked(p.pieces) for p in passages(old, new) if p.changed]
    assert told == ["[- two]", "| 1 | [2] {3} |"]


def test_clauses_that_were_added_and_removed_are_shown_whole_and_in_their_place() -> None:
    start, end = HARBOUR.index("## 5. Exclusions"), HARBOUR.index("## 6. Claims")
    exclusions = HARBOUR[start:end]
    without = HARBOUR.replace(exclusions, "")
    gone = between(HARBOUR, without.replace("see clause 1.", ""))
    (removed,) = gone.of(Kind.REMOVED)
    assert [c.clause.id for c in gone.clauses][5:7] == ["exclusions", "requests"]
    assert [(r.kind, r.name) for r in removed.rules] == [
        (Kind.REMOVED, "outside-control"),
        (Kind.REMOVED, "third-party-services"),
    ]
    (added,) = between(without, HARBOUR).of(Kind.ADDED)
    assert [r.kind for r in added.rules] == [Kind.ADDED, Kind.ADDED]
    assert all(p.mark is Mark.ADDED for passage in added.passages for p in passage.pieces)


def test_a_clause_that_only_moved_is_moved_and_nothing_else() -> None:
    five, six = HARBOUR.index("## 5. Exclusions"), HARBOUR.index("## 6. Claims")
    seven = HARBOUR.index("## 7. Measurement")
    exchanged = HARBOUR[:five] + HARBOUR[six:seven] + HARBOUR[five:six] + HARBOUR[seven:]
    found = between(HARBOUR, exchanged)
    assert {c.kind for c in found.clauses} == {Kind.SAME}
    (moved,) = found.moved
    assert (moved.clause.id, moved.after) in (("requests", "exclusions"), ("exclusions", "credits"))


def test_a_clause_with_another_anchor_is_known_by_its_heading_or_its_words() -> None:
    found = changed("## 7. Measurement {#measurement}", "## 7. Measurement of it {#measuring}")
    (clause,) = found.of(Kind.CHANGED)
    assert clause.old is not None
    assert (clause.old.id, clause.clause.id) == ("measurement", "measuring")
    assert marked(clause.heading) == "7. Measurement {of it}"


def test_a_rule_that_moved_or_was_renamed_is_not_taken_for_another() -> None:
    block = HARBOUR[HARBOUR.index("```sla\nclock: amendment") :]
    moved = HARBOUR.replace(block, "").replace(
        "## 7. Measurement {#measurement}", f"## 7. Measurement {{#measurement}}\n\n{block}"
    )
    told = [(r.kind, r.name, r.moved_from) for c in between(HARBOUR, moved).clauses for r in c.rules]
    assert told == [(Kind.CHANGED, "amendment", "change")]
    renamed = changed("remedy: explained-refusal", "remedy: reasons-for-refusal")
    assert [(r.kind, r.name, r.was) for c in renamed.clauses for r in c.rules] == [
        (Kind.CHANGED, "reasons-for-refusal", "explained-refusal")
    ]


def test_what_the_agreement_says_of_itself_is_compared() -> None:
    found = changed("version: 2025-01-01\neffective: 2025-01-01", "version: 2\neffective: 2025-07-01")
    assert found.header == (
        KeyChange("version", "2025-01-01", "2"),
        KeyChange("effective", "2025-01-01", "2025-07-01", "181 days later, a Tuesday"),
    )


def files(folder: Path, *rules: str, effective: str = "2026-04-01", more: str = "") -> tuple[Path, Path]:
    old, new = folder / "old.sla.md", folder / "new.sla.md"
    text = agreement(*rules)
    old.write_text(text, encoding="utf-8")
    text = text.replace("version: 2020-01-01", f"version: {effective}").replace("2020-01-01", effective)
    new.write_text(text + more, encoding="utf-8")
    return old, new


@pytest.mark.parametrize(
    ("announced", "kept", "allowed"),
    [("2026-03-01", True, "2026-04-01"), ("2026-03-02", False, "2026-04-02"), ("2026-03-31", False, "2026-05-01")],
)
def test_an_announcement_keeps_the_notice_or_says_when_it_would_bind(
    tmp_path: Path, announced: str, kept: bool, allowed: str
) -> None:
    _, notice, problems = compared(*files(tmp_path, NOTICE), date.fromisoformat(announced))
    assert (notice.kept, str(notice.allowed), str(notice.by), problems) == (kept, allowed, "2026-03-01", [])


def test_a_late_announcement_may_void_the_version(tmp_path: Path) -> None:
    rules = (f"{HEADER}changes: {{late notice: voids it}}", NOTICE)
    found, notice, _ = compared(*files(tmp_path, *rules), date(2026, 3, 2))
    assert "so it does not come into force for orders that began before it" in " ".join(
        redline_text(found, notice).split()
    )


def test_without_a_notice_none_is_told_of(tmp_path: Path) -> None:
    found, notice, _ = compared(*files(tmp_path), date(2026, 3, 2))
    assert "asks for no notice of a change" in " ".join(redline_text(found, notice).split())
    assert notice.by is None


def test_versions_in_the_wrong_order_or_of_other_agreements_are_told(tmp_path: Path) -> None:
    old, new = files(tmp_path, NOTICE)
    _, _, problems = compared(new, old, None)
    assert [p.code for p in problems] == ["versions-reversed"]
    with pytest.raises(Refused, match="and the other is `plain`"):
        compared(old, ROOT / "examples" / "harbour" / "harbour.sla.md", None)


def test_the_text_is_plain_where_no_terminal_shows_colour(tmp_path: Path) -> None:
    old, new = files(tmp_path, NOTICE, more="\nOne sentence \x1b[31mmore\x1b[0m.\n".replace("\x1b", ""))
    found, notice, _ = compared(old, new, date(2026, 3, 2))
    plain, coloured = redline_text(found, notice), redline_text(found, notice, color=True)
    assert "\x1b" not in plain
    assert "\x1b[31m" in coloured
    assert "effective: [-2020-01-01-] {+2026-04-01+}" in plain
    assert "{+One sentence" in plain


def test_the_page_runs_no_script_and_shows_text_as_text(tmp_path: Path) -> None:
    old, new = files(tmp_path, NOTICE, more="\n<script>alert(1)</script> & more\n")
    found, notice, _ = compared(old, new, date(2026, 3, 2))
    text = redline_html(found, notice)
    assert "<script" not in text
    assert "<ins>&lt;script&gt;" in text
    assert re.search(r'class="sentence bad">announced on Mon 2 Mar 2026, it does not keep its notice', text)
    assert text.count("<h1>") == 1


def test_the_document_for_programs_says_the_same(tmp_path: Path) -> None:
    old, new = files(tmp_path, NOTICE)
    new.write_text(
        new.read_text(encoding="utf-8").replace("allow: 30 days\nfor", "allow: 45 days\nfor"), encoding="utf-8"
    )
    found, notice, _ = compared(old, new, date(2026, 3, 2))
    document = json.loads(redline_json(found, notice))
    assert document["counts"] == {"unchanged": 2, "changed": 1, "added": 0, "removed": 0, "moved": 0}
    assert document["notice"]["kept"] is False
    assert document["notice"]["announce_by"] == "2026-03-01"
    (clause,) = [c for c in document["clauses"] if c["kind"] == "changed"]
    assert clause["rules"][0]["keys"] == [
        {"key": "allow", "old": "30 days", "new": "45 days", "says": "15 days longer"}
    ]
    assert redline_json(found, notice) == redline_json(*compared(old, new, date(2026, 3, 2))[:2])
