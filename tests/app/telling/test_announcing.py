"""Planned work is announced: to whom, what each agreement makes of it, and what is recorded and sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from makegood.app.alerts_in_force import put_in_force
from makegood.app.announcing import Asked, announce_work, announcement
from makegood.app.deployed import deployed
from makegood.app.offering import offer_of
from makegood.app.planning import apply_plan, plan
from makegood.app.starting import start
from makegood.model.facts import Maintenance, Notice
from makegood.model.problem import Refused
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND, Span
from makegood.render.announcing import announcement_text
from makegood.store.sql.store import Appended
from tests.app.telling.stage import NOW, Stage, stage
from tests.notify.servers import post
from tests.notify.test_mail import read_letter

SUNDAY = 1_770_519_600_000_000  # 2026-02-08T03:00:00Z, 04:00 in Berlin, where the window begins
WORK = Maintenance("M-1", NOW, "ada", services=("shop",), announced=Span(SUNDAY, SUNDAY + HOUR), purpose="new disks")


def starter(folder: Path) -> dict[str, bytes]:
    """The agreement and the order that `makegood init` writes."""
    written = start(folder / "starter")
    return {path.name: path.read_bytes() for path in written if path.name.endswith((".sla.md", ".order.yaml"))}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Stage]:
    """The starter's order, and another one that says otherwise when a notice counts and has no other services."""
    with stage(tmp_path) as made:
        files = starter(tmp_path)
        order = files["acme.order.yaml"].decode()
        other = order.replace("acme-hosting", "nw-hosting").replace("customer: Acme", "customer: Northwind")
        other = other.replace("[operations@acme.example]", "[ops@nw.example, cto@nw.example]").replace(
            "200.00", "900.00"
        )
        other += "instead:\n  - {rule: maintenance, gates: {notice: {before: at least 168 h, via: email}}}\n"
        raws = [*files.items(), ("nw.order.yaml", other.encode())]
        apply_plan(made.store, plan(deployed(made.store), offer_of((n, n, raw) for n, raw in raws)), NOW, "ada")
        yield made


def lines(at: Stage, work: Maintenance = WORK, **more: object) -> list[str]:
    made = announcement(at.store, Asked(work, **more), at.now)  # type: ignore[arg-type]
    return announcement_text(made.work, made.told).splitlines()


def codes(at: Stage, work: Maintenance = WORK, **more: object) -> list[str]:
    with pytest.raises(Refused) as refused:
        announcement(at.store, Asked(work, **more), at.now)  # type: ignore[arg-type]
    return [one.code for one in refused.value.problems]


def test_each_agreement_says_whether_the_notice_is_in_time_and_what_the_work_costs(at: Stage) -> None:
    told = lines(at)
    assert told[0] == "M-1: maintenance of shop"
    first, second = (
        told.index("acme-hosting (Acme): to operations@acme.example"),
        told.index("nw-hosting (Northwind): to ops@nw.example, cto@nw.example"),
    )
    acme, northwind = told[first:second], told[second:]
    assert "  Sun 8 Feb 2026 04:00–05:00 +01:00 (03:00–04:00 UTC), 1 h" in acme
    assert "  monthly-availability of shop, 2026-02: would be excused by maintenance: every condition held" in acme
    assert acme[-2] == "    down throughout it costs nothing"
    assert "would NOT be excused by maintenance: notice at least 168 h before the start" in northwind[2]
    assert northwind[3].endswith("23 h 40 min too late")
    assert northwind[-1] == "    down throughout it costs at most 90.00 EUR"


@pytest.mark.parametrize(
    ("before", "says"), [(48 * HOUR, "would be excused"), (48 * HOUR - SECOND, "would NOT be excused")]
)
def test_a_second_decides(at: Stage, before: int, says: str) -> None:
    at.now = SUNDAY - before
    assert f"shop, 2026-02: {says} by maintenance" in "\n".join(lines(at, orders=("acme-hosting",)))


def test_a_fraction_of_a_second_is_taken_for_the_whole_one(at: Stage) -> None:
    at.now = SUNDAY - 48 * HOUR + 1
    assert "would NOT be excused" in "\n".join(lines(at, orders=("acme-hosting",)))


@pytest.mark.parametrize(
    ("start", "says"),
    [
        (SUNDAY + 3 * HOUR + 30 * MINUTE, "30 min of 1 h would be excused by maintenance"),
        (SUNDAY + DAY, "would NOT be excused by maintenance: all of it lies outside of what the clause excuses"),
        (SUNDAY + 400 * DAY, "cannot be said: the order or its agreement does not cover these services then"),
    ],
)
def test_what_lies_outside_of_the_window_or_the_term_is_not_called_excused(at: Stage, start: int, says: str) -> None:
    work = replace(WORK, announced=Span(start, start + HOUR))
    assert says in "\n".join(lines(at, work, orders=("acme-hosting",)))


def test_it_is_recorded_and_put_into_the_outbox_together_and_once(at: Stage) -> None:
    made = announcement(at.store, Asked(WORK, text="The shop will be read-only."), at.now)
    assert at.store.facts() == []
    assert announce_work(at.store, made, "ada", at.now) == 3
    assert at.store.facts() == [WORK]
    at.now += HOUR
    again = announcement(at.store, Asked(replace(WORK, recorded=at.now, by="grace")), at.now)
    assert again.work == WORK, "the fact as it was recorded"
    assert announce_work(at.store, again, "grace", at.now) == 0
    assert len(at.messages()) == 3
    other = announcement(at.store, Asked(replace(WORK, services=("shop",), purpose="else")), at.now)
    with pytest.raises(Refused) as refused:
        announce_work(at.store, other, "ada", at.now)
    assert [one.code for one in refused.value.problems] == ["fact-exists"]
    assert len(at.messages()) == 3


def test_what_was_accepted_before_counts_from_then(at: Stage) -> None:
    accepted = [Notice("N-1", NOW, "mail", of="M-1", to="operations@acme.example", accepted=NOW, order="acme-hosting")]
    at.store.append(Appended("ada", [WORK, *accepted]), NOW)
    at.now = SUNDAY - HOUR
    told = "\n".join(lines(at, orders=("acme-hosting",)))
    assert "would be excused by maintenance" in told
    told = "\n".join(lines(at, orders=("nw-hosting",)))
    assert "would NOT be excused" in told


def test_an_accepted_notice_says_what_was_announced_and_more(tmp_path: Path) -> None:
    with post() as mail:
        for made in _on(tmp_path, mail.port):
            found = announcement(made.store, Asked(WORK, text="The shop will be read-only.\n\nSorry."), made.now)
            announce_work(made.store, found, "ada", made.now)
            assert made.deliver() == 1
            (notice,) = [one for one in made.store.facts() if isinstance(one, Notice)]
            assert (notice.of, notice.accepted, notice.order) == ("M-1", made.now, "acme-hosting")
    text = read_letter(mail.took[0].content).get_content()
    assert re.search(r"What for: new disks\s+The shop will be read-only\.\s+Sorry\.\s+Order: acme-hosting", text)


def _on(folder: Path, port: int) -> Iterator[Stage]:
    with stage(folder, port) as made:
        raws = ((name, name, raw) for name, raw in starter(folder).items())
        apply_plan(made.store, plan(deployed(made.store), offer_of(raws)), NOW, "ada")
        yield made


@pytest.mark.parametrize(
    ("changes", "more", "expected"),
    [
        ({"services": ("shpo",)}, {}, ["unknown-service"]),
        ({"services": ()}, {}, ["unknown-service"]),
        ({}, {"orders": ("acme",)}, ["no-order"]),
        ({}, {"orders": ("acme",), "channel": "post"}, ["no-channel", "no-order"]),
        ({}, {"channel": "hook"}, ["notice-channel"]),
        ({"announced": Span(NOW, NOW + HOUR)}, {}, ["work-begun"]),
        ({}, {"only": frozenset[str]()}, ["unknown-service"]),
        ({}, {"only": frozenset({"nw-hosting"}), "orders": ("acme-hosting",)}, ["no-order"]),
    ],
)
def test_what_cannot_be_announced_is_refused_with_all_that_is_wrong(
    at: Stage, changes: dict[str, object], more: dict[str, object], expected: list[str]
) -> None:
    assert codes(at, replace(WORK, **changes), **more) == expected  # type: ignore[arg-type]
    assert (at.store.facts(), at.messages()) == ([], [])


def test_of_several_channels_of_e_mail_one_is_named(at: Stage, tmp_path: Path) -> None:
    file = tmp_path / "two.alerts.yaml"
    one = "  - {{channel: {}, e-mail: 127.0.0.1:1, from: a@example.com, encryption: none}}\n"
    rest = "  - {channel: hook, webhook: http://127.0.0.1:1/, secret: '{secret.HOOK}'}\n"
    rest += "escalations: [{escalation: ops, steps: [{tell: hook}]}]\n"
    rest += "rules: [{rule: outages, when: outage, tell: ops}]\n"
    file.write_text(f"channels:\n{one.format('mail')}{one.format('post')}{rest}")
    put_in_force(at.store, file, "ada", NOW)
    assert codes(at) == ["no-channel"]
    assert lines(at, channel="post")
    file.write_text(f"channels:\n{rest}")
    put_in_force(at.store, file, "ada", NOW)
    assert codes(at) == ["no-channel"]
