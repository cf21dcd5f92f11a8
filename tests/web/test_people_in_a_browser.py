"""Signing in, acting and signing out in a real browser without scripts; pages that fit a phone and can be read."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from makegood.engine.alerting.alert import Alert, Condition, Note
from makegood.model.alerts import Alerts, Mute, Rule, Trigger
from makegood.model.messages import Kept, Message
from makegood.model.spans import HOUR, MINUTE, Span
from makegood.render.desk_pages import alerts_page, sign_in_page, told_page
from tests.web.asking import NOON
from tests.web.conftest import Served
from tests.web.test_browser import browser, luminance

__all__ = ["browser"]

RULES = Alerts(rules=(Rule("outages", Trigger.OUTAGE, "ops"),))
LONG = "a-service-with-a-very-long-name.of-a-very-long-domain.example"
DOWN = Condition(LONG, NOON - HOUR, NOON, ("acme",), ("acme",), "connect timeout; seen from fra")
ALERT = Alert("0123456789abcdef", "outages", NOON - HOUR, (DOWN,))
MESSAGE = Message("f" * 32, "mail", "ada", "ada@example.com", "NEW: shop is down", "…", NOON, state="opened")
MUTE = Mute("abcd", Span(NOON, NOON + HOUR), "Ada", "moving racks", ("shop",))
DEAD = Kept(MESSAGE, "dead", 9, NOON, NOON + HOUR, "550 no such user")
PAGES = {
    "all": alerts_page(RULES, [ALERT], [ALERT], [MUTE], [DEAD], "Ada Lovelace", may=True, now=NOON),
    "one": told_page(
        RULES, ALERT, [Note(NOON, "told ada: opened")], [DEAD], [MUTE], "Ada", may=True, now=NOON + MINUTE
    ),
    "sign-in": sign_in_page("/alerts", "This token is wrong."),
}
COLOURS = """() => [...document.querySelectorAll('h1, h2, p, a, li, button, label, summary, input')].map(one => {
  let back = one
  while (back && getComputedStyle(back).backgroundColor === 'rgba(0, 0, 0, 0)') back = back.parentElement
  return [getComputedStyle(one).color, getComputedStyle(back ?? document.body).backgroundColor]
})"""


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_asks_nobody_else_and_can_be_read(browser: Browser, name: str, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 340, "height": 700}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(PAGES[name])
    assert [url for url in asked if not url.startswith(("data:", "about:"))] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    for front, back in page.evaluate(COLOURS):
        lighter, darker = sorted((luminance(front), luminance(back)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (front, back)
    context.close()


def test_a_person_signs_in_mutes_and_signs_out_without_scripts(browser: Browser, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    url = served.server.url
    page.goto(f"{url}/alerts")
    page.fill("input[name=token]", served.administrator)
    page.get_by_role("button", name="Sign in").click()
    assert (page.url, page.locator("h1").inner_text()) == (f"{url}/alerts", "No alert is open")
    (cookie,) = context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    page.click("summary")
    page.fill("input[name=because]", "a drill")
    page.get_by_role("button", name="Mute", exact=True).click()
    assert page.get_by_text("by Ada: a drill").is_visible()
    page.get_by_role("button", name="End it now").click()
    assert page.get_by_text("Nothing is muted").is_visible()
    page.goto(f"data:text/html,<a href='{url}/alerts'>a link in a mail</a>")
    page.click("a")
    page.wait_for_selector("text=No alert is open")
    page.get_by_role("button", name="Sign out").click()
    assert context.cookies() == []
    page.goto(f"{url}/alerts")
    assert page.locator("h1").inner_text() == "Sign in"
    context.close()


def test_a_form_of_another_site_acts_for_nobody(browser: Browser, served: Served) -> None:
    context = browser.new_context()
    page = context.new_page()
    url = served.server.url
    page.goto(f"{url}/sign-in")
    page.fill("input[name=token]", served.administrator)
    page.get_by_role("button", name="Sign in").click()
    form = "<input name=for value='1 h'><input name=because value=evil><button>click</button>"
    page.goto(f"data:text/html,<form method=post action='{url}/alerts/mutes'>{form}</form>")
    with page.expect_navigation():
        page.click("button")
    assert page.locator("h1").inner_text() == "Sign in"
    assert served.server.ask("GET", "/api/v1/mutes", served.administrator).json == []
    context.close()
