"""Use case: what is wrong in agreements, in their versions against each other and in their translations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from makegood.app.reading import file_bytes, read_from
from makegood.app.versions import agreement_files, twice
from makegood.contract.agreement import read_agreement
from makegood.contract.lint import read_and_lint
from makegood.contract.translation.comparing import translation_findings
from makegood.contract.translation.document import Translation, is_translation, read_translation
from makegood.contract.written import Agreement
from makegood.model.problem import Problem, Refused, error


def lint_files(paths: Sequence[Path]) -> tuple[list[Problem], dict[str, str]]:
    """Every finding of the files, and of all documents of the folders; with the text of each agreement by its name.

    A translation is compared with its agreement. That is one of those named, of the same version where there are
    several, or else one beside the translation.
    """
    problems: list[Problem] = []
    raws: dict[Path, bytes] = {}
    for path in dict.fromkeys(paths):
        try:
            raws |= {file: file_bytes(file) for file in agreement_files(path) if file not in raws}
        except Refused as refused:
            problems += refused.problems
    translations = {file: raw for file, raw in raws.items() if is_translation(raw)}
    agreements = {file: raw for file, raw in raws.items() if file not in translations}
    for file, raw in agreements.items():
        problems += read_and_lint(raw, str(file))
    several = len(agreements) > 1 or translations
    named = [read_agreement(raw, str(file))[0] for file, raw in agreements.items()] if several else []
    read = [agreement for agreement in named if agreement is not None]
    problems += _between_versions(read)
    for file, raw in translations.items():
        translation, found = read_translation(raw, str(file))
        problems += found
        if translation is not None:
            problems += _against(translation, file, read)
    return problems, {str(file): raw.decode("utf-8", "replace") for file, raw in agreements.items()}


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
