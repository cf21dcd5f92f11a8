"""The command line: `makegood lint`, `evaluate`, `explain`, `import`, `init`, `publish`, `schema`, `demo`."""

from makegood.cli.main import main

__all__ = ["main"]
