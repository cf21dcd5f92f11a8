"""What is deployed at a store is what was applied last, and what was applied before is still there to be asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from makegood.app.alerts_in_force import Current, in_force, put_in_force
from makegood.app.deployed import Deployed, deployed, deployed_digest
from makegood.app.offering import offer_of
from makegood.app.planning import Plan, apply_plan, plan
from makegood.evidence.canonical import NotCanonical
from makegood.model.alerts import Alerts
from makegood.model.checks import HttpProbe
from makegood.model.plan import Happens
from makegood.model.problem import Refused
from makegood.store.checking import check
from makegood.store.opened import Store, create
from makegood.store.sql.deploying import Put, Record, read_record
from tests.app.test_fitting_checks import AGREEMENT, CHECK, ORDER

NOW = 1_790_000_000_000_000
FILES = {"hosting.sla.md": AGREEMENT, "acme.order.yaml": ORDER, "web.checks.yaml": CHECK}
MORE = CHECK + "  - {check: web-ping, service: web, timeout: 10 s, ping: web.example}\n"


@pytest.fixture
def one_store(tmp_path: Path) -> Iterator[Store]:
    """A store on SQLite, for what the database has no part in."""
    made = create(tmp_path / "store")
    yield made
    made.engine.dispose()


def planned(store: Store, files: dict[str, str], prune: bool = False) -> Plan:
    return plan(deployed(store), offer_of((name, name, text.encode()) for name, text in files.items()), prune)


def applied(store: Store, files: dict[str, str], prune: bool = False) -> Plan:
    made = planned(store, files, prune)
    apply_plan(store, made, NOW, "anna")
    return made


def told(made: Plan) -> list[str]:
    signs = {Happens.ADDED: "+", Happens.CHANGED: "~", Happens.REMOVED: "-"}
    return [f"{signs[c.happens]} {c.kind} {c.name}" for c in made.changes]


def names(found: Deployed) -> list[str]:
    agreements = [f"{a.header.name} {a.header.version}" for a in found.agreements]
    return [*agreements, *(o.order.id for o in found.orders), *(c.name for c in found.checks)]


ALERTS = """\
link: https://hub.example
channels: [{channel: room, webhook: "https://hooks.example/x", secret: "{secret.HOOK}"}]
escalations: [{escalation: ops, steps: [{tell: room}]}]
rules:
  - {rule: outages, when: outage, tell: ops}
  - {rule: certificates, when: certificate, is: below 14 days, tell: ops, services: [web]}
"""


def test_a_file_of_alerts_is_applied_with_the_others_and_one_is_in_force(store: Store) -> None:
    current = Current(store)
    assert current() == Alerts()
    first = applied(store, {**FILES, "ops.alerts.yaml": ALERTS})
    assert told(first)[-1] == "+ alerts in force"
    assert first.changes[-1].says == "2 rules, 1 escalation, 0 rotations, 0 people, 1 channel"
    assert current() == deployed(store).alerts == in_force(store) != Alerts()
    assert planned(store, {"ops.alerts.yaml": ALERTS}).empty
    other = planned(store, {"night.alerts.yaml": ALERTS.replace("below 14 days", "below 30 days")})
    (change,) = other.changes
    assert told(other) == ["~ alerts in force"]
    assert change.keys == (
        ("rules[certificates].is", "below 14 days", "below 30 days"), ("file", "ops.alerts.yaml", "night.alerts.yaml"),
    )  # fmt: skip
    (remark,) = planned(store, {"ops.alerts.yaml": f"# ours\n{ALERTS}"}).changes
    assert remark.says == "remarks or the way it is written"
    before = store.size()
    apply_plan(store, other, NOW, "anna")
    assert str(current().rules[1].holds) == "below 30 days"
    assert str(deployed(store, before).alerts.rules[1].holds) == "below 14 days"  # type: ignore[union-attr]
    assert applied(store, FILES).empty, "files of other kinds do not take alerts away"
    assert told(applied(store, FILES, prune=True)) == ["- alerts in force"]
    assert current() == Alerts()
    assert not check(store).problems


def test_what_was_planned_before_somebody_else_put_alerts_in_force_is_refused(store: Store, tmp_path: Path) -> None:
    made = planned(store, {**FILES, "ops.alerts.yaml": ALERTS})
    (tmp_path / "other.alerts.yaml").write_text(ALERTS.replace("14 days", "7 days"))
    put_in_force(store, tmp_path / "other.alerts.yaml", "bob", NOW)
    with pytest.raises(Refused) as refused:
        apply_plan(store, made, NOW, "anna")
    assert [one.code for one in refused.value.problems] == ["store-moved"]
    assert str(in_force(store).rules[1].holds) == "below 7 days"
    assert names(deployed(store)) == []


def test_two_files_of_alerts_or_one_that_is_wrong_are_refused_and_rules_about_nothing_warned_of(
    one_store: Store,
) -> None:
    with pytest.raises(Refused) as refused:
        planned(one_store, {"a.alerts.yaml": ALERTS, "b.alerts.yaml": ALERTS})
    assert "two files of alerts are offered, and one is in force" in str(refused.value)
    with pytest.raises(Refused) as refused:
        planned(one_store, {**FILES, "a.alerts.yaml": ALERTS.replace("when: outage", "when: outege")})
    assert "did you mean `outage`?" in str([one.hint for one in refused.value.problems])
    named = ALERTS.replace("services: [web]", "services: [wbe]")
    (warned,) = planned(one_store, {**FILES, "a.alerts.yaml": named}).warnings
    assert (warned.code, warned.hint) == ("rule-of-nothing", "did you mean `web`?")
    unlinked = ALERTS.replace("link: https://hub.example\n", "")
    assert [one.code for one in planned(one_store, {**FILES, "a.alerts.yaml": unlinked}).warnings] == ["no-link"]


def test_nothing_is_deployed_at_a_new_store(store: Store) -> None:
    assert (names(deployed(store)), deployed(store).digest) == ([], b"")


def test_what_is_applied_is_deployed_and_applying_it_again_changes_nothing(store: Store) -> None:
    first = applied(store, FILES)
    assert told(first) == ["+ agreement hosting 2026-01-01", "+ order acme-hosting", "+ check web-http"]
    found = deployed(store)
    assert names(found) == ["hosting 2026-01-01", "acme-hosting", "web-http"]
    assert found.checks[0].probe == HttpProbe("https://web.example")
    assert found.size == store.size() == 4
    again = planned(store, FILES)
    assert again.empty
    assert not apply_plan(store, again, NOW, "anna").positions
    assert (store.size(), deployed(store).digest) == (4, found.digest)
    assert not check(store).problems


def test_a_change_is_told_key_by_key(one_store: Store) -> None:
    applied(one_store, FILES)
    files = {
        "hosting.sla.md": AGREEMENT.replace("is: at least 99.9 %", "is: at least 99.5 %"),
        "acme.order.yaml": ORDER.replace("customer: Acme", "customer: Acme Ltd"),
        "web.checks.yaml": CHECK.replace("http: https://web.example", "http: {url: https://web.example, contains: up}"),
    }
    made = planned(one_store, files)
    assert [(c.kind, c.keys) for c in made.changes] == [
        ("agreement", (("target monthly-uptime: is", "at least 99.9 %", "at least 99.5 %"),)),
        ("order", (("customer", "Acme", "Acme Ltd"),)),
        ("check", (("http", "https://web.example", ""), ("http.url", "", "https://web.example"),
                   ("http.contains", "", "up"))),
    ]  # fmt: skip


def test_a_new_version_stands_beside_the_old_one(one_store: Store) -> None:
    applied(one_store, FILES)
    later = AGREEMENT.replace("2026-01-01", "2026-07-01")
    assert told(applied(one_store, {"hosting-2.sla.md": later})) == ["+ agreement hosting 2026-07-01"]
    assert [a.header.version for a in deployed(one_store).agreements] == ["2026-01-01", "2026-07-01"]


def test_a_check_that_is_taken_out_of_its_file_is_removed_and_its_history_stays(store: Store) -> None:
    applied(store, {**FILES, "web.checks.yaml": MORE})
    before = store.size()
    assert told(applied(store, {"web.checks.yaml": CHECK})) == ["- check web-ping"]
    assert names(deployed(store))[2:] == ["web-http"]
    assert names(deployed(store, before))[2:] == ["web-http", "web-ping"]
    assert names(deployed(store, 0)) == []


def test_what_comes_back_as_it_was_is_deployed_again(store: Store) -> None:
    """Its bytes are in the log already, and it is not their position that counts."""
    other = CHECK.replace("10 s", "9 s")
    for text in (CHECK, other, CHECK):
        applied(store, {**FILES, "web.checks.yaml": text})
        assert deployed(store).checks[0].timeout == (9_000_000 if text is other else 10_000_000)
    removed = applied(store, {"web.checks.yaml": "checks: []\n"})
    assert told(removed) == ["- check web-http"]
    assert told(applied(store, {"web.checks.yaml": CHECK})) == ["+ check web-http"]
    assert names(deployed(store))[2:] == ["web-http"]


def test_checks_of_other_files_stay_unless_all_else_is_pruned(one_store: Store) -> None:
    applied(one_store, {**FILES, "more.checks.yaml": "checks: [{check: web-ping, service: web, ping: web.example}]\n"})
    assert planned(one_store, {"web.checks.yaml": CHECK}).empty
    made = planned(one_store, {name: text for name, text in FILES.items() if name != "more.checks.yaml"}, prune=True)
    assert told(made) == ["- check web-ping"]


def test_a_check_that_moves_to_another_file_is_not_removed_with_the_old_one(one_store: Store) -> None:
    applied(one_store, FILES)
    moved = planned(one_store, {"web.checks.yaml": "checks: []\n", "new.checks.yaml": CHECK})
    assert [(c.happens, c.keys) for c in moved.changes] == [
        (Happens.CHANGED, (("file", "web.checks.yaml", "new.checks.yaml"),))
    ]
    apply_plan(one_store, moved, NOW, "anna")
    assert planned(one_store, {"web.checks.yaml": "checks: []\n"}).empty


def test_a_plan_from_before_another_was_applied_is_refused_and_changes_nothing(store: Store) -> None:
    applied(store, FILES)
    mine = planned(store, {"web.checks.yaml": CHECK.replace("10 s", "8 s")})
    applied(store, {"web.checks.yaml": CHECK.replace("10 s", "9 s")})
    size, now = store.size(), deployed(store)
    with pytest.raises(Refused) as refused:
        apply_plan(store, mine, NOW, "bob")
    assert [p.code for p in refused.value.problems] == ["store-moved"]
    assert (store.size(), deployed(store).digest) == (size, now.digest)


def test_the_first_of_two_plans_for_a_new_store_is_applied(store: Store) -> None:
    one, two = planned(store, FILES), planned(store, {**FILES, "web.checks.yaml": MORE})
    apply_plan(store, one, NOW, "anna")
    with pytest.raises(Refused):
        apply_plan(store, two, NOW, "bob")
    assert names(deployed(store))[2:] == ["web-http"]


def test_what_else_is_recorded_meanwhile_does_not_stop_a_plan(store: Store) -> None:
    from makegood.store.sql.store import Appended, Document

    applied(store, FILES)
    made = planned(store, {"web.checks.yaml": MORE})
    store.append(Appended("bob", documents=[Document("checks", "roster.json", b'["a"]')]), NOW)
    apply_plan(store, made, NOW, "anna")
    assert names(deployed(store))[2:] == ["web-http", "web-ping"]


@pytest.mark.parametrize(
    ("files", "prune", "code"),
    [
        ({"acme.order.yaml": ORDER.replace("agreement: hosting", "agreement: hostng")}, False, "no-agreement"),
        ({"acme.order.yaml": ORDER, "web.checks.yaml": CHECK}, True, "no-agreement"),
        ({"acme.order.yaml": ORDER + "version: 2025-01-01\n"}, False, "unknown-version"),
        ({"acme.order.yaml": ORDER + "instead: [{rule: nothing, is: x}]\n"}, False, "unknown-name"),
        ({"b.sla.md": AGREEMENT.replace("version: 2026-01-01", "version: two")}, False, "effective-twice"),
        ({"a.checks.yaml": CHECK, "b.checks.yaml": CHECK}, False, "duplicate-name"),
        ({"a.order.yaml": ORDER, "b.order.yaml": ORDER}, False, "duplicate-name"),
        ({"a.checks.yaml": CHECK.replace("http:", "htpp:")}, False, "unknown-key"),
    ],
)
def test_what_could_not_hold_is_refused_with_the_plan(
    one_store: Store, files: dict[str, str], prune: bool, code: str
) -> None:
    applied(one_store, FILES)
    with pytest.raises(Refused) as refused:
        planned(one_store, files, prune)
    assert code in [p.code for p in refused.value.problems]


def test_taking_away_the_agreement_of_an_order_that_stays_is_refused(one_store: Store) -> None:
    applied(one_store, FILES)
    with pytest.raises(Refused) as refused:
        planned(one_store, {"acme.order.yaml": ORDER, "web.checks.yaml": CHECK}, prune=True)
    assert [p.why for p in refused.value.problems] == ["it is still needed"]


def test_what_does_not_fit_is_warned_of_where_it_changes(one_store: Store) -> None:
    made = planned(one_store, {**FILES, "web.checks.yaml": CHECK.replace("10 s", "9 s")})
    assert [p.code for p in made.warnings] == ["check-timeout"]
    apply_plan(one_store, made, NOW, "anna")
    assert [
        p.code for p in planned(one_store, {"new.checks.yaml": "checks: [{check: x, service: y, ping: a}]"}).warnings
    ] == ["check-of-no-service"]


def test_a_check_that_would_be_too_long_to_be_read_again_is_refused(one_store: Store) -> None:
    """Written in quotation marks, each of its quotation marks takes two letters."""
    marks = '"' * 65_000
    http = f"{{url: https://a.example, method: POST, body: '{marks}'}}"
    steps = "".join(f"      - {{step: s{n}, http: {http}}}\n" for n in range(10))
    text = f"checks:\n  - check: long\n    service: web\n    every: 5 min\n    workflow:\n{steps}"
    with pytest.raises(Refused) as refused:
        planned(one_store, {"long.checks.yaml": text})
    assert [p.code for p in refused.value.problems] == ["check-too-long"]
    assert planned(one_store, {"long.checks.yaml": text.replace('"' * 60_000, "")}).changes


def test_a_record_is_read_as_it_was_written_and_nothing_else_is_one() -> None:
    record = Record(b"\1" * 32, (Put("check", "a", "a.checks.yaml", b"\2" * 32),), (("order", "x"),))
    raw = record.document().body
    assert read_record(raw) == record
    for wrong in (b"{}", b"[]", b"null", raw.replace(b"/1", b"/2"), raw[:-1], raw.replace(b'"kind"', b'"sort"')):
        with pytest.raises(NotCanonical):
            read_record(wrong)


def test_many_checks_are_deployed_in_order(store: Store) -> None:
    text = "checks:\n" + "".join(f"  - {{check: c{n:05}, service: web, ping: host-{n}.example}}\n" for n in range(400))
    applied(store, {**FILES, "many.checks.yaml": text})
    found = [check.name for check in deployed(store).checks]
    assert found == [*(f"c{n:05}" for n in range(400)), "web-http"]
    assert planned(store, {"many.checks.yaml": text}).empty


def test_the_digest_of_what_is_deployed_changes_when_that_does(store: Store) -> None:
    seen = [deployed_digest(store)]
    for text in (CHECK, MORE, CHECK, CHECK):
        applied(store, {**FILES, "web.checks.yaml": text})
        assert deployed_digest(store) == deployed(store).digest
        seen.append(deployed_digest(store))
    assert len(set(seen)) == 4
    assert seen[3] == seen[4]
