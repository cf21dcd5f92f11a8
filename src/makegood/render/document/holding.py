"""Whether a published statement holds together: its trace recomputes, and its figures are those of the trace.

The words of a statement are for people and are not looked at; verdicts, amounts, classes and steps are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import combinations

from makegood.model.spans import BEGINNING_OF_TIME, END_OF_TIME, Instant, Span, Spans
from makegood.model.statement import Verdict
from makegood.model.terms import RemedyForm
from makegood.model.trace import Node
from makegood.render.document.shape import FiguresForm, LineForm, MoneyForm, SpanForm, SpansForm, StatementDocument
from makegood.render.document.steps import TraceDiffers, trace_from_document

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def what_does_not_hold(document: StatementDocument) -> Iterator[str]:
    """Each thing of a statement that another part of it contradicts, in a line."""
    yield from _classes(document)
    try:
        nodes = trace_from_document(document)
    except TraceDiffers as differs:
        yield from (f"step {step}: {what}" for step, what in differs.wrong)
        return
    yield from _verdicts(document, nodes)
    yield from _amounts(document, nodes)


def _classes(document: StatementDocument) -> Iterator[str]:
    """Every instant judged is in exactly one class."""
    judged = _span(document.period.judged)
    found: dict[str, Spans] = {}
    for name in type(document.classes).model_fields:
        form: SpansForm = getattr(document.classes, name)
        spans = [_span(span) for span in form.spans]
        if judged is None or any(span is None for span in spans):
            yield f"a span of what is {name}, or of the time judged, has another length than it says"
            return
        found[name] = Spans(span for span in spans if span is not None)
        if list(found[name]) != spans or form.total_us != found[name].total:
            yield f"the spans of what is {name} are not apart and in order, or their total is another"
    brief = found.pop("brief")
    if len(brief - found["up"]):
        yield "what was brief is not a part of what was up"
    whole = Spans([judged] if judged is not None else [])
    if any(len(a & b) for a, b in combinations(found.values(), 2)):
        yield "an instant is in two classes"
    if Spans(span for spans in found.values() for span in spans) != whole:
        yield "the classes together are not the time that was judged"


def _verdicts(document: StatementDocument, nodes: Sequence[Node]) -> Iterator[str]:
    runs = document.figures
    if len(runs) != (1 if document.exact else 2):
        yield f"it has {len(runs)} runs, which is not what `exact` says"
    for run in runs:
        end = nodes[run.step]
        if end.value != run.verdict.value:
            yield f"the {run.run.value} run says {run.verdict.value}, and its trace ends in {end.value}"
        elif run.verdict in (Verdict.MET, Verdict.BREACHED) and (
            not end.operands or end.operands[0].value is not (run.verdict is Verdict.MET)
        ):
            yield f"the {run.run.value} run says {run.verdict.value}, and its test says otherwise"
    said = {run.verdict for run in runs}
    if said != {document.verdict} and (
        len(said) == 1 or document.verdict not in (Verdict.INSUFFICIENT, Verdict.RUNNING)
    ):
        yield f"it says {document.verdict.value}, and its runs do not"


def _amounts(document: StatementDocument, nodes: Sequence[Node]) -> Iterator[str]:
    for run in document.figures:
        for line in run.lines:
            amount = _amount(line)
            if line.step is not None and amount is not None and nodes[line.step].value != amount:
                yield f"the line {line.remedy} says {amount}, and its step {nodes[line.step].value}"
    totals = [_due(run) for run in document.figures]
    known = [total for total in totals if total is not None]
    least = min(known) if known and len(known) == len(totals) else None
    most = max(known) if known else None
    for name, form, total in (("least", document.credit.least, least), ("most", document.credit.most, most)):
        if _money(form) != total:
            yield f"the {name} that is owed is not what the lines add up to"


def _due(run: FiguresForm) -> tuple[Fraction, str] | None:
    """The credit of a run in minor units; None where there is none in money, or one is unstated."""
    lines = [line for line in run.lines if line.form is RemedyForm.CREDIT and not line.withheld]
    money = [amount for amount in (_money(line.money) for line in lines) if amount is not None]
    if not money or any(line.unstated for line in lines):
        return None
    return sum((minor for minor, _ in money), Fraction()), money[0][1]


def _amount(line: LineForm) -> Fraction | None:
    if line.money is not None:
        return Fraction(line.money.minor)
    counted = line.days or line.points
    return None if counted is None else Fraction(counted.exact)


def _money(form: MoneyForm | None) -> tuple[Fraction, str] | None:
    return None if form is None else (Fraction(form.minor), form.currency)


def _span(form: SpanForm) -> Span | None:
    """The span, or None where it has another length than it says, or its ends are no instants."""
    try:
        start, end = _instant(form.start, BEGINNING_OF_TIME), _instant(form.end, END_OF_TIME)
    except ValueError:
        return None
    return Span(start, end) if start < end and form.length_us == end - start else None


def _instant(text: str | None, otherwise: Instant) -> Instant:
    return otherwise if text is None else (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)
