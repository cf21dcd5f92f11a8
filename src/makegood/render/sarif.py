"""Problems as a SARIF 2.1.0 log: what code hosts and editors read, with rules, regions, and fixes that were tried."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from os import fsencode
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from makegood import __version__
from makegood.contract.extent import At, end_of, lines_of, scalars_of
from makegood.contract.lint.codes import CODES
from makegood.contract.lint.codes.code import Code
from makegood.contract.nodes import Text
from makegood.contract.repair import Repair
from makegood.model.problem import Problem, Severity
from makegood.render.problems import in_order

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def problems_sarif(
    problems: Iterable[Problem],
    texts: Mapping[str, str],
    repairs: Mapping[str, Sequence[Repair]] | None = None,
    root: str = "",
) -> str:
    """A log of one run. `texts` are the sources by name, for the ends of regions; `repairs` become fixes.

    Code hosts show a finding beside its line only if its file is named from the root of the repository: what lies
    below the folder `root` is named from there. Every result has a region, the first line where it is about the file.
    """
    ordered = in_order(problems)
    fixes = {repair.problem: repair for found in (repairs or {}).values() for repair in found}
    sources = {name: (lines_of(text), scalars_of(text, name)) for name, text in texts.items()}
    used = sorted({problem.code for problem in ordered})
    run = {
        "tool": {"driver": {"name": "makegood", "version": __version__, "rules": [_rule(code) for code in used]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(p, used.index(p.code), sources.get(p.where.source), fixes.get(p), root) for p in ordered],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str) -> dict[str, Any]:
    known = CODES.get(code)
    if known is None:  # the file itself: missing, or no text at all
        words = _sentence(code.replace("-", " "))
        return {
            "id": code,
            "shortDescription": {"text": words},
            "fullDescription": {"text": words},
            "help": {"text": f"{words} The result says what to do."},
            "defaultConfiguration": {"level": Severity.ERROR.value},
        }
    return {
        "id": code,
        "shortDescription": {"text": _sentence(known.what)},
        "fullDescription": {"text": f"{_sentence(known.what)} {_sentence(known.why)}"},
        "help": {"text": _help(known), "markdown": _help(known, mark="**")},
        "defaultConfiguration": {"level": known.severities[0].value},
    }


def _help(code: Code, mark: str = "") -> str:
    return f"{_sentence(code.what)}\n\n{mark}Why:{mark} {_sentence(code.why)}\n\n{mark}Repair:{mark} {code.repair}"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _result(
    problem: Problem,
    index: int,
    source: tuple[list[str], Mapping[At, Text]] | None,
    repair: Repair | None,
    root: str,
) -> dict[str, Any]:
    location: dict[str, Any] = {
        "artifactLocation": {"uri": uri(problem.where.source, root)},
        "region": _region(problem, end_of(problem, *source) if source else 0, source[0] if source else []),
    }
    place: dict[str, Any] = {"physicalLocation": location}
    if problem.where.clause:
        place["logicalLocations"] = [{"name": problem.where.clause, "kind": "element"}]
    parts = [problem.what, *(part for part in (problem.why, problem.hint and f"Repair: {problem.hint}") if part)]
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": index,
        "level": problem.severity.value,
        "message": {"text": "\n".join(parts)},
        "locations": [place],
        "partialFingerprints": {"finding/v1": _fingerprint(problem)},
    }
    if repair is not None:
        replaced = {"deletedRegion": _region(problem, repair.end, []), "insertedContent": {"text": repair.new}}
        change = {"artifactLocation": location["artifactLocation"], "replacements": [replaced]}
        result["fixes"] = [{"description": {"text": f"write {repair.new}"}, "artifactChanges": [change]}]
    return result


def _region(problem: Problem, end: int, lines: Sequence[str]) -> dict[str, int]:
    """From the place of a problem to its end on the same line; without a column the whole line."""
    line, start = problem.where.line or 1, problem.where.column or 1
    if not problem.where.column and line <= len(lines):
        end = 1 + len(lines[line - 1].rstrip("\r\n"))
    return {"startLine": line, "startColumn": start, "endLine": line, "endColumn": max(start, end)}


def _fingerprint(problem: Problem) -> str:
    """The same finding after lines were moved: its code, its clause and its words."""
    return sha256("\0".join((problem.code, problem.where.clause, problem.what)).encode()).hexdigest()


def uri(source: str, root: str = "") -> str:
    """A path as a URI, percent-encoded: from `root` where it lies below, relative ones as they are."""
    path = Path(source)
    if path.is_absolute() and root and path.is_relative_to(root):
        path = path.relative_to(root)
    return path.as_uri() if path.is_absolute() else quote(fsencode(path.as_posix()))
