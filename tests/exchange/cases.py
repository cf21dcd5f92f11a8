"""Bad files and the exact messages that a person sees: `tests/cases/FEATURE/bad/NAME` beside `NAME.txt`."""

from collections.abc import Iterable
from pathlib import Path

from makegood.model.problem import Problem

CASES = Path(__file__).resolve().parents[1] / "cases"


def bad(feature: str) -> list[Path]:
    found = sorted(p for p in (CASES / feature / "bad").iterdir() if p.suffix != ".txt")
    assert found, f"no bad cases of {feature}"
    return found


def good(feature: str, name: str) -> bytes:
    return (CASES / feature / "good" / name).read_bytes()


def expected(path: Path) -> str:
    return path.with_name(f"{path.name}.txt").read_text(encoding="utf-8")


def told(problems: Iterable[Problem]) -> str:
    return "".join(_lines(p) for p in problems)


def _lines(problem: Problem) -> str:
    more = [f"    {sign} {text}\n" for sign, text in (("because", problem.why), ("→", problem.hint)) if text]
    return f"{problem.where} {problem.severity} [{problem.code}] {problem.what}\n" + "".join(more)
