"""Use case: the same 47 minutes. One outage, announced 71 hours ahead, under four agreements."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from makegood.app.examples import examples_folder
from makegood.app.importing import import_evidence
from makegood.app.judging import judge, open_docket
from makegood.app.replacing import replacing
from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.model.spans import MINUTE, Instant
from makegood.model.statement import Statement
from makegood.render.document import statements_json
from makegood.render.html import statement_html
from makegood.render.screen import Screen
from makegood.render.tables import side_by_side
from makegood.render.text import statement_text

LOCATIONS = ("ashburn", "frankfurt", "singapore")
MONTHS = ("2026-01-01T00:00:00Z", "2026-02-01T12:00:00Z", "2026-03-01T12:00:00Z", "2026-04-01T12:00:00Z")
OUTAGE = ("2026-02-08T07:10:00Z", "2026-02-08T07:57:00Z")
ACTS = (
    ("harbour", "2026-02", "2026-03-02T09:00:00Z"),
    ("harri", "2026-02", "2026-03-02T09:00:00Z"),
    ("harness", "2026-Q1", "2026-04-02T09:00:00Z"),
    ("harmonity", "2026-02", "2026-03-02T09:00:00Z"),
)
ANNOUNCED = """\
# Work on the web service, Sunday 8 February 2026. The last contact had the notice 71 hours before the announced start.
- maintenance: M-7
  services: [web]
  announced: 2026-02-08 02:00 to 2026-02-08 04:00 America/New_York
  kind: standard
  purpose: operating system upgrade
  recorded: 2026-02-05T08:00:00Z
  by: operations
- notice: N-7
  of: M-7
  to: ops@northwind.example
  via: email
  accepted: 2026-02-05T08:00:00Z
  recorded: 2026-02-05T08:00:00Z
  by: mail server of the customer
"""


def tell(folder: Path, screen: Screen) -> Iterator[str]:
    """Write the story's facts and statements into a folder and tell it, part by part.

    An earlier demo is replaced whole. Raises Refused, before anything is told, for a folder that holds something else.
    """
    with replacing(folder) as work:
        yield from _opening(work)
        statements = _statements(work)
        yield from _told(statements, screen)
        files = _write(statements, work)
    yield from _closing(folder, files)


def _opening(work: Path) -> Iterator[str]:
    yield "The same 47 minutes\n"
    yield "Work on a web service is announced for Sunday 8 February 2026, 02:00 to 04:00 New York time."
    yield "The customer's mail server accepts the notice 71 hours ahead."
    yield "At 02:10 the service breaks; at 02:57 it is back.\n"
    facts = work / "facts"
    facts.mkdir()
    (facts / "work.facts.yaml").write_text(ANNOUNCED, encoding="utf-8")
    accepted = 0
    for first, last in pairwise(MONTHS):
        observed = work / f"observations-{first[:7]}.csv"
        write_observations(observed, first, last)
        accepted += import_evidence(observed, facts, "observations", now=_at(last), by="demo").accepted
        observed.unlink()
    yield f"{len(LOCATIONS)} locations looked every minute of the quarter: {accepted:,} observations, month by month.\n"


def write_observations(path: Path, first: str, last: str) -> None:
    """One result a minute from each location from one instant to another, `down` in the outage."""
    begun = np.arange(_at(first), _at(last), MINUTE, dtype=np.int64)
    broken = (begun >= _at(OUTAGE[0])) & (begun < _at(OUTAGE[1]))
    stamps = np.datetime_as_string(begun.astype("datetime64[us]").astype("datetime64[s]"))
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("check,location,begun,outcome\n")
        for stamp, down in zip(stamps.tolist(), broken.tolist(), strict=True):
            outcome = "down" if down else "up"
            file.writelines(f"web-http,{location},{stamp}Z,{outcome}\n" for location in LOCATIONS)


def _statements(work: Path) -> list[Statement]:
    examples = examples_folder()
    found: list[Statement] = []
    for name, label, as_of in ACTS:
        folder = examples / name
        docket = open_docket(folder / f"{name}.sla.md", folder / "northwind.order.yaml", work / "facts")
        found += judge(docket, label, _at(as_of)).statements
    return found


def _told(statements: list[Statement], screen: Screen) -> Iterator[str]:
    yield "Four agreements, one outage:\n"
    yield side_by_side(statements, *screen)
    refused = next(s for s in statements if s.agreement == "harbour")
    yield "The first of them in full:\n"
    yield statement_text(refused, *screen)
    for change in refused.smallest:
        if change.kind == "gate":
            yield f"The price of an hour: had the {change.says}, the promise was {change.verdict.value},"
            yield f"and nothing was owed. It cost {refused.amount} for each such order.\n"


def _write(statements: list[Statement], work: Path) -> list[str]:
    files = []
    for name, text in (
        ("statements.html", statement_html(statements)),
        ("statements.json", statements_json(statements)),
    ):
        (work / name).write_text(text, encoding="utf-8", newline="\n")
        files.append(name)
    return files


def _closing(folder: Path, files: list[str]) -> Iterator[str]:
    for name in files:
        kind = "The statements, to read and to send" if name.endswith(".html") else "The same for programs"
        yield f"{kind}: {(folder / name).resolve()}"
    example = "examples/harbour"
    yield "\nAsk it yourself:"
    yield f"  makegood explain {example}/harbour.sla.md --order {example}/northwind.order.yaml \\"
    yield f"      --facts {folder}/facts --period 2026-02"


def _at(text: str) -> Instant:
    found = numbers.instant(text, None)
    assert not isinstance(found, Wrong)
    return found
