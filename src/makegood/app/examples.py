"""Where the example agreements lie: inside an installed package, or beside the sources of a checkout."""

from __future__ import annotations

from pathlib import Path

import makegood
from makegood.model.problem import Place, Refused, error


def examples_folder() -> Path:
    """The folder of examples. Raises Refused where an installation lost it."""
    package = Path(makegood.__file__).parent
    for folder in (package / "examples", package.parents[1] / "examples"):
        if folder.is_dir():
            return folder
    raise Refused(
        [error("no-examples", Place("examples"), "the examples are not installed", "", "install makegood again")]
    )
