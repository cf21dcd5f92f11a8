"""What two forms of one agreement, order, check or file of alerts differ in, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields

from makegood.app.drafts import Draft, parts_of
from makegood.contract.nodes import Keyed, Node, Text
from makegood.contract.written import Agreement, Header
from makegood.exchange.checks.write import Written, flow
from makegood.exchange.documents import read_document

Keys = tuple[tuple[str, str, str], ...]
"""The path of each key that differs, and what stands there before and after; empty where one side has nothing."""

_LEADS = (
    *("service", "step", "rule", "term", "charge", "invoice"),
    *("channel", "person", "rotation", "escalation"),
)
"""Keys whose value names an item of a list."""


def differing(before: Written, after: Written) -> Keys:
    """The keys at which two mappings differ."""
    first, second = dict(_leaves(before, "")), dict(_leaves(after, ""))
    paths = [path for path in dict.fromkeys((*first, *second)) if first.get(path) != second.get(path)]
    return tuple((path, first.get(path, ""), second.get(path, "")) for path in paths)


def _leaves(value: Written, path: str) -> Iterator[tuple[str, str]]:
    """The values of a mapping by their paths; a list of words is one value, and an item has its name or number."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, Sequence) and not isinstance(value, str) and any(not isinstance(v, str) for v in value):
        for number, item in enumerate(value, 1):
            name = next((item[k] for k in _LEADS if k in item), number) if isinstance(item, Mapping) else number
            yield from _leaves(item, f"{path}[{name}]")
    elif path:
        yield path, flow(value)


def written_document(raw: bytes) -> Written:
    """An order, or alerts, as the file says it; nothing where there is none."""
    node, _ = read_document(raw, "document")
    return {} if node is None else _plain(node)


def _plain(node: Node) -> Written:
    if isinstance(node, Text):
        return node.text
    if isinstance(node, Keyed):
        return {key.text: _plain(value) for key, value in node.entries}
    return [_plain(item) for item in node.items]


def agreement_keys(before: Agreement, after: Agreement) -> Keys:
    """The keys of its header and rules at which two texts of one version differ; none where only prose does."""
    header = [
        (field.name.replace("_", " "), str(old), str(new))
        for field in fields(Header)
        if (old := getattr(before.header, field.name)) != (new := getattr(after.header, field.name))
    ]
    changed = (part.change for part in parts_of(before, Draft(after)))
    rules = (
        (f"{change.kind} {change.name}: {path}" if path else f"{change.kind} {change.name}", old, new)
        for change in changed
        for path, old, new in change.differs or (("", "", ""),)
    )
    return (*header, *rules)
