"""One verdict from two runs: what both say, or that the data do not suffice (DESIGN 3.5)."""

from __future__ import annotations

from makegood.model.statement import Verdict


def overall(favourable: Verdict, unfavourable: Verdict) -> Verdict:
    """Met or breached only when both runs say so; a running period is running until both call it breached."""
    if favourable is unfavourable:
        return favourable
    pair = {favourable, unfavourable}
    if Verdict.RUNNING in pair and Verdict.NOT_APPLICABLE not in pair:
        return Verdict.RUNNING
    return Verdict.INSUFFICIENT
