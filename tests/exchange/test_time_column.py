"""The reader of a column against the one for single times, and against Python's own."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from makegood.contract.wrong import Wrong
from makegood.exchange.moments import EPOCH, written
from makegood.exchange.time_column import NO_TIME, read_time, read_times
from makegood.model.spans import DAY, Instant


def wall(instant: Instant) -> datetime:
    return EPOCH + timedelta(microseconds=instant)


MOMENTS = (
    st.integers(DAY, 253_370_764_800_000_000 - 2 * DAY)
    .map(wall)
    .flatmap(
        lambda at: st.builds(
            lambda minutes, sign, places, joint: (at, minutes, sign, places, joint),
            st.integers(0, 23 * 60 + 59),
            st.sampled_from("+-Z"),
            st.integers(0, 9),
            st.sampled_from("T "),
        )
    )
)


@given(st.lists(MOMENTS, max_size=8))
def test_a_column_reads_what_python_reads(moments: list[tuple[datetime, int, str, int, str]]) -> None:
    texts, expected = list[str](), list[int]()
    for at, minutes, sign, places, joint in moments:
        fraction = f".{at.microsecond:06d}000"[: places + 1] if places else ""
        minutes = 0 if sign == "Z" else minutes or 1
        shift = timedelta(minutes=-minutes if sign == "-" else minutes)
        offset = "Z" if sign == "Z" else f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
        texts.append(f"{at:%Y-%m-%d}{joint}{at:%H:%M:%S}{fraction}{offset}")
        kept = int(fraction[1:7].ljust(6, "0") or 0)
        aware = at.replace(microsecond=kept, tzinfo=timezone(shift))
        expected.append((aware - EPOCH) // timedelta(microseconds=1))
    assert read_times(texts).tolist() == expected


@given(st.lists(st.text("0123456789-:+.TZ ", min_size=17, max_size=28) | st.text(max_size=30), max_size=10))
def test_a_column_refuses_what_a_single_time_refuses(texts: list[str]) -> None:
    alone = [read_time(text) for text in texts]
    assert read_times(texts).tolist() == [NO_TIME if isinstance(time, Wrong) else time for time in alone]


@pytest.mark.parametrize("place", range(25))
@pytest.mark.parametrize("letter", "0123456789T:-+.Z é\0")
def test_one_changed_letter_is_read_alike_by_both(place: int, letter: str) -> None:
    for text in ("2024-02-29T23:59:59+00:30", "2024-12-31T23:59:59.12345Z"):
        changed = text[:place] + letter + text[place + 1 :]
        alone = read_time(changed)
        assert read_times([text, changed]).tolist()[1] == (NO_TIME if isinstance(alone, Wrong) else alone)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1770278400", "as seconds since 1970 it would be 2026-02-05T08:00:00Z"),
        ("1770278400.5", "as seconds since 1970 it would be 2026-02-05T08:00:00Z"),
        ("1770278400000", "as milliseconds since 1970 it would be 2026-02-05T08:00:00Z"),
        ("1770278400000000", "as microseconds since 1970 it would be 2026-02-05T08:00:00Z"),
        ("1770278400000000000", "as nanoseconds since 1970 it would be 2026-02-05T08:00:00Z"),
        ("9223372036854775808", "it is beyond 2^63, and so beyond any clock"),
        ("1e400", "it is beyond 2^63, and so beyond any clock"),
        ("0001-01-01T00:00:00Z", "programs write such times where they have none"),
        ("1969-12-31T23:59:59Z", "programs write such times where they have none"),
    ],
)
def test_a_number_is_no_time_but_is_told_what_it_would_mean(text: str, says: str) -> None:
    wrong = read_time(text)
    assert isinstance(wrong, Wrong)
    assert wrong.why == says


def test_written_is_read_back() -> None:
    for instant in (0, 1, 1_770_278_400_000_000, 1_770_278_400_000_001):
        assert read_time(written(instant)) == instant
    assert written(1_770_278_400_000_000) == datetime(2026, 2, 5, 8, tzinfo=UTC).isoformat().replace("+00:00", "Z")
