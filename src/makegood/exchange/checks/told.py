"""What locations do not probe: heartbeats, which others send, and signals, which the hub asks Prometheus for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from makegood.contract.nodes import Keyed, Node, Text
from makegood.contract.shape import Fields, Key, Report, Shape
from makegood.contract.values import DURATION, WORDS
from makegood.contract.wrong import Wrong
from makegood.exchange.checks.addresses import URL
from makegood.exchange.checks.http import HEADERS_SHAPE, short
from makegood.exchange.checks.json_paths import comparison, comparison_words
from makegood.exchange.checks.texts import as_written, errors, place_text, sent, too_many
from makegood.model.checks import Compares, HeartbeatProbe, SignalProbe
from makegood.model.figures import COUNTS, NO_QUANTITIES

_BEAT, _SIGNAL = HeartbeatProbe(), SignalProbe("")

GRACE: Final = Key("grace", DURATION, "how long after its slot a heartbeat still counts for it", _BEAT.grace)
HEARTBEAT_TABLE: Final[Sequence[Key[Any]]] = (GRACE,)

_QUERY: Final = as_written("a query in PromQL", "probe_success", sent(secrets=False))


def _number(text: str) -> tuple[Compares, str] | Wrong:
    found = comparison(text)
    if isinstance(found, Wrong):
        return found
    compares, value = found
    if compares in (Compares.EXISTS, Compares.CONTAINS):
        why = "a signal is a number; where the server has none, it is unknown"
        return Wrong(f"`{text[:80]}` is no comparison of numbers", why, "write as in `at least 1`")
    if compares in (Compares.IS, Compares.IS_NOT):
        plain = comparison(f"at least {value}")
        return plain if isinstance(plain, Wrong) else (compares, plain[1])
    return compares, value


PROMETHEUS: Final = Key(
    "prometheus", URL, "the server, as its API is reached: `/api/v1/query` follows", like="https://prom.example"
)
QUERY: Final = Key("query", _QUERY, "an instant query with one number as answer; asked at the end of each slot", "")
IS_UP: Final = Key[tuple[Compares, str]](
    "up when", as_written("how the number compares", "at least 1", _number, {"type": "string"}),
    "what the number must be", (_SIGNAL.compares, _SIGNAL.value),
)  # fmt: skip


def _quantities(node: Node, report: Report) -> tuple[tuple[str, str], ...] | None:
    if not isinstance(node, Keyed):
        what, hint = "expected quantities with their queries", "write `{p95: …}`"
        report.error("wrong-shape", node.place, what, "", hint)
        return None
    found = list[tuple[str, str]]()
    for name, value in node.entries:
        word, query = WORDS.read(name, report), _QUERY.read(value, report)
        if word in COUNTS:
            what, hint = f"`{word}` is a key of the signal itself", f"write `{word}: …` beside `quantities`"
            report.error("wrong-value", name.place, what, "", hint)
        elif word in NO_QUANTITIES:
            why = "measurements say something else by it"
            report.error("wrong-value", name.place, f"`{word}` is no word for a quantity", why, "use another word")
        elif word is not None and query is not None:
            found.append((word, query))
    return None if too_many(node, len(found), "quantities", report) else tuple(found)


_QUANTITIES: Final[Shape[tuple[tuple[str, str], ...]]] = Shape(
    "quantities with their queries", "{p95: latency_p95}", _quantities,
    {"type": "object", "additionalProperties": _QUERY.schema},
)  # fmt: skip

METRIC: Final = Key(
    "metric", WORDS,
    "the metric that is measured, by which agreements name it; the check's name where not written", "",
    like="requests",
)  # fmt: skip
GOOD: Final = Key("good", _QUERY, "a query for how many events of a slot were good", "", like="increase(ok_total[1m])")
VALID: Final = Key("valid", _QUERY, "a query for how many events a slot had", "", like="increase(all_total[1m])")
QUANTITIES: Final = Key(
    "quantities", _QUANTITIES, "queries for other quantities of a slot, by their words", (),
    like="{p95: 'histogram_quantile(0.95, rate(seconds_bucket[1m]))'}",
)  # fmt: skip
HEADERS: Final = Key(
    "headers", HEADERS_SHAPE, "what is sent as headers", (), like='{Authorization: "Bearer {secret.PROM}"}'
)
SIGNAL_TABLE: Final[Sequence[Key[Any]]] = (PROMETHEUS, QUERY, IS_UP, METRIC, GOOD, VALID, QUANTITIES, HEADERS)


def _heartbeat(node: Keyed, report: Report) -> HeartbeatProbe | None:
    before = errors(report)
    grace = Fields(node, HEARTBEAT_TABLE, report, "a heartbeat").get(GRACE)
    return HeartbeatProbe(grace) if errors(report) == before else None


def _beat(text: Text, report: Report) -> HeartbeatProbe | None:
    if text.text:
        what, hint = f"`{text.text[:80]}` is no heartbeat", "write `{grace: 5 min}`, or nothing at all"
        report.error("wrong-shape", text.place, what, "", hint)
        return None
    return _BEAT


def _signal(node: Keyed, report: Report) -> SignalProbe | None:
    before = errors(report)
    fields = Fields(node, SIGNAL_TABLE, report, "a signal")
    is_up, query = fields.get(IS_UP), fields.get(QUERY)
    url, metric, more, headers = fields.get(PROMETHEUS), fields.get(METRIC), fields.get(QUANTITIES), fields.get(HEADERS)
    good, valid = fields.get(GOOD), fields.get(VALID)
    if errors(report) > before:
        return None
    quantities = tuple((word, asked) for word, asked in (("good", good), ("valid", valid), *more) if asked)
    probe = SignalProbe(url, query, *is_up, metric, quantities, headers)
    if bool(good) != bool(valid):
        there, missing = ("good", "valid") if good else ("valid", "good")
        why = "of how many events how many were good is measured with both"
        report.error("missing-key", place_text(node, there).place, f"`{there}` is written without `{missing}`", why,
                     f"write `{missing}: …`")  # fmt: skip
    if metric and not quantities:
        why, hint = "a metric is what is measured", "write `good` and `valid`, or `quantities`"
        report.error("missing-key", place_text(node, "metric").place, f"nothing of `{metric}` is asked for", why, hint)
    if not (probe.query or quantities):
        what, hint = "this signal asks for nothing", "write `query: probe_success`"
        report.error("missing-key", node.place, what, "", hint)
    if not probe.query and node.get("up when") is not None:
        what = f"`up when: {comparison_words(*is_up)}` is about the number of `query`, and there is none"
        report.error("missing-key", place_text(node, "up when").place, what, "", "write `query: …`")
    return None if errors(report) > before else probe


def _server(text: Text, report: Report) -> SignalProbe | None:
    report.error("wrong-shape", text.place, "a signal is not said by one text", "it has a server and a query",
                 "write `{prometheus: https://prom.example, query: probe_success}`")  # fmt: skip
    return None


HEARTBEAT: Final[Shape[HeartbeatProbe]] = short("a heartbeat", "{grace: 5 min}", HEARTBEAT_TABLE, _heartbeat, _beat)
SIGNAL: Final[Shape[SignalProbe]] = short(
    "a signal", "{prometheus: https://prom.example, query: probe_success}", SIGNAL_TABLE, _signal, _server
)
