"""The command line: `makegood lint`, `evaluate`, `explain`, `import`, `init`, `publish`, `schema`, `demo`."""

import gc
import sys

__all__ = ["main"]


def main() -> None:
    """Run one command and leave with its exit code; quietly too where it is interrupted while it still loads."""
    gc.set_threshold(50_000)  # most of what is loaded stays: looking for garbage among it took a tenth of the start
    try:
        from makegood.cli.main import run
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(run(sys.argv[1:]))
