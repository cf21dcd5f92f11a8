"""Use case: a file of checks from configurations of other programs, and what it does not say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from makegood.app.converting import Converted
from makegood.app.into_folder import cannot_read
from makegood.app.reading import file_bytes
from makegood.contract.nodes import Keyed, Node
from makegood.exchange.brought import Foreign
from makegood.exchange.checks import blackbox, kuma
from makegood.exchange.checks.found import Found
from makegood.exchange.checks.write import checks_text
from makegood.exchange.documents import read_document
from makegood.exchange.table import Unreadable
from makegood.model.problem import Place, Refused, Severity, error


def checks_of(
    path: Path, targets: Path | None = None, service: str = "", names: Mapping[str, str] | None = None
) -> Converted:
    """A file of checks from the monitors of Uptime Kuma, or from the modules of a blackbox_exporter and its targets.

    `service` is that of every check; else a monitor's group is, or the job of a target. `names` are our names of checks
    by the file's own. Raises Refused where a file cannot be read, or nothing in it becomes a check.
    """
    found = Found(names or {}, service)
    file = Foreign(path, 0, "")
    try:
        if kuma.tells(file):
            if targets is not None:
                what = "is a file of Uptime Kuma, whose monitors say themselves what they probe"
                raise Refused([error("targets-unused", Place(str(path)), what, "", "take --targets away")])
            kuma.read(file, found)
        else:
            _of_blackbox(path, targets, found)
    except Unreadable as failure:
        raise Refused([error("checks-unreadable", Place(str(path)), str(failure))]) from None
    except OSError as failure:
        raise Refused([cannot_read(path, failure)]) from None
    lost = tuple(dict.fromkeys(found.lost))
    if not found.checks:
        why = "; ".join(map(str, lost[:3]))
        raise Refused([error("no-checks", Place(str(path)), "nothing in it becomes a check", why)])
    head = [f"Written from {path.name}.", *(["", "A check cannot say:"] if lost else []), *(f"  {one}" for one in lost)]
    return Converted(checks_text(found.checks, head), lost)


def _of_blackbox(path: Path, targets: Path | None, found: Found) -> None:
    node = _yaml(path)
    modules = node.get("modules") if isinstance(node, Keyed) else None
    if not isinstance(modules, Keyed):
        what = "is no file that checks can be made of"
        why = "these are `kuma.db`, a backup of Uptime Kuma, and `blackbox.yml` with its `modules`"
        raise Refused([error("checks-unreadable", Place(str(path)), what, why)])
    if targets is None:
        what = "says how to probe, and not what"
        hint = "name the configuration of Prometheus, or a file of targets: --targets prometheus.yml"
        raise Refused([error("no-targets", Place(str(path)), what, "", hint)])
    blackbox.read(modules, _yaml(targets), found)


def _yaml(path: Path) -> Node:
    node, problems = read_document(file_bytes(path), str(path))
    if node is None or any(p.severity is Severity.ERROR for p in problems):
        raise Refused(problems or [error("checks-unreadable", Place(str(path)), "this file is empty")])
    return node
