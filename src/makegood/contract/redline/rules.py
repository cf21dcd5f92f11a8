"""Rules compared key by key: a rule is known by its name, wherever it stands, and a row by what it begins with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from makegood.contract.choose import written
from makegood.contract.document import Block
from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.redline.difference import KeyChange, Kind, ReadingChange, RuleChange
from makegood.contract.redline.figures import said
from makegood.contract.shape import UNSTATED

HEADER = "agreement"


def rules_by_name(blocks: Sequence[Block]) -> dict[str, Block]:
    """The rules by their names; the block that says which agreement it is has none."""
    return {name_of(block): block for block in blocks if primitive_of(block) != HEADER}


def primitive_of(block: Block) -> str:
    return block.node.entries[0][0].text


def name_of(block: Block) -> str:
    return written(block.node.entries[0][1])


def body_of(block: Block) -> Keyed:
    return Keyed(block.node.entries[1:], block.node.place)


def rule_changes(here: Sequence[Block], old: Mapping[str, Block], new: Mapping[str, Block]) -> Iterator[RuleChange]:
    """The changes of the rules that stand in a clause of the new version. `old` and `new` are those of the whole."""
    gone = {name: block for name, block in old.items() if name not in new}
    for name, block in rules_by_name(here).items():
        before = old.get(name) or _renamed(block, gone)
        if before is None:
            yield RuleChange(Kind.ADDED, primitive_of(block), name, tuple(_all(body_of(block), new=True)))
            continue
        was = "" if name in old else name_of(before)
        other = primitive_of(before) != primitive_of(block)
        found = [] if other else list(_keyed(body_of(before), body_of(block), "", primitive_of(block), name))
        keys = [KeyChange("kind of rule", primitive_of(before), primitive_of(block))] if other else []
        keys += [f for f in found if isinstance(f, KeyChange)]
        readings = tuple(f for f in found if isinstance(f, ReadingChange))
        moved = before.clause if before.clause != block.clause else ""
        kind = Kind.CHANGED if keys or readings or was or moved else Kind.SAME
        yield RuleChange(kind, primitive_of(block), name, tuple(keys), readings, was, moved)


def rules_gone(here: Sequence[Block], old: Mapping[str, Block], new: Mapping[str, Block]) -> Iterator[RuleChange]:
    """The rules of an old clause that the new version has nowhere, under no name."""
    added = [block for name, block in new.items() if name not in old]
    for name, block in rules_by_name(here).items():
        if name not in new and not any(_renamed(other, {name: block}) for other in added):
            yield RuleChange(Kind.REMOVED, primitive_of(block), name, tuple(_all(body_of(block), new=False)))


def header_changes(old: Keyed, new: Keyed) -> tuple[KeyChange, ...]:
    """The changes of what an agreement says of itself."""
    found = _keyed(old, new, "", HEADER, HEADER)
    return tuple(change for change in found if isinstance(change, KeyChange))


def _renamed(block: Block, gone: Mapping[str, Block]) -> Block | None:
    """The rule that this one was under another name: of the same kind, and word for word the same."""
    same = (
        b
        for b in gone.values()
        if primitive_of(b) == primitive_of(block) and written(body_of(b)) == written(body_of(block))
    )
    return next(same, None)


def _all(node: Keyed, new: bool) -> Iterator[KeyChange]:
    for key, value in node.entries:
        yield KeyChange(key.text, None if new else written(value), written(value) if new else None)


def _keyed(old: Keyed, new: Keyed, path: str, primitive: str, rule: str) -> Iterator[KeyChange | ReadingChange]:
    for key, value in new.entries:
        before = old.get(key.text)
        here = f"{path} › {key.text}" if path else key.text
        if before is None:
            yield KeyChange(here, None, written(value))
        else:
            yield from _node(before, value, here, primitive, rule)
    for key, value in old.entries:
        if new.get(key.text) is None:
            yield KeyChange(f"{path} › {key.text}" if path else key.text, written(value), None)


def _node(old: Node, new: Node, path: str, primitive: str, rule: str) -> Iterator[KeyChange | ReadingChange]:
    if written(old) == written(new) and type(old) is type(new):
        return
    if _is_reading(old) or _is_reading(new):
        yield from _reading(old, new, path, primitive, rule)
    elif isinstance(old, Keyed) and isinstance(new, Keyed):
        yield from _keyed(old, new, path, primitive, rule)
    elif (
        isinstance(old, Many) and isinstance(new, Many) and any(isinstance(i, Keyed) for i in (*old.items, *new.items))
    ):
        yield from _rows(old, new, path, primitive, rule)
    else:
        key = path.rpartition(" › ")[2]
        yield KeyChange(path, written(old), written(new), said(written(old), written(new), primitive, key))


def _rows(old: Many, new: Many, path: str, primitive: str, rule: str) -> Iterator[KeyChange | ReadingChange]:
    """Rows of a table, aligned by what they begin with; where as many changed as before, they are the same ones."""
    before, after = [_begins(i) for i in old.items], [_begins(i) for i in new.items]
    for _, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if b - a == d - c:
            for n, (one, other) in enumerate(zip(old.items[a:b], new.items[c:d], strict=True), c + 1):
                name = _begins(other) if _begins(one) == _begins(other) else str(n)
                yield from _node(one, other, f"{path} › {name}", primitive, rule)
            continue
        yield from (KeyChange(f"{path} › {_begins(row)}", written(row), None) for row in old.items[a:b])
        yield from (KeyChange(f"{path} › {_begins(row)}", None, written(row)) for row in new.items[c:d])


def _begins(node: Node) -> str:
    return written(node.entries[0][1]) if isinstance(node, Keyed) and node.entries else written(node)


def _is_reading(node: Node) -> bool:
    return isinstance(node, Keyed) and node.get("among") is not None


def _reading(old: Node, new: Node, path: str, primitive: str, rule: str) -> Iterator[KeyChange | ReadingChange]:
    """A reading taken, given up or taken differently; the value that follows is a change of the rule as well."""
    name = f"{rule}.{'.'.join(part.replace(' ', '-') for part in path.split(' › '))}"
    before, after = _chosen(old), _chosen(new)
    if _is_reading(old) and _is_reading(new):
        says = f"read as `{after[0]}`, no longer as `{before[0]}`" if before[0] != after[0] else _about(old, new)
    elif _is_reading(new):
        says = f"open to readings now, and read as `{after[0]}`"
    else:
        says = f"settled as `{after[0]}`: no reading is needed any more"
    yield ReadingChange(name, before[0] if _is_reading(old) else None, after[0] if _is_reading(new) else None, says)
    if before[1] != after[1]:
        yield KeyChange(path, before[1], after[1], said(before[1], after[1], primitive, path.rpartition(" › ")[2]))


def _about(old: Node, new: Node) -> str:
    assert isinstance(old, Keyed)
    assert isinstance(new, Keyed)
    parts = [key for key in ("among", "because", "clauses") if _text(old.get(key)) != _text(new.get(key))]
    words = {"among": "other alternatives", "because": "another reason", "clauses": "other clauses"}
    return f"the same choice, with {' and '.join(words[part] for part in parts)}"


def _chosen(node: Node) -> tuple[str, str]:
    """The label of what is chosen, and the value that it stands for."""
    if not isinstance(node, Keyed) or not _is_reading(node):
        return written(node), written(node)
    label, among = _text(node.get("chosen")) or UNSTATED, node.get("among")
    value = among.get(label) if isinstance(among, Keyed) else None
    return label, written(value) if value is not None else label


def _text(node: Node | None) -> str:
    return "" if node is None else written(node) if not isinstance(node, Text) else node.text
