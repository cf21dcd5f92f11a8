"""Statements as one page of HTML that can be sent, printed and kept: no script, no request, no font from elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from makegood.model.statement import NotApplicable, Statement
from makegood.render import moments, telling
from makegood.render.derivation import trees
from makegood.render.lengths import duration
from makegood.render.pages import page
from makegood.render.strip import has_timeline
from makegood.render.tables import summary
from makegood.render.text import derived, line_amount, line_words
from makegood.render.timeline import bars, ticks
from makegood.render.values import argument_words, items


def statement_html(
    statements: Sequence[Statement], title: str = "", not_applicable: Sequence[NotApplicable] = ()
) -> str:
    """One page for one or several statements; several have a table at the top that links to each.

    What does not apply to the order follows them, or stands alone.
    """
    return page(
        "statement.html.j2",
        title=title or _title(statements, not_applicable),
        statements=statements,
        not_applicable=not_applicable,
        agreements=_agreements(statements),
        customers=len({s.customer for s in statements}),
        summary=summary(statements),
        tell=telling,
        moments=moments,
        duration=duration,
        items=items,
        derived=derived,
        listed=listed,
        line_amount=line_amount,
        line_words=line_words,
        bars=bars,
        has_timeline=has_timeline,
        ticks=ticks,
        trees=trees,
        argument_words=argument_words,
    )


def listed(words: Iterable[str]) -> str:
    """Words with commas between; not by a filter, whose result would count as markup."""
    return ", ".join(words)


def _agreements(statements: Sequence[Statement]) -> list[str]:
    """The agreement of each statement where they have several, with the version where a title has several."""
    titles = {(s.agreement_title, s.version) for s in statements}
    versions = Counter(title for title, _ in titles)
    if len(titles) < 2:
        return []
    return [
        f"{s.agreement_title}, version {s.version}" if versions[s.agreement_title] > 1 else s.agreement_title
        for s in statements
    ]


def _title(statements: Sequence[Statement], not_applicable: Sequence[NotApplicable]) -> str:
    if not statements:
        return "Nothing of this agreement applies to the order" if not_applicable else "No statements"
    first = statements[0]
    parts = [
        only
        for only in (
            _only(s.subject for s in statements),
            _only(s.customer for s in statements),
            _only(s.period.label for s in statements) or _stretch(s.period.label for s in statements),
        )
        if only
    ]
    kind = "Service level statement" if len(statements) == 1 else "Service level statements"
    return f"{kind}: {', '.join(parts) or first.provider}"


def _stretch(labels: Iterable[str]) -> str:
    """`2026-01 to 2026-03` of labels of one form, which sort as time does; nothing of others."""
    found = sorted(set(labels))
    return f"{found[0]} to {found[-1]}" if len({re.sub(r"\d", "0", label) for label in found}) == 1 else ""


def _only(words: Iterable[str]) -> str:
    """The word that all have, or nothing."""
    found = set(words)
    return found.pop() if len(found) == 1 else ""
