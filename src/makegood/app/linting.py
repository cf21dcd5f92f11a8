"""Use case: what is wrong in agreements, their versions and translations, and in orders and checks under them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from makegood.app.fitting_checks import Placed, misfits_of_checks
from makegood.app.reading import file_bytes, read_from
from makegood.app.versions import agreement_files, twice
from makegood.contract.agreement import read_agreement
from makegood.contract.lint import read_and_lint
from makegood.contract.translation.comparing import translation_findings
from makegood.contract.translation.document import Translation, is_translation, read_translation
from makegood.contract.written import Agreement
from makegood.exchange.checks.read import ENDING as CHECKS
from makegood.exchange.checks.read import read_placed
from makegood.exchange.orders import read_order
from makegood.model.problem import Problem, Refused, error

ORDER = ".order.yaml"


def lint_files(paths: Sequence[Path], checks: Sequence[Path] = ()) -> tuple[list[Problem], dict[str, str]]:
    """Every finding of the files, and of all documents of the folders; with the text of each agreement by its name.

    A translation is compared with its agreement. That is one of those named, of the same version where there are
    several, or else one beside the translation. Files of checks are those of `checks`, those named, and those beside
    the agreements; where there is one, the orders that are named or beside it are held against it.
    """
    named = [path for path in dict.fromkeys(paths) if not path.name.endswith((CHECKS, ORDER))]
    problems, texts, agreements = _lint_agreements(named)
    beside = [path if path.is_dir() else path.parent for path in named]
    watching = [*checks, *(p for p in paths if p.name.endswith(CHECKS)), *_in(beside, CHECKS)]
    ordered = [p for p in paths if p.name.endswith(ORDER)]
    if watching:
        ordered += [p for p in _in(beside, ORDER) if p not in ordered]
    problems += _watched(ordered, list(dict.fromkeys(watching)), agreements)
    return problems, texts


def _in(folders: Sequence[Path], ending: str) -> list[Path]:
    """The files of some folders with an ending, by name."""
    found = (p for folder in dict.fromkeys(folders) if folder.is_dir() for p in sorted(folder.iterdir()))
    return [p for p in found if p.name.endswith(ending) and p.is_file()]


def _watched(orders: Sequence[Path], checks: Sequence[Path], agreements: Sequence[Agreement]) -> list[Problem]:
    """What is wrong with orders and files of checks, each and together."""
    problems: list[Problem] = []
    read = [(one, str(path)) for path in orders if (one := read_from(path, read_order, problems)) is not None]
    placed: dict[str, Placed] = {}
    for path in checks:
        for check, place in read_from(path, read_placed, problems) or ():
            first = placed.setdefault(check.name, Placed(check, place))
            if first.place != place:
                what = f"two checks are called `{check.name}`"
                problems.append(error("duplicate-name", place, what, f"the first one in {first.place}", "rename one"))
    if checks:
        problems += misfits_of_checks(read, agreements, list(placed.values()))
    return problems


def _lint_agreements(paths: Sequence[Path]) -> tuple[list[Problem], dict[str, str], list[Agreement]]:
    problems: list[Problem] = []
    raws: dict[Path, bytes] = {}
    for path in paths:
        try:
            raws |= {file: file_bytes(file) for file in agreement_files(path) if file not in raws}
        except Refused as refused:
            problems += refused.problems
    translations = {file: raw for file, raw in raws.items() if is_translation(raw)}
    agreements = {file: raw for file, raw in raws.items() if file not in translations}
    for file, raw in agreements.items():
        problems += read_and_lint(raw, str(file))
    named = [read_agreement(raw, str(file))[0] for file, raw in agreements.items()]
    read = [agreement for agreement in named if agreement is not None]
    problems += _between_versions(read)
    for file, raw in translations.items():
        translation, found = read_translation(raw, str(file))
        problems += found
        if translation is not None:
            problems += _against(translation, file, read)
    return problems, {str(file): raw.decode("utf-8", "replace") for file, raw in agreements.items()}, read


def _between_versions(agreements: Sequence[Agreement]) -> Iterator[Problem]:
    for name in dict.fromkeys(agreement.header.name for agreement in agreements):
        same = [agreement for agreement in agreements if agreement.header.name == name]
        yield from twice(sorted(same, key=lambda a: (a.header.effective, a.header.version)))


def _against(translation: Translation, file: Path, agreements: Sequence[Agreement]) -> list[Problem]:
    named = [a for a in agreements if a.header.name == translation.of] or _beside(translation, file)
    if not named:
        what = f"the agreement `{translation.of}`, which this translates, is neither named nor beside it"
        hint = "name its file as well, or put it into the same folder"
        return [error("no-prevailing-text", translation.place, what, "there is nothing to compare with", hint)]
    same = [a for a in named if a.header.version == translation.version]
    return translation_findings((same or named)[-1], translation)


def _beside(translation: Translation, file: Path) -> list[Agreement]:
    """The agreements of the translation's folder that have its name; what is wrong with them is not asked here."""
    others = (read_from(other, read_agreement, []) for other in agreement_files(file.parent))
    return [agreement for agreement in others if agreement is not None and agreement.header.name == translation.of]
