"""`changes`, in an agreement's own block: how a later version comes into force for an order.

How long the notice runs is a clock from `change announced` that the provider keeps; the time to reject is one that the
customer keeps. What is here says what follows from them.
"""

from __future__ import annotations

from typing import Any

from makegood.contract import values
from makegood.contract.nodes import Keyed
from makegood.contract.shape import Fields, Key, Report, Shape, mapped, mapping_of, one_of
from makegood.model.change import ChangeRules, Consent, LateNotice, Rejected, TakesEffect

TAKE_EFFECT = Key(
    "take effect", mapped(one_of(*TakesEffect), TakesEffect), "when a new version binds", TakesEffect.ON_ITS_DATE
)
LATE_NOTICE = Key(
    "late notice",
    mapped(one_of(*LateNotice), LateNotice),
    "what becomes of a version whose notice is too short",
    LateNotice.POSTPONES,
)
CONSENT = Key("consent", mapped(one_of(*Consent), Consent), "what the customer has to say to it", Consent.NOT_NEEDED)
REJECTED = Key(
    "rejected", mapped(one_of(*Rejected), Rejected), "what becomes of a version rejected in time", Rejected.WAITS
)
RETROACTIVE = Key("retroactive", values.YES_NO, "whether it may bind time before it was announced", False)
TABLE: tuple[Key[Any], ...] = (TAKE_EFFECT, LATE_NOTICE, CONSENT, REJECTED, RETROACTIVE)


def _read(node: Keyed, report: Report) -> ChangeRules:
    fields = Fields(node, TABLE, report, "a clause of change")
    return ChangeRules(
        report.clause,
        fields.get(TAKE_EFFECT),
        fields.get(LATE_NOTICE),
        fields.get(CONSENT),
        fields.get(REJECTED),
        fields.get(RETROACTIVE),
    )


CHANGES: Shape[ChangeRules] = mapping_of("how the agreement changes", "{take effect: at renewal}", _read)
