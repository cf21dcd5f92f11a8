"""Which rows of a new file are new, which are known already, and which contradict what is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from makegood.model.spans import Times


@dataclass(frozen=True)
class Claims:
    """What rows say: at an instant, of a subject, an outcome. `subject`, `at` int64[n], `outcome` int8[n]."""

    subject: Times
    at: Times
    outcome: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True)
class Novelty:
    """For each new row: `new` and `duplicate` bool[n], and `against` int64[n], the row that it contradicts, or -1.

    `against` counts the known rows first and then the new ones. Of rows of one file with one key, the first is
    compared with what is known, and the others with what that was compared with.
    """

    new: NDArray[np.bool_]
    duplicate: NDArray[np.bool_]
    against: Times


def novelty(known: Claims, given: Claims) -> Novelty:
    """Compare the rows of a file, in file order, with those known; both may be in any order of time."""
    subject, at = np.concatenate((known.subject, given.subject)), np.concatenate((known.at, given.at))
    outcome = np.concatenate((known.outcome, given.outcome))
    order = np.lexsort((np.arange(len(at)), at, subject))
    subject, at = subject[order], at[order]
    begins = np.ones(len(order), dtype=np.bool_)
    begins[1:] = (subject[1:] != subject[:-1]) | (at[1:] != at[:-1])
    first = np.empty(len(order), dtype=np.int64)
    first[order] = order[np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))]
    first, rows = first[len(known) :], np.arange(len(known), len(outcome))
    agrees = outcome[first] == given.outcome
    new = first == rows
    return Novelty(new, agrees & ~new, np.where(agrees, -1, first))
