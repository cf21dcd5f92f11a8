"""A redline for people: as text with `[-removed-]` and `{+added+}`, as one page of HTML, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from makegood.calendar.wording import day_words
from makegood.contract.redline.difference import (
    ClauseChange,
    KeyChange,
    Kind,
    Mark,
    Passage,
    Piece,
    Redline,
    RuleChange,
)
from makegood.model.change import AskedNotice
from makegood.render.pages import page
from makegood.render.printable import printable
from makegood.render.screen import shown
from makegood.render.text import hanging, pairs, say
from makegood.render.values import items

SIGNS = {Mark.REMOVED: ("[-", "-]", "fails"), Mark.ADDED: ("{+", "+}", "holds"), Mark.SAME: ("", "", "")}
AROUND = 8
"""Words that are shown before and after a change where a passage is long."""


def redline_text(
    found: Redline, notice: AskedNotice, width: int = 80, color: bool = False, encoding: str = "utf-8"
) -> str:
    """The differences in the order of the new version; passages and clauses that stayed are left out."""
    old, new = found.old, found.new
    head: list[RenderableType] = [
        say(f"{new.title}: version {old.version} → {new.version}", "title"),
        pairs([("In force", say(f"{old.effective} → {new.effective}")), ("Clauses", say(counted(found)))]),
        Text(),
    ]
    head += [pairs([("Notice", Group(*(say(line) for line in notice_lines(notice))))]), Text()]
    figures = [
        hanging(say("•", "quiet"), Text.assemble(say(f"{_named(c)}: {rule.name} › {key.path}  ", "quiet"), _key(key)))
        for c, rule, key in found.figures()
    ]
    head += [say("Figures that differ", "title"), *figures, Text()] if figures else []
    readings = [hanging(say("•", "quiet"), say(f"{reading.id}: {reading.says}")) for _, reading in found.readings()]
    head += [say("Readings that differ", "title"), *readings, Text()] if readings else []
    header = [_key_line(key) for key in found.header]
    head += [say("What the agreement says of itself", "title"), *header, Text()] if header else []
    blocks = [block for clause in found.clauses for block in _clause(clause)]
    return shown(Group(*head, *(blocks or [say("Nothing else differs.")])), width, color, encoding)


def counted(found: Redline) -> str:
    """`3 changed, 1 added, none removed, 1 moved, 5 unchanged`."""
    kinds = (Kind.CHANGED, Kind.ADDED, Kind.REMOVED)
    parts = [f"{len(found.of(kind)) or 'none'} {kind.value}" for kind in kinds]
    return ", ".join([*parts, f"{len(found.moved) or 'none'} moved", f"{len(found.of(Kind.SAME)) or 'none'} unchanged"])


def notice_lines(notice: AskedNotice) -> list[str]:
    """Whether the new version keeps the old one's rule of notice, and until when it can be announced."""
    if not notice.asked:
        return ["the old version asks for no notice of a change"]
    lines = []
    if notice.announced is not None:
        kept = "keeps its notice" if notice.kept else "does not keep its notice"
        lines.append(f"announced on {day_words(notice.announced)}, it {kept}")
        lines += [f"{reason.says} (clause {reason.clause})" for reason in notice.given]
        if not notice.kept:
            lines.append(_then(notice))
    if notice.by is not None:
        lines.append(f"to be in force on its date it must be announced by {day_words(notice.by)}")
    elif notice.announced is None:
        lines.append(f"asked for: {', '.join(notice.asked)}; no date of announcement can be told")
    return lines


def _then(notice: AskedNotice) -> str:
    if notice.voids or notice.allowed is None:
        return "so it does not come into force for orders that began before it"
    return f"so it is in force from {day_words(notice.allowed)} for orders that began before it"


def _clause(change: ClauseChange) -> Iterator[RenderableType]:
    if change.kind is Kind.SAME and not change.moved:
        return
    word = change.kind.value if change.kind is not Kind.SAME else ""
    moved = f"moved, it stood {f'behind {change.after}' if change.after else 'first'}" if change.moved else ""
    told = ", ".join(part for part in (word, moved) if part)
    yield Text.assemble(say("§ ", "quiet"), _pieces(change.heading), say(f"  {told}", "quiet"))
    for passage in change.passages:
        if passage.changed:
            yield Padding(_pieces(shortened(passage)), (0, 0, 0, 2))
    for rule in change.rules:
        yield Padding(Group(*_rule(rule)), (0, 0, 0, 2))
    yield Text()


def _rule(rule: RuleChange) -> Iterator[RenderableType]:
    yield Text.assemble(say(f"{rule.primitive} {rule.name}", "title"), say(f"  {rule_told(rule)}", "quiet"))
    for key in rule.keys if rule.kind is Kind.CHANGED else ():
        yield Padding(_key_line(key), (0, 0, 0, 2))
    if rule.kind is not Kind.CHANGED:
        mark = Mark.ADDED if rule.kind is Kind.ADDED else Mark.REMOVED
        for key in rule.keys:
            value = key.new if rule.kind is Kind.ADDED else key.old
            yield Padding(_pieces((Piece(mark, f"{key.path}: {value}"),)), (0, 0, 0, 2))
    for reading in rule.readings:
        yield Padding(say(f"reading {reading.id}: {reading.says}"), (0, 0, 0, 2))


def rule_told(rule: RuleChange) -> str:
    """`changed, was named old-name, moved from clause credits`."""
    parts = [rule.kind.value]
    parts += [f"was named {rule.was}"] if rule.was else []
    parts += [f"moved from clause {rule.moved_from}"] if rule.moved_from else []
    return ", ".join(parts)


def _key_line(key: KeyChange) -> RenderableType:
    return hanging(say(f"{key.path}:", "quiet"), _key(key))


def _key(key: KeyChange) -> Text:
    old = _pieces((Piece(Mark.REMOVED, key.old),)) if key.old is not None else Text()
    new = _pieces((Piece(Mark.ADDED, key.new),)) if key.new is not None else Text()
    gap = " " if key.old is not None and key.new is not None else ""
    return Text.assemble(old, gap, new, say(f"  {key.says}" if key.says else "", "title"))


def _pieces(pieces: Sequence[Piece]) -> Text:
    text = Text()
    for piece in pieces:
        before, after, style = SIGNS[piece.mark]
        space = " " if piece.text.startswith(" ") and piece.mark is not Mark.SAME else ""
        words = piece.text if piece.mark is Mark.SAME else piece.text.strip()
        text.append(printable(f"{space}{before}{words}{after}"), style)
    return text


def shortened(passage: Passage) -> tuple[Piece, ...]:
    """The pieces, of which long ones that stayed keep only the words next to a change."""
    last, found = len(passage.pieces) - 1, []
    for n, piece in enumerate(passage.pieces):
        words = piece.text.split()
        if piece.mark is not Mark.SAME or len(words) <= 2 * AROUND + 2:
            found.append(piece)
            continue
        before = " ".join(words[:AROUND]) if n else ""
        after = " ".join(words[-AROUND:]) if n < last else ""
        space = " " if piece.text.startswith(" ") else ""
        found.append(Piece(Mark.SAME, f"{space}{before}{' ' if before else ''}…{' ' if after else ''}{after}"))
    return tuple(found)


def _named(change: ClauseChange) -> str:
    return f"{change.clause.number} {change.clause.title}".strip()


def redline_html(found: Redline, notice: AskedNotice) -> str:
    """One page: what differs at the top, then every clause of the new version with its marks."""
    return page(
        "redline.html.j2",
        title=f"{found.new.title}: version {found.old.version} to {found.new.version}",
        found=found,
        counted=counted(found),
        notice=notice_lines(notice),
        kept=notice.kept,
        announced=notice.announced,
        figures=list(found.figures()),
        readings=list(found.readings()),
        rule_told=rule_told,
        named=_named,
        items=items,
    )


def redline_json(found: Redline, notice: AskedNotice) -> str:
    """The whole redline for programs; unchanged clauses are named and have no passages."""
    document = {
        "agreement": found.new.name,
        "old": {"version": found.old.version, "effective": found.old.effective.isoformat()},
        "new": {"version": found.new.version, "effective": found.new.effective.isoformat()},
        "counts": {
            **{kind.value: len(found.of(kind)) for kind in Kind},
            "moved": len(found.moved),
        },
        "notice": {
            "asked": list(notice.asked),
            "announced": notice.announced.isoformat() if notice.announced else None,
            "kept": notice.kept if notice.announced else None,
            "allowed_from": notice.allowed.isoformat() if notice.allowed else None,
            "announce_by": notice.by.isoformat() if notice.by else None,
            "says": notice_lines(notice),
        },
        "header": [_key_document(key) for key in found.header],
        "clauses": [_clause_document(change) for change in found.clauses],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _clause_document(change: ClauseChange) -> dict[str, Any]:
    return {
        "clause": change.clause.id,
        "was": change.old.id if change.old else None,
        "number": change.clause.number,
        "title": change.clause.title,
        "kind": change.kind.value,
        "moved": change.moved,
        "heading": [_piece_document(piece) for piece in change.heading],
        "passages": [[_piece_document(p) for p in passage.pieces] for passage in change.passages if passage.changed],
        "rules": [
            {
                "rule": rule.name,
                "primitive": rule.primitive,
                "kind": rule.kind.value,
                "was": rule.was or None,
                "moved_from": rule.moved_from or None,
                "keys": [_key_document(key) for key in rule.keys],
                "readings": [{"id": r.id, "old": r.old, "new": r.new, "says": r.says} for r in rule.readings],
            }
            for rule in change.rules
        ],
    }


def _piece_document(piece: Piece) -> dict[str, str]:
    return {"mark": piece.mark.value, "text": piece.text}


def _key_document(key: KeyChange) -> dict[str, str | None]:
    return {"key": key.path, "old": key.old, "new": key.new, "says": key.says}
