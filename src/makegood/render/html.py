"""Statements as one page of HTML that can be sent, printed and kept: no script, no request, no font from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from makegood.model.statement import NotApplicable, Statement
from makegood.render import moments, telling
from makegood.render.derivation import trees
from makegood.render.formula import how
from makegood.render.lengths import duration
from makegood.render.pages import page
from makegood.render.tables import summary
from makegood.render.text import line_amount
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
        agreements=len({(s.agreement, s.version) for s in statements}),
        summary=summary(statements),
        tell=telling,
        moments=moments,
        duration=duration,
        items=items,
        how=how,
        listed=listed,
        line_amount=line_amount,
        bars=bars,
        ticks=ticks,
        trees=trees,
        argument_words=argument_words,
    )


def listed(words: Iterable[str]) -> str:
    """Words with commas between; not by a filter, whose result would count as markup."""
    return ", ".join(words)


def _title(statements: Sequence[Statement], not_applicable: Sequence[NotApplicable]) -> str:
    if not statements:
        return "Nothing of this agreement applies to the order" if not_applicable else "No statements"
    first = statements[0]
    parts = [
        only
        for only in (
            _only(s.subject for s in statements),
            _only(s.customer for s in statements),
            _only(s.period.label for s in statements),
        )
        if only
    ]
    kind = "Service level statement" if len(statements) == 1 else "Service level statements"
    return f"{kind}: {', '.join(parts) or first.provider}"


def _only(words: Iterable[str]) -> str:
    """The word that all have, or nothing."""
    found = set(words)
    return found.pop() if len(found) == 1 else ""
