"""An editor that writes a file of checks is told what may stand there, what it says, and what is wrong."""

from makegood.app.editing.answers import hover, suggestions
from makegood.app.editing.findings import findings
from makegood.app.editing.regions import kind_of

TEXT = """\
checks:
  - check: shop-front
    service: shop
    http:
      url: https://shop.example
      me
    ev
"""


def words(line: int, column: int, text: str = TEXT) -> list[str]:
    return [one.word for one in suggestions("checks", text, line, column)]


def test_a_file_of_checks_is_known_by_its_name() -> None:
    assert kind_of("shop.checks.yaml") == "checks"


def test_the_keys_that_are_missing_are_offered() -> None:
    offered = words(6, 6)
    assert {"every", "timeout", "locations", "title", "labels"} <= set(offered)
    assert not {"check", "service", "http"} & set(offered)
    assert {"method", "headers", "status", "contains", "json"} <= set(words(5, 8))
    assert "url" not in words(5, 8)


def test_the_words_that_a_value_may_be_are_offered() -> None:
    assert "POST" in words(5, 14, TEXT.replace("      me\n", "      method: \n"))


def test_a_key_says_what_it_is() -> None:
    told = hover("checks", TEXT, 2, 6)
    assert told is not None
    assert "the service that it watches" in told.text


def test_what_is_wrong_is_found_at_its_place() -> None:
    text = "checks:\n  - {check: a, service: b, htpp: x}\n"
    found = [(f.problem.code, f.problem.where.line, f.problem.where.column) for f in findings("checks", text, "a", {})]
    assert found == [("missing-key", 2, 5), ("unknown-key", 2, 28)]
