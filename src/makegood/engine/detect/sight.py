"""What both forms of a grid answer, so that one place decides what is settled: see `sparse`, `flapping`, `settle`."""

from __future__ import annotations

from typing import Protocol

from makegood.engine.detect.confirm import Standing
from makegood.model.findings import Marks
from makegood.model.grid import Axis, Grid, Past
from makegood.model.spans import Times, Truths


class Sight(Protocol):
    """A grid and the past before it, with what fails in the two runs.

    DESIGN, The unseen. In the favourable run a blind slot is a success. In the unfavourable run it is a failure if
    fewer than K locations saw that slot, or if only blind slots separate it from an observed failure at that location,
    before or after. Both conditions look at what was observed only, so that a blind slot never makes another one fail.
    A blind run that reaches the end of the grid has no failure after it: that is not known yet.

    Cells are those of `axis`, whose rows are the series, or the checks where that is said. `differ` says whether the
    runs do.
    """

    @property
    def grid(self) -> Grid: ...

    @property
    def past(self) -> Past: ...

    @property
    def axis(self) -> Axis: ...

    @property
    def differ(self) -> bool: ...

    def detected(self, worst: bool) -> tuple[Times, Marks]:
        """The cells int64[n, 2] of the checks that are down in a run, and the failing slots of each series."""

    def standing(self, worst: bool, cut: Times) -> Standing:
        """How the series stand in a run before their cuts, int64[series]."""

    def known_until(self, end: Times) -> Times:
        """The cell, int64[series], up to which each cell of the unfavourable run is known to be a success or a failure.

        It is `end`, that of the grid, or the first cell of a blind run there that only a failure after it would make
        fail.
        """

    def failed_before(self, slot: Times) -> Truths:
        """Whether only blind slots, or none, lie between a slot of each series and an observed failure before it."""
