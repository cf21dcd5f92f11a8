"""An agreement read: the document, its rules, and every problem of its text, its rules and their names."""

from __future__ import annotations

import hashlib

from makegood.contract.binding import terms_for
from makegood.contract.document import read_document
from makegood.contract.encoding import read_bytes
from makegood.contract.translation.document import leading
from makegood.contract.written import Agreement, no_header, rules_of
from makegood.model.problem import Place, Problem, Severity, error

_FOLLOWING = frozenset(("unknown-name", "wrong-kind"))
"""Problems that may only follow from a rule that could not be read."""


def read_agreement(raw: bytes, source: str) -> tuple[Agreement | None, list[Problem]]:
    """The agreement in a file's bytes, or None; and every problem of its text, its rules and their names."""
    text, problems = read_bytes(raw, source)
    if text is None:
        return None, problems
    document, found = read_document(text, source)
    problems = [*problems, *found]
    if leading(document) is not None:
        what = "this is a translation: prose, and no rules to judge by"
        hint = "name the agreement that it translates; `makegood lint` compares the two"
        return None, [*problems, error("translation-not-judged", Place(source, 1, 1), what, "", hint)]
    header, rules, found = rules_of(document)
    if header is None:
        unread = any(p.severity is Severity.ERROR for p in problems)
        return None, [*problems, *found, *([] if unread else [no_header(source)])]
    problems += found
    spoilt = any(p.severity is Severity.ERROR for p in problems)
    agreement = Agreement(document, header, rules, hashlib.sha256(raw).hexdigest())
    seen = set(problems)
    for situation in agreement.situations():
        _, found = terms_for(agreement, situation)
        problems += [p for p in found if p not in seen and not (spoilt and p.code in _FOLLOWING)]
        seen.update(found)
    failed = any(p.severity is Severity.ERROR for p in problems)
    return (None if failed else agreement), problems
