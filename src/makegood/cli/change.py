"""`versions` and `redline`: which version of an agreement binds an order when, and what two versions differ in."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from makegood.app import versioning
from makegood.app.knowing import known
from makegood.app.redlining import compared
from makegood.cli.screen import out_screen, say, say_document, say_problems, write_file
from makegood.cli.usage import WrongUsage
from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.model.problem import Place, Refused, error
from makegood.render.screen import Screen

Format = Literal["text", "html", "json"]
ENDINGS: dict[str, Format] = {".html": "html", ".htm": "html", ".json": "json", ".txt": "text"}


def versions(
    agreement: Path,
    *,
    order: Path,
    facts: Path | None = None,
    as_of: str | None = None,
    format: Literal["text", "json"] = "text",  # noqa: A002 -- the option's name
) -> None:
    """List the versions of an agreement, and from when to when each of them is in force for an order, and why.

    Parameters
    ----------
    agreement
        The folder of versions, NAME.sla.md each.
    order
        The order under the agreement, NAME.order.yaml.
    facts
        The folder of facts, which says what was announced, accepted and rejected; nothing was where not given.
    as_of
        As known at this instant, such as 2026-03-02T00:00:00Z; now where not given.
    format
        text, or json for other programs.
    """
    from makegood.render.versions import versions_json, versions_text

    found = versioning.versions_of(agreement, order, facts, *known(as_of, facts))
    say_problems(found.warnings)
    if format == "json":
        say_document(versions_json(found.agreement, found.order, found.decided))
    else:
        say(versions_text(found.title, found.order, found.decided, *out_screen()))


def redline(
    old: Path,
    new: Path,
    *,
    announced: str | None = None,
    format: Format | None = None,  # noqa: A002 -- the option's name
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
) -> None:
    """Show what two versions of an agreement differ in: prose by words, rules by keys, figures with their change.

    Parameters
    ----------
    old
        The version that is in force, NAME.sla.md.
    new
        The version that is to replace it.
    announced
        A date, such as 2026-03-01: say whether the new version keeps the old one's notice if it is announced then.
    format
        text, html (one page to send to someone), or json.
    output
        Write to this file instead of the terminal; its ending chooses the format where --format does not.
    """
    from makegood.render.redline import redline_html, redline_json, redline_text

    chosen = format or _format_of(output) or "text"
    found, notice, problems = compared(old, new, _date(announced))
    say_problems(problems)
    screen = out_screen() if output is None else Screen(100)
    match chosen:
        case "html":
            text = redline_html(found, notice)
        case "json":
            text = redline_json(found, notice)
        case _:
            text = redline_text(found, notice, *screen)
    if output is not None:
        write_file(output, text)
        say(f"written: {output}")
    else:
        (say if chosen == "text" else say_document)(text)


def _date(text: str | None) -> date | None:
    """The date of `--announced`. Raises Refused for what is none."""
    found = None if text is None else numbers.day(text)
    if isinstance(found, Wrong):
        raise Refused([error("wrong-date", Place("--announced"), found.what, found.why, found.hint)])
    return found


def _format_of(output: Path | None) -> Format | None:
    if output is None or not output.suffix:
        return None
    if output.suffix.lower() not in ENDINGS:
        raise WrongUsage(f"the ending of {output} names no format; end it in .html, .json or .txt, or say --format")
    return ENDINGS[output.suffix.lower()]
