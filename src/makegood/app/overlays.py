"""Hypothetical clauses: exceptions to rules, from a file or as `rule.key=value`, in the form that orders have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from makegood.app.judging import file_bytes
from makegood.app.refusals import nearest
from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.precedence import DOCUMENT
from makegood.contract.strict_yaml import read_yaml
from makegood.contract.written import Agreement, RawRule
from makegood.exchange.documents import gather, read_document
from makegood.exchange.order_values import OVERLAY
from makegood.model.problem import Place, Problem, Refused, Severity, error

OPTION = "--instead"


def read_overlays(given: Sequence[str], agreement: Agreement) -> tuple[tuple[Keyed, ...], list[Problem]]:
    """The exceptions of every `--instead`, and every problem in them.

    A value that names a file is one with a list of exceptions, as `instead` has in an order.
    """
    found: list[Keyed] = []
    problems: list[Problem] = []
    for text in given:
        path = Path(text)
        if _is_file(path):
            found += _from_file(path, problems)
        elif "=" not in text:
            what, hint = (
                f"`{text}` is neither a file nor a change",
                "write `rule.key=value`, or name a file of exceptions",
            )
            problems.append(error("wrong-change", Place(OPTION), what, "", hint))
        elif (one := _from_words(text, agreement, problems)) is not None:
            found.append(one)
    return _together(found), problems


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _from_file(path: Path, problems: list[Problem]) -> tuple[Keyed, ...]:
    try:
        node, found = read_document(file_bytes(path), str(path))
    except Refused as refused:
        node, found = None, list(refused.problems)
    problems += found
    if node is None:
        return ()
    report = gather()
    inner = node.get("instead") if isinstance(node, Keyed) and node.get("rule") is None else node
    overlay = OVERLAY.read(inner if inner is not None else node, report)
    problems += report.problems
    return overlay or ()


def _from_words(text: str, agreement: Agreement, problems: list[Problem]) -> Keyed | None:
    """`rule.key=value`; with more keys between for a value inside, as in `credit-rows.rows.1.gives=15 %`."""
    path, _, value = text.partition("=")
    name, *keys = [part.strip() for part in path.split(".")]
    place = Place(OPTION)
    rule = next((r for r in agreement.rules if r.name == name), None)
    if rule is None or not keys or not all(keys):
        names = [r.name for r in agreement.rules]
        what = f"the agreement has no rule `{name}`" if keys or rule is None else f"`{path}` names no key"
        hint = nearest(name, names, "") if rule is None else f"write for example `{name}.{_first_key(rule)}=…`"
        problems.append(error("unknown-name" if rule is None else "missing-key", place, what, "", hint))
        return None
    node, found = read_yaml(value.strip(), OPTION)
    problems += [replace(p, where=place) for p in found]
    if node is None or any(p.severity is Severity.ERROR for p in found):
        if not found:
            hint = f"write a value after the sign, as in `{path.strip()}=unstated`"
            problems.append(error("missing-value", place, f"`{text}` gives no value", "", hint))
        return None
    key = _key(rule.node, keys[0])
    if len(keys) > 1:
        inside = _set(rule.node.get(key), keys[1:], node, text, problems)
        if inside is None:
            return None
        node = inside
    return Keyed(((Text("rule", place), Text(name, place)), (Text(key, place), _at(node, place))), place)


def _first_key(rule: RawRule) -> str:
    return next(iter(rule.node.keys()), "key")


def _key(node: Keyed, word: str) -> str:
    """A key as the rule writes it; hyphens may stand for its spaces."""
    known = (key.text for key, _ in node.entries)
    return next((k for k in known if word in (k, k.replace(" ", "-"))), word)


def _set(under: Node | None, keys: Sequence[str], value: Node, text: str, problems: list[Problem]) -> Node | None:
    """The node with the value at the end of a path of keys and numbers; the rest of it stays as it is."""
    word, rest = keys[0], keys[1:]
    if isinstance(under, Many) and word.isdecimal() and 1 <= int(word) <= len(under.items):
        at = int(word) - 1
        new = _set(under.items[at], rest, value, text, problems) if rest else value
        return None if new is None else Many((*under.items[:at], new, *under.items[at + 1 :]), under.place)
    if isinstance(under, Keyed):
        key = _key(under, word)
        inner = _set(under.get(key), rest, value, text, problems) if rest else value
        if inner is None:
            return None
        if under.key(key) is None:
            return Keyed((*under.entries, (Text(key, under.place), inner)), under.place)
        return Keyed(tuple((k, inner if k.text == key else v) for k, v in under.entries), under.place)
    what = f"`{word}` in `{text}` leads nowhere"
    known = [str(n + 1) for n in range(len(under.items))] if isinstance(under, Many) else []
    hint = f"there are {', '.join(known)}" if known else "give the whole value of the key above it"
    problems.append(error("unknown-key", Place(OPTION), what, "", hint))
    return None


def _at(node: Node, place: Place) -> Node:
    """The node with a place that can be told; what an option says stands in no file."""
    match node:
        case Text(text, _):
            return Text(text, place)
        case Many(items, _):
            return Many(tuple(_at(item, place) for item in items), place)
        case Keyed(entries, _):
            return Keyed(tuple((Text(key.text, place), _at(value, place)) for key, value in entries), place)


def _together(overlays: Sequence[Keyed]) -> tuple[Keyed, ...]:
    """Later ones over earlier ones of the same document: a hypothesis may be changed by the next."""
    by_rule: dict[tuple[str, str], Keyed] = {}
    for overlay in overlays:
        named, of = overlay.get("rule"), overlay.get(DOCUMENT)
        name = named.text if isinstance(named, Text) else "", of.text if isinstance(of, Text) else ""
        before = by_rule.get(name)
        kept = before.entries if before is not None else ()
        by_rule[name] = Keyed(
            (*((k, v) for k, v in kept if overlay.get(k.text) is None), *overlay.entries), overlay.place
        )
    return tuple(by_rule.values())


def laid_over(own: Sequence[Keyed], hypothetical: Sequence[Keyed]) -> tuple[Keyed, ...]:
    """An order's own exceptions with hypothetical ones over them."""
    return _together((*own, *hypothetical))
