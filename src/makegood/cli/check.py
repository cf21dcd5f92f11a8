"""`lint` and `schema`: what is wrong with an agreement, and what documents look like."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from makegood.app.linting import lint_files
from makegood.cli.screen import say, say_document, say_problems, write_file
from makegood.cli.usage import WrongUsage
from makegood.model.problem import Problem, Severity
from makegood.render.problems import problems_json, problems_lines, problems_text


def lint(
    *agreements: Path,
    format: Literal["text", "json", "sarif", "line"] = "text",  # noqa: A002 -- the option's name
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
    strict: bool = False,
    checks: tuple[Path, ...] = (),
) -> int:
    """Find what is wrong in agreements: rules that contradict themselves, each other, or the prose around them.

    A translation is compared with its agreement, clause by clause and figure by figure; orders and checks with each
    other, and with the rules that read the checks' results.

    Parameters
    ----------
    agreements
        One or more agreements and translations, NAME.sla.md, or folders of them; also orders and files of checks.
    format
        text for people; json for programs; sarif for code hosts; line: one line each, for editors and builds.
    output
        Write to this file.
    strict
        Leave with 1 for warnings too, not for errors only.
    checks
        A file of checks, NAME.checks.yaml, beside those that lie where the agreements do; may be given several times.
    """
    if not agreements:
        raise WrongUsage("lint needs at least one agreement, NAME.sla.md, or a folder; see makegood lint --help")
    found, texts = lint_files(agreements, checks)
    if output is not None:
        write_file(output, _written(found, texts, format))
        say(f"written: {output}")
    elif format != "text":
        say_document(_written(found, texts, format))
    elif found:
        say_problems(found, to_stdout=True)
    else:
        say("nothing found")
    grave = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return 1 if any(p.severity in grave for p in found) else 0


def _written(found: Sequence[Problem], texts: Mapping[str, str], chosen: str) -> str:
    match chosen:
        case "json":
            return problems_json(found)
        case "line":
            return problems_lines(found)
        case "sarif":
            from makegood.contract.repair import repairs
            from makegood.render.sarif import problems_sarif

            own = {name: [p for p in found if p.where.source == name] for name in texts}
            fixes = {name: list(repairs(texts[name], name, own[name])) for name in texts}
            return problems_sarif(found, texts, fixes, str(Path.cwd()))
        case _:
            return problems_text(found, texts) if found else "nothing found\n"


def schema(
    what: Literal[
        "statement", "rules", "order", "facts", "checks", "alerts", "readings", "what-if", "budget", "replay"
    ] = "statement",
) -> None:
    """Print the JSON Schema of a document.

    Parameters
    ----------
    what
        statement: what `evaluate --format json` writes. rules: one block of rules of an agreement. order: an order
        file. facts: a file of facts. checks: a file of checks. alerts: a file of alerts. readings, what-if, budget,
        replay: what the command of that name writes with --format json.
    """
    say_document(json.dumps(_schema(what), indent=2, ensure_ascii=False) + "\n")


def _schema(what: str) -> dict[str, Any]:
    match what:
        case "rules":
            from makegood.contract.schema import rule_schema

            return rule_schema()
        case "order":
            from makegood.exchange.schema import order_schema

            return order_schema()
        case "facts":
            from makegood.exchange.schema import facts_schema

            return facts_schema()
        case "alerts":
            from makegood.exchange.alerts.reading import alerts_schema

            return alerts_schema()
        case "checks":
            from makegood.exchange.schema import checks_schema

            return checks_schema()
        case "statement":
            from makegood.render.document import statements_schema

            return statements_schema()
        case _:
            from makegood.render.document import asked

            answers = {
                "readings": asked.readings_schema,
                "what-if": asked.what_if_schema,
                "budget": asked.budget_schema,
                "replay": asked.replay_schema,
            }
            return answers[what]()
