import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from makegood.app.novelty import Claims, novelty

ROWS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)), max_size=12)


def claims(rows: list[tuple[int, int, int]]) -> Claims:
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Claims(table[:, 0], table[:, 1], table[:, 2].astype(np.int8))


@given(ROWS, ROWS)
def test_rows_are_compared_as_one_by_one(known: list[tuple[int, int, int]], new: list[tuple[int, int, int]]) -> None:
    first: dict[tuple[int, int], int] = {}
    every = known + new
    for number, (subject, at, _) in enumerate(every):
        first.setdefault((subject, at), number)
    expected = []
    for number, (subject, at, outcome) in enumerate(new, len(known)):
        other = first[subject, at]
        agrees = every[other][2] == outcome
        expected.append((other == number, other != number and agrees, -1 if agrees else other))
    found = novelty(claims(known), claims(new))
    assert list(zip(found.new.tolist(), found.duplicate.tolist(), found.against.tolist(), strict=True)) == expected
