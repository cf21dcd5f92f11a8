"""The public page in a real browser, on a phone and a desk, in light and dark, with scripts switched off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from makegood.render.status_page import status_page
from tests.house.programs import program
from tests.web.test_page import MAIL, SHOP

QUIET = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run")
COLOURS = """() => ['h1', '.head b', '.small', 'li', 'h2'].map(name => {
  const shown = one => getComputedStyle(document.querySelector(one))
  return [shown(name).color, shown('body').backgroundColor]
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as started:
        made = started.chromium.launch(executable_path=str(program("chromium", "chromium")), args=list(QUIET))
        yield made
        made.close()


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("width", [340, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_asks_nobody_else_and_can_be_read(browser: Browser, width: int, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(status_page((SHOP, MAIL), "Acme"))
    assert [url for url in asked if not url.startswith(("data:", "about:"))] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.locator("svg[role=img]").count() == 2
    for front, back in page.evaluate(COLOURS):
        lighter, darker = sorted((luminance(front), luminance(back)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (front, back)
    context.close()


def test_it_says_all_without_scripts(browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(status_page((SHOP, MAIL), "Acme"))
    for said in ("Web shop is down.", "database upgrade", "47 min", "not over"):
        assert page.get_by_text(said).first.is_visible()
    context.close()
