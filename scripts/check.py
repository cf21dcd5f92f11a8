"""Run the steps of ``make test``, or those named, and say how long each took.

    scripts/check.py                       every step
    scripts/check.py format types          these steps
    scripts/check.py torture --seed 1234   the long run, repeated: many random examples, then ten million pairs
    scripts/check.py pairs --first 4200000 --pairs 5800000
                                           only pairs, and only these: to go on where the long run was stopped
    scripts/check.py tests -- -k credit    what follows -- goes to pytest

All steps run even after one has failed; the exit code is 1 when any did.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUDGET_MINUTES = 10  # of `make test` on two cores; printed, never asserted

PYTHON = [sys.executable, "-m"]
STEPS: Mapping[str, Sequence[str]] = {
    "format": [*PYTHON, "ruff", "format", "--check", "."],
    "lint": [*PYTHON, "ruff", "check", "."],
    "types": [*PYTHON, "mypy", "--strict"],
    "layers": [str(Path(sys.executable).with_name("lint-imports")), "--no-logo"],
    # Three at once on two cores: some wait for processes and seconds. The long ones stand together, so they are shared.
    "tests": [*PYTHON, "pytest", "-q", "-n", "3", "--dist", "worksteal"],
}
LONG = ("torture", "pairs")
MEMORY, ROOM = Path("/dev/shm"), 6 << 30
"""Linux' files in memory, and the free memory (bytes) from which on the tests, which write some hundred MB, use it."""
TEN_MILLION = 10_000_000
COMPILED = ROOT / ".venv" / "compiled"
"""Where Python keeps what it compiled, so that no process of a test does it again and the tree stays as it is."""


def main() -> int:
    """Run the steps asked for and report them; 0 when all passed."""
    arguments, to_pytest = _arguments()
    environment = dict(os.environ, PYTHONTZPATH="", HYPOTHESIS_PROFILE="ci", PYTHONPYCACHEPREFIX=str(COMPILED))
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # tests start the program hundreds of times
    chosen = {name: STEPS[name] for name in arguments.steps or STEPS if name not in LONG}
    pairs = arguments.first, arguments.pairs
    if "torture" in arguments.steps:
        seed = random.randrange(2**32) if arguments.seed is None else arguments.seed
        print(f"torture with seed {seed}; repeat with: make torture SEED={seed}", flush=True)
        environment |= {"HYPOTHESIS_PROFILE": "torture", "MAKEGOOD_SEED": str(seed)}
        chosen["torture"] = [*STEPS["tests"], f"--hypothesis-seed={seed}"]
        pairs = seed * TEN_MILLION if arguments.first is None else arguments.first, arguments.pairs
    if set(LONG) & set(arguments.steps):
        first, many = pairs
        chosen["pairs"] = [*PYTHON, "tests.exact", "run", "--first", str(first or 0), "--pairs", str(many)]
    taken: dict[str, tuple[float, int]] = {}
    for name, step in chosen.items():
        print(f"\n== {name}", flush=True)
        command = [*step, *to_pytest] if name in ("tests", "torture") else step
        begun = time.monotonic()
        with _files(in_memory=name == "tests") as files:
            code = subprocess.run(
                command, cwd=ROOT, env=environment | files, stdin=subprocess.DEVNULL, check=False
            ).returncode
        taken[name] = time.monotonic() - begun, code
    return _report(taken)


def _arguments() -> tuple[argparse.Namespace, list[str]]:
    given = sys.argv[1:]
    cut = given.index("--") if "--" in given else len(given)
    parser = argparse.ArgumentParser(description="Run the steps of make test, or those named.")
    parser.add_argument(
        "steps", nargs="*", metavar="step", help=f"{', '.join([*STEPS, *LONG])}; default: all but the last two"
    )
    parser.add_argument("--first", type=int, help="the number of the first pair; default: by the seed of torture, or 0")
    parser.add_argument("--pairs", type=int, default=TEN_MILLION, help="how many pairs; default: ten million")
    parser.add_argument("--seed", type=int, help="of torture; default: a new one, printed")
    arguments = parser.parse_args(given[:cut])
    if unknown := [step for step in arguments.steps if step not in STEPS and step not in LONG]:
        parser.error(f"no step named {', '.join(unknown)}; there are {', '.join([*STEPS, *LONG])}")
    return arguments, given[cut + 1 :]


@contextmanager
def _files(in_memory: bool) -> Iterator[dict[str, str]]:
    """What makes a step keep its temporary files in memory, where there is room: a store waits for its disk at every
    commit. The long run uses the disk, as does pytest when it is called by hand."""
    if not in_memory or "TMPDIR" in os.environ or not _room():
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="makegood-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL, which runs as a user of its own, finds its way
        yield {"TMPDIR": folder}


def _room() -> bool:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))
        files = os.statvfs(MEMORY)
    except (OSError, StopIteration):
        return False
    return min(free, files.f_bavail * files.f_frsize) >= ROOM and os.access(MEMORY, os.W_OK | os.X_OK)


def _report(taken: Mapping[str, tuple[float, int]]) -> int:
    print()
    for name, (seconds, code) in taken.items():
        print(f"{name:<8} {seconds:7.1f} s  {'passed' if code == 0 else f'FAILED (exit code {code})'}")
    total = sum(seconds for seconds, _ in taken.values())
    budget = "" if set(LONG) & set(taken) else f" of {BUDGET_MINUTES * 60} s, the budget of make test"
    print(f"{'total':<8} {total:7.1f} s{budget}")
    failed = [name for name, (_, code) in taken.items() if code]
    if failed:
        print(f"FAILED: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
