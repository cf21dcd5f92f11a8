"""What can be wrong with several files together: versions in one folder, two versions compared, a translation."""

from __future__ import annotations

from typing import Final

from makegood.contract.lint.codes.code import Code, family

FOLDERS: Final = (
    family(
        "Folders and versions",
        Code(
            "effective-twice",
            "E",
            "two versions are effective from one date",
            "neither replaces the other, so that none would be in force",
            "correct one of the two dates",
        ),
        Code(
            "no-agreement",
            "E",
            "a folder holds no file `*.sla.md`",
            "there is nothing to read",
            "name the file, or put its versions into the folder",
        ),
        Code(
            "no-prevailing-text",
            "E",
            "the agreement that a translation translates is neither named nor beside it",
            "there is nothing to compare with",
            "name its file as well, or put it into the same folder",
        ),
        Code(
            "no-version",
            "E",
            "a folder holds no version of the agreement that an order names",
            "there is nothing to judge the order by",
            "name another folder",
        ),
        Code(
            "other-agreement",
            "E",
            "two documents that are compared are not the same agreement",
            "a redline shows what changed from one version to the next",
            "name two versions of one agreement",
        ),
        Code(
            "version-twice",
            "E, W",
            "two documents have one version's name",
            "orders could mean either",
            "name each version differently, or take one out of the folder",
        ),
        Code(
            "versions-reversed",
            "W",
            "the new version is effective before the old one",
            "what was added would be shown as taken away",
            "exchange the two files",
        ),
    ),
)
