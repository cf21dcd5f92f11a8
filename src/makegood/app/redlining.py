"""Use case: two versions of an agreement compared, and whether the new one keeps the old one's rule of notice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from makegood.app.reading import read_from
from makegood.contract.agreement import read_agreement
from makegood.contract.binding import terms_for
from makegood.contract.redline.comparing import redline
from makegood.contract.redline.difference import Redline
from makegood.contract.written import Agreement
from makegood.engine.change.announced import Announcement
from makegood.engine.change.notice import Given, notices_asked, notices_given
from makegood.model.change import AskedNotice, LateNotice
from makegood.model.problem import Place, Problem, Refused, Severity, error, warning
from makegood.model.terms import Terms

LONGEST_NOTICE = 3 * 366
"""Days before its effective date on which the last day of announcing a version is looked for."""


def compared(old: Path, new: Path, announced: date | None) -> tuple[Redline, AskedNotice, list[Problem]]:
    """The redline of two files, the notice, and what is worth a warning. Raises Refused for what cannot be read."""
    problems: list[Problem] = []
    one, other = read_from(old, read_agreement, problems), read_from(new, read_agreement, problems)
    if one is None or other is None:
        raise Refused(problems)
    if one.header.name != other.header.name:
        what = f"this is the agreement `{other.header.name}`, and the other is `{one.header.name}`"
        raise Refused([error("other-agreement", Place(str(new)), what, "", "name two versions of one agreement")])
    found = [p for p in problems if p.severity is Severity.WARNING]
    if other.header.effective < one.header.effective:
        what = f"the new version is effective from {other.header.effective}, before the old one"
        why = f"the old one is effective from {one.header.effective}"
        found.append(warning("versions-reversed", Place(str(new)), what, why, "exchange the two files"))
    if other.header.version == one.header.version and other.digest != one.digest:
        what = f"both are named version {one.header.version}, and they differ"
        found.append(warning("version-twice", Place(str(new)), what, "orders could mean either", "name it differently"))
    return redline(one, other), _notice(one, other, announced), found


def _notice(old: Agreement, new: Agreement, announced: date | None) -> AskedNotice:
    effective, terms = new.header.effective, list(_terms(old))
    asked = tuple(dict.fromkeys(str(clock.name) for one in terms for clock in notices_asked(one)))
    by = next((day for day in _backwards(effective) if asked and _kept(terms, effective, day)), None)
    voids = old.header.changes.late_notice is LateNotice.VOIDS
    if announced is None:
        return AskedNotice(None, (), False, None, by, asked, voids)
    given = dict.fromkeys(g for one in terms for g in _given(one, effective, announced))
    dates = [g.allowed for g in given if g.allowed is not None]
    allowed = max([effective, *dates]) if len(dates) == len(given) else None
    reasons = tuple(g.reason for g in given)
    return AskedNotice(announced, reasons, _kept(terms, effective, announced), allowed, by, asked, voids)


def _terms(agreement: Agreement) -> Iterator[Terms]:
    for situation in agreement.situations():
        terms, _ = terms_for(agreement, situation)
        if terms is not None:
            yield terms


def _given(terms: Terms, effective: date, announced: date) -> Iterator[Given]:
    return notices_given(terms, effective, Announcement(day=announced), "UTC")


def _kept(terms: list[Terms], effective: date, announced: date) -> bool:
    given = [g for one in terms for g in _given(one, effective, announced)]
    return all(g.allowed is not None and g.allowed <= effective for g in given)


def _backwards(effective: date) -> Iterator[date]:
    return (effective - timedelta(days=n) for n in range(LONGEST_NOTICE) if (effective - date.min).days > n)
