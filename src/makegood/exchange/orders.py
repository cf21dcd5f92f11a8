"""Order files: strict YAML that says who took which agreement, with plan, services, term and fees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any

from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.precedence import DOCUMENT, ORDER_FORM
from makegood.contract.shape import Fields, Key, Report, list_of, mapping_of, one_of
from makegood.contract.values import DAY
from makegood.engine.lifetime import last_date
from makegood.exchange.documents import ID, WORDS, asked, gather, in_order, like, optional, read_document
from makegood.exchange.order_values import (
    CHARGES,
    FEE,
    INVOICES,
    OVERLAY,
    PLAN,
    READINGS,
    RENEWS,
    SAYS,
    TERM,
    TERMS,
    VERSION,
    ZONE,
    Dated,
    Price,
)
from makegood.model.order import OPEN_END, CoveredService, Fee, Order, Renews, Term
from makegood.model.problem import Place, Problem, error, warning

STAGES = ("general", "beta", "preview", "experimental")


@dataclass(frozen=True)
class ReadOrder:
    """An order and its overlay: exceptions to named rules of the agreement, as written, each with a key `rule`.

    `places` say where a top-level key of the file is written, for problems found later against the agreement.
    """

    order: Order
    instead: tuple[Keyed, ...]
    places: Mapping[str, Place]


SERVICE = Key("service", ID, "the id by which facts name the service")
TITLE = Key("title", WORDS, "its name for people", "")
FEES = Key[tuple[Dated, ...]]("fee", FEE, "what is paid for it; a list where it changes", ())
CHECKS = Key("checks", list_of(ID), "the checks that watch it", ())
STAGE = Key("stage", one_of(*STAGES), "how finished the provider calls it", "general")
INSTANCE = Key("instance", ID, "which of several instances it is", "production")
FROM = optional("from", DAY, "the first date on which it is covered, where later than the term's")
UNTIL = optional("until", DAY, "the last date on which it is covered")
PART_OF = Key("part of", ID, "the service of the order that it is a part of", "")
SERVICE_SAYS = Key("facts", SAYS, "what else the rules may ask of it, in words or numbers", ())
CHARGES_KEY = Key("charges", CHARGES, "what was charged for it beside its fee, by date", ())
SERVICE_KEYS: Sequence[Key[Any]] = (
    SERVICE, TITLE, FEES, CHECKS, STAGE, INSTANCE, FROM, UNTIL, PART_OF, SERVICE_SAYS, CHARGES_KEY,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Written:
    """A service as written, before the term gives its fees their dates."""

    service: CoveredService
    fees: tuple[Dated, ...]
    node: Keyed


def _read_service(node: Keyed, report: Report) -> _Written | None:
    fields = Fields(node, SERVICE_KEYS, report, "a service")
    name, starts, ends = asked(fields, SERVICE), fields.get(FROM), fields.get(UNTIL)
    checks, fees = fields.get(CHECKS) or (), fields.get(FEES) or ()
    stage, instance = fields.get(STAGE), fields.get(INSTANCE)
    if starts and ends and ends < starts:
        what = f"the service `{name}` ends on {ends}, before it starts on {starts}"
        report.error("dates-reversed", _place(node, "until"), what, "", "exchange the two dates")
    for check in sorted({c for c in checks if checks.count(c) > 1}):
        report.error("duplicate-name", _place(node, "checks"), f"the check `{check}` is listed twice", "", "keep one")
    if name is None:
        return None
    part, says, charges = fields.get(PART_OF), fields.get(SERVICE_SAYS) or (), fields.get(CHARGES_KEY) or ()
    service = CoveredService(
        name, fields.get(TITLE) or name, tuple(checks), (), stage, instance, starts, ends, part, says, charges
    )
    return _Written(service, fees, node)


ORDER = Key("order", like(ID, "northwind-hosting"), "the id of the order")
AGREEMENT = Key("agreement", like(ID, "harbour-networking"), "the name of the agreement taken")
CUSTOMER = Key("customer", like(WORDS, "Northwind Traders"), "who receives the service")
PROVIDER = Key("provider", like(WORDS, "Harbour Networking"), "who renders it")
ZONE_KEY = Key("zone", ZONE, "the place whose dates the order's dates are")
TERM_KEY = Key("term", TERM, "the first and the last date of the subscription; `from 2025-07-01` has no last")
RENEWAL = Key[Any]("renewal term", TERMS, "the term that follows, where it is agreed; a list of several", ())
RENEWS_KEY = optional("renews", RENEWS, "how it renews by itself when the last of these terms ends")
PLANS = Key[tuple[Dated, ...]]("plan", PLAN, "the plan bought; a list where it changes", ())
DEPLOYMENT = Key("deployment", WORDS, "where it runs, such as `saas` or `on-premises`", "")
CONTACTS = Key("contacts", list_of(WORDS), "who receives notices", ())
SERVICES = Key(
    "services",
    list_of(mapping_of("a service", "{service: web}", _read_service, SERVICE_KEYS)),
    "the services that are covered",
)
READINGS_KEY = Key("readings", READINGS, "the parties' own choice of a reading, by its id", ())
INSTEAD = Key("instead", OVERLAY, "exceptions to named rules of the agreement", ())
PIN = optional(
    "version", VERSION, "the version of the agreement that it keeps, where the agreement alone does not decide"
)
SAYS_KEY = Key("facts", SAYS, "what else the rules may ask of the order, in words or numbers", ())
INVOICES_KEY = Key("invoices", INVOICES, "the order's invoices, for credits that are worked out from one", ())
ORDER_KEYS: Sequence[Key[Any]] = (
    ORDER, AGREEMENT, PIN, CUSTOMER, PROVIDER, ZONE_KEY, TERM_KEY, RENEWAL, RENEWS_KEY, PLANS, DEPLOYMENT,
    SAYS_KEY, CONTACTS, SERVICES, INVOICES_KEY, READINGS_KEY, INSTEAD,
)  # fmt: skip


def read_order(raw: bytes, source: str) -> tuple[ReadOrder | None, list[Problem]]:
    """The order of a strict-YAML file, and every problem in it; None when any problem is an error."""
    node, problems = read_document(raw, source)
    if node is None:
        where, hint = Place(source, 1, 1), "write it as the reference page of orders shows"
        return None, problems or [error("empty-order", where, "this file holds no order", "", hint)]
    report = gather()
    report.problems.extend(problems)
    shape = mapping_of("an order", "order: northwind-hosting", lambda keyed, to: _read(keyed, to, raw))
    order = shape.read(node, report)
    return (None if report.failed else order), in_order(report)


def _read(node: Keyed, report: Report, raw: bytes) -> ReadOrder | None:
    fields = Fields(node, ORDER_KEYS, report, "an order")
    name, agreement = fields.get(ORDER), fields.get(AGREEMENT)
    customer, provider, zone = fields.get(CUSTOMER), fields.get(PROVIDER), fields.get(ZONE_KEY)
    term, renewals, renews = asked(fields, TERM_KEY), tuple(fields.get(RENEWAL) or ()), fields.get(RENEWS_KEY)
    plans, written = fields.get(PLANS) or (), fields.get(SERVICES) or ()
    deployment, contacts = fields.get(DEPLOYMENT), fields.get(CONTACTS) or ()
    readings = fields.get(READINGS_KEY) or ()
    instead = tuple(_of_a_document(overlay) for overlay in fields.get(INSTEAD) or ())
    _check_names(node, written, report)
    if node.get("services") is not None and not written and not report.failed:
        report.error("missing-key", _place(node, "services"), "no service is covered", "", "write `- service: web`")
    for word, steps in (("plan", plans), *(("fee", w.fees) for w in written)):
        _in_order(steps, word, report)
    _one_currency(written, report)
    if term is None:
        return None
    _check_terms(node, (term, *renewals), renews, report)
    _check_covered(term.first, last_date((term, *renewals)[-1], renews), written, report)
    for word, steps in (("plan", plans), *(("fee", w.fees) for w in written)):
        _from_the_start(steps, word, term, report)
    if report.failed:
        return None
    services = tuple(_with_fees(w, term) for w in written)
    plan_steps = tuple((p.starts or term.first, str(p.value)) for p in plans)
    order = Order(
        name, agreement, customer, provider, zone, term, services, plan_steps, renewals, deployment, contacts,
        dict(readings), sha256(raw).hexdigest(), fields.get(SAYS_KEY) or (), fields.get(INVOICES_KEY) or (),
        fields.get(PIN), renews,
    )  # fmt: skip
    return ReadOrder(order, instead, {key.text: key.place for key, _ in node.entries})


def _of_a_document(overlay: Keyed) -> Keyed:
    """An exception with the document that states it, which is the order form where it names none."""
    if overlay.get(DOCUMENT) is not None:
        return overlay
    named = Text(DOCUMENT, overlay.place), Text(ORDER_FORM, overlay.place)
    return Keyed((*overlay.entries, named), overlay.place)


def _with_fees(written: _Written, term: Term) -> CoveredService:
    """The service with its fees; one without a date holds from the start of the service or of the term."""
    first = written.service.starts or term.first
    prices = ((dated.value, dated.starts or first) for dated in written.fees)
    return replace(
        written.service, fees=tuple(Fee(p.amount, p.per, starts) for p, starts in prices if isinstance(p, Price))
    )


def _check_names(node: Keyed, written: Sequence[_Written], report: Report) -> None:
    seen: dict[str, Place] = {}
    for w in written:
        place = _place(w.node, "service")
        if (first := seen.setdefault(w.service.name, place)) != place:
            what = f"the service `{w.service.name}` is listed twice"
            report.error("duplicate-name", place, what, f"first in line {first.line}", "rename or merge them")
    for w in written:
        part = w.service.part_of
        if part and (part == w.service.name or part not in seen):
            what = f"the service `{w.service.name}` is part of `{part}`, which is no other service of the order"
            report.error("unknown-service", _place(w.node, "part of"), what, "", "name a service of this order")
    contacts = node.get("contacts")
    items = [c for c in getattr(contacts, "items", ()) if not isinstance(c, Keyed)]
    texts = [getattr(c, "text", "") for c in items]
    for at, item in enumerate(items):
        if texts[at] in texts[:at]:
            report.error("duplicate-name", item.place, f"the contact `{texts[at]}` is listed twice", "", "keep one")


def _check_terms(node: Keyed, terms: Sequence[Term], renews: Renews | None, report: Report) -> None:
    """Terms follow each other, without a gap and without a date in two of them."""
    written = node.get("renewal term")
    items = written.items if isinstance(written, Many) else (written,)
    for (before, after), item in zip(pairwise(terms), items, strict=False):
        place, expected = item.place if item is not None else node.place, before.last + timedelta(days=1)
        if before.last >= OPEN_END:
            what = f"the renewal term starts on {after.first}, and the term before it has no end"
            report.error("terms-overlap", place, what, "", "write the last date of the term, or no renewal term")
        elif after.first <= before.last:
            what = f"the renewal term starts on {after.first}, inside the term, which lasts until {before.last}"
            report.error("terms-overlap", place, what, "both dates of a term are inside it", f"start on {expected}")
        elif after.first > expected:
            what = f"the renewal term starts on {after.first}, and the term before it ends on {before.last}"
            why = f"a renewal goes on where the term ends, and nothing covers {expected} and what follows"
            report.error("terms-apart", place, what, why, f"start on {expected}, or write another order")
    if renews is not None and terms[-1].last >= OPEN_END:
        what = "this order renews by itself, and its last term has no end"
        report.error("renews-without-end", _place(node, "renews"), what, "a term renews when it ends",
                     "write the last date of the term, or take `renews` away")  # fmt: skip


def _check_covered(first: date, last: date, written: Sequence[_Written], report: Report) -> None:
    for w in written:
        for bound, word in ((w.service.starts, "from"), (w.service.ends, "until")):
            if bound and not first <= bound <= last:
                what = f"the service `{w.service.name}` is covered {word} {bound}, outside the term"
                why = f"the term is {first} to {last}, and only what lies inside counts"
                report.problems.append(warning("outside-term", _place(w.node, word), what, why))


def _in_order(steps: Sequence[Dated], word: str, report: Report) -> None:
    """Dated values follow each other: each holds until the next."""
    for before, after in pairwise(steps):
        if before.starts and after.starts and after.starts <= before.starts:
            what = f"the {word} from {after.starts} is listed after the one from {before.starts}"
            report.error("dates-reversed", after.place, what, f"each {word} holds until the next", "sort them by date")


def _from_the_start(steps: Sequence[Dated], word: str, term: Term, report: Report) -> None:
    if steps and steps[0].starts and steps[0].starts > term.first:
        what = f"the first {word} starts on {steps[0].starts}, after the term's first date {term.first}"
        hint = f"write the first with `from: {term.first}`"
        why = f"no {word} is known for the time before"
        report.problems.append(warning(f"{word}-starts-late", steps[0].place, what, why, hint))


def _one_currency(written: Sequence[_Written], report: Report) -> None:
    prices = [(d.value, d.place) for w in written for d in w.fees if isinstance(d.value, Price)]
    for price, place in prices:
        first = prices[0][0].amount.currency
        if price.amount.currency != first:
            what = f"this fee is in {price.amount.currency}, and the order's first one in {first}"
            report.error("two-currencies", place, what, "its credits add up in one currency", "split the order")


def _place(node: Keyed, key: str) -> Place:
    value: Node | None = node.get(key)
    return value.place if value is not None else node.place
