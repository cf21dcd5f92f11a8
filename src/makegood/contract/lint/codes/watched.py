"""What can be wrong between orders and the checks that are to watch their services."""

from __future__ import annotations

from typing import Final

from makegood.contract.lint.codes.code import Code, family

WATCHED: Final = (
    family(
        "Orders and checks",
        Code(
            "check-count",
            "W",
            "a rule asks for more checks to be down than a service has",
            "it would never be down",
            "name more checks in the order, or lower the number in the rule",
        ),
        Code(
            "check-locations",
            "W",
            "a rule asks for more locations than a check runs at",
            "so many can never fail at once: every outage would go unseen",
            "add locations to the check, or name none, and all of them run it",
        ),
        Code(
            "check-not-found",
            "W",
            "an order names a check that is in no file of checks",
            "nothing probes it; evidence of it could only be imported",
            "write the check, or correct its name",
        ),
        Code(
            "check-of-another",
            "W",
            "a service of an order names a check that says it watches another one",
            "one of the two is mistaken",
            "correct the service in the check, or the check in the order",
        ),
        Code(
            "check-of-no-service",
            "W",
            "a check watches a service that no order covers",
            "its results count for nothing",
            "correct the name of the service",
        ),
        Code(
            "check-slots",
            "W",
            "the slots of a check are not as long as those that a rule reads",
            "slots without a result, and such with several that differ, are unknown",
            "write the same `every` in the check and in the rule",
        ),
        Code(
            "check-timeout",
            "W",
            "a check waits longer or shorter for an answer than a rule allows",
            "an answer in between would be judged otherwise than was agreed",
            "write the time of `answers within` as the check's `timeout`",
        ),
        Code(
            "check-unnamed",
            "W",
            "a check watches a service of an order, and no order names it",
            "its results count for nothing",
            "write it into `checks:` of the service",
        ),
        Code(
            "service-unwatched",
            "W",
            "a service of an order has no check, and its agreement decides by results of checks",
            "all of its time would be unknown",
            "write `checks: […]` at the service",
        ),
    ),
)
