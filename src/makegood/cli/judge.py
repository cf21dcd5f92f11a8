"""`evaluate` and `explain`: what was promised, delivered and owed, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from makegood.app import judging
from makegood.app.judging import Docket
from makegood.app.knowing import known
from makegood.cli.screen import complain, out_screen, say, say_document, say_problems, write_file
from makegood.cli.usage import WrongUsage
from makegood.cli.who import user_name
from makegood.model.spans import Instant
from makegood.model.statement import Answer, NotApplicable, Statement, Verdict
from makegood.render.screen import Screen
from makegood.render.tables import not_applicable_text

Format = Literal["text", "table", "csv", "json", "html"]
ENDINGS: dict[str, Format] = {".html": "html", ".htm": "html", ".json": "json", ".csv": "csv", ".txt": "text"}
BREACHED, INSUFFICIENT = 3, 4


def evaluate(
    agreement: Path,
    *,
    order: Annotated[tuple[Path, ...], Parameter(show_default=False)],
    facts: Path,
    period: str,
    as_of: str | None = None,
    format: Format | None = None,  # noqa: A002 -- the option's name
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
    bundle: Path | None = None,
    since: Path | None = None,
    by: str = "",
    other_services: bool = False,
    jobs: int | None = None,
    cluster: str | None = None,
    deadline: str = "24 h",
    exit_code: bool = False,
) -> int:
    """State what an agreement says of an order for a period, or for every period from one to another; or of many.

    Parameters
    ----------
    agreement
        The agreement, NAME.sla.md.
    order
        The order under it, NAME.order.yaml, or a folder of them; it may be given several times.
    facts
        The folder of facts (*.facts.yaml, observations/, states/, measurements/), or a store.
    period
        2026-02 for a month, 2026-Q1 for a quarter, 2026 for a year; or two with .. between: 2024-04..2026-06.
    as_of
        As known at this instant, such as 2026-03-02T00:00:00Z; now where not given. Of a store also its log: "log 42"
        is as its first 42 entries say.
    format
        text, table (a line for each period, or for each order and period), csv (a row for each statement), json, or
        html (one file to send to someone). Of many orders table, csv or json.
    output
        Write to this file instead of the terminal; its ending chooses the format where --format does not.
    bundle
        Write an evidence bundle to this file as well, from a store: whoever gets it can verify the statement.
    since
        A head that whoever gets the bundle has saved; the bundle proves that the log was only extended since.
    by
        Who records agreement and order in the store for a bundle; the user's name where not given.
    other_services
        Allow facts about services that no order covers.
    jobs
        Of many orders: how many processes judge them; as many as there are cores where not given.
    cluster
        Of many orders: the address of a Dask scheduler whose workers judge them, such as tcp://10.0.0.5:8786.
    deadline
        Of many orders: how long all of them may take.
    exit_code
        Leave with 3 when a promise was breached and 4 when the data do not suffice.
    """
    from makegood.app.fleet.judging import order_files

    first, dots, last = period.partition("..")
    if bundle is None and since is not None:
        raise WrongUsage("--since is for a bundle: say --bundle FILE too")
    files = order_files(order)
    said = format or _format_of(output)
    if len(files) > 1 or said == "csv" or cluster is not None or jobs is not None:
        from makegood.cli.fleet import Asking, evaluate_fleet

        if bundle is not None:
            raise WrongUsage("--bundle is for one order, without --jobs and --cluster, in another form than csv")
        given = Asking(agreement, files, facts, (first, last if dots else first), as_of, other_services)
        return evaluate_fleet(given, said or "table", output, jobs, cluster, deadline, exit_code)
    chosen: Format = said or ("table" if dots else "text")
    if bundle is not None:
        from makegood.app.bundling import record_documents

        record_documents(facts, agreement, files[0], by or user_name())
    at, size = known(as_of, facts)
    docket = judging.open_docket(agreement, files[0], facts, other_services, size)
    say_problems(docket.warnings)
    answers = _answers(docket, first, last if dots else first, at, chosen)
    began = _began(docket, answers, facts, size) if chosen == "text" else {}
    _deliver(docket, answers, chosen, output, began)
    if bundle is not None:
        _bundled(docket, answers, bundle, agreement, files[0], facts, since, period)
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
    from makegood.app.why_down import why_down
    from makegood.render.explain import explanation

    at, size = known(as_of, facts)
    if ".." in period:
        raise WrongUsage(f"explain takes one period, and {period} are several; see makegood explain --help")
    docket = judging.open_docket(agreement, order, facts, other_services, size)
    say_problems(docket.warnings)
    (label,) = judging.labels(docket, period, period)
    answer = judging.judge(docket, label, at)
    began = why_down(facts, docket.order, answer.statements, size) if question in ("all", "why") else {}
    for statement in answer.statements:
        terms = docket.terms[statement.version, statement.plan]
        say(explanation(statement, terms, question, *out_screen(), began))
    if not answer.statements:
        say(not_applicable_text(answer.not_applicable, *out_screen()))


def _bundled(
    docket: Docket,
    answers: Sequence[Answer],
    target: Path,
    agreement: Path,
    order: Path,
    facts: Path,
    since: Path | None,
    period: str,
) -> None:
    from makegood.app import bundling
    from makegood.evidence.head import read_head
    from makegood.render.document import statements_json

    statements = [s for a in answers for s in a.statements]
    not_applicable = tuple(dict.fromkeys(n for a in answers for n in a.not_applicable))
    text = statements_json(statements, not_applicable).encode("utf-8")
    size = read_head(docket.facts.head).head.size
    pinned = bundling.documents(agreement, order)
    saved = bundling.saved_head(since) if since is not None else None
    made = bundling.bundle(facts, docket.order, size, pinned, text, saved)
    number = bundling.issue(facts, docket.order.id, period, size, text)  # nothing is given that is not kept
    write_file(target, made.raw)
    if made.left_out:
        complain(f"{made.left_out:,} batches of open days are not in the bundle: seal them first, with `makegood seal`")
    complain(f"written: {target}, number {number}; check it with `makegood verify {target}`")


def _answers(docket: Docket, first: str, last: str, at: Instant, chosen: Format) -> list[Answer]:
    world, asked = judging.world_at(docket, at), judging.labels(docket, first, last)
    explain_each = first == last or chosen in ("html", "json")
    answers, left_out = judging.judge_range(world, docket, asked, explain_each)
    if left_out is not None:
        complain(f"{left_out.what}; it and later periods are left out")
    return answers


def _format_of(output: Path | None) -> Format | None:
    """The format that a file's ending names; None where no ending does, or nothing is written."""
    if output is None or not output.suffix:
        return None
    if output.suffix.lower() not in ENDINGS:
        known = "end it in .html, .json, .csv or .txt, or say --format"
        raise WrongUsage(f"the ending of {output} names no format; {known}")
    return ENDINGS[output.suffix.lower()]


def _began(docket: Docket, answers: Sequence[Answer], facts: Path, size: int | None) -> Mapping[str, str]:
    from makegood.app.why_down import why_down

    return why_down(facts, docket.order, [s for a in answers for s in a.statements], size)


def _deliver(
    docket: Docket, answers: Sequence[Answer], chosen: Format, output: Path | None, began: Mapping[str, str]
) -> None:
    statements = [s for a in answers for s in a.statements]
    not_applicable = tuple(dict.fromkeys(n for a in answers for n in a.not_applicable))
    document = chosen in ("json", "html")
    screen = out_screen() if output is None and not document else Screen(100)
    title = "" if statements else f"Nothing of “{docket.agreement.header.title}” applies to {docket.order.id}"
    text = _written(statements, not_applicable, chosen, screen, title, began)
    if output is not None:
        write_file(output, text)
        say(f"written: {output}")
    else:
        (say_document if document else say)(text)


def _written(
    statements: Sequence[Statement],
    not_applicable: Sequence[NotApplicable],
    chosen: Format,
    screen: Screen,
    title: str,
    began: Mapping[str, str],
) -> str:
    match chosen:
        case "json":
            from makegood.render.document import statements_json

            return statements_json(statements, not_applicable)
        case "html":
            from makegood.render.html import statement_html

            return statement_html(statements, title, not_applicable)
    if not statements:
        return not_applicable_text(not_applicable, *screen)
    if chosen == "table":
        from makegood.render.tables import statements_table

        return statements_table(statements, *screen)
    from makegood.render.text import statement_text

    return "\n".join(statement_text(s, *screen, began) for s in statements)


def _code(statements: Sequence[Statement]) -> int:
    return code_of({s.verdict for s in statements})


def code_of(verdicts: Collection[Verdict]) -> int:
    """3 where a promise was breached, else 4 where the data do not suffice for one, else 0."""
    return BREACHED if Verdict.BREACHED in verdicts else INSUFFICIENT if Verdict.INSUFFICIENT in verdicts else 0
