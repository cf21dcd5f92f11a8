"""Use case: what is wrong in agreements, in their versions against each other and in their translations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from makegood.app.reading import file_bytes, read_from
from makegood.app.versions import agreement_files, twice
from makegood.contract.agreement import read_agreement
from makegood.contract.lint import lint
from makegood.contract.translation.comparing import translation_findings
from makegood.contract.translation.document import Translation, is_translation, read_translation
from makegood.contract.written import Agreement
from makegood.model.problem import Problem, Refused, error


def lint_files(paths: Sequence[Path]) -> list[Problem]:
    """Every finding of the files, and of all documents of the folders; a translation is compared with its agreement.

    That is one of those named, of the same version where there are several, or else one beside the translation.
    """
    problems: list[Problem] = []
    files: list[Path] = []
    for path in dict.fromkeys(paths):
        try:
            files += [file for file in agreement_files(path) if file not in files]
        except Refused as refused:
            problems += refused.problems
    agreements: dict[Path, Agreement | None] = {}
    translations: dict[Path, Translation | None] = {}
    for file in files:
        if _translates(file):
            translations[file] = read_from(file, read_translation, problems)
        else:
            agreements[file] = read_from(file, read_agreement, problems)
    read = [agreement for agreement in agreements.values() if agreement is not None]
    for agreement in read:
        problems += [p for p in lint(agreement) if p not in problems]
    problems += _between_versions(read)
    for file, translation in translations.items():
        if translation is not None:
            problems += _against(translation, file, read)
    return problems


def texts_of(paths: Sequence[Path]) -> dict[str, str]:
    """The texts of the files that `lint_files` looks at, by their names; those that cannot be read are left out."""
    texts: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        with suppress(Refused):
            for file in agreement_files(path):
                texts[str(file)] = file_bytes(file).decode("utf-8", "replace")
    return texts


def _translates(file: Path) -> bool:
    try:
        return is_translation(file_bytes(file))
    except Refused:
        return False


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
    found = (read_from(other, read_agreement, []) for other in agreement_files(file.parent) if not _translates(other))
    return [agreement for agreement in found if agreement is not None and agreement.header.name == translation.of]
