"""The derivation as a list of steps, each once, operands before what is made of them; and back."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from fractions import Fraction

from makegood.model.spans import Spans
from makegood.model.terms import Clause
from makegood.model.trace import Node, Op, Value, recompute
from makegood.render.document.shape import ClauseForm, StatementDocument, StepForm
from makegood.render.values import node_value

MOST_PLACES = 60
"""More places than any agreement rounds a ratio to; a hostile document must not ask for a power that never ends."""


class TraceDiffers(ValueError):
    """Steps of a document do not recompute. `wrong` names each: its id and what is the matter."""

    def __init__(self, wrong: Sequence[tuple[int, str]]) -> None:
        self.wrong = tuple(wrong)
        super().__init__("; ".join(f"step {step}: {what}" for step, what in self.wrong))


class Steps:
    """Numbers nodes as they are asked for. Nodes that say the same of the same are one step."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self.nodes: list[Node] = []
        self._ids: dict[int, int] = {}
        self._known: dict[Hashable, int] = {}
        self._kept: list[Node] = []

    def of(self, node: Node) -> int:
        """The id of a node's step; its operands are listed before it."""
        waiting = [node]
        while waiting:
            at = waiting[-1]
            missing = [operand for operand in at.operands if id(operand) not in self._ids]
            if id(at) in self._ids:
                waiting.pop()
            elif missing:
                waiting.extend(reversed(missing))
            else:
                self._add(waiting.pop())
        return self._ids[id(node)]

    def maybe(self, node: Node | None) -> int | None:
        return None if node is None else self.of(node)

    def operands(self, node: Node) -> tuple[int, ...]:
        return tuple(self._ids[id(operand)] for operand in node.operands)

    def forms(self) -> Iterator[StepForm]:
        """Every step so far as it is published."""
        for place, node in enumerate(self.nodes):
            value = node.value
            yield StepForm(
                id=place,
                op=node.op,
                says=node.says,
                kind=node.kind,
                spans_us=tuple((s.start, s.end) for s in value) if isinstance(value, Spans) else None,
                number=str(value) if isinstance(value, Fraction) else None,
                truth=value if isinstance(value, bool) else None,
                label=value if isinstance(value, str) else None,
                text=node_value(node, self.zone),
                operands=self.operands(node),
                argument=node.argument,
                currency=node.currency,
                clause=None if node.clause is None else clause_form(node.clause),
                facts=node.facts,
            )

    def _add(self, node: Node) -> None:
        self._kept.append(node)  # so that no other node gets its id()
        value = (type(node.value), node.value)
        rest = (node.op, node.says, node.kind, node.clause, node.facts, node.argument, node.currency)
        place = self._known.setdefault((value, self.operands(node), *rest), len(self.nodes))
        self._ids[id(node)] = place
        if place == len(self.nodes):
            self.nodes.append(node)


def trace_from_document(document: StatementDocument) -> tuple[Node, ...]:
    """The steps as nodes, in their order, after each has been recomputed from its operands.

    Raises TraceDiffers, with every step that is wrong: one whose value its operation does not give, that uses a step
    which does not stand before it, or that has not exactly one value.
    """
    nodes: list[Node] = []
    wrong: list[tuple[int, str]] = []
    for place, form in enumerate(document.trace):
        if form.id != place:
            raise TraceDiffers([*wrong, (form.id, f"stands at place {place}")])
        if any(not 0 <= operand < place for operand in form.operands):
            raise TraceDiffers([*wrong, (place, "uses a step that does not stand before it")])
        try:
            nodes.append(_node(form, nodes))
        except ValueError as problem:
            raise TraceDiffers([*wrong, (place, str(problem))]) from problem
        wrong.extend((place, what) for what in _wrong(nodes[-1]))
    used = [figures.step for figures in document.figures]
    for figures in document.figures:
        used += [line.step for line in figures.lines if line.step is not None]
        used += [right.step for right in figures.rights if right.step is not None]
    wrong.extend((step, "is named by a figure and not in the trace") for step in used if not 0 <= step < len(nodes))
    if wrong:
        raise TraceDiffers(wrong)
    return tuple(nodes)


def _wrong(node: Node) -> Iterator[str]:
    if node.op is Op.ROUND_RATIO and not (node.argument.isdecimal() and int(node.argument[:4]) <= MOST_PLACES):
        yield f"cannot round to {node.argument[:20]!r} places"
        return
    try:
        value = recompute(node)
    except (ArithmeticError, ValueError, TypeError, LookupError) as problem:
        yield f"“{node.says}” cannot be computed: {type(problem).__name__}"
        return
    if type(value) is not type(node.value) or value != node.value:
        yield f"“{node.says}” is not what “{node.op.value}” makes of its operands"


def _node(form: StepForm, before: Sequence[Node]) -> Node:
    clause = None
    if form.clause is not None:
        clause = Clause(form.clause.id, form.clause.number, form.clause.title, form.clause.line)
    operands = tuple(before[operand] for operand in form.operands)
    return Node(form.op, form.says, _value(form), form.kind, operands, clause, form.facts, form.argument, form.currency)


def _value(form: StepForm) -> Value:
    values: list[Value] = []
    if form.spans_us is not None:
        values.append(_spans(form.spans_us))
    if form.number is not None:
        values.append(Fraction(form.number))
    values.extend(v for v in (form.truth, form.label) if v is not None)
    if len(values) > 1:
        raise ValueError("has more than one value")
    return values[0] if values else None


def _spans(pairs: Iterable[tuple[int, int]]) -> Spans:
    listed = tuple(pairs)
    if any(not -(2**62) <= edge <= 2**62 for pair in listed for edge in pair):
        raise ValueError("has an instant out of range")
    spans = Spans(listed)
    if tuple((s.start, s.end) for s in spans) != listed:
        raise ValueError("has spans that are not sorted, disjoint and apart")
    return spans


def clause_form(clause: Clause) -> ClauseForm:
    return ClauseForm(id=clause.id, number=clause.number, title=clause.title, line=clause.line)
