"""`lint` and `schema`: what is wrong with an agreement, and what documents look like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from makegood.app.judging import file_bytes
from makegood.cli.screen import say, say_document, say_problems
from makegood.cli.usage import WrongUsage
from makegood.contract.agreement import read_agreement
from makegood.contract.lint import lint as lint_agreement
from makegood.model.problem import Problem, Refused, Severity


def lint(
    *agreements: Path,
    format: Literal["text", "json"] = "text",  # noqa: A002 -- the option's name
    strict: bool = False,
) -> int:
    """Find what is wrong in agreements: rules that contradict themselves, each other, or the prose around them.

    Parameters
    ----------
    agreements
        One or more agreements, NAME.sla.md.
    format
        text, or json for other programs.
    strict
        Leave with 1 for warnings too, not for errors only.
    """
    if not agreements:
        raise WrongUsage("lint needs at least one agreement, NAME.sla.md; see makegood lint --help")
    found = [problem for path in dict.fromkeys(agreements) for problem in _problems(path)]
    if format == "json":
        from makegood.render.problems import problems_json

        say_document(problems_json(found))
    elif found:
        say_problems(found, to_stdout=True)
    else:
        say("nothing found")
    grave = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return 1 if any(p.severity in grave for p in found) else 0


def _problems(path: Path) -> list[Problem]:
    try:
        agreement, problems = read_agreement(file_bytes(path), str(path))
    except Refused as refused:
        return list(refused.problems)
    return (
        [*problems, *(p for p in lint_agreement(agreement) if p not in problems)] if agreement is not None else problems
    )


def schema(what: Literal["statement", "rules", "order", "facts"] = "statement") -> None:
    """Print the JSON Schema of a document.

    Parameters
    ----------
    what
        statement: what `evaluate --format json` writes. rules: one block of rules of an agreement. order: an order
        file. facts: a file of facts.
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
        case _:
            from makegood.render.document import statements_schema

            return statements_schema()
