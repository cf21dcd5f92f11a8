"""From what happens to messages that arrive: through the store, the outbox and real servers on loopback."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from makegood.app import acknowledging, muting
from makegood.app.acknowledging import links
from makegood.app.alerting import look_at
from makegood.app.alerts_in_force import Current, in_force, put_in_force
from makegood.app.delivering import deliver
from makegood.model.alerts import Alerts
from makegood.model.events import CertificateSeen, Count, LocationHeard, OutageRetracted, Recent
from makegood.model.problem import Refused
from makegood.model.results import Reason, Result
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND, Span
from makegood.store.opened import opened
from makegood.store.sql.database import writing
from tests.app.telling.stage import NOW, Stage, stage
from tests.engine.alerting.test_burn import down_for, partly_seen
from tests.notify.servers import post, web
from tests.notify.test_mail import read_letter

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_an_outage_reaches_whoever_is_on_call_in_their_own_time(tmp_path: Path) -> None:
    with post() as mail, web() as hook, stage(tmp_path, mail.port, hook.port) as at:
        at.opens()
        at.opens(order="northwind")
        assert at.deliver() == 0
        at.later(30)
        assert at.deliver() == 2
        assert at.deliver() == 0
    (envelope,) = mail.took
    read = read_letter(envelope.content)
    assert (envelope.rcpt_tos, read["Subject"]) == (["ada@example.com"], "NEW: web is down")
    text = read.get_content()
    assert "web: down since Mon 2 Feb 2026 03:40 +01:00, for 30 s so far; connect timeout; seen from fra, lon" in text
    assert "under acme and northwind" in text
    assert "Acknowledge: https://status.example.com/acknowledge/" in text
    assert [json.loads(body)["state"] for _, _, _, body in hook.got] == ["opened"]


def test_one_outage_is_over_when_the_last_agreement_sees_it_end(tmp_path: Path) -> None:
    with post() as mail, web() as hook, stage(tmp_path, mail.port, hook.port) as at:
        at.opens()
        at.opens(order="northwind")
        at.later(30)
        at.later(5 * 60)
        at.closes(NOW)
        at.later(5 * 60)
        assert at.open_alerts()
        at.closes(NOW, order="northwind")
        at.later(5 * 60)
        assert at.open_alerts() == []
        at.deliver()
    assert [json.loads(body)["state"] for _, _, _, body in hook.got] == ["opened", "closed"]
    assert json.loads(hook.got[1][3])["subject"] == "OVER: web was down for 10 min 30 s"


def test_an_outage_that_nobody_acknowledges_goes_to_the_next(tmp_path: Path) -> None:
    with stage(tmp_path) as at:
        at.opens()
        at.later(30)
        at.later(15 * 60)
        told = [(one.message.name, one.message.subject) for one in at.messages()]
    first = [("ada", "NEW: web is down"), ("hook", "NEW: web is down")]
    assert sorted(told) == sorted([*first, ("grace", "UNANSWERED: web is down")])


def test_a_link_shows_when_it_is_asked_for_and_acts_when_it_is_posted_to(tmp_path: Path) -> None:
    with stage(tmp_path) as at:
        at.opens()
        at.later(30)
        (mine,) = [one.message for one in at.messages() if one.message.name == "ada"]
        token = links(at.store.key)(mine).removeprefix("https://status.example.com/acknowledge/")
        shown = acknowledging.show(at.store, token)
        assert (shown.name, shown.alert.acknowledged) == ("ada", None)
        at.later(60)
        done = acknowledging.act(at.store, token, at.now)
        assert done.alert.acknowledged is not None
        assert (done.alert.acknowledged.by, done.notes[-1].what) == ("ada", "ada acknowledged it")
        again = acknowledging.act(at.store, token, at.now + 1)
        assert again.notes[-1].why == "ada had done so before"
        at.later(HOUR // SECOND)
        assert "grace" not in {one.message.name for one in at.messages()}


def test_no_other_token_is_taken(tmp_path: Path) -> None:
    with stage(tmp_path) as at:
        at.opens()
        at.later(30)
        (mine,) = [one.message for one in at.messages() if one.message.name == "ada"]
        token = links(at.store.key)(mine).rpartition("/")[2]
        said, _, mac = token.partition(".")
        for number in range(len(token)):
            for other in ("A", "B", "."):
                wrong = token[:number] + other + token[number + 1 :]
                if wrong != token:
                    with pytest.raises(Refused):
                        acknowledging.act(at.store, wrong, at.now)
        for wrong in ("", ".", said, f".{mac}", f"{said}.", token + "A", token + "=", "ü" + token, "x" * 10_000):
            with pytest.raises(Refused):
                acknowledging.show(at.store, wrong)
        assert at.open_alerts()[0].acknowledged is None


def test_a_mute_silences_and_says_who_and_why_and_nothing_else_changes(tmp_path: Path) -> None:
    with stage(tmp_path) as at:
        size = at.store.size()
        made = muting.mute(at.store, ["web"], [], Span(NOW, NOW + HOUR), "ada", "moving racks", NOW)
        at.opens()
        at.later(30 * 60)
        assert at.messages() == []
        assert "muted by ada: moving racks" in [note.why for note in at.notes(at.open_alerts()[0].id)]
        muting.release(at.store, made.id, "grace", at.now)
        at.later(1)
        assert at.messages()
        assert at.store.size() == size, "a mute is no fact"
        (kept,) = muting.mutes(at.store)
        assert (kept.by, kept.because, kept.released_by) == ("ada", "moving racks", "grace")


@pytest.mark.parametrize(
    ("span", "because", "code"),
    [(Span(NOW - 2, NOW), "x", "mute-over"), (Span(NOW, NOW + 400 * DAY), "x", "mute-long"),
     (Span(NOW, NOW + 1), " ", "mute-reason")],
)  # fmt: skip
def test_a_mute_without_sense_is_refused(tmp_path: Path, span: Span, because: str, code: str) -> None:
    with stage(tmp_path) as at:
        with pytest.raises(Refused) as refused:
            muting.mute(at.store, [], [], span, "ada", because, NOW)
        assert [p.code for p in refused.value.problems] == [code]


def looked(at: Stage, **given: object) -> None:
    with writing(at.store.engine) as connection:
        look_at(connection, at.alerts, at.now, **given)  # type: ignore[arg-type]


def test_rules_that_look_begin_and_end_what_they_see(tmp_path: Path) -> None:
    def results(reason: Reason, took: int) -> tuple[Result, ...]:
        return tuple(Result(at.now - n * SECOND, reason, total=took) for n in range(1, 21))

    with stage(tmp_path) as at:
        counts = (Count(Span(at.now - MINUTE, at.now), 30, 30),)
        bad = results(Reason.STATUS, 0)[:10] + results(Reason.OK, 900_000)[10:]
        looked(
            at, recent=[Recent("web", bad, counts)],
            certificates=[CertificateSeen("web", "web-http", at.now + DAY, at.now)],
            locations=[LocationHeard("fra", at.now - 6 * MINUTE), LocationHeard("lon", at.now - MINUTE)],
        )  # fmt: skip
        found = {one.rule: one.conditions[0] for one in at.open_alerts()}
        assert {rule: one.subject for rule, one in found.items()} == {
            "errors": "web", "slow": "web", "idle": "web", "certificates": "web", "silent": "fra",
        }  # fmt: skip
        assert found["errors"].says == "20.000 % of 50 failed, more than 5 %"
        assert found["slow"].says == "p95 of 10 is 900 ms, more than 800 ms"
        assert found["idle"].says == "30 per minute, below 1 per second"
        assert found["silent"].since == at.now - 6 * MINUTE
        at.later(20 * 60)
        counts = (Count(Span(at.now - MINUTE, at.now), 60, 60),)
        looked(
            at, recent=[Recent("web", results(Reason.OK, 1000), counts)],
            certificates=[CertificateSeen("web", "web-http", at.now + 90 * DAY, at.now)],
            locations=[LocationHeard("fra", at.now)],
        )  # fmt: skip
        at.later(5 * 60)
        assert at.open_alerts() == []


def test_a_burning_budget_is_told_with_its_day_and_what_is_at_stake(tmp_path: Path) -> None:
    """Six of March's 7 h 26 min 24 s were used on 11 March at noon; see the cases of burning budgets."""
    with stage(tmp_path) as at:
        burning = down_for(6)
        at.now = burning.now.judged.end
        looked(at, budgets=[burning])
        at.later(30)
        subjects = {one.message.subject for one in at.messages()}
        (only,) = subjects
        assert only.endswith(
            "1 h 26 min 24 s of 7 h 26 min 24 s left; gone on Saturday at this pace; 100.00 USD at stake"
        )
        looked(at, recent=[])
        assert at.open_alerts(), "what is not given is not looked at"
        looked(at, budgets=[down_for(0)])
        at.later(6 * 60)
        assert at.open_alerts() == []


def test_a_budget_of_which_too_little_was_seen_neither_begins_nor_ends_anything(tmp_path: Path) -> None:
    """Two hours were down and six were not seen: whether it burns depends on these."""
    with stage(tmp_path) as at:
        burning = down_for(6)
        at.now = burning.now.judged.end
        looked(at, budgets=[partly_seen()])
        assert at.open_alerts() == []
        looked(at, budgets=[burning])
        assert [one.closed for one in at.open_alerts()] == [None]
        looked(at, budgets=[partly_seen()])
        at.later(6 * 60)
        (still,) = at.open_alerts()
        assert [one.ended for one in still.conditions] == [None]


def test_delivery_goes_on_when_the_database_is_back(tmp_path: Path) -> None:
    """It is away for whatever delivery asks of it, the alerts in force among it."""
    with post() as mail, web() as hook, stage(tmp_path, mail.port, hook.port) as at:
        away, asked = [True], [0]

        def alerts() -> Alerts:
            asked[0] += 1
            if away[0]:
                raise OperationalError("select", {}, OSError("no connection"))
            return at.delivery().alerts()

        async def run() -> None:
            stop = asyncio.Event()
            task = asyncio.create_task(deliver(replace(at.delivery(), alerts=alerts), stop, 0.02))
            for gone in (True, False, True, False):
                away[0], before = gone, asked[0]
                while asked[0] < before + 5:
                    await asyncio.sleep(0.01)
            at.opens()
            at.later(31)
            while len(mail.took) < 1:
                await asyncio.sleep(0.01)
            stop.set()
            await task

        asyncio.run(run())
        assert len(mail.took) == 1


def test_a_retraction_reaches_who_was_told(tmp_path: Path) -> None:
    with stage(tmp_path) as at:
        at.opens()
        at.later(30)
        at.happens(OutageRetracted("web", "acme", NOW, at.now, "late evidence"))
        assert {one.message.subject for one in at.messages()} == {"NEW: web is down", "RETRACTED: web was not down"}


def test_a_dead_channel_slows_nothing(tmp_path: Path) -> None:
    """The webhook hangs; the mail is there long before it gives up."""
    with post() as mail, web() as hook, stage(tmp_path, mail.port, hook.port) as at:
        hook.before = lambda: time.sleep(1.5)
        for number in range(30):
            at.opens(f"s{number}")
            at.later(31)

        async def run() -> int:
            stop = asyncio.Event()
            task = asyncio.create_task(deliver(at.delivery(), stop, 0.02))
            while len(mail.took) < 3:
                await asyncio.sleep(0.02)
            seen = len(hook.got)
            stop.set()
            await task
            return seen

        assert asyncio.run(run()) == 0


def test_a_message_that_is_refused_for_good_is_seen_and_noted(tmp_path: Path) -> None:
    with post() as mail, web() as hook, stage(tmp_path, mail.port, hook.port) as at:
        mail.refuses = {"ada@example.com": "550 no such user"}
        at.opens()
        at.later(30)
        at.deliver()
        (dead,) = at.messages("dead")
        assert "550 no such user" in dead.said
        assert "ada could not be told by mail" in [note.what for note in at.notes(at.open_alerts()[0].id)]


def test_a_rule_that_is_taken_away_ends_its_alerts(tmp_path: Path) -> None:
    with stage(tmp_path) as at:
        at.opens()
        at.later(30)
        file = tmp_path / "ops.alerts.yaml"
        text = file.read_text(encoding="utf-8").replace("rule: outages,", "rule: other,")
        file.write_text(text, encoding="utf-8")
        put_in_force(at.store, file, "ada", at.now)
        at.later(1)
        assert at.open_alerts() == []


def test_an_earlier_file_may_be_put_in_force_again_and_the_log_knows_both(tmp_path: Path) -> None:
    with stage(tmp_path) as at:
        size, first, current = at.store.size(), at.alerts, Current(at.store)
        assert current() == first
        assert current() is current()
        file = tmp_path / "ops.alerts.yaml"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("at least 5 min", "at least 9 min"), encoding="utf-8")
        put_in_force(at.store, file, "ada", at.now)
        assert in_force(at.store) != first
        assert current() == in_force(at.store)
        file.write_text(text, encoding="utf-8")
        put_in_force(at.store, file, "ada", at.now)
        assert in_force(at.store) == first
        assert at.store.size() == size + 3, "the other file, and a record of each time"
    with opened(tmp_path / "store") as store:
        assert in_force(store) == first
