"""requirements.txt holds every package that pyproject.toml asks for, at one version, by hash, and nothing else.

Needs no network: it compares the file with what is installed, which `scripts/setup` installed from the file.
"""

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as canonical

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TEXT = (ROOT / "requirements.txt").read_text(encoding="utf-8")
MEASURED = (ROOT / "requirements-bench.txt").read_text(encoding="utf-8")
"""What is measured beside; `make bench` alone installs it."""
STALE = "requirements.txt is stale: run `make lock` and commit the file"


def asked() -> list[Requirement]:
    project = PROJECT["project"]
    installed = [texts for name, texts in PROJECT["dependency-groups"].items() if name != "bench"]
    groups = [*project.get("optional-dependencies", {}).values(), *installed]
    return [Requirement(text) for texts in [project["dependencies"], *groups] for text in texts]


def entries(text: str = TEXT) -> Iterator[tuple[Requirement, list[str]]]:
    """Each pinned requirement with its hashes."""
    for block in re.split(r"\n(?=[a-z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)):
        first, *rest = block.split("\\\n")
        yield Requirement(first.strip()), [line.strip() for line in rest]


def pinned_here() -> dict[str, str]:
    """Name to version, of those that this Python and system need."""
    here = (requirement for requirement, _ in entries() if applies(requirement))
    return {canonical(requirement.name): str(requirement.specifier).removeprefix("==") for requirement in here}


def applies(requirement: Requirement, extra: str = "") -> bool:
    environment = {key: str(value) for key, value in default_environment().items()} | {"extra": extra}
    return requirement.marker is None or requirement.marker.evaluate(environment)


def needed_here() -> set[str]:
    """What the project asks for and, followed through what is installed, what those ask for."""
    seen: set[tuple[str, str]] = set()
    ahead = [(requirement, "") for requirement in asked()]
    while ahead:
        requirement, extra_of_parent = ahead.pop()
        if not applies(requirement, extra_of_parent):
            continue
        name = canonical(requirement.name)
        for extra in ["", *sorted(requirement.extras)]:
            if (name, extra) not in seen:
                seen.add((name, extra))
                ahead += [(Requirement(text), extra) for text in metadata.requires(name) or []]
    return {name for name, _ in seen}


@pytest.mark.parametrize("requirement", asked(), ids=lambda requirement: requirement.name)
def test_every_dependency_is_pinned_within_its_bounds(requirement: Requirement) -> None:
    versions = [
        str(pin.specifier).removeprefix("==")
        for pin, _ in entries()
        if canonical(pin.name) == canonical(requirement.name)
    ]
    assert versions, STALE
    assert all(requirement.specifier.contains(version) for version in versions), STALE


def test_what_is_measured_beside_is_pinned_within_its_bounds() -> None:
    pins = {canonical(pin.name): str(pin.specifier).removeprefix("==") for pin, _ in entries(MEASURED)}
    for asked_for in map(Requirement, PROJECT["dependency-groups"]["bench"]):
        assert asked_for.specifier.contains(pins[canonical(asked_for.name)]), STALE


def test_exactly_what_is_needed_is_pinned() -> None:
    assert set(pinned_here()) == needed_here(), STALE


def test_what_is_pinned_is_what_is_installed() -> None:
    assert {name: metadata.version(name) for name in pinned_here()} == pinned_here()


def test_every_pin_is_one_version_with_hashes() -> None:
    for requirement, hashes in [*entries(), *entries(MEASURED)]:
        assert re.fullmatch(r"==[^=,*]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", text) for text in hashes), requirement


def test_no_pin_names_where_it_came_from() -> None:
    lines = [*TEXT.splitlines(), *MEASURED.splitlines()]
    assert [line for line in lines if re.search(r"://|@|index|find-links|trusted-host", line)] == []


def test_every_runtime_dependency_has_a_lower_bound() -> None:
    unbounded = [text for text in PROJECT["project"]["dependencies"] if ">=" not in text]
    assert unbounded == []


def test_the_checkout_builds_with_the_pinned_backend() -> None:
    """scripts/setup installs without build isolation, so the backend must be among the pins."""
    for text in PROJECT["build-system"]["requires"]:
        backend = Requirement(text)
        assert backend.specifier.contains(pinned_here()[canonical(backend.name)]), STALE
