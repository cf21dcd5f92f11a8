"""Run every benchmark: ``python -m benchmarks [NAME...]``.

A benchmark is a module of this folder with ``run() -> Iterable[Measured]``: what was measured, its size in words
("1 month, 3 locations, 1 min"), the seconds it took, and what that says beside something else in the same run.
"""

import importlib
import os
import pkgutil
import platform
import sys
from collections.abc import Iterable

import benchmarks
import makegood


def main(names: Iterable[str]) -> int:
    """Print the machine, then one line per measurement; 1 when a named benchmark does not exist."""
    modules = {module.name for module in pkgutil.iter_modules(benchmarks.__path__)}
    found = sorted(modules - {"__main__", "observations", "samples", "targets", "timing"})
    chosen = list(names) or found
    if unknown := sorted(set(chosen) - set(found)):
        print(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(found) or 'none yet'}", file=sys.stderr)
        return 1
    print(machine())
    if not chosen:
        print("no benchmarks yet")
    for name in chosen:
        print(f"\n{name}")
        for what, size, seconds, beside in importlib.import_module(f"benchmarks.{name}").run():
            print(f"  {what:<44} {size:<38} {seconds * 1000:>10,.2f} ms  {beside}".rstrip(), flush=True)
    return 0


def machine() -> str:
    """Say on what the figures were taken: program, Python, processor and cores."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    where = f"{platform.system()} {platform.machine()}, {cores} cores"
    return f"Makegood {makegood.__version__}, {python}, {where}{_processor()}"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123 - not a file of ours
            return next((f", {line.split(':', 1)[1].strip()}" for line in lines if line.startswith("model name")), "")
    except OSError:
        return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
