"""What is to be deployed: agreements, orders, checks and alerts, read from files or from what a request brings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from makegood.app.deployed import AGREEMENT, ALERTS, CHECK, HEAD, IN_FORCE, ORDER
from makegood.app.fitting_checks import Placed
from makegood.app.reading import file_bytes
from makegood.contract.agreement import read_agreement
from makegood.contract.translation.document import is_translation
from makegood.contract.written import Agreement
from makegood.exchange.alerts.reading import read_alerts
from makegood.exchange.checks.read import ENDING as CHECKS
from makegood.exchange.checks.read import read_placed
from makegood.exchange.checks.write import checks_text
from makegood.exchange.orders import ReadOrder, read_order
from makegood.model.alerts import Alerts
from makegood.model.problem import Place, Problem, Refused, Severity, error
from makegood.store.sql.store import Document

AGREEMENTS, ORDERS, OF_ALERTS = ".sla.md", ".order.yaml", ".alerts.yaml"
ENDINGS = (AGREEMENTS, ORDERS, CHECKS, OF_ALERTS)


@dataclass(frozen=True)
class Offered:
    """One agreement, order, check or file of alerts that is to be deployed: the name that it has among its kind, its
    file, where it is written, and its document; a check's is a file with that check alone."""

    kind: str
    name: str
    file: str
    place: Place
    document: Document
    what: Agreement | ReadOrder | Placed | Alerts


@dataclass(frozen=True)
class Offer:
    """All that is to be deployed together. `files` are those of checks, also where one holds none; `problems` do not
    stop it."""

    every: tuple[Offered, ...]
    files: frozenset[str]
    problems: tuple[Problem, ...]


def offer_of_files(paths: Sequence[Path]) -> Offer:
    """What files and folders offer; of a folder, the files in it. Raises Refused with every problem of all of them."""
    problems: list[Problem] = []
    named: dict[Path, str] = {}
    for path in paths:
        files = _files(path, problems)
        named |= {file: file.name for file in files if file not in named}
    raws: list[tuple[str, str, bytes]] = []
    for file, name in named.items():
        try:
            raws.append((name, str(file), file_bytes(file)))
        except Refused as refused:
            problems += refused.problems
    return offer_of(raws, problems)


def _files(path: Path, problems: list[Problem]) -> list[Path]:
    if not path.is_dir():
        if not path.name.endswith(ENDINGS):
            hint = "facts are recorded by `makegood import`" if path.name.endswith(".facts.yaml") else ""
            what = "is no agreement, order, file of checks or file of alerts"
            why = "these end in " + ", ".join(f"`{ending}`" for ending in ENDINGS)
            problems.append(error("not-deployed", Place(str(path)), what, why, hint))
            return []
        return [path]
    found = sorted(p for p in path.iterdir() if p.name.endswith(ENDINGS) and p.is_file())
    if not found:
        what = "this folder holds no agreement, order, file of checks or file of alerts"
        problems.append(error("nothing-offered", Place(str(path)), what, "", "name the folder in which they are"))
    return found


def offer_of(raws: Iterable[tuple[str, str, bytes]], problems: Sequence[Problem] = ()) -> Offer:
    """What documents offer, each with its file's name, what to call it in problems, and its bytes.

    Raises Refused with every problem of all of them, and those given.
    """
    found: list[Problem] = list(problems)
    every: list[Offered] = []
    sources: dict[str, str] = {}
    for name, source, raw in raws:
        if (first := sources.setdefault(name, source)) != source:
            what, hint = f"two files are called `{name}`", f"the other one is {first}"
            found.append(error("duplicate-name", Place(source), what, hint, "rename one of them"))
        every += _read(name, source, raw, found)
    seen: dict[tuple[str, str], Offered] = {}
    for one in every:
        first_one = seen.setdefault((one.kind, one.name), one)
        if first_one is not one:
            what = f"{one.kind} `{one.name}` is offered twice"
            if one.kind == ALERTS:
                what = "two files of alerts are offered, and one is in force"
            found.append(error("duplicate-name", one.place, what, f"also in {first_one.place}", "take one away"))
    if any(p.severity is Severity.ERROR for p in found):
        raise Refused(found)
    return Offer(tuple(every), frozenset(name for name in sources if name.endswith(CHECKS)), tuple(found))


def _read(name: str, source: str, raw: bytes, problems: list[Problem]) -> list[Offered]:
    if name.endswith(AGREEMENTS):
        if is_translation(raw):  # what prevails is deployed, and a translation decides nothing
            return []
        agreement, wrong = read_agreement(raw, source)
        problems += wrong
        if agreement is None:
            return []
        header = agreement.header
        document = Document(AGREEMENT, name, raw)
        return [Offered(AGREEMENT, f"{header.name} {header.version}", name, Place(source), document, agreement)]
    if name.endswith(ORDERS):
        order, wrong = read_order(raw, source)
        problems += wrong
        return (
            []
            if order is None
            else [Offered(ORDER, order.order.id, name, Place(source), Document(ORDER, name, raw), order)]
        )
    if name.endswith(OF_ALERTS):
        alerts, wrong = read_alerts(raw, source)
        problems += wrong
        made = Document(ALERTS, name, raw)
        return [] if alerts is None else [Offered(ALERTS, IN_FORCE, name, Place(source), made, alerts)]
    placed, wrong = read_placed(raw, source)
    problems += wrong
    found = []
    for check, place in placed or ():
        body = checks_text([check]).encode()
        assert body.startswith(HEAD), "a document of a check is a file of checks"
        found.append(Offered(CHECK, check.name, name, place, Document(CHECK, check.name, body), Placed(check, place)))
    return found
