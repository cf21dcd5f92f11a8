"""Step one of the chain: from observations to outages. See `outages.detect`."""

from makegood.engine.detect.grid import gridded, slotted, together
from makegood.engine.detect.outages import detect

__all__ = ["detect", "gridded", "slotted", "together"]
