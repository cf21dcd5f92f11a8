"""`apply` and `deployed`: let agreements, orders, checks and alerts hold at a store, after a plan; say what holds."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from makegood.cli.screen import say, say_document, say_problems, write_file
from makegood.cli.usage import WrongUsage
from makegood.cli.who import user_name
from makegood.model.problem import Place, Refused, error
from makegood.store.place import is_store


def apply(
    *files: Path,
    into: Path,
    yes: bool = False,
    dry_run: bool = False,
    prune: bool = False,
    by: str = "",
    format: Literal["text", "json"] = "text",  # noqa: A002 -- the option's name
) -> int:
    """Let agreements, orders, checks and alerts hold at a store: the plan is shown first, and nothing is lost by it.

    Parameters
    ----------
    files
        Agreements, orders, files of checks and one of alerts, or folders of them.
    into
        The store.
    yes
        Do not ask: apply the plan as it is shown.
    dry_run
        Show the plan, and change nothing.
    prune
        Take away whatever is deployed and not among these files. Otherwise only checks are, that were in one of these
        files before.
    by
        Who applies it; the user's name where not given.
    format
        text for people; json: the plan for programs, with --yes or --dry-run.
    """
    from makegood.app.deployed import deployed
    from makegood.app.offering import offer_of_files
    from makegood.app.planning import apply_plan, plan
    from makegood.render.plan import plan_document, plan_text
    from makegood.store.opened import opened

    if not files:
        raise WrongUsage(
            "apply needs at least one agreement, order, file of checks or file of alerts, or a folder of them"
        )
    if format == "json" and not (yes or dry_run):
        raise WrongUsage("--format json asks nobody: say --yes or --dry-run as well")
    if not is_store(into):
        hint = f"makegood store {into} makes a store"
        raise Refused([error("no-store", Place(str(into)), "only a store can hold what is deployed", "", hint)])
    offer = offer_of_files(files)
    with opened(into) as store:
        made = plan(deployed(store), offer, prune)
        say_problems(made.warnings)
        if format == "json":
            say_document(json.dumps(plan_document(made.changes), indent=2, ensure_ascii=False) + "\n")
        else:
            say(plan_text(made.changes))
        if made.empty or dry_run:
            if not made.empty and format == "text":
                say("nothing was applied: this was a dry run")
            return 0
        if not yes and not _agreed():
            say("nothing was applied")
            return 1
        receipt = apply_plan(store, made, time.time_ns() // 1000, by or user_name())
    if format == "text":
        first, last = receipt.positions[0], receipt.positions[-1]
        say(f"applied to {into}, " + (f"position {first}" if first == last else f"positions {first}-{last}"))
    return 0


def _agreed() -> bool:
    """Whether the person at the terminal wants it. Raises WrongUsage where there is none."""
    if not sys.stdin.isatty():
        raise WrongUsage("nobody is there to be asked: say --yes to apply the plan, or --dry-run to see it only")
    sys.stdout.write("Apply this? Write yes: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() == "yes"


def deployed(
    folder: Path,
    *,
    size: int | None = None,
    checks: bool = False,
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
) -> None:
    """Say which agreements, orders, checks and alerts hold at a store, or write its checks as a file.

    Parameters
    ----------
    folder
        The folder of the store.
    size
        As its log was so long; now where not given.
    checks
        Write the checks instead, as one file of checks.
    output
        Write to this file.
    """
    from makegood.app.deployed import deployed as deployed_at
    from makegood.exchange.checks.write import checks_text
    from makegood.store.opened import opened

    with opened(folder) as store:
        found = deployed_at(store, size)
    if checks:
        text = checks_text(found.checks)
    else:
        names = [
            f"{put.kind} {name}  {put.digest.hex()[:16]}  {put.file}" for (_, name), put in sorted(found.put.items())
        ]
        text = "".join(f"{line}\n" for line in [*names, *([] if names else ["nothing is deployed"])])
    if output is not None:
        write_file(output, text)
        say(f"written: {output}")
    elif checks:
        say_document(text)
    else:
        say(text)
