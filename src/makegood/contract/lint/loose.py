"""Loose ends: values left out, readings without a choice, rules that nothing uses, promises without a consequence."""

from __future__ import annotations

from collections.abc import Iterator

from makegood.contract import link
from makegood.contract.lint.ground import Situation, situations
from makegood.contract.lint.money import at_stake
from makegood.contract.lint.named import named_by
from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.shape import UNSTATED
from makegood.contract.written import Agreement
from makegood.model.problem import Place, Problem, note, warning
from makegood.model.terms import ClassRule, Commitment, RemedyForm, Strength

_PARTS = ("calendar", "period", "class", "detect", "outage", "measure", "count", "scale", "basis")
"""Primitives that do nothing unless another rule names them."""


def loose_findings(situation: Situation) -> Iterator[Problem]:
    """Every loose end of one situation."""
    for rule in situation.rules.values():
        for key, at in unstated(rule.node):
            what = f"`{key}` of `{rule.name}` is unstated"
            why = "whatever depends on it is shown as not stated, with this clause"
            hint = "agree on a value, or declare the alternatives as a reading so that each is priced"
            yield note("unstated", at, what, why, hint)
    for choice in situation.terms.choices:
        if choice.chosen is None:
            place = _place_of(situation, choice.rule, choice.id)
            what = f"`{choice.id}` has {len(choice.alternatives)} alternatives, and none is chosen"
            why = "it counts as unstated: no figure that needs it can be given"
            hint = f"write `chosen: {choice.alternatives[0]}` with `because: …`, or `unstated` if nothing can be chosen"
            yield warning("reading-without-choice", place, what, why, hint)
    for commitment in situation.terms.commitments.values():
        yield from _consequence(situation, commitment)
    for classes in situation.terms.classes.values():
        yield from _rows(situation, classes)


def unstated(node: Node, key: str = "") -> Iterator[tuple[str, Place]]:
    """Every value of a rule that is `unstated`, with its key and place."""
    if isinstance(node, Text):
        if node.text == UNSTATED:
            yield key, node.place
    elif isinstance(node, Many):
        for item in node.items:
            yield from unstated(item, key)
    else:
        for name, value in node.entries:
            yield from unstated(value, name.text if not key else f"{key}: {name.text}")


def _place_of(situation: Situation, rule: str, identity: str) -> Place:
    """Where the reading with this id stands: its path of keys, with hyphens for the spaces in them."""
    raw = next((r for r in situation.agreement.rules if r.name == rule), None)
    node: Node | None = raw.node if raw else None
    at = situation.place(rule)
    for step in identity.split(".")[1:]:
        if isinstance(node, Keyed):
            node = next((v for k, v in node.entries if k.text.replace(" ", "-") == step), None)
        elif isinstance(node, Many) and step.isdecimal() and int(step) <= len(node.items):
            node = node.items[int(step) - 1]
        if node is None:
            break
        at = node.place
    return at


def _consequence(situation: Situation, commitment: Commitment) -> Iterator[Problem]:
    """A commitment whose miss has no consequence; and an aim with one that can never follow."""
    remedies = [r for r in situation.terms.remedies.values() if r.commitment == commitment.name]
    counted = any(commitment.name in count.of for count in situation.terms.counts.values())
    if commitment.strength is Strength.AIM:
        for remedy in remedies:
            if remedy.form in (RemedyForm.CREDIT, RemedyForm.CHARGE):
                what = (
                    f"`{remedy.name}` gives a {remedy.form.value} when `{commitment.name}` is missed, which is an aim"
                )
                stake = at_stake(remedy, situation.terms)
                why = "an aim is recorded and cannot be breached, so that nothing is ever owed"
                why += f" of {stake}" if stake else ""
                hint = "write `strength: promise` or `efforts` if a miss is to have this consequence"
                yield warning("aim-with-credit", situation.place(remedy.name, "when missed"), what, why, hint)
    elif not remedies and not counted:
        what = f"nothing follows when `{commitment.name}` is missed"
        why = "no remedy and no count names it; the law may give more than the agreement does"
        hint = "write a remedy with `when missed`, or tell the other side that there is none"
        yield note("commitment-without-remedy", situation.place(commitment.name), what, why, hint)


def _rows(situation: Situation, rule: ClassRule) -> Iterator[Problem]:
    for n, row in enumerate(rule.rows):
        if not row.when and n + 1 < len(rule.rows):
            what = f"`{row.label}` takes everything, and rows follow it"
            why = "the first row that holds decides, so that " + ", ".join(f"`{r.label}`" for r in rule.rows[n + 1 :])
            why += " can never be given"
            hint = "put it last, or give it a `when`"
            yield warning("row-takes-all", situation.place(rule.name, "rows", n), what, why, hint)
            return
    if rule.rows and rule.rows[-1].when:
        what = f"`{rule.name}` gives no label where no row holds"
        why = "what fits no row has no class, and no time that is given by class"
        hint = "add a last row without `when`"
        yield note("class-without-last-row", situation.place(rule.name, "rows"), what, why, hint)


def unused_findings(agreement: Agreement) -> Iterator[Problem]:
    """Rules that no other rule uses in any situation or reading, and that do nothing by themselves."""
    used: set[str] = set()
    for rule in agreement.rules:
        used |= named_by(rule)
    for situation in situations(agreement):
        for rule in situation.rules.values():
            used |= {t.text for t, _ in link.references(rule.primitive, rule.node)}
        used |= {name for measure in situation.terms.measures.values() for name in measure.where}
        used |= {name for count in situation.terms.counts.values() for name in count.where}
    used |= {rule.exception_to.text for rule in agreement.rules if rule.exception_to is not None}
    for rule in agreement.rules:
        if rule.primitive not in _PARTS or rule.name in used or rule.exception_to is not None:
            continue
        if rule.primitive == "calendar":
            what = f"no rule counts time in `{rule.name}`"
            why = "the calendar stands here for the reader, and decides nothing"
            hint = f"name it where it is meant, as in `in: {rule.name}`, or delete it"
            yield note("calendar-unused", rule.node.place, what, why, hint)
        elif rule.primitive == "class":
            what = f"no clock goes by the class `{rule.name}`"
            why = "its labels decide nothing"
            hint = f"write `allow: {{by: {rule.name}, …}}` where it counts"
            yield note("class-unused", rule.node.place, what, why, hint)
        else:
            what = f"no rule uses the {rule.primitive} `{rule.name}`"
            why = "it decides nothing"
            yield warning("rule-unused", rule.node.place, what, why, "name it where it is meant, or delete it")
