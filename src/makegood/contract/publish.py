"""An agreement as its readers see it: the prose and its headings, without the rules."""

from __future__ import annotations

from makegood.contract.document import Document
from makegood.contract.fence_tags import is_rule
from makegood.contract.outline import outline


def published(document: Document) -> str:
    """The document's Markdown without its `sla` blocks, which are found as the reader of rules finds them.

    Headings keep their anchors, other fenced blocks stay as they are, and where a block stood one blank line is left.
    """
    plain = document.text.replace("\r\n", "\n").replace("\r", "\n")
    lines = plain.split("\n")
    rules, others = set[int](), set[int]()
    for fence in outline(plain, document.source).fences:
        (rules if is_rule(fence.info) else others).update(range(fence.line, fence.end))
    kept: list[str] = []
    for number, line in enumerate(lines):
        blank = number in rules or (number not in others and not line.strip())
        if not blank:
            kept.append(line if number in others else line.rstrip("\t\v\f\r") if line.endswith("  ") else line.rstrip())
        elif kept and kept[-1]:
            kept.append("")
    return "\n".join(kept).strip("\n") + "\n"
