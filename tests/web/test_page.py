"""The public page: only what is public, made again only when it says something new, and small."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from makegood.app.serve_settings import read_settings
from makegood.model.problem import Refused
from makegood.model.spans import DAY, HOUR, MINUTE, Span
from makegood.model.status import Day, DayKind, ServiceStatus, State, ToldOutage, Work
from makegood.render.status_page import paths, status_page
from makegood.store.opened import create
from tests.web.asking import NOON, Desk, Fixed, desk

LAST = date(2026, 3, 1)


def ninety(**kinds: DayKind) -> tuple[Day, ...]:
    days = [LAST - timedelta(days=89 - n) for n in range(90)]
    return tuple(Day(on, kinds.get(f"d{n}", DayKind.UP)) for n, on in enumerate(days))


OUTAGES = (
    ToldOutage(NOON - HOUR, None),
    ToldOutage(NOON - 20 * DAY, NOON - 20 * DAY + 47 * MINUTE, 47 * MINUTE, ("database upgrade",)),
    ToldOutage(NOON - 40 * DAY, NOON - 40 * DAY + 31 * MINUTE, 11 * MINUTE, ("work",)),
)
SHOP = ServiceStatus(
    "web", "Web shop", State.DOWN, NOON - HOUR, ninety(d89=DayKind.DOWN, d69=DayKind.EXCUSED, d3=DayKind.UNKNOWN),
    OUTAGES, (Work("database upgrade", Span(NOON + DAY, NOON + DAY + 2 * HOUR)),), "America/New_York",
)  # fmt: skip
MAIL = ServiceStatus("mail", "Mail", State.UP, None, ninety())


def test_the_page_says_state_days_outages_and_excuses_in_words() -> None:
    text = status_page((SHOP, MAIL), "Acme")
    assert "Web shop is down." in text
    assert "90 days: 1 with an outage, 1 with an excused outage, 1 not seen throughout, 87 up" in text
    assert "47 min, excused: database upgrade" in text
    assert "31 min, of which 11 min excused: work" in text
    assert "not over" in text
    assert "Announced work: database upgrade" in text
    assert "<script" not in text


@pytest.mark.parametrize(
    ("services", "says"),
    [
        ((), "No service is shown here."),
        ((MAIL,), "Mail is up."),
        ((MAIL, replace(MAIL, title="Chat")), "Everything is up."),
        ((SHOP, replace(SHOP, title="Chat")), "Web shop and Chat are down."),
        (tuple(replace(SHOP, title=f"S{n}") for n in range(6)), "S0, S1 and 4 more are down."),
        ((replace(MAIL, state=State.UNKNOWN),), "Of Mail nothing is known right now."),
    ],
)
def test_the_headline_is_the_worst_of_all(services: tuple[ServiceStatus, ...], says: str) -> None:
    assert f">{says}</h1>" in status_page(services)


def test_each_kind_of_day_is_one_path_and_each_day_one_mark() -> None:
    drawn = dict(paths(SHOP.days))
    assert list(drawn) == ["up", "unknown", "excused", "down"]
    assert sum(path.count("M") for path in drawn.values()) == 90
    assert drawn["down"] == "M356 0h3v9h-3z"


def test_what_stands_in_a_title_is_only_text() -> None:
    bad = replace(
        SHOP, title='<script>alert(1)</script>"\x1b[31m', outages=(replace(OUTAGES[1], because=("<b>x</b>",)),)
    )
    text = status_page((bad,), "<i>")
    assert "<script>alert" not in text
    assert "<b>x</b>" not in text
    assert "\x1b" not in text


def test_the_page_of_a_dozen_services_is_below_five_kilobytes() -> None:
    raw = status_page(tuple(replace((SHOP, MAIL)[n % 2], title=f"Service {n}") for n in range(12)), "Acme").encode()
    assert len(gzip.compress(raw, 9)) <= 5_000


def test_it_is_made_again_only_when_it_says_something_new(tmp_path: Path) -> None:
    store = create(tmp_path / "store")
    live = Fixed((MAIL,))
    with desk(store, live) as hub:
        hub.loops.look()
        made, first = hub.hub.page.renders, hub.ask("GET", "/")
        for _ in range(5):
            hub.clock.now += MINUTE
            hub.loops.look()
        assert hub.hub.page.renders == made
        live.shown = (replace(MAIL, state=State.DOWN, since=NOON),)
        hub.loops.look()
        assert hub.hub.page.renders == made + 1
        second = hub.ask("GET", "/")
        assert "Mail is down." in second.text
        assert first.headers["etag"] != second.headers["etag"]
    store.engine.dispose()


def test_it_is_answered_packed_plain_or_not_at_all_as_is_asked(hub: Desk) -> None:
    plain = hub.ask("GET", "/")
    packed = hub.ask("GET", "/", headers={"accept-encoding": "br, gzip"})
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) == len(packed.body)
    assert "content-encoding" not in hub.ask("GET", "/", headers={"accept-encoding": "gzip;q=0"}).headers
    tag = plain.headers["etag"]
    for said in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        same = hub.ask("GET", "/", headers={"if-none-match": said})
        assert (same.status, same.body, same.headers["etag"]) == (304, b"", tag)
    assert hub.ask("GET", "/", headers={"if-none-match": '"other"'}).status == 200
    head = hub.ask("HEAD", "/")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(plain.body)))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[pages]\n", "`pages` is not known here"),
        ("page = 7\n", "`page` is a table"),
        ("[page]\ntilte = 'x'\n", "does not know `tilte`"),
        ("[page]\ntitle = ''\n", "`title` is a text"),
        ("[page]\nservices = ['web']\n", "gives each public service its title"),
        ("[page\n", "this is no TOML"),
        ("location = 7\n", "`location` is a table"),
        ("[location]\nname = 'x'\n", "does not know `name`"),
        ("[location]\ncontrol = 'x:1'\n", "`control` lists places"),
        ("[location]\ncontrol = ['x:1', 'x']\n", "`x` is no control probe"),
        ("[page]\ntitle = ''\n[location]\ncontrol = ['http://[']\n", "`title` is a text.*no control probe"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_words(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "serve.toml").write_text(text)
    with pytest.raises(Refused, match=says):
        read_settings(tmp_path)


def test_without_settings_nothing_is_public(tmp_path: Path) -> None:
    assert read_settings(tmp_path).page.services == {}
    assert read_settings(tmp_path).control == ()
