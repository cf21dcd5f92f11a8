"""When each version of an agreement is in force for an order: by its effective date, its notice and what was said."""

from __future__ import annotations

from pathlib import Path

import pytest

from makegood.app.judging import judge_in, open_docket, world_at
from makegood.app.versioning import Versions, versions_of
from makegood.exchange.moments import read_moment
from makegood.model.problem import Refused
from makegood.model.spans import Instant
from makegood.render.document import statements_json
from makegood.render.versions import in_force_words, reason_words, versions_json, versions_text
from tests.cases.watched import expand
from tests.engine.whole import HEADER, agreement, order, watched

NOTICE = "clock: amendment\nfrom: change announced\nallow: {}\nin: local"
OBJECTION = "clock: objection\nfrom: change announced\nallow: 14 days\nin: local\nwho: customer"
OFFICE = "calendar: office\nzone: UTC\nhours: Monday to Friday 09:00-17:00\nholidays: none"


def changes(rules: str) -> str:
    return f"{HEADER}changes: {{{rules}}}"


def told(at: str = "2026-03-01 09:00 UTC", more: str = "", version: str = "2026-04-01", name: str = "CH-1") -> str:
    """A change that was announced, with further events or facts."""
    events = f"change announced: {at}{', ' + more if more else ''}" if at else more
    known = "recorded: 2026-12-30T00:00:00Z\n  by: legal\n"
    return f"- change: {name}\n  facts: {{agreement: plain, version: {version}}}\n  events: {{{events}}}\n  {known}"


def later(text: str, version: str, effective: str = "") -> str:
    """The text as another version."""
    text = text.replace("version: 2020-01-01", f"version: {version}", 1)
    return text.replace("effective: 2020-01-01", f"effective: {effective or version}", 1)


def decided(
    folder: Path,
    *rules: str,
    facts: str = "",
    of: str = "",
    versions: tuple[str, ...] = ("2026-04-01",),
    as_of: str = "2027-01-01 00:00 UTC",
) -> Versions:
    """The plain agreement with these rules, and its later versions, for an order of the year 2026."""
    texts = [agreement(*rules), *(later(agreement(*rules), v) for v in versions)]
    (folder / "versions").mkdir(exist_ok=True)
    (folder / "facts").mkdir(exist_ok=True)
    for n, text in enumerate(texts):
        (folder / "versions" / f"{n}.sla.md").write_text(text, encoding="utf-8")
    (folder / "order.yaml").write_text(of or order(), encoding="utf-8")
    (folder / "facts" / "all.facts.yaml").write_text(facts, encoding="utf-8")
    return versions_of(folder / "versions", folder / "order.yaml", folder / "facts", instant(as_of))


def instant(text: str) -> Instant:
    found = read_moment(text)
    assert isinstance(found, tuple)
    return found[0]


def stretches(found: Versions) -> list[str]:
    """From when to when each version is in force, without those words."""
    return [in_force_words(one).removeprefix("in force from ") for one in found.decided]


@pytest.mark.parametrize(
    ("allow", "announced", "first", "late_by"),
    [
        ("30 days", "2026-03-01 23:59 UTC", "2026-04-01", None),
        ("30 days", "2026-03-02 00:00 UTC", "2026-04-02", 1),
        ("90 days", "2026-03-01 09:00 UTC", "2026-05-31", 60),
        ("1 month", "2026-02-28 09:00 UTC", "2026-04-01", None),
        ("1 month", "2026-03-01 09:00 UTC", "2026-04-02", 1),
        ("720 h", "2026-03-02 00:00 UTC", "2026-04-01", None),
        ("720 h", "2026-03-02 00:01 UTC", "2026-04-02", 1),
    ],
)
def test_a_version_is_in_force_from_the_first_date_that_has_its_whole_notice_before(
    tmp_path: Path, allow: str, announced: str, first: str, late_by: int | None
) -> None:
    found = decided(tmp_path, NOTICE.format(allow), facts=told(announced))
    assert str(found.decided[1].first) == first
    assert [r.late_by for r in found.decided[1].reasons] == [late_by]


def test_notice_in_business_days_counts_them(tmp_path: Path) -> None:
    """Friday 20 March is day 0; the eighth business day after it is Wednesday 1 April."""
    rule = NOTICE.format("8 business days").replace("in: local", "in: office")
    assert stretches(decided(tmp_path, OFFICE, rule, facts=told("2026-03-20 09:00 UTC")))[1] == "2026-04-02"
    assert stretches(decided(tmp_path, OFFICE, rule, facts=told("2026-03-19 09:00 UTC")))[1] == "2026-04-01"


def test_of_several_notices_the_one_that_ends_last_counts(tmp_path: Path) -> None:
    other = NOTICE.format("45 days").replace("amendment", "publication")
    found = decided(tmp_path, NOTICE.format("30 days"), other, facts=told("2026-02-27 09:00 UTC"))
    assert stretches(found)[1] == "2026-04-14"
    assert [r.late_by for r in found.decided[1].reasons] == [None, 13]


def test_a_clock_that_an_act_stops_is_no_notice(tmp_path: Path) -> None:
    answer = NOTICE.format("60 days").replace("amendment", "answer-to-questions") + "\nstops at: an answer"
    assert stretches(decided(tmp_path, answer, facts=told("2026-03-01 09:00 UTC")))[1] == "2026-04-01"


def test_the_kind_of_change_may_decide_how_long_the_notice_is(tmp_path: Path) -> None:
    kind = "class: kind-of-change\nrows:\n  - {is: adverse, when: {effect: fewer rights}}\n  - {is: other}"
    rule = NOTICE.format("{by: kind-of-change, adverse: 90 days, other: 10 days}")
    plain = told("2026-03-15 09:00 UTC")
    adverse = plain.replace("agreement: plain,", "agreement: plain, effect: fewer rights,")
    assert stretches(decided(tmp_path, kind, rule, facts=plain))[1] == "2026-04-01"
    assert stretches(decided(tmp_path, kind, rule, facts=adverse))[1] == "2026-06-14"


def test_an_unstated_notice_never_runs_out(tmp_path: Path) -> None:
    found = decided(tmp_path, NOTICE.format("unstated"), facts=told())
    assert stretches(found) == ["2026-01-01", "not in force"]
    assert "unstated" in found.decided[1].reasons[0].says


def test_what_is_not_shown_is_not_in_force_and_the_clause_is_cited(tmp_path: Path) -> None:
    found = decided(tmp_path, NOTICE.format("30 days"))
    assert stretches(found) == ["2026-01-01", "not in force"]
    (reason,) = found.decided[1].reasons
    assert reason.says == "not shown: no announcement of it to this order is recorded; amendment asks for notice"
    assert reason.clause is not None
    assert reason.clause.id == "credits"


def test_without_a_clause_of_change_the_effective_date_decides(tmp_path: Path) -> None:
    found = decided(tmp_path)
    assert stretches(found) == ["2026-01-01 to 2026-03-31", "2026-04-01"]
    assert found.decided[1].reasons[0].says == "nothing beside its effective date is asked for"


def test_what_came_before_the_order_needs_no_announcement(tmp_path: Path) -> None:
    found = decided(tmp_path, NOTICE.format("30 days"), versions=("2025-06-01", "2026-01-01", "2026-04-01"))
    assert stretches(found) == ["not in force", "not in force", "2026-01-01", "not in force"]
    assert found.decided[0].reasons[0].says.startswith("older than version 2026-01-01, under which the order began")


def test_a_notice_that_is_too_short_may_void_a_version(tmp_path: Path) -> None:
    rules = (changes("late notice: voids it"), NOTICE.format("30 days"))
    assert stretches(decided(tmp_path, *rules, facts=told("2026-03-01 09:00 UTC")))[1] == "2026-04-01"
    assert stretches(decided(tmp_path, *rules, facts=told("2026-03-02 09:00 UTC")))[1] == "not in force"


RENEWAL = order(more="renewal term: 2027-01-01 to 2027-12-31")


def test_a_version_may_take_effect_at_renewal(tmp_path: Path) -> None:
    rule = changes("take effect: at renewal")
    assert stretches(decided(tmp_path, rule, of=RENEWAL)) == ["2026-01-01 to 2026-12-31", "2027-01-01"]
    assert stretches(decided(tmp_path, rule)) == ["2026-01-01", "not in force"]


def test_notice_that_ends_after_the_renewal_misses_it(tmp_path: Path) -> None:
    rules = (changes("take effect: at renewal"), NOTICE.format("30 days"))
    assert stretches(decided(tmp_path, *rules, of=RENEWAL, facts=told("2026-12-01 09:00 UTC")))[1] == "2027-01-01"
    missed = decided(tmp_path, *rules, of=RENEWAL, facts=told("2026-12-02 09:00 UTC"))
    assert stretches(missed)[1] == "not in force"
    assert missed.decided[1].reasons[-1].late_by == 1


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ("at order start until renewal", ["2026-01-01 to 2026-12-31", "2027-01-01"]),
        ("at order start", ["2026-01-01", "not in force"]),
        ("2020-01-01", ["2026-01-01", "not in force"]),
        ("2026-04-01 until renewal", ["not in force", "2026-01-01"]),
    ],
)
def test_an_order_may_keep_a_version(tmp_path: Path, kept: str, expected: list[str]) -> None:
    of = order(more=f"renewal term: 2027-01-01 to 2027-12-31\nversion: {kept}")
    assert stretches(decided(tmp_path, of=of)) == expected


def rejected(at: str, more: str = "") -> str:
    return told("2026-03-01 09:00 UTC", f"change rejected: {at}{more}")


@pytest.mark.parametrize(
    ("rule", "at", "of", "expected"),
    [
        ("consent: unless rejected", "2026-03-15 23:59 UTC", RENEWAL, "2027-01-01"),
        ("consent: unless rejected", "2026-03-15 23:59 UTC", "", "not in force"),
        ("consent: unless rejected", "2026-03-16 00:00 UTC", RENEWAL, "2026-04-01"),
        ("consent: unless rejected, rejected: is never in force", "2026-03-02 00:00 UTC", RENEWAL, "not in force"),
        ("consent: not needed", "2026-03-02 00:00 UTC", RENEWAL, "2026-04-01"),
    ],
)
def test_a_rejection_counts_where_it_may_and_came_in_time(
    tmp_path: Path, rule: str, at: str, of: str, expected: str
) -> None:
    found = decided(tmp_path, changes(rule), OBJECTION, facts=rejected(at), of=of)
    assert stretches(found)[1] == expected
    assert "rejected" in " ".join(r.says for r in found.decided[1].reasons)


def test_who_accepts_after_having_rejected_is_bound(tmp_path: Path) -> None:
    facts = rejected("2026-03-02 00:00 UTC", ", change accepted: 2026-05-04 12:00 UTC")
    assert stretches(decided(tmp_path, changes("consent: unless rejected"), facts=facts))[1] == "2026-05-05"


def test_where_consent_is_needed_silence_is_none(tmp_path: Path) -> None:
    rule = changes("consent: needed")
    assert stretches(decided(tmp_path, rule, facts=told()))[1] == "not in force"
    agreed = told("2026-03-01 09:00 UTC", "change accepted: 2026-03-05 12:00 UTC")
    assert stretches(decided(tmp_path, rule, facts=agreed))[1] == "2026-04-01"


def test_an_announcement_to_this_order_goes_before_one_to_all(tmp_path: Path) -> None:
    mine = told("2026-03-05 09:00 UTC", name="CH-2").replace("  facts:", "  order: plain-order\n  facts:")
    theirs = told("2026-03-09 09:00 UTC", name="CH-3").replace("  facts:", "  order: another\n  facts:")
    found = decided(tmp_path, NOTICE.format("30 days"), facts=told() + mine + theirs)
    assert stretches(found)[1] == "2026-04-05"
    assert found.decided[1].reasons[0].facts == ("CH-2",)


def test_a_version_that_a_newer_one_overtakes_is_never_in_force(tmp_path: Path) -> None:
    """The version of April is announced so late that the one of May, announced in time, comes first."""
    facts = told("2026-05-20 09:00 UTC") + told("2026-03-20 09:00 UTC", version="2026-05-01", name="CH-2")
    found = decided(tmp_path, NOTICE.format("30 days"), facts=facts, versions=("2026-04-01", "2026-05-01"))
    assert stretches(found) == ["2026-01-01 to 2026-04-30", "not in force", "2026-05-01"]
    assert found.decided[1].reasons[-1].says.startswith("overtaken: version 2026-05-01")


def test_a_version_is_decided_by_the_rules_of_the_one_that_it_would_replace(tmp_path: Path) -> None:
    """The second version asks for no notice any more, and so the third needs none; the second itself needed 30 days."""
    decided(tmp_path, NOTICE.format("30 days"), versions=("2026-04-01", "2026-05-01"))
    lenient = later(agreement(), "2026-04-01")
    (tmp_path / "versions" / "1.sla.md").write_text(lenient, encoding="utf-8")
    for announced, expected in (("2026-03-01", ["2026-04-01 to 2026-04-30", "2026-05-01"]), ("", ["not in force"] * 2)):
        facts = told(f"{announced} 09:00 UTC") if announced else ""
        (tmp_path / "facts" / "all.facts.yaml").write_text(facts, encoding="utf-8")
        found = versions_of(tmp_path / "versions", tmp_path / "order.yaml", tmp_path / "facts", 1 << 60)
        assert stretches(found)[1:] == expected


@pytest.mark.parametrize("period", ["2026-01", "2026-02", "2026-03"])
def test_statements_of_past_periods_do_not_change_when_a_new_version_appears(tmp_path: Path, period: str) -> None:
    """Byte for byte, with everything that explains them."""
    decided(tmp_path, NOTICE.format("30 days"), facts=told("2026-03-01 09:00 UTC"))
    alone = tmp_path / "versions" / "0.sla.md"
    texts = []
    for source in (alone, tmp_path / "versions"):
        docket = open_docket(source, tmp_path / "order.yaml", tmp_path / "facts")
        _, states = expand(watched(web=["down 2026-01-10 10:00 to 11:00", "down 2026-02-10 10:00 to 11:00"]))
        world = world_at(docket, instant("2026-12-31 00:00 UTC"))
        seen = world.instead(facts=type(world.facts)(states=states, items=world.facts.items))
        texts.append(statements_json(judge_in(seen, docket, period).statements))
    assert texts[0] == texts[1]


def test_the_list_is_told_in_words_and_to_programs(tmp_path: Path) -> None:
    found = decided(tmp_path, NOTICE.format("30 days"), facts=told("2026-03-02 09:00 UTC"))
    text = versions_text(found.title, found.order, found.decided)
    assert "version 2026-04-01  in force from 2026-04-02" in text
    assert "1 day late for Wed 1 Apr 2026" in " ".join(text.split())
    assert '"days_late": 1' in versions_json(found.agreement, found.order, found.decided)
    assert reason_words(found.decided[1].reasons[0]).endswith("(clause 2. Credits; by CH-1)")


@pytest.mark.parametrize(
    ("versions", "of", "code"),
    [
        (("2020-01-01",), "", "version-twice"),
        (("2026-04-01",), order(more="version: 2026-04-02"), "unknown-version"),
        (("2026-04-01",), order().replace("agreement: plain", "agreement: other"), "no-version"),
    ],
)
def test_versions_that_cannot_be_told_apart_or_are_not_there_are_refused(
    tmp_path: Path, versions: tuple[str, ...], of: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        decided(tmp_path, versions=versions, of=of)
    assert code in [p.code for p in refused.value.problems]


def test_two_versions_of_one_date_are_refused(tmp_path: Path) -> None:
    decided(tmp_path)
    other = later(agreement(), "spring", "2026-04-01")
    (tmp_path / "versions" / "2.sla.md").write_text(other, encoding="utf-8")
    with pytest.raises(Refused, match="effective from 2026-04-01, as is another version"):
        versions_of(tmp_path / "versions", tmp_path / "order.yaml", None, 0)


def test_a_change_of_a_version_that_is_not_there_is_a_warning(tmp_path: Path) -> None:
    found = decided(tmp_path, facts=told(version="2026-04-10"))
    assert [p.code for p in found.warnings] == ["unknown-version"]
    assert found.warnings[0].hint == "did you mean `2026-04-01`?"
