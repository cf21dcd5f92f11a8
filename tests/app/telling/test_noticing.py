"""Notices of planned work: each acceptance is a fact, and so is each bounce, in the transaction that settles it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from makegood.app.noticing import announce
from makegood.model.alerts import Channel
from makegood.model.facts import Maintenance, Notice
from makegood.model.order import CoveredService, Order, Term
from makegood.model.problem import Refused
from makegood.model.spans import DAY, HOUR, Span
from makegood.store.sql.database import writing
from makegood.store.sql.store import Appended
from tests.app.telling.stage import NOW, Stage, stage
from tests.notify.servers import post
from tests.notify.test_mail import read_letter

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
WORK = Maintenance("M-7", NOW, "ada", services=("web",), announced=Span(NOW + 4 * DAY, NOW + 4 * DAY + 2 * HOUR),
                   kind="standard", purpose="operating system upgrade")  # fmt: skip
TERM = Term(date(2026, 1, 1), date(2026, 12, 31))


def order(name: str, *contacts: str, service: str = "web") -> Order:
    covered = (CoveredService(service, "Web hosting", (), ()),)
    return Order(name, "hosting", name, "Harbour Networking", "America/New_York", TERM, covered, contacts=contacts)


ACME, NORTHWIND = order("acme", "ops@acme.example", "cto@acme.example"), order("northwind", "ops@northwind.example")
OTHER = order("other", "ops@other.example", service="mail")


def announced(at: Stage, *orders: Order, work: Maintenance = WORK) -> int:
    channel = at.alerts.channel("mail")
    assert channel is not None
    with writing(at.store.engine) as connection:
        return len(announce(connection, work, orders, channel, at.now))


def notices(at: Stage) -> list[Notice]:
    return [fact for fact in at.store.facts() if isinstance(fact, Notice)]


def test_each_contact_of_each_order_concerned_is_told_once_and_its_acceptance_is_a_fact(tmp_path: Path) -> None:
    with post() as mail, stage(tmp_path, mail.port) as at:
        assert announced(at, ACME, NORTHWIND, OTHER) == 3
        assert announced(at, ACME, NORTHWIND, OTHER) == 0
        assert at.deliver() == 3
        found = {(one.of, one.order, one.to, one.accepted, one.via) for one in notices(at)}
        assert found == {
            ("M-7", "acme", "ops@acme.example", NOW, "email"),
            ("M-7", "acme", "cto@acme.example", NOW, "email"),
            ("M-7", "northwind", "ops@northwind.example", NOW, "email"),
        }
    read = read_letter(mail.took[0].content)
    text = read.get_content()
    assert "Harbour Networking announces standard maintenance of Web hosting." in text
    assert "When: Thu 5 Feb 2026 21:40–23:40 −05:00 (Fri 6 Feb 2026 02:40–04:40 UTC), 2 h" in text
    assert "What for: operating system upgrade" in text


def test_a_bounce_is_a_fact_without_an_acceptance(tmp_path: Path) -> None:
    with post() as mail, stage(tmp_path, mail.port) as at:
        mail.refuses = {"ops@northwind.example": "550 no such user"}
        announced(at, NORTHWIND)
        at.deliver()
        assert [one.accepted for one in notices(at)] == [None]


def test_a_notice_that_is_tried_again_is_accepted_when_it_is_taken(tmp_path: Path) -> None:
    with post() as mail, stage(tmp_path, mail.port) as at:
        mail.answer = "451 later"
        announced(at, NORTHWIND)
        at.deliver()
        assert notices(at) == []
        mail.answer = "250 taken"
        at.now += 20_000_000
        at.deliver()
        assert [one.accepted for one in notices(at)] == [NOW + 20_000_000]


def test_it_is_announced_with_the_fact_of_the_work_or_not_at_all(tmp_path: Path) -> None:
    """Both are in one transaction: what undoes one undoes the other."""
    with stage(tmp_path) as at:
        channel = at.alerts.channel("mail")
        assert channel is not None

        def also(connection: object, _: range) -> None:
            announce(connection, WORK, [ACME], channel, NOW)  # type: ignore[arg-type]
            raise RuntimeError("the power went")

        with pytest.raises(RuntimeError):
            at.store.append(Appended("ada", [WORK]), NOW, also)
        assert at.store.facts() == []
        assert at.messages() == []


@pytest.mark.parametrize(("contacts", "count"), [((), 1), (("by letter", "ops@acme.example", "the CTO"), 2)])
def test_contacts_that_no_notice_can_reach_are_all_told_of(
    tmp_path: Path, contacts: tuple[str, ...], count: int
) -> None:
    with stage(tmp_path) as at:
        with pytest.raises(Refused) as refused:
            announced(at, order("acme", *contacts))
        assert len(refused.value.problems) == count
        assert at.messages() == []


def test_only_e_mail_says_when_it_was_accepted(tmp_path: Path) -> None:
    with stage(tmp_path) as at, writing(at.store.engine) as connection:
        hook = at.alerts.channel("hook")
        assert isinstance(hook, Channel)
        with pytest.raises(Refused):
            announce(connection, replace(WORK, services=("web",)), [ACME], hook, NOW)
