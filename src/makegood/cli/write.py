"""`init` and `publish`: a starter to change, and an agreement to read."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from makegood.app.judging import file_bytes
from makegood.app.publishing import agreement_page, agreement_text
from makegood.app.starting import start
from makegood.cli.screen import say, write_file
from makegood.cli.usage import WrongUsage
from makegood.contract.agreement import read_agreement
from makegood.model.problem import Refused

ENDINGS = {".html": "html", ".md": "markdown"}


def init(folder: Path = Path(), *, watched: bool = False) -> None:
    """Write a commented agreement, an order and facts to start from: they lint clean and evaluate.

    Parameters
    ----------
    folder
        Where to write; made where it is missing. Files that are there are never overwritten.
    watched
        Write checks and alerts in the place of facts, under an agreement whose outages the checks find.
    """
    written = start(folder, watched)
    for path in written:
        say(f"written: {path}")
    agreement, order, facts = folder / "hosting.sla.md", folder / "acme.order.yaml", folder / "facts"
    say("Try:")
    say(f"  makegood lint {agreement}")
    if watched:
        say(f"  makegood store {folder / 'store'}")
        say(f"  makegood apply {folder} --into {folder / 'store'}")
        say(f"  makegood serve {folder / 'store'}")
        return
    say(f"  makegood evaluate {agreement} --order {order} --facts {facts} --period 2026-02")


def publish(
    agreement: Path,
    *,
    to: Path | None = None,
    format: Literal["html", "markdown"] | None = None,  # noqa: A002 -- the option's name
) -> None:
    """Write the agreement for readers, without its rules: as one web page or as Markdown.

    Parameters
    ----------
    agreement
        The agreement, NAME.sla.md.
    to
        The file to write, NAME.html or NAME.md; both, beside the agreement's name, in this folder where not given.
    format
        html or markdown, where the file's ending does not say.
    """
    if to is not None and format is None and to.suffix.lower() not in ENDINGS:
        raise WrongUsage(f"the ending of {to} names no format; end it in .html or .md, or say --format")
    read, problems = read_agreement(file_bytes(agreement), str(agreement))
    if read is None:
        raise Refused(problems)
    name = agreement.name.removesuffix(".md").removesuffix(".sla")
    beside = [Path(f"{name}{ending}") for ending, kind in ENDINGS.items() if format in (None, kind)]
    for path in beside if to is None else [to]:
        kind = format or ENDINGS[path.suffix.lower()]
        write_file(path, agreement_page(read) if kind == "html" else agreement_text(read))
        say(f"written: {path}")
