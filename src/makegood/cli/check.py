"""`lint` and `schema`: what is wrong with an agreement, and what documents look like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from makegood.app.linting import lint_files
from makegood.cli.screen import say, say_document, say_problems
from makegood.cli.usage import WrongUsage
from makegood.model.problem import Severity


def lint(
    *agreements: Path,
    format: Literal["text", "json"] = "text",  # noqa: A002 -- the option's name
    strict: bool = False,
) -> int:
    """Find what is wrong in agreements: rules that contradict themselves, each other, or the prose around them.

    A translation is compared with its agreement, clause by clause and figure by figure.

    Parameters
    ----------
    agreements
        One or more agreements and translations, NAME.sla.md, or folders of them.
    format
        text, or json for other programs.
    strict
        Leave with 1 for warnings too, not for errors only.
    """
    if not agreements:
        raise WrongUsage("lint needs at least one agreement, NAME.sla.md, or a folder; see makegood lint --help")
    found = lint_files(agreements)
    if format == "json":
        from makegood.render.problems import problems_json

        say_document(problems_json(found))
    elif found:
        say_problems(found, to_stdout=True)
    else:
        say("nothing found")
    grave = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return 1 if any(p.severity in grave for p in found) else 0


def schema(
    what: Literal["statement", "rules", "readings", "what-if", "budget", "replay"] = "statement",
) -> None:
    """Print the JSON Schema of a document.

    Parameters
    ----------
    what
        statement: what `evaluate --format json` writes. rules: the rules of an agreement. readings, what-if, budget,
        replay: what the command of that name writes with --format json.
    """
    if what == "rules":
        from makegood.contract.schema import rule_schema

        say_document(json.dumps(rule_schema(), indent=2) + "\n")
        return
    from makegood.render.document import asked, statements_schema

    answers = {
        "readings": asked.readings_schema,
        "what-if": asked.what_if_schema,
        "budget": asked.budget_schema,
        "replay": asked.replay_schema,
    }
    if what in answers:
        say_document(json.dumps(answers[what](), indent=2) + "\n")
        return
    say_document(json.dumps(statements_schema(), indent=2) + "\n")
