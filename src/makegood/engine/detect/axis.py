"""One axis for all locations of a check, so that one sorted sweep serves them all at once.

Location i has the cells `i * width <= cell < (i + 1) * width`, in the order of its slots, with at least one unused cell
at the end that keeps a run of one location from touching the next. Sets of cells are `Spans`, whose algebra asks for
integers only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from makegood.model.detection import Grid, Past
from makegood.model.spans import Duration, Instant, Spans, Times


@dataclass(frozen=True, slots=True)
class Axis:
    """Cell 0 is slot `origin` of location 0; `width` cells for each of the `locations`."""

    origin: int
    width: int
    locations: int

    @classmethod
    def of(cls, grid: Grid, past: Past) -> Axis:
        """An axis that holds the grid's slots and the streaks that stand for the past before them."""
        streaks = (past.favourable, past.unfavourable)
        origin = min(int(streak.min(initial=grid.first)) for streak in streaks)
        return cls(origin, grid.last - origin + 1, len(grid.locations))

    def cells(self, location: Times, slot: Times | int) -> Times:
        """The cells of slots at locations, both int64[n]."""
        return location * self.width + (slot - self.origin)

    def at(self, slot: Times | int) -> Times:
        """The cell at each location, int64[locations], of one slot, or of one slot for each location."""
        return self.cells(np.arange(self.locations, dtype=np.int64), slot)

    def rows(self, slots: Times) -> Times:
        """Edges int64[n, 2] of cells, from a half-open range of slots for each location; empty ranges are left out."""
        edges = np.column_stack((self.at(slots[:, 0]), self.at(slots[:, 1])))
        return edges[edges[:, 1] > edges[:, 0]]

    def everywhere(self, slots: Spans) -> Spans:
        """The cells of the same slots at every location."""
        return Spans.from_edges((slots.edges + self.at(0)[:, None, None]).reshape(-1, 2))

    def location_of(self, cell: Times) -> Times:
        """The location of each cell, int64[n]."""
        return cell // self.width

    def slot_of(self, cell: Times) -> Times:
        """The slot of one cell for each location, int64[locations]; the cell after a location's last is a slot too."""
        return cell - self.at(0)

    def apart(self, cells: Spans, every: Duration = 1, offset: Instant = 0) -> tuple[Spans, ...]:
        """The slots of each location, or their time; none of the spans may cross from one location to the next."""
        if len(cells) == 0:
            return (cells,) * self.locations
        bounds = np.searchsorted(cells.edges[:, 0], np.arange(self.locations + 1, dtype=np.int64) * self.width)
        slots = [cells.edges[bounds[i] : bounds[i + 1]] - cell for i, cell in enumerate(self.at(0).tolist())]
        return tuple(Spans.from_edges(edges * every + offset) for edges in slots)
