"""What the commands that ask questions share: choosing a format, delivering an answer, and the exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, TypeVar

from cyclopts import Parameter

from makegood.cli.judge import BREACHED, INSUFFICIENT
from makegood.cli.screen import out_screen, say, say_document, write_file
from makegood.cli.usage import WrongUsage
from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.model.problem import Place, Refused, error
from makegood.model.statement import Statement, Verdict
from makegood.render.screen import Screen

F = TypeVar("F", bound=str)
Paths = Annotated[tuple[Path, ...], Parameter(show_default=False)]
Words = Annotated[tuple[str, ...], Parameter(show_default=False)]
"""Options that may be given several times, one value each."""

UNTOLD = Screen(100)
"""What a text file is laid out for."""


def chosen_format(given: F | None, output: Path | None, endings: Mapping[str, F], otherwise: F) -> F:
    """The format asked for, or that of the file's ending, or the usual one. Raises WrongUsage for another ending."""
    if given is not None or output is None or not output.suffix:
        return given or otherwise
    if output.suffix.lower() not in endings:
        known = ", ".join(dict.fromkeys(endings))
        raise WrongUsage(f"the ending of {output} names no format; end it in {known}, or say --format")
    return endings[output.suffix.lower()]


def deliver(output: Path | None, document: str | None, text: Callable[..., str]) -> None:
    """Print or write a document for programs, or a text made for the screen that it is shown on."""
    written = document if document is not None else text(*(out_screen() if output is None else UNTOLD))
    if output is not None:
        write_file(output, written)
        say(f"written: {output}")
    else:
        (say_document if document is not None else say)(written)


def code_of(statements: Iterable[Statement]) -> int:
    """3 where a promise was breached, else 4 where the data do not suffice for one."""
    verdicts = {s.verdict for s in statements}
    return BREACHED if Verdict.BREACHED in verdicts else INSUFFICIENT if Verdict.INSUFFICIENT in verdicts else 0


def date_of(text: str | None, option: str) -> date | None:
    """A date written on the command line. Raises Refused for anything else."""
    if text is None:
        return None
    found = numbers.day(text)
    if isinstance(found, Wrong):
        raise Refused([error("wrong-date", Place(option), found.what, found.why, found.hint)])
    return found


def assignments(texts: Iterable[str], option: str, example: str) -> dict[str, str]:
    """`name=value`, each. Raises Refused with every one that is none."""
    found: dict[str, str] = {}
    problems = []
    for text in texts:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not (sign and name and value):
            problems.append(
                error("wrong-choice", Place(option), f"`{text}` chooses nothing", "", f"write for example `{example}`")
            )
        found[name] = value
    if problems:
        raise Refused(problems)
    return found
