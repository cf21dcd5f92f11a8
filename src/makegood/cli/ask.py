"""`readings` and `what-if`: what a text is worth, and what would have been."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from makegood.app.knowing import known
from makegood.cli.asked import Paths, Words, chosen_format, code_of, date_of, deliver
from makegood.cli.screen import say_problems
from makegood.cli.usage import WrongUsage

READINGS_ENDINGS: dict[str, Literal["text", "json"]] = {".txt": "text", ".json": "json"}
WHAT_IF_ENDINGS: dict[str, Literal["text", "table", "json"]] = {".txt": "text", ".json": "json"}


def readings(
    agreement: Path,
    *,
    order: Paths = (),
    facts: Path | None = None,
    period: str | None = None,
    over: str | None = None,
    until: str | None = None,
    as_of: str | None = None,
    format: Literal["text", "json"] | None = None,  # noqa: A002 -- the option's name
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
    other_services: bool = False,
) -> None:
    """Rank every reading and silence of an agreement by what it is worth: over an order's history, or without one.

    Parameters
    ----------
    agreement
        The agreement, NAME.sla.md.
    order
        An order under it; may be given several times. Without one, hypothetical periods are judged under a nominal fee.
    facts
        The folder of facts, with an order.
    period
        2026-02, or two with .. between, with an order.
    over
        Instead of --period: the last whole periods, such as "12 months".
    until
        With --over: the last date that may be inside; the last one that has passed where not given.
    as_of
        As known at this instant; now where not given.
    format
        text or json.
    output
        Write to this file; .txt and .json choose the format.
    other_services
        Allow facts about services that no order covers.
    """
    from makegood.app import asking
    from makegood.app.judging import open_dockets

    chosen = chosen_format(format, output, READINGS_ENDINGS, "text")
    if not order:
        named = [n for n, v in (("--facts", facts), ("--period", period), ("--over", over), ("--until", until)) if v]
        if named:
            raise WrongUsage(f"{named[0]} is about an order, and --order names none; see makegood readings --help")
        _stress(agreement, chosen, output)
        return
    if facts is None or (period is None) == (over is None):
        lacking = "--facts" if facts is None else "--period or --over, one of them"
        raise WrongUsage(f"with --order, readings needs {lacking}; see makegood readings --help")
    (at, size), last = known(as_of, facts), date_of(until, "--until")
    dockets = open_dockets(agreement, order, facts, other_services, size)
    say_problems(dockets[0].warnings)
    found = asking.weigh(dockets, period, over, last, at)
    title = f"Readings of “{dockets[0].agreement.header.title}”"
    weighed = (
        title,
        found.weighing.weighed(),
        found.weighing.weighed_silences(),
        found.statements,
        found.lines,
        found.ill,
    )
    from makegood.render.readings import readings_text

    document = None
    if chosen == "json":
        from makegood.render.document.asked import readings_json

        document = readings_json(dockets[0].agreement.header.title, *weighed[1:])
    deliver(output, document, lambda *screen: readings_text(*weighed, *screen))


def _stress(agreement: Path, chosen: str, output: Path | None) -> None:
    from makegood.app import asking
    from makegood.render.readings import stress_text

    found = asking.stress(agreement)
    say_problems(found.warnings)
    title = found.agreement.header.title
    document = None
    if chosen == "json":
        from makegood.render.document.asked import stress_json

        document = stress_json(title, found.situations, found.lines, found.ill)
    deliver(
        output,
        document,
        lambda *screen: stress_text(f"Readings of “{title}”", found.situations, found.lines, found.ill, *screen),
    )


def what_if(
    agreement: Path,
    *,
    order: Paths,
    facts: Path,
    period: str,
    suppose: Paths = (),
    without: Words = (),
    plan: str | None = None,
    instead: Words = (),
    reading: Words = (),
    down: Words = (),
    up: Words = (),
    service: str | None = None,
    fee: str | None = None,
    as_of: str | None = None,
    format: Literal["text", "table", "json"] | None = None,  # noqa: A002 -- the option's name
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
    other_services: bool = False,
    exit_code: bool = False,
) -> int:
    """Lay hypothetical facts, plans, clauses or down time over the real ones, and see before and after side by side.

    Nothing is written into the facts. What is still to come of a period is taken as up, before and after.

    Parameters
    ----------
    agreement
        The agreement, NAME.sla.md.
    order
        An order under it; may be given several times.
    facts
        The folder of facts.
    period
        2026-02, or two with .. between; it may lie ahead.
    suppose
        A file of facts that are supposed as well, NAME.facts.yaml, whenever they are recorded.
    without
        The id of a fact that is taken away.
    plan
        The plan that the order is supposed to have throughout.
    instead
        An exception to a rule: rule.key=value, or a file with a list of them as orders have it.
    reading
        A reading taken otherwise: id=alternative.
    down
        A span in which the service is supposed to be down: "2026-02-08 02:10 to 02:57 America/New_York".
    up
        A span in which it is supposed to be up.
    service
        The service that --down, --up and --fee are about.
    fee
        Another fee, such as "15,000.00 USD per month".
    as_of
        As known at this instant; now where not given.
    format
        text, table (a line for each statement), or json.
    output
        Write to this file; .txt and .json choose the format.
    other_services
        Allow facts about services that no order covers.
    exit_code
        Leave with 3 when a promise would be breached and 4 when the data would not suffice.
    """
    from makegood.app import supposing
    from makegood.app.judging import open_dockets
    from makegood.render.comparing import what_if_table, what_if_text
    from makegood.render.tables import not_applicable_text

    chosen = chosen_format(format, output, WHAT_IF_ENDINGS, "text")
    hypothesis = supposing.Hypothesis(suppose, without, plan, instead, reading, down, up, service, fee)
    if hypothesis.empty and service is None:
        raise WrongUsage(
            "nothing is supposed: say --down, --suppose, --instead or another; see makegood what-if --help"
        )
    at, size = known(as_of, facts)
    dockets = open_dockets(agreement, order, facts, other_services, size)
    say_problems(dockets[0].warnings)
    found = supposing.what_if(dockets, facts, period, at, hypothesis)
    say_problems(found.warnings)
    document = None
    if chosen == "json":
        from makegood.render.document.asked import what_if_json

        document = what_if_json(found.pairs, found.completed)
    shown = what_if_table if chosen == "table" else what_if_text
    if found.pairs:
        deliver(output, document, lambda *screen: shown(found.pairs, found.completed, *screen))
    else:
        deliver(output, document, lambda *screen: not_applicable_text(found.not_applicable, *screen))
    return code_of(supposing.statements_after(found)) if exit_code else 0
