"""The versions of an agreement for one order: from when to when each is in force, and the steps that decided it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from makegood.model.change import InForce, Reason
from makegood.render.moments import rfc3339
from makegood.render.screen import shown
from makegood.render.text import hanging, say


def versions_text(
    title: str, order: str, decided: Sequence[InForce], width: int = 80, color: bool = False, encoding: str = "utf-8"
) -> str:
    """A block for each version, by effective date."""
    blocks = [block for one in decided for block in _version(one)]
    return shown(Group(say(f"{title}: its versions for {order}", "title"), Text(), *blocks), width, color, encoding)


def _version(one: InForce) -> Iterator[RenderableType]:
    stretch, style = in_force_words(one), "holds" if one.first is not None else "fails"
    name = f"version {one.version}" + (f", effective {one.effective}" if str(one.effective) != one.version else "")
    yield Text.assemble(say(name, "title"), say(f"  {stretch}", style))
    for reason in one.reasons:
        yield Padding(hanging(say("•", "quiet"), say(reason_words(reason))), (0, 0, 0, 2))
    yield Text()


def in_force_words(one: InForce) -> str:
    """`in force from 2026-04-01 to 2026-06-30`, `in force from 2026-04-01`, `not in force`."""
    if one.first is None:
        return "not in force"
    return f"in force from {one.first}" + (f" to {one.last}" if one.last is not None else "")


def reason_words(reason: Reason) -> str:
    """A step with the clause and the facts that it rests on."""
    rests = [f"clause {reason.clause}"] if reason.clause is not None else []
    rests += [f"by {', '.join(reason.facts)}"] if reason.facts else []
    return f"{reason.says} ({'; '.join(rests)})" if rests else reason.says


def versions_json(agreement: str, order: str, decided: Sequence[InForce]) -> str:
    """The same for programs. Dates are local, instants UTC."""
    listed = [
        {
            "version": one.version,
            "effective": one.effective.isoformat(),
            "announced": rfc3339(one.announced) if one.announced is not None else None,
            "first": one.first.isoformat() if one.first is not None else None,
            "last": one.last.isoformat() if one.last is not None else None,
            "reasons": [
                {
                    "says": reason.says,
                    "clause": reason.clause.id if reason.clause is not None else None,
                    "facts": list(reason.facts),
                    "days_late": reason.late_by,
                }
                for reason in one.reasons
            ],
        }
        for one in decided
    ]
    return json.dumps({"agreement": agreement, "order": order, "versions": listed}, indent=2, ensure_ascii=False) + "\n"
