"""Words become exact values: the one place that rules and orders ask. A reader gives the value or a `Wrong`."""

from makegood.contract.amounts import money
from makegood.contract.lengths import allowance, duration
from makegood.contract.moments import clock_time, day, instant
from makegood.contract.quantities import decimal, number, percent
from makegood.contract.sides import threshold
from makegood.contract.weekly import weekday, weekly_window
from makegood.contract.wrong import Wrong

__all__ = [
    "Wrong",
    "allowance",
    "clock_time",
    "day",
    "decimal",
    "duration",
    "instant",
    "money",
    "number",
    "percent",
    "threshold",
    "weekday",
    "weekly_window",
]
