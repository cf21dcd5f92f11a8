"""`python -m makegood.contract.lint.codes docs/lint.md` writes the tables of the page anew."""

from __future__ import annotations

import sys
from pathlib import Path

from makegood.contract.lint.codes import START, page


def main(path: Path) -> None:
    """Write the tables of the page anew."""
    head, start, _ = path.read_text(encoding="utf-8").partition(START)
    path.write_text(head + start + page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
