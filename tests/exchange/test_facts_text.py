import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from makegood.exchange.facts import read_facts
from makegood.exchange.facts_text import facts_text
from makegood.model.facts import AnyFact, Cause, Item, ItemKind, Judgement, Maintenance, Notice, Retraction, Standing
from makegood.model.spans import DAY, END_OF_TIME, HOUR, Span
from tests.exchange.cases import good

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.just(" "), min_size=1, max_size=12
).filter(lambda text: text == text.strip() and text != "unstated")
INSTANTS = st.integers(0, 60_000 * DAY)
SPANS = st.builds(lambda start, length: Span(start, start + length), INSTANTS, st.integers(1, 9 * DAY))
OPEN = SPANS | st.builds(lambda start: Span(start, END_OF_TIME), INSTANTS)
MAYBE = st.just("") | WORDS
LATE = 70_000 * DAY
PAIRS = st.dictionaries(WORDS, WORDS, max_size=2).map(lambda found: tuple(found.items()))
EVENTS = st.dictionaries(st.tuples(WORDS, INSTANTS), st.none(), max_size=3).map(
    lambda found: tuple(sorted(found, key=lambda event: (event[1], event[0])))
)


@st.composite
def facts(draw: st.DrawFn) -> list[AnyFact]:
    """One fact of each kind, which refer to each other."""

    def words() -> str:
        return draw(WORDS)

    by, instant = words(), draw(INSTANTS)
    events = draw(EVENTS.filter(lambda found: len({name for name, _ in found}) == len(found)))
    return [
        Maintenance("m 1", LATE, by, "", (words(), words()), draw(SPANS), draw(MAYBE), draw(MAYBE)),
        Notice("n", LATE, by, "", "m 1", words(), words(), draw(st.none() | st.just(instant)), draw(MAYBE)),
        Cause("c", LATE, by, "", words(), draw(SPANS), words(), draw(MAYBE), draw(MAYBE), draw(MAYBE)),
        Judgement("j", LATE, by, "", "c", words(), draw(st.booleans()), words()),
        Standing("s", LATE, by, "", words(), draw(OPEN), words()),
        Item("i", LATE, by, "", draw(st.sampled_from(ItemKind)), draw(MAYBE), draw(MAYBE), draw(PAIRS), events,
             draw(st.lists(st.tuples(WORDS, OPEN), max_size=2).map(tuple))),
        Cause("c~2", LATE + HOUR, by, "c", words(), draw(SPANS), words()),
        Retraction("r", LATE, by, "s", words()),
    ]  # fmt: skip


@settings(max_examples=40)
@given(facts())
def test_facts_that_are_written_are_read_back_equal(every: list[AnyFact]) -> None:
    found, problems = read_facts(facts_text(every).encode("utf-8"), "written.facts.yaml")
    assert [p.what for p in problems if p.severity == "error"] == []
    assert found == every


def test_facts_written_by_hand_are_the_same_once_written_anew() -> None:
    by_hand, _ = read_facts(good("facts", "every-kind.facts.yaml"), "hand")
    assert read_facts(facts_text(by_hand).encode("utf-8"), "anew") == (by_hand, [])


@pytest.mark.parametrize("words", ["", " ", "a\x00b", "a\u200bb", "\ud800"])
def test_words_that_no_file_may_hold_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a file of facts"):
        facts_text([Retraction("r", 0, words, "x", "because")])
