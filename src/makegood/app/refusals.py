"""What is wrong between an agreement, an order, its facts and the period that is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches

from makegood.app.binding import rules
from makegood.calendar.period import expected_label
from makegood.contract.written import Agreement
from makegood.engine.lifetime import NOT_RENEWED, Lifetime
from makegood.model.facts import Facts, ItemKind
from makegood.model.order import OPEN_END, Order
from makegood.model.problem import Place, Problem, error, warning
from makegood.model.terms import Terms

OUTSIDE_TERM = "outside-term"
NOT_BEGUN = "future-period"
NO_SUCH_PERIOD = "no-such-period"
OUTSIDE_TERM = "outside-term"


MOST_NAMED = 20
"""Names that are told where none of them is near; of more the others are counted."""


def misfits(agreement: Agreement, order: Order, source: str) -> list[Problem]:
    if order.agreement == agreement.header.name:
        return []
    return [
        error(
            "other-agreement",
            Place(source),
            f"the order is under the agreement `{order.agreement}`, and this is `{agreement.header.name}`",
            "an order is judged by the agreement that it names",
            f"write `agreement: {agreement.header.name}`, or name the other agreement",
        )
    ]


def twice(orders: Sequence[tuple[str, Order]]) -> list[Problem]:
    """Orders of one id in several files (path and order): their statements could not be told apart."""
    first: dict[str, str] = {}
    found = []
    for path, order in orders:
        if (other := first.setdefault(order.id, path)) != path:
            what = f"the order `{order.id}` is given twice"
            found.append(error("duplicate-order", Place(path), what, f"{other} has the same id", "leave one out"))
    return found


def unknown_version(versions: Sequence[Agreement], order: Order, source: str) -> list[Problem]:
    """The version that an order keeps is one of those at hand."""
    named, known = order.pin.version if order.pin else "", [a.header.version for a in versions]
    if not named or named in known:
        return []
    what = f"the order keeps version `{named}` of `{order.agreement}`, which is not at hand"
    hint = nearest(named, known, "") + "; or name the folder that holds all versions"
    return [error("unknown-version", Place(source), what, "", hint)]


def unknown_changes(versions: Sequence[Agreement], order: Order, facts: Facts, source: str) -> list[Problem]:
    """Changes of the agreement that are announced, and whose version is not in the folder."""
    known, found = [a.header.version for a in versions], []
    for item in facts.items:
        named = item.fact("version")
        if item.kind is ItemKind.CHANGE and item.fact("agreement") == order.agreement and named not in known:
            what = f"change {item.id} is about version `{named}` of `{order.agreement}`, which the folder does not have"
            why = "a version that is not there cannot come into force"
            found.append(warning("unknown-version", Place(source), what, why, nearest(named, known, "")))
    return found


def vain_notices(order: Order, facts: Facts, source: str) -> list[Problem]:
    """Notices of non-renewal of an order that does not renew by itself: they end nothing."""
    if order.renews is not None:
        return []
    why = f"it has no `renews`, and ends on {order.agreed[-1].last}"
    if order.agreed[-1].last >= OPEN_END:
        why = "its term has no end"
    hint = "write `renews` in the order, or correct its last date"
    return [
        warning("nothing-renews", Place(source), f"change {i.id} is a notice of non-renewal of `{order.id}`", why, hint)
        for i in facts.items
        if i.kind is ItemKind.CHANGE and i.order == order.id and i.at(NOT_RENEWED)
    ]


def not_bound(order: Order, key: tuple[str, str], label: str, first: date) -> Problem:
    version, plan = key
    what = f"{label} cannot be judged: version {version} is in force on {first}, and does not know the order"
    why = f"it has no plan `{plan}` or no deployment `{order.deployment}`"
    return error("unknown-plan", Place("--period"), what, why, "correct the order, or add the plan to that version")


def unknown_readings(terms: Mapping[tuple[str, str], Terms], chosen: Mapping[str, str], source: str) -> list[Problem]:
    by_id: dict[str, list[str]] = {}
    for one in terms.values():
        for choice in one.choices:
            by_id.setdefault(choice.id, []).extend(choice.alternatives)
    found = []
    for name, value in chosen.items():
        if name not in by_id:
            what = f"the agreement has no reading `{name}`"
            found.append(error("unknown-reading", Place(source), what, "", nearest(name, by_id, "take it away")))
        elif value not in by_id[name]:
            what = f"`{value}` is no alternative of `{name}`"
            hint = nearest(value, list(dict.fromkeys(by_id[name])), "")
            found.append(error("unknown-alternative", Place(source), what, "", hint))
    return found


def nearest(word: str, known: Iterable[str], otherwise: str) -> str:
    """The repair of a name that is none of those known."""
    words = list(known)
    near = get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    more = f" and {len(words) - MOST_NAMED:,} more" if len(words) > MOST_NAMED else ""
    return f"there are {', '.join(f'`{w}`' for w in words[:MOST_NAMED])}{more}" if words else otherwise


def strangers(
    order: Order, facts: Facts, source: str, services: Collection[str] = (), others: Collection[str] = ()
) -> list[Problem]:
    """Facts, states and measurements about services that the order does not cover, and results of checks that it does
    not name; but for those `services` and `others`, which are somebody else's."""
    known = {*(s.name for s in order.services), *services}
    checks = {*(c for s in order.services for c in s.checks), *others}
    named: dict[str, str] = {}
    for work in facts.maintenances:
        named |= {s: f"maintenance {work.id}" for s in work.services if not known & set(work.services)}
    named |= {c.service: f"cause {c.id}" for c in facts.causes}
    named |= dict.fromkeys(facts.states, "a status log")
    named |= {s: f"a measurement of `{made[0].metric}`" for s, made in facts.measurements.items() if made}
    found = []
    for service, where in named.items():
        if service not in known:
            what = f"{where} names the service `{service}`, which the order does not cover"
            found.append(error("unknown-service", Place(source), what, "", _meant(service, known, "service")))
    for check in facts.results:
        if check not in checks:
            what = f"no service of the order has the check `{check}`, and the folder has its results"
            found.append(error("unknown-check", Place(source), what, "", _meant(check, checks, "check")))
    return found


def two_sources(order: Order, facts: Facts, folder: str) -> list[Problem]:
    """Services of which two logs tell different stretches of time: each has not seen what the other alone tells of."""
    found = []
    for service, logs in ((s.name, facts.states.get(s.name, ())) for s in order.services):
        stretches = {(int(log.earliest[0]), int(log.at[-1])) for log in logs if len(log.at)}
        if len(stretches) > 1:
            names = " and ".join(f"`{log.source}`" for log in logs)
            what = f"`{service}` has {len(logs)} sources, {names}, and they tell of different times"
            why = "where only one of them speaks the others saw nothing, and that time may be unknown"
            hint = "if one goes on from the other, put their rows into one file, or import both with the same --source"
            found.append(warning("two-sources", Place(folder), what, why, hint))
    return found


def _meant(word: str, known: Collection[str], kind: str) -> str:
    near = nearest(word, sorted(known), f"the order names no {kind}")
    return f"{near}; else add the {kind} to the order, or say --other-services if the facts are shared"


def no_period(terms: Mapping[tuple[str, str], Terms], label: str) -> Problem:
    forms = {expected_label(rule) for rule in rules(terms)}
    what = f"`{label}` is no period of this agreement"
    if label == "":
        what = "a period is missing here"
    elif ".." in label:
        what = f"`{label}` are not two periods of one kind with `..` between"
    return error(NO_SUCH_PERIOD, Place("--period"), what, "", ", or ".join(sorted(forms)))


def outside_term(terms: Lifetime, first: str, last: str) -> Problem:
    order, dates = terms.order, [terms.whole] if terms.order.renews else terms.order.agreed
    said = " and ".join(f"from {t.first}" if t.last == OPEN_END else f"{t.first} to {t.last}" for t in dates)
    said += f"; it is not renewed ({terms.ended_by})" if terms.ended_by else ""
    what = f"the order does not cover {first if first == last else f'{first} to {last}'}"
    hint = "name a period in the term"
    return error(OUTSIDE_TERM, Place("--period"), what, f"the term of `{order.id}` is {said}", hint)


def not_begun(label: str) -> Problem:
    why = "nothing of it can be judged yet"
    return error(
        NOT_BEGUN, Place("--period"), f"{label} has not begun", why, "name an earlier period, or a later --as-of"
    )
