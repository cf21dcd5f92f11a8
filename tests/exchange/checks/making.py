"""Checks as Hypothesis makes them: any that a file can say."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from makegood.exchange.checks.http import METHODS
from makegood.exchange.checks.plain import RESPONSES, TYPES
from makegood.model.checks import (
    Capture,
    Check,
    Compares,
    DnsProbe,
    HeartbeatProbe,
    HttpProbe,
    JsonAssertion,
    PingProbe,
    SignalProbe,
    Step,
    TcpProbe,
    TlsProbe,
    WorkflowProbe,
)
from makegood.model.spans import DAY, HOUR, SECOND

NUMERIC = (Compares.AT_LEAST, Compares.AT_MOST, Compares.MORE_THAN, Compares.BELOW)
ODD = " \"'#:,[]{}&*!|>%@`\\\n\tÄ日😀\u00a0\u200d-?=.$"
words = st.one_of(
    st.sampled_from(["web", "NO", "10:00", "~", "null", "1e3", "- a", "a: b", "a #b", "{x", "ready ", "0x1F", "é"]),
    st.text(alphabet=st.sampled_from("abcXYZ019_" + ODD), min_size=1, max_size=12),
).filter(lambda t: "secret" not in t)
ids = st.one_of(
    st.sampled_from(["web", "shop front", "NO", "42", "a: b", "#1", "é"]),
    st.text(alphabet="abcXYZ019_-:#[]{}\"'é ", min_size=1, max_size=12).map(str.strip).filter(bool),
)
hosts = st.sampled_from(["shop.example", "192.0.2.1", "2001:db8::1", "x", "_dmarc.shop.example", "a-b.example."])
urls = st.sampled_from(
    [
        "https://shop.example/health",
        "http://[2001:db8::1]:8080/?a=b&c={secret.KEY}",
        "http://192.0.2.1",
        "https://x/%20+~*",
    ]
)
headers = st.lists(
    st.tuples(
        st.sampled_from(["Accept", "X-Odd_1", "authorization", "Host", "NO"]),
        st.sampled_from(["a", "Bearer {secret.TOKEN}", '{"a": 1}', "NO", "a: b", "# c", "*/*", "10:00"]),
    ),
    max_size=3,
    unique_by=lambda pair: pair[0].lower(),
).map(tuple)
steps = st.one_of(st.integers(0, 999_999), st.text(alphabet='abZ_0-9. "]é\\', min_size=0, max_size=6))
paths = st.lists(steps, max_size=5).map(tuple)


@st.composite
def assertions(draw: st.DrawFn) -> tuple[JsonAssertion, ...]:
    found: list[JsonAssertion] = []
    for path in draw(st.lists(paths, max_size=3, unique=True)):
        for _ in range(draw(st.integers(1, 2))):
            compares = draw(st.sampled_from(list(Compares)))
            value = draw(words) if compares not in (Compares.EXISTS, *NUMERIC) else ""
            if compares in (Compares.IS, Compares.IS_NOT):
                value = draw(st.sampled_from([value, "", " ", "true", "0.10"]))
            if compares in NUMERIC:
                value = draw(st.sampled_from(["0", "-3", "99.90", "1000000"]))
            found.append(JsonAssertion(path, compares, value))
    return tuple(found)


codes = st.lists(
    st.tuples(st.integers(100, 599), st.integers(0, 50)).map(lambda p: (p[0], min(p[0] + p[1], 599))),
    min_size=1,
    max_size=3,
).map(tuple)


@st.composite
def https(draw: st.DrawFn, url: st.SearchStrategy[str] = urls) -> HttpProbe:
    method = draw(st.sampled_from(METHODS))
    texts = draw(st.lists(words, max_size=3, unique=True)) if method != "HEAD" else []
    cut = draw(st.integers(0, len(texts)))
    return HttpProbe(
        draw(url), method, draw(headers), draw(st.one_of(st.just(""), words)), draw(codes), tuple(texts[:cut]),
        tuple(texts[cut:]), draw(assertions()) if method != "HEAD" else (), draw(st.integers(1, 20)),
        draw(st.booleans()), draw(st.sampled_from([0, DAY, 14 * DAY, 36 * HOUR, 1])),
        draw(st.sampled_from([1, 1000, 1 << 10, 1 << 20, 16 << 20])),
    )  # fmt: skip


@st.composite
def workflows(draw: st.DrawFn) -> WorkflowProbe:
    made: list[Step] = []
    names: list[str] = []
    for step in draw(st.lists(ids, min_size=1, max_size=3, unique=True)):
        url = "https://shop.example/a?b=c" + ("".join(f"&{n}={{{n}}}" for n in names))
        http = draw(https(st.just(url)))
        captures: list[Capture] = []
        for name in draw(st.lists(st.sampled_from(["token", "no", "a-b_1"]), max_size=2, unique=True)):
            if name in names:
                continue
            captures.append(
                draw(
                    st.one_of(
                        paths.filter(bool).map(lambda p, n=name: Capture(n, p)),  # type: ignore[misc]
                        st.just(Capture(name, header="Location")),
                        st.tuples(words, words).map(lambda p, n=name: Capture(n, between=p)),  # type: ignore[misc]
                    )
                )
            )
        names += [capture.name for capture in captures]
        made.append(Step(step, http, tuple(captures)))
    return WorkflowProbe(tuple(made))


ports = st.sampled_from([1, 53, 443, 65_535])
one_word = words.filter(lambda t: "\n" not in t and "\t" not in t)


@st.composite
def dnses(draw: st.DrawFn) -> DnsProbe:
    code = draw(st.sampled_from(RESPONSES))
    answers = draw(st.lists(one_word, max_size=2)) if code == "NOERROR" else []
    server = draw(st.sampled_from(["", "192.0.2.53", "ns.example:5353", "[2001:db8::1]:54", "2001:db8::1"]))
    return DnsProbe(draw(hosts), draw(st.sampled_from(TYPES)), server, tuple(answers), code)


@st.composite
def pings(draw: st.DrawFn) -> PingProbe:
    requests = draw(st.integers(1, 5))
    return PingProbe(draw(hosts), requests, draw(st.integers(1, requests)), draw(st.sampled_from([0, 1000, 12_345])))


@st.composite
def signals(draw: st.DrawFn) -> SignalProbe:
    counts = (("good", 'a{b="c"}'), ("valid", "d"))
    mean, all_of_them = (("mean", "f"),), (*counts, ("p95", "e"))
    asked = st.sampled_from([("up", ()), ("", counts), ('x{y=~"z.*"} > 1', all_of_them), ("up", mean)])
    query, quantities = draw(asked)
    metric = draw(st.sampled_from(["", "requests of everyone"])) if quantities else ""
    compares, value = Compares.AT_LEAST, "1"
    if query:
        compares = draw(st.sampled_from([*NUMERIC, Compares.IS, Compares.IS_NOT]))
        value = draw(st.sampled_from(["1", "-0.5", "0.999"]))
    return SignalProbe(draw(urls), query, compares, value, metric, quantities, draw(headers))


@st.composite
def checks(draw: st.DrawFn) -> Check:
    empty = st.just("")
    probe: Any = draw(
        st.one_of(
            https(), workflows(), dnses(), pings(), signals(),
            st.builds(TcpProbe, hosts, ports, st.one_of(empty, words), st.one_of(empty, words)),
            st.builds(TlsProbe, hosts, ports, st.one_of(empty, hosts), st.booleans(), st.sampled_from([0, DAY, 1])),
            st.builds(HeartbeatProbe, st.sampled_from([0, 5 * SECOND, 1])),
        )
    )  # fmt: skip
    told = isinstance(probe, HeartbeatProbe | SignalProbe)
    every = draw(st.sampled_from([SECOND, 60 * SECOND, 90_000_001, HOUR, 31 * DAY]))
    timeout = min(30 * SECOND, every)
    if not isinstance(probe, HeartbeatProbe):
        timeout = draw(st.sampled_from([timeout, every, max(every // 3, 1)]))
    return Check(
        draw(ids), draw(ids), probe, every, timeout,
        () if told else tuple(draw(st.lists(ids.filter(lambda i: i != "hub"), max_size=2, unique=True))),
        draw(st.one_of(empty, words.filter(lambda t: t.strip() != ""))),
        MappingProxyType(draw(st.dictionaries(st.sampled_from(["team", "NO", "a_1"]), one_word, max_size=2))),
    )  # fmt: skip
