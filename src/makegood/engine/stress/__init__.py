"""An agreement priced without an order: hypothetical periods at and around every edge, under a nominal fee."""

from makegood.engine.stress.drawing import Scenario
from makegood.engine.stress.nominal import MONTHLY_FEE, currency_of, nominal_order, share_of_fee
from makegood.engine.stress.readings import Stress, Stressed, StressedReading, stressed

__all__ = [
    "MONTHLY_FEE",
    "Scenario",
    "Stress",
    "Stressed",
    "StressedReading",
    "currency_of",
    "nominal_order",
    "share_of_fee",
    "stressed",
]
