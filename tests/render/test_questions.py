"""Answers in money on a terminal: no line wider than the screen, no amount broken, no letter lost in ASCII."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from makegood.app import asking, budgeting, replaying, supposing
from makegood.app.drafts import open_draft
from makegood.app.examples import examples_folder
from makegood.app.judging import Docket, open_docket
from makegood.engine.sums import DAYS, NOTHING, Between, Owed
from makegood.model.spans import SECOND
from makegood.render.budget import budget_table, budget_text
from makegood.render.comparing import what_if_table, what_if_text
from makegood.render.document.asked import readings_json
from makegood.render.owing import change_words, owed_words
from makegood.render.readings import readings_text, stress_text
from makegood.render.replay import replay_csv, replay_table, replay_text
from tests.cli.running import AGREEMENT, ORDER, starter

FEBRUARY_10, MARCH_2 = 1_770_718_320 * SECOND, 1_772_409_600 * SECOND
Shown = Callable[..., str]


def between(favourable: int, unfavourable: int, unit: str = "USD") -> Owed:
    return Owed({unit: Between(Fraction(favourable), Fraction(unfavourable))})


@pytest.mark.parametrize(
    ("owed", "said", "changed"),
    [
        (NOTHING, "none", "no change"),
        (between(1250_00, 1250_00), "1,250.00 USD", "+1,250.00 USD"),
        (between(0, 50_00), "at most 50.00 USD", "between nothing and +50.00 USD"),
        (between(50_00, 20_00), "at least 20.00 USD, at most 50.00 USD", "between +20.00 USD and +50.00 USD"),
        (between(-20, -20, "JPY"), "−20 JPY", "−20 JPY"),
        (between(1, 1, DAYS), "1 day", "+1 day"),
        (Owed({}, Between(Fraction(1), Fraction(1))), "1 credit unstated", "1 credit becoming unstated"),
        (Owed({}, Between(Fraction(0), Fraction(2))), "0 to 2 credits unstated", "0 to 2 credits becoming unstated"),
    ],
)
def test_amounts_and_changes_are_said_in_words(owed: Owed, said: str, changed: str) -> None:
    assert (owed_words(owed), change_words(owed)) == (said, changed)


def test_a_credit_that_becomes_known_is_no_longer_unstated() -> None:
    known = between(10_00, 10_00) - Owed({}, Between(Fraction(1), Fraction(1)))
    assert change_words(known) == "+10.00 USD and 1 credit no longer unstated"


@pytest.fixture(scope="module")
def docket(tmp_path_factory: pytest.TempPathFactory) -> Docket:
    folder = starter(tmp_path_factory.mktemp("here"))
    return open_docket(folder / AGREEMENT, folder / ORDER, folder / "facts")


@pytest.fixture(scope="module")
def answers(docket: Docket, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shown]:
    """Every answer, ready to be shown on some screen."""
    folder = starter(tmp_path_factory.mktemp("draft"))
    down = ["2026-02-20 10:00 to 16:00 Europe/Berlin"]
    what_if = supposing.what_if([docket], folder / "facts", "2026-02", MARCH_2, supposing.Hypothesis(down=down))
    budgets = budgeting.budget([docket], None, FEBRUARY_10).budgets
    draft = open_draft(folder / AGREEMENT, ["credit-rows.rows.1.gives=15 %"], {})
    replay, _ = replaying.replay([docket], draft, "2 months", None, MARCH_2)
    weighed = asking.weigh([docket], "2026-02", None, None, MARCH_2)
    harbour = asking.stress(examples_folder() / "harbour" / "harbour.sla.md")
    parts = (
        weighed.weighing.weighed(),
        weighed.weighing.weighed_silences(),
        weighed.statements,
        weighed.lines,
        weighed.ill,
    )
    return {
        "what-if": lambda *screen: what_if_text(what_if.pairs, what_if.completed, *screen),
        "what-if table": lambda *screen: what_if_table(what_if.pairs, what_if.completed, *screen),
        "budget": lambda *screen: budget_text(budgets, *screen),
        "budget table": lambda *screen: budget_table(budgets, *screen),
        "replay": lambda *screen: replay_text(replay, *screen),
        "replay table": lambda *screen: replay_table(replay, *screen),
        "readings": lambda *screen: readings_text("Readings", *parts, *screen),
        "stress": lambda *screen: stress_text("Readings", harbour.situations, harbour.lines, harbour.ill, *screen),
    }


NAMES = ("what-if", "what-if table", "budget", "budget table", "replay", "replay table", "readings", "stress")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_screen_and_no_amount_is_broken(
    answers: dict[str, Shown], name: str, width: int
) -> None:
    text = answers[name](width)
    assert [line for line in text.splitlines() if len(line) > width] == []
    assert "…" not in text
    assert text.endswith("\n")


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_can_be_told_in_ascii(answers: dict[str, Shown], name: str) -> None:
    text = answers[name](80, False, "ascii")
    assert text.isascii()
    assert "?" not in text


@pytest.mark.parametrize("name", NAMES)
def test_without_colour_there_is_no_escape_and_with_it_the_same_words(answers: dict[str, Shown], name: str) -> None:
    assert "\x1b" not in answers[name](120)
    assert "\x1b[" in answers[name](120, True)


def test_a_cell_that_a_spreadsheet_would_reckon_with_is_text(tmp_path: Path) -> None:
    folder = starter(tmp_path)
    named = folder / ORDER
    named.write_text(named.read_text(encoding="utf-8").replace("order: acme-hosting", "order: =1+1"), encoding="utf-8")
    odd = open_docket(folder / AGREEMENT, named, folder / "facts")
    found, _ = replaying.replay([odd], open_draft(folder / AGREEMENT, [], {}), "2 months", None, MARCH_2)
    assert replay_csv(found).splitlines()[1].startswith("'=1+1,2026-01,")


def test_an_alternative_that_cannot_be_read_has_no_price_and_says_why(tmp_path: Path) -> None:
    folder = starter(tmp_path)
    agreement = folder / AGREEMENT
    written = (
        "amount:\n  among: {a share: credit-rows x service-fee, a sum: credit-rows + service-fee}\n  chosen: a share\n"
        "  because: the clause says so\n  clauses: [credits]\n"
    )
    text = agreement.read_text(encoding="utf-8").replace("amount: credit-rows x service-fee\n", written)
    agreement.write_text(text, encoding="utf-8")
    why = "if “a sum”: no price, since the agreement cannot be read so, line 103: the amount of `credit` puts money"
    weighed = asking.weigh([open_docket(agreement, folder / ORDER, folder / "facts")], "2026-02", None, None, MARCH_2)
    parts = weighed.weighing.weighed(), weighed.weighing.weighed_silences(), weighed.statements, weighed.lines
    assert why in readings_text("Readings", *parts, weighed.ill, 200)
    assert '"problem": "the amount of `credit` puts money and share together"' in readings_json(
        "Readings", *parts, weighed.ill
    )
    found = asking.stress(agreement)
    assert why in stress_text("Readings", found.situations, found.lines, found.ill, 200)
