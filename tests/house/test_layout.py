"""The tree tells the story: no drawer for odds and ends, and a module fits one sitting."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "src").rglob("*.py"))
DRAWERS = {"utils", "util", "common", "helpers", "helper", "misc"}
MOST_LINES = 500


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_there_are_modules_to_look_at() -> None:
    assert ROOT / "src/makegood/__init__.py" in MODULES


@pytest.mark.parametrize("folder", ["src", "tests", "scripts", "benchmarks"])
def test_no_module_or_package_is_a_drawer_for_odds_and_ends(folder: str) -> None:
    names = ((path, {part.removesuffix(".py") for part in path.parts}) for path in (ROOT / folder).rglob("*.py"))
    assert [name_of(path) for path, parts in names if parts & DRAWERS] == []


def test_a_module_fits_one_sitting() -> None:
    # Whoever takes it out of a bundle needs all of the verifier in one file (decision 0014).
    alone = "src/makegood/evidence/verify_alone.py"
    lines = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: count for name, count in lines.items() if count > MOST_LINES and name != alone} == {}
