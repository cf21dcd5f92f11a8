"""`convert`: objectives of OpenSLO to an agreement and back, and configurations of other monitors to checks."""

from __future__ import annotations

from pathlib import Path

from makegood.app.converting import Converted
from makegood.cli.screen import say, say_problems, write_file
from makegood.cli.usage import WrongUsage
from makegood.model.problem import Place, Refused, error

AGREEMENT, CHECKS = ".sla.md", ".checks.yaml"


def convert(
    file: Path,
    *,
    to: Path,
    order: Path | None = None,
    targets: Path | None = None,
    service: str = "",
    name: tuple[str, ...] = (),
    force: bool = False,
) -> None:
    """Turn objectives of OpenSLO v1 into an agreement or back, or others' monitors into checks; say what is lost.

    Parameters
    ----------
    file
        A YAML file of OpenSLO, or an agreement, NAME.sla.md. For checks: the database or the backup of Uptime Kuma, or
        the configuration of a blackbox_exporter.
    to
        The file to write: NAME.sla.md from OpenSLO, NAME.yaml from an agreement, or NAME.checks.yaml.
    order
        Of an agreement: the order whose services the objectives are for.
    targets
        Of a blackbox_exporter: the configuration of Prometheus with its scrape_configs, or a file of targets.
    service
        For checks: the service of all of them; else it is the group of a monitor, or the job of a target.
    name
        For checks: what we call one, "its name=our name"; may be given several times.
    force
        Write over a file that is there.
    """
    if to.name.endswith(CHECKS):
        _say(to, _checks(file, order, targets, service, name), force)
        return
    for option, value in (("targets", targets), ("service", service), ("name", name)):
        if value:
            raise WrongUsage(f"--{option} is for checks: end --to in {CHECKS}")
    from makegood.app.converting import agreement_of, objectives_of

    outward = file.name.endswith(AGREEMENT)
    if outward == to.name.endswith(AGREEMENT) or (outward and to.suffix not in (".yaml", ".yml")):
        raise WrongUsage("convert writes NAME.sla.md from OpenSLO, NAME.yaml from an agreement, or NAME.checks.yaml")
    if outward and order is None:
        raise WrongUsage("an agreement is converted for an order: name it with --order")
    if not outward and order is not None:
        raise WrongUsage("--order is for an agreement; a file of OpenSLO names its services itself")
    if outward:
        assert order is not None
        found = objectives_of(file, order)
    else:
        found = agreement_of(file, to.name.removesuffix(AGREEMENT))
    _say(to, found, force)


def _checks(file: Path, order: Path | None, targets: Path | None, service: str, name: tuple[str, ...]) -> Converted:
    from makegood.app.bringing_checks import checks_of
    from makegood.cli.bring import names_of
    from makegood.exchange.naming import EVERYTHING

    if order is not None:
        raise WrongUsage("--order is for an agreement that becomes objectives")
    names = names_of(name)
    if EVERYTHING in names:
        raise WrongUsage('--name "its name=our name" is for one check; --service is for all of them')
    return checks_of(file, targets, service, names)


def _say(to: Path, found: Converted, force: bool) -> None:
    if to.is_file() and not force:
        hint = "name another file, or write over it with --force"
        raise Refused([error("exists", Place(str(to)), "is there already", "nothing was written", hint)])
    write_file(to, found.text)
    say_problems(found.problems)
    say(f"written: {to}")
    if found.lost:
        say("without:")
        for lost in found.lost:
            say(f"  {lost}")
