"""`evaluate` and `explain`: what was promised, delivered and owed, and why."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from makegood.app import judging
from makegood.app.judging import Docket
from makegood.cli.screen import out_screen, say, say_problems, write_file
from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import Instant
from makegood.model.statement import Answer, Statement, Verdict

Format = Literal["text", "table", "json", "html"]
BREACHED, INSUFFICIENT = 3, 4


def evaluate(
    agreement: Path,
    *,
    order: Path,
    facts: Path,
    period: str,
    as_of: str | None = None,
    format: Format | None = None,  # noqa: A002 -- the option's name
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
    other_services: bool = False,
    exit_code: bool = False,
) -> int:
    """State what an agreement says of an order for a period, or for every period from one to another.

    Parameters
    ----------
    agreement
        The agreement, NAME.sla.md.
    order
        The order under it, NAME.order.yaml.
    facts
        The folder of facts: *.facts.yaml, observations/, states/.
    period
        2026-02 for a month, 2026-Q1 for a quarter, 2026 for a year; or two with .. between: 2024-04..2026-06.
    as_of
        As known at this instant, such as 2026-03-02T00:00:00Z; now where not given.
    format
        text, table (a line for each period), json, or html (one file to send to someone).
    output
        Write to this file instead of the terminal; its ending chooses the format where --format does not.
    other_services
        Allow facts about services that the order does not cover.
    exit_code
        Leave with 3 when a promise was breached and 4 when the data do not suffice.
    """
    docket = judging.open_docket(agreement, order, facts, other_services)
    say_problems(docket.warnings)
    first, dots, last = period.partition("..")
    at = known_at(as_of)
    chosen: Format = format or _format_of(output) or ("table" if dots else "text")
    answers = _answers(docket, first, last if dots else first, at, chosen)
    _deliver(answers, chosen, output)
    return _code([s for a in answers for s in a.statements]) if exit_code else 0


def explain(
    agreement: Path,
    question: Literal["all", "why", "tier", "change", "readings"] = "all",
    *,
    order: Path,
    facts: Path,
    period: str,
    as_of: str | None = None,
    other_services: bool = False,
) -> None:
    """Answer why, why not the next tier, and what the smallest change is that would alter the verdict or the amount.

    Parameters
    ----------
    agreement
        The agreement, NAME.sla.md.
    question
        why: the derivation, down to the facts. tier: the rows of the table and the distance to each. change: the
        smallest single changes. readings: each choice and its price. all: everything.
    order
        The order under it.
    facts
        The folder of facts.
    period
        2026-02, 2026-Q1 or 2026.
    as_of
        As known at this instant; now where not given.
    other_services
        Allow facts about services that the order does not cover.
    """
    from makegood.render.explain import explanation

    docket = judging.open_docket(agreement, order, facts, other_services)
    answer = judging.judge(docket, period, known_at(as_of))
    for statement in answer.statements:
        say(explanation(statement, docket.terms, question, *out_screen()))
    if not answer.statements:
        _nothing_applies(answer)


def known_at(text: str | None) -> Instant:
    """The instant of `--as-of`, or now. Raises Refused for a time without a zone, an epoch number and the like."""
    if text is None:
        return time.time_ns() // 1000
    found = numbers.instant(text, None)
    if isinstance(found, Wrong):
        raise Refused([error("wrong-instant", Place("--as-of"), found.what, found.why, found.hint)])
    return found


def _answers(docket: Docket, first: str, last: str, at: Instant, chosen: Format) -> list[Answer]:
    world = judging.world_at(docket, at)
    if first == last:
        return [judging.judge_in(world, docket, first)]
    explain_each = chosen in ("html", "json")
    return [judging.judge_in(world, docket, label, explain_each) for label in judging.labels(docket, first, last)]


def _format_of(output: Path | None) -> Format | None:
    endings: dict[str, Format] = {".html": "html", ".json": "json", ".txt": "text"}
    return endings.get(output.suffix) if output else None


def _deliver(answers: Sequence[Answer], chosen: Format, output: Path | None) -> None:
    statements = [s for a in answers for s in a.statements]
    if not statements and chosen in ("text", "table", "html"):
        _nothing_applies(answers[0])
        return
    text = _written(statements, chosen, to_file=output is not None)
    if output is None:
        say(text)
        return
    write_file(output, text)
    say(f"written: {output}")


def _written(statements: Sequence[Statement], chosen: Format, to_file: bool) -> str:
    from makegood.render.screen import Screen

    screen = Screen(100) if to_file else out_screen()
    match chosen:
        case "json":
            from makegood.render.document import statements_json

            return statements_json(statements)
        case "html":
            from makegood.render.html import statement_html

            return statement_html(statements)
        case "table":
            from makegood.render.tables import statements_table

            return statements_table(statements, *screen)
        case "text":
            from makegood.render.text import statement_text

            return "\n".join(statement_text(s, *screen) for s in statements)


def _nothing_applies(answer: Answer) -> None:
    say("Nothing of this agreement applies to the order:")
    for one in answer.not_applicable:
        say(f"  {one.what}, clause {one.clause}: {one.why}")


def _code(statements: Sequence[Statement]) -> int:
    verdicts = {s.verdict for s in statements}
    return BREACHED if Verdict.BREACHED in verdicts else INSUFFICIENT if Verdict.INSUFFICIENT in verdicts else 0
