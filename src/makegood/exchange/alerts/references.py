"""Whether the names in a file of alerts are there, as they are written: also while something else in it is wrong.

A value that cannot be read leaves out the person or rule that it is of. What names these is right all the same, and
what names nobody is wrong all the same; so names are looked for in the text, and not among what could be read.
"""

from __future__ import annotations

from collections.abc import Iterator

from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.shape import Report, unknown_word


def check_references(node: Keyed, report: Report) -> None:
    """Report every name that is none of those written in the file. Where nothing is written that it could name, that
    is reported by the reader, and not once more for each name."""
    people, rotations, channels = (
        list(_names(node, section, key))
        for section, key in (("people", "person"), ("rotations", "rotation"), ("channels", "channel"))
    )
    escalations = list(_names(node, "escalations", "escalation"))
    turns = [name for one in _of(node, "rotations") for name in _turns(one)]
    told = [name for one in _of(node, "escalations") for step in _of(one, "steps") for name in _texts(step.get("tell"))]
    tells = [name for one in _of(node, "rules") for name in _texts(one.get("tell"))]
    reached = [name for one in _of(node, "people") if isinstance(reach := one.get("reach"), Keyed)
               for name, _ in reach.entries]  # fmt: skip
    for names, known, what, code in (
        (reached, channels, "there is no channel", "unknown-channel"),
        (turns, people, "there is no person", "unknown-person"),
        (told, [*people, *rotations, *channels], "nobody is known as", "unknown-person"),
        (tells, escalations, "there is no escalation", "unknown-escalation"),
    ):
        for name in {one.text: one for one in reversed(names)}.values() if known else ():
            if name.text not in known:
                unknown_word(report, name, what, known, code)


def _turns(rotation: Keyed) -> Iterator[Text]:
    for layer in _of(rotation, "layers"):
        yield from _texts(layer.get("people"))
    for override in _of(rotation, "overrides"):
        yield from _texts(override.get("person"))


def _names(node: Keyed, section: str, key: str) -> Iterator[str]:
    for one in _of(node, section):
        yield from (name.text for name in _texts(one.get(key)))


def _of(node: Keyed, section: str) -> list[Keyed]:
    """The mappings in a list under a key."""
    return [one for one in _items(node.get(section)) if isinstance(one, Keyed)]


def _texts(node: Node | None) -> list[Text]:
    return [one for one in _items(node) if isinstance(one, Text)]


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Many) else () if node is None else (node,)
