"""Why something was down is told alike from batches at hand and from what was sealed, of its beginning alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from makegood.app.configured import Configured
from makegood.app.deployed import deployed
from makegood.app.judging import judge, open_docket
from makegood.app.lookout import events
from makegood.app.offering import offer_of_files
from makegood.app.planning import apply_plan, plan
from makegood.app.serve_settings import PageSettings
from makegood.app.shown import Shown
from makegood.app.watching import Turn, Watching
from makegood.app.why_down import why_down
from makegood.evidence.batch import RowBatch
from makegood.model.events import OutageOpened
from makegood.model.results import Failure, Reason
from makegood.model.spans import END_OF_TIME, MINUTE, Span
from makegood.render.document import statements_json
from makegood.render.explain import explanation
from makegood.render.reasons import reason_words, short_reasons
from makegood.render.status_page import status_page
from makegood.render.text import statement_text
from makegood.store.ingest import Arrival, Ingest
from makegood.store.opened import Store, create, opened
from makegood.store.reasons import Asked, reasons
from makegood.store.sql.batches import Sent
from tests.app.test_following import AGREEMENT, ORDER, minute
from tests.store.batches import MIDNIGHT, Told, detailed, rows
from tests.store.test_archive import sealed, take

API, BOTH = frozenset({"api"}), frozenset({"api", "shop"})


def refused(one: RowBatch, after: int) -> RowBatch:
    """The same, but what failed from a minute on was refused."""
    assert one.details is not None
    late = (one.details.reason == Reason.STATUS) & (one.begun >= minute(after))
    reason = np.where(late, Reason.REFUSED.value, one.details.reason).astype(np.uint8)
    status = np.where(late, 0, one.details.status).astype(np.uint16)
    return replace(one, details=replace(one.details, reason=reason, status=status))


def failing(check: str, first: int, last: int, span: int = 30) -> list[Told]:
    return [(n, check, int(first <= n < last)) for n in range(span)]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Store]:
    create(tmp_path / "store").engine.dispose()
    with opened(tmp_path / "store") as store:
        yield store


@pytest.fixture
def failed(here: Store) -> Store:
    return fail(here)


def fail(store: Store) -> Store:
    """`api` answers 503 at iad and fra from minute 5 on, and is refused at fra from minute 8 on; `shop` fails later."""
    fra = refused(detailed("fra", 1, [*failing("api", 5, 25), *failing("shop", 27, 29)]), 8)
    take(store, [detailed("iad", 1, failing("api", 5, 25)), fra, rows("syd", 1, failing("api", 5, 25))], minute(30))
    return store


SAID = (
    Failure(minute(5), "api", "fra", Reason.STATUS, 503),
    Failure(minute(5), "api", "iad", Reason.STATUS, 503),
    Failure(minute(8), "api", "fra", Reason.REFUSED),
)


def test_each_reason_of_a_place_is_told_once_from_when_it_came(failed: Store) -> None:
    assert reasons(failed, [Asked(API, Span(minute(5), END_OF_TIME))]) == [SAID]


def test_what_was_sealed_says_the_same(store: Store) -> None:
    failed = fail(store)
    asked = [Asked(BOTH, Span(minute(5), minute(25))), Asked(BOTH, Span(minute(27), minute(29)))]
    before = reasons(failed, asked)
    sealed(failed)
    assert reasons(failed, asked) == before
    assert [one.check for one in before[1]] == ["shop"]


def test_only_the_first_ten_minutes_are_asked_for(failed: Store) -> None:
    (found,) = reasons(failed, [Asked(BOTH, Span(minute(17), END_OF_TIME))])
    assert {one.begun for one in found} == {minute(17)}
    (earlier,) = reasons(failed, [Asked(BOTH, Span(minute(18), END_OF_TIME))])
    assert {one.check for one in earlier} == {"api", "shop"}  # ten minutes on, at minute 27, the shop failed


def test_no_more_is_known_than_a_length_of_the_log_holds_and_no_result_that_does_not_count(failed: Store) -> None:
    asked = [Asked(API, Span(minute(5), minute(25)))]
    assert [one.location for one in reasons(failed, asked, size=2)[0]] == ["iad"]
    flagged = detailed("nyc", 1, failing("api", 5, 25))
    with Ingest(failed, "agent", lambda: minute(30)) as ingest:
        ingest.take(Arrival(flagged, Sent(flag="foreign")))
    assert reasons(failed, asked) == [SAID]


def test_a_file_of_reasons_that_is_gone_leaves_them_untold(failed: Store) -> None:
    sealed(failed)
    (file,) = (failed.folder / "failures").iterdir()
    file.unlink()
    assert reasons(failed, [Asked(API, Span(minute(5), minute(25)))]) == [()]


def test_reasons_are_said_with_their_places_and_in_public_without() -> None:
    assert reason_words(SAID) == "status 503 from fra and iad; refused from fra"
    assert short_reasons(SAID) == ("status 503", "refused")
    two = (*SAID, Failure(minute(9), "shop", "hub", Reason.MISSED), Failure(minute(9), "shop", "iad", Reason.SECRET))
    assert reason_words(two) == "api: status 503 from fra and iad; api: refused from fra; shop: heartbeat missed"
    many = [Failure(minute(n), "api", "fra", Reason.STATUS, 500 + n) for n in range(7)]
    assert reason_words(many).endswith("status 504 from fra; and 2 more")


def test_the_turn_of_an_outage_knows_why_and_people_statements_and_the_page_say_it(
    store: Store, tmp_path: Path
) -> None:
    agreement, order = tmp_path / "hosting.sla.md", tmp_path / "acme.order.yaml"
    agreement.write_text(AGREEMENT)
    order.write_text(ORDER.replace("2026-01-01 to", "2026-02-01 to"))
    apply_plan(store, plan(deployed(store), offer_of_files([agreement, order])), MIDNIGHT, "ops")
    told = list[Turn]()
    watching = Watching(store, lambda _, turns, __: told.extend(turns))
    watching.look(minute(0))
    both = [*failing("api", 5, 25, 15), *failing("shop", 90, 91, 15)]
    batches = [detailed("iad", 1, both), refused(detailed("fra", 1, both), 8), rows("syd", 1, both)]
    take(store, batches, minute(15))
    watching.look(minute(15))
    opened = [one for one in events(told, minute(15)) if isinstance(one, OutageOpened)]
    words = "status 503 from fra and iad; refused from fra"
    assert {(one.service, one.since, one.reason, one.locations) for one in opened} == {
        (service, minute(5), words, ("syd",)) for service in ("api", "shop")
    }

    live = Shown(store, Configured(store), PageSettings(services={"api": "Interface"}))
    live.refresh(minute(15))
    assert live.services()[0].outages[0].failures == SAID
    page = status_page(live.public())
    assert "not over (status 503, refused)" in page
    assert "fra" not in page

    more = [(n, check, 0) for n in range(15, 30) for check in ("api", "shop")]
    take(store, [detailed(place, 2, more) for place in ("iad", "fra", "syd")], minute(30))
    docket = open_docket(agreement, order, store.folder)
    statements = judge(docket, "2026-02", minute(30)).statements
    said = why_down(store.folder, docket.order, statements)
    assert set(said.values()) == {words}
    assert f"it began with {words}" in statement_text(statements[0], 100, why=said)
    terms = docket.terms[statements[0].version, statements[0].plan]
    assert words in explanation(statements[0], terms, "why", 100, why=said)
    assert "503" not in statements_json(statements)  # it is no evidence of the verdict


def test_a_long_slot_is_told_with_the_two_after_it(here: Store) -> None:
    hours = replace(
        detailed("iad", 1, [(60 * n, "api", 1) for n in range(5)]), every=60 * MINUTE,
    )  # fmt: skip
    take(here, [hours], minute(300))
    (found,) = reasons(here, [Asked(API, Span(minute(60), END_OF_TIME))])
    assert [one.begun for one in found] == [minute(60)]
    (late,) = reasons(here, [Asked(API, Span(minute(-150), END_OF_TIME))])
    assert [one.begun for one in late] == [minute(0)]
