"""One verdict from two runs."""

from __future__ import annotations

import pytest

from makegood.engine.verdicts import overall
from makegood.model.statement import Verdict

MET, BREACHED, RUNNING = Verdict.MET, Verdict.BREACHED, Verdict.RUNNING
INSUFFICIENT, NONE = Verdict.INSUFFICIENT, Verdict.NOT_APPLICABLE


@pytest.mark.parametrize("verdict", list(Verdict))
def test_what_both_runs_say_is_said(verdict: Verdict) -> None:
    assert overall(verdict, verdict) is verdict


@pytest.mark.parametrize(
    ("favourable", "unfavourable", "said"),
    [
        (MET, BREACHED, INSUFFICIENT),
        (MET, NONE, INSUFFICIENT),
        (NONE, BREACHED, INSUFFICIENT),
        (NONE, RUNNING, INSUFFICIENT),
        (RUNNING, BREACHED, RUNNING),
    ],
)
def test_what_one_run_says_alone_is_not_said(favourable: Verdict, unfavourable: Verdict, said: Verdict) -> None:
    assert overall(favourable, unfavourable) is said
    assert overall(unfavourable, favourable) is said
