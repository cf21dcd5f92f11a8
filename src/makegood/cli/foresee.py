"""`budget` and `replay`: what is left of each target, and what a draft would have cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from makegood.app.knowing import known
from makegood.cli.asked import Paths, Words, assignments, chosen_format, code_of, date_of, deliver
from makegood.cli.screen import say_problems
from makegood.cli.usage import WrongUsage

BUDGET_ENDINGS: dict[str, Literal["text", "table", "json"]] = {".txt": "text", ".json": "json"}
REPLAY_ENDINGS: dict[str, Literal["text", "table", "csv", "json"]] = {".txt": "text", ".csv": "csv", ".json": "json"}


def budget(
    agreement: Path,
    *,
    order: Paths,
    facts: Path,
    period: str | None = None,
    as_of: str | None = None,
    format: Literal["text", "table", "json"] | None = None,  # noqa: A002 -- the option's name
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
    other_services: bool = False,
    exit_code: bool = False,
) -> int:
    """Say what is left of each target in minutes and money, what each further step would cost, and what is certain.

    Parameters
    ----------
    agreement
        The agreement, NAME.sla.md.
    order
        An order under it; may be given several times.
    facts
        The folder of facts.
    period
        2026-02, 2026-Q1 or 2026; the periods that hold the instant of --as-of where not given.
    as_of
        As known at this instant; now where not given.
    format
        text, table (a line for each commitment and subject), or json.
    output
        Write to this file; .txt and .json choose the format.
    other_services
        Allow facts about services that no order covers.
    exit_code
        Leave with 3 when a promise is surely breached, whatever is still to come, and 4 when the data do not suffice.
    """
    from makegood.app import budgeting
    from makegood.app.judging import open_dockets
    from makegood.render.budget import budget_table, budget_text
    from makegood.render.tables import not_applicable_text

    chosen = chosen_format(format, output, BUDGET_ENDINGS, "text")
    if period is not None and ".." in period:
        raise WrongUsage(f"budget takes one period, and {period} are several; see makegood budget --help")
    at, size = known(as_of, facts)
    dockets = open_dockets(agreement, order, facts, other_services, size)
    say_problems(dockets[0].warnings)
    found = budgeting.budget(dockets, period, at)
    document = None
    if chosen == "json":
        from makegood.render.document.asked import budget_json

        document = budget_json(found.budgets)
    shown = budget_table if chosen == "table" else budget_text

    def text(*screen: object) -> str:
        if not found.budgets:
            return not_applicable_text(found.not_applicable, *screen)  # type: ignore[arg-type]
        return shown(found.budgets, *screen)  # type: ignore[arg-type]

    deliver(output, document, text)
    return code_of(b.now for b in found.budgets) if exit_code else 0


def replay(
    old: Path,
    new: Path,
    *,
    order: Paths,
    facts: Path,
    over: str = "12 months",
    until: str | None = None,
    instead: Words = (),
    reading: Words = (),
    as_of: str | None = None,
    format: Literal["text", "table", "csv", "json"] | None = None,  # noqa: A002 -- the option's name
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
    other_services: bool = False,
    exit_code: bool = False,
) -> int:
    """Judge history again under a draft, order by order, in money: the price of a sentence.

    Parameters
    ----------
    old
        The agreement as it was, NAME.sla.md, which the orders are under.
    new
        The draft; or the same file again, with --instead or --reading.
    order
        An order under the old agreement; may be given several times.
    facts
        The folder of facts.
    over
        How far to look back, such as "12 months" or "4 quarters"; whole periods that are over.
    until
        The last date that may be inside; the last one that has passed where not given.
    instead
        An exception to a rule of the draft: rule.key=value, or a file with a list of them as orders have it.
    reading
        A reading of the draft taken otherwise: id=alternative.
    as_of
        As known at this instant; now where not given.
    format
        text, table (a line for every statement), csv or json.
    output
        Write to this file; .txt, .csv and .json choose the format.
    other_services
        Allow facts about services that no order covers.
    exit_code
        Leave with 3 when the draft would have been breached, and 4 when the data would not have sufficed.
    """
    from makegood.app import replaying
    from makegood.app.drafts import open_draft
    from makegood.app.judging import open_dockets
    from makegood.render.replay import replay_csv, replay_table, replay_text

    chosen = chosen_format(format, output, REPLAY_ENDINGS, "text")
    (at, size), last = known(as_of, facts), date_of(until, "--until")
    read_as = assignments(reading, "--reading", "downtime.begins=confirmation")
    draft = open_draft(new, instead, read_as)
    dockets = open_dockets(old, order, facts, other_services, size)
    found, warnings = replaying.replay(dockets, draft, over, last, at)
    say_problems([*dockets[0].warnings, *(w for w in warnings if w not in dockets[0].warnings)])
    document = None
    if chosen == "json":
        from makegood.render.document.asked import replay_json

        document = replay_json(found)
    if chosen == "csv":
        document = replay_csv(found)
    shown = replay_table if chosen == "table" else replay_text
    deliver(output, document, lambda *screen: shown(found, *screen))
    return code_of(pair.after for pair in found.pairs if pair.after is not None) if exit_code else 0
