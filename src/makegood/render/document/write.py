"""A statement as its published document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from makegood.model.expression import Unit
from makegood.model.money import Money
from makegood.model.spans import Instant, Span, Spans
from makegood.model.statement import (
    Deadline,
    Excuse,
    Figures,
    GateResult,
    Line,
    Outage,
    PricedReading,
    Statement,
    Timed,
)
from makegood.model.terms import Counts, MeasureKind
from makegood.render import moments
from makegood.render.document import shape
from makegood.render.document.steps import Steps, clause_form
from makegood.render.lengths import duration
from makegood.render.shares import decimal, percent
from makegood.render.telling import figure, headline, runs
from makegood.render.values import money


def statement_document(statement: Statement) -> shape.StatementDocument:
    """The statement with its whole derivation, in the form that is published."""
    return _Writer(statement).document()


def statement_json(statement: Statement) -> str:
    """The document as JSON text in UTF-8 letters: the same statement gives the same bytes."""
    shown = statement_document(statement).model_dump(mode="json")
    return json.dumps(shown, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def statement_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document."""
    schema = shape.StatementDocument.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema | {"title": shape.FORMAT}


def number_form(number: Fraction) -> shape.NumberForm:
    return shape.NumberForm(exact=str(number), decimal=decimal(number))


def money_form(amount: Money | None) -> shape.MoneyForm | None:
    if amount is None:
        return None
    minor = amount.minor.numerator if amount.whole else str(amount.minor)
    return shape.MoneyForm(minor=minor, currency=amount.currency, text=money(amount))


class _Writer:
    """One document in the making: it knows the zone, the target's edge and the steps numbered so far."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.zone = statement.period.zone
        self.steps = Steps(self.zone)

    def document(self) -> shape.StatementDocument:
        s = self.statement
        figures = tuple(map(self.figures, runs(s)))
        return shape.StatementDocument(
            format=shape.FORMAT,
            verdict=s.verdict,
            says=headline(s),
            exact=s.exact,
            agreement=shape.AgreementForm(
                id=s.agreement, title=s.agreement_title, version=s.version, provider=s.provider
            ),
            order=shape.OrderForm(id=s.order, customer=s.customer, plan=s.plan),
            commitment=shape.CommitmentForm(
                id=s.commitment,
                clause=clause_form(s.clause),
                strength=s.strength,
                target=s.target,
                edge=None if s.target_edge is None else self.share(s.target_edge),
            ),
            measure=shape.MeasureForm(kind=s.measure, counts=s.counts, unit=s.unit, rests_on=s.rests_on),
            timed=None if s.timed is None else self.timed(s.timed),
            subject=s.subject,
            period=shape.PeriodForm(
                label=s.period.label,
                first=s.period.first,
                last=s.period.last,
                zone=self.zone,
                span=self.span(s.span),
                judged=self.span(s.judged),
            ),
            as_of=self.moment(s.as_of),
            life=s.life,
            credit=shape.CreditForm(text=s.amount, least=money_form(s.credit_least), most=money_form(s.credit_most)),
            classes=shape.ClassesForm(
                **{name: self.spans(getattr(s.classes, name)) for name in shape.ClassesForm.model_fields}
            ),
            figures=figures,
            outages=tuple(map(self.outage, s.outages)),
            not_kept=tuple(map(self.timed, s.not_kept)),
            excuses=tuple(map(self.excuse, s.excuses)),
            expected=tuple(map(self.gate, s.expected)),
            deadlines=tuple(map(self.deadline, s.deadlines)),
            readings=tuple(map(self.reading, s.readings)),
            smallest=tuple(
                shape.ChangeForm(kind=c.kind, says=c.says, size_us=c.size, verdict=c.verdict, amount=c.amount)
                for c in s.smallest
            ),
            coverage=shape.CoverageForm(
                expected=s.coverage.expected,
                seen=s.coverage.seen,
                by_location=tuple(
                    shape.LocationForm(location=location, expected=expected, seen=seen)
                    for location, expected, seen in s.coverage.by_location
                ),
                locations=tuple(
                    shape.OperatedForm(location=location, operator=operator)
                    for location, operator in s.coverage.locations
                ),
            ),
            notes=s.notes,
            pins=self.pins(),
            period_end=s.period_end,
            trace=tuple(self.steps.forms()),
        )

    def figures(self, f: Figures) -> shape.FiguresForm:
        of_time = self.statement.measure is MeasureKind.RATIO
        return shape.FiguresForm(
            run=f.run,
            verdict=f.verdict,
            numerator_us=number_form(f.numerator) if of_time else None,
            denominator_us=number_form(f.denominator) if of_time else None,
            ratio=None if f.ratio is None or self.statement.counts is not Counts.SHARE else self.share(f.ratio),
            figure=None if f.ratio is None else self.figure(f, f.ratio),
            covered_us=f.covered,
            excused_up_us=f.excused_up,
            excused_out_us=f.excused_out,
            down_us=f.down,
            tier=f.tier,
            lines=tuple(map(self.line, f.lines)),
            rights=tuple(
                shape.RightForm(
                    remedy=r.remedy,
                    clause=clause_form(r.clause),
                    says=r.says,
                    given=r.given,
                    why=r.why,
                    step=self.steps.maybe(r.node),
                )
                for r in f.rights
            ),
            step=self.steps.of(f.trace),
        )

    def timed(self, t: Timed) -> shape.TimedForm:
        return shape.TimedForm(
            clock=t.clock,
            clause=clause_form(t.clause),
            label=t.label,
            start=self.moment(t.start),
            due=None if t.due is None else self.moment(t.due),
            stopped=None if t.stopped is None else self.moment(t.stopped),
            arithmetic=t.arithmetic,
            item=t.item,
            kind=t.kind,
        )

    def figure(self, f: Figures, value: Fraction) -> shape.FigureForm:
        edge = () if self.statement.target_edge is None else (self.statement.target_edge,)
        return shape.FigureForm(
            value=number_form(value),
            numerator=number_form(f.numerator),
            denominator=number_form(f.denominator),
            text=figure(value, self.statement, edge),
        )

    def line(self, line: Line) -> shape.LineForm:
        return shape.LineForm(
            remedy=line.remedy,
            clause=clause_form(line.clause),
            subject=line.subject,
            form=line.form,
            says=line.says,
            money=money_form(line.money),
            days=None if line.days is None or line.unit is not Unit.DAYS else number_form(line.days),
            points=None if line.days is None or line.unit is not Unit.POINTS else number_form(line.days),
            cut_by=line.cut_by,
            part=line.part,
            paid=line.paid,
            unstated=line.unstated,
            withheld=line.withheld,
            held=line.held,
            brought=line.brought,
            step=self.steps.maybe(line.node),
        )

    def outage(self, o: Outage) -> shape.OutageForm:
        return shape.OutageForm(
            id=o.id,
            span=self.span(o.span),
            brief=o.brief,
            open=o.open,
            only_unfavourable=o.only_unfavourable,
            seen_by=o.seen_by,
            counted=self.spans(o.counted),
            excused=self.spans(o.excused),
        )

    def excuse(self, e: Excuse) -> shape.ExcuseForm:
        return shape.ExcuseForm(
            exclusion=e.exclusion,
            clause=clause_form(e.clause),
            item=e.item,
            title=e.title,
            granted=e.granted,
            why=e.why,
            counts_as=e.counts_as,
            asked=self.spans(e.asked),
            excused=self.spans(e.excused),
            gates=tuple(map(self.gate, e.gates)),
        )

    def gate(self, g: GateResult) -> shape.GateForm:
        return shape.GateForm(
            says=g.says, holds=g.holds, found=g.found, facts=g.facts, short_by_us=g.short_by, deciding=g.deciding
        )

    def deadline(self, d: Deadline) -> shape.DeadlineForm:
        return shape.DeadlineForm(
            clock=d.clock,
            clause=clause_form(d.clause),
            says=d.says,
            duty_of=d.duty_of,
            late_from=self.maybe_moment(d.late_from),
            arithmetic=d.arithmetic,
            strength=d.strength,
            requires=d.requires,
            via=d.via,
        )

    def reading(self, reading: PricedReading) -> shape.ReadingForm:
        choice = reading.choice
        return shape.ReadingForm(
            id=choice.id,
            clause=clause_form(choice.clause),
            rule=choice.rule,
            alternatives=choice.alternatives,
            chosen=choice.chosen,
            because=choice.because,
            clauses=choice.clauses,
            matters=reading.matters,
            prices=tuple(
                shape.PriceForm(
                    alternative=p.alternative,
                    verdict=p.verdict,
                    amount=p.amount,
                    difference=p.difference,
                    changes=p.changes,
                    late_from=self.moments(p.late_from),
                )
                for p in reading.prices
            ),
        )

    def pins(self) -> shape.PinsForm:
        p = self.statement.pins
        return shape.PinsForm(
            engine=p.engine,
            tzdata=p.tzdata,
            zones=dict(sorted(p.zones.items())),
            holidays=p.holidays,
            agreement=p.agreement,
            order=p.order,
            facts=dict(sorted(p.facts.items())),
            head=p.head,
            gone=[
                shape.GoneForm(
                    kind=one.kind, because=one.because.value, at=self.moment(one.at), fact=one.fact,
                    span=None if one.span is None else self.span(one.span),
                )
                for one in p.gone
            ],
        )  # fmt: skip

    def share(self, share: Fraction) -> shape.ShareForm:
        edge = () if self.statement.target_edge is None else (self.statement.target_edge,)
        return shape.ShareForm(exact=str(share), decimal=decimal(share), percent=percent(share, edge))

    def moment(self, at: Instant) -> shape.MomentForm:
        return shape.MomentForm(utc=moments.rfc3339(at), local=moments.local(at, self.zone))

    def maybe_moment(self, at: Instant | None) -> shape.MomentForm | None:
        return None if at is None or moments.open_end(at) else self.moment(at)

    def moments(self, by_clock: Mapping[str, Instant | None] | None) -> dict[str, shape.MomentForm | None] | None:
        if by_clock is None:
            return None
        return {clock: self.maybe_moment(at) for clock, at in sorted(by_clock.items())}

    def span(self, span: Span) -> shape.SpanForm:
        return shape.SpanForm(
            start=None if moments.open_end(span.start) else moments.rfc3339(span.start),
            end=None if moments.open_end(span.end) else moments.rfc3339(span.end),
            length_us=span.length,
            local=moments.local_stretch(span, self.zone),
        )

    def spans(self, spans: Spans) -> shape.SpansForm:
        return shape.SpansForm(
            total_us=spans.total, text=duration(spans.total), spans=tuple(self.span(span) for span in spans)
        )
