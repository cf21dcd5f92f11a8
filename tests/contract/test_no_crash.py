"""Nothing that a person can write stops the reader or the lint: changed examples are read, or refused with a place."""

import random
from pathlib import Path

import pytest

from makegood.contract.agreement import read_agreement
from makegood.contract.lint import lint
from makegood.model.problem import Severity

EXAMPLES = [path.read_text(encoding="utf-8") for path in sorted(Path("examples").glob("*/*.sla.md"))]
ROUNDS = 12
VALUES = (
    *("unstated", "best effort", "{}", "[]", "''", "0", "-1", "99,9 %", "200 %", "any 30 days", "NO", "10:00", "null"),
    *("{among: [a, b]}", "{among: {a: x, b: [c]}, chosen: a, because: z}", "{among: [a]}", "{by: plan}", "[[a]]"),
    *("{by: plan, standard: x}", "{by: severity, P1: 1 h}", "at least 99.9 %", "month", "eastern", "otherwise"),
    *("exactly 98 %", "0 %", "1 h", "Monday", "Sunday 02:00-06:00", "{window: Sunday 02:00-06:00, force: aim}"),
    *("{kind: {amog: x}}", "{a: {b: {c: d}}}", "9" * 30, "at least 0 min", "days", "1 / 0", "least()", "((((1))))"),
)
SIGNS = "[]{}:,'\"#&*!|>%@`-xé\t0 "


def changed(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    for _ in range(draw.choice((1, 1, 2, 4))):
        at = draw.choice([n for n, line in enumerate(lines) if ":" in line])
        line, key = lines[at], lines[at].split(":")[0]
        match draw.randrange(7):
            case 0:
                lines[at] = f"{key}: {draw.choice(VALUES)}"
            case 1:
                del lines[at]
            case 2:
                lines.insert(at, draw.choice(lines))
            case 3:
                place = draw.randrange(len(line))
                lines[at] = line[:place] + draw.choice(SIGNS) + line[place + 1 :]
            case 4:
                lines[at] = f"{draw.choice(VALUES)}:{line.partition(':')[2]}"
            case 5:
                lines.insert(at, f"exception to: {draw.choice(('monthly-uptime', 'month', 'eastern', 'claim'))}")
            case _:
                lines.insert(at, f"applies to: {draw.choice(VALUES)}")
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_changed_example_is_read_or_refused_and_never_a_crash(seed: int) -> None:
    draw = random.Random(seed)
    for text in EXAMPLES:
        agreement, problems = read_agreement(changed(text, draw).encode(), "changed.sla.md")
        if agreement is None:
            assert any(p.severity is Severity.ERROR and p.where.source == "changed.sla.md" for p in problems)
        else:
            assert all(p.what and p.hint for p in lint(agreement))
