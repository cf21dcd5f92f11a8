"""`convert`: objectives of OpenSLO to an agreement, and an agreement to objectives of OpenSLO."""

from __future__ import annotations

from pathlib import Path

from makegood.cli.screen import say, say_problems, write_file
from makegood.cli.usage import WrongUsage

AGREEMENT = ".sla.md"


def convert(file: Path, *, to: Path, order: Path | None = None) -> None:
    """Turn objectives of OpenSLO v1 into an agreement, or an agreement into objectives, and say what is lost.

    Parameters
    ----------
    file
        A YAML file of OpenSLO, or an agreement, NAME.sla.md.
    to
        The file to write: NAME.sla.md from OpenSLO, NAME.yaml from an agreement.
    order
        Of an agreement: the order whose services the objectives are for.
    """
    from makegood.app.converting import agreement_of, objectives_of

    outward = file.name.endswith(AGREEMENT)
    if outward == to.name.endswith(AGREEMENT) or (outward and to.suffix not in (".yaml", ".yml")):
        raise WrongUsage("convert writes NAME.sla.md from a file of OpenSLO, and NAME.yaml from an agreement")
    if outward and order is None:
        raise WrongUsage("an agreement is converted for an order: name it with --order")
    if not outward and order is not None:
        raise WrongUsage("--order is for an agreement; a file of OpenSLO names its services itself")
    if outward:
        assert order is not None
        found = objectives_of(file, order)
    else:
        found = agreement_of(file, to.name.removesuffix(AGREEMENT))
    write_file(to, found.text)
    say_problems(found.problems)
    say(f"written: {to}")
    if found.lost:
        say("without:")
        for lost in found.lost:
            say(f"  {lost}")
