"""What a file of checks says is what its checks are."""

from typing import Any

import pytest

from makegood.exchange.checks.json_paths import comparison, json_path, path_words
from makegood.exchange.checks.read import KINDS, TABLE, read_checks
from makegood.exchange.checks.reference import TABLES, reference
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
from makegood.model.problem import Severity
from makegood.model.spans import DAY, HOUR, MINUTE, SECOND
from tests.docs.test_docs import ROOT
from tests.exchange.cases import good, told

EVERY_KIND = good("checks", "every-kind.checks.yaml")


def checks_of(text: str | bytes) -> dict[str, Check]:
    checks, problems = read_checks(text if isinstance(text, bytes) else text.encode(), "a.checks.yaml")
    assert told(problems) == ""
    assert checks is not None
    return {check.name: check for check in checks}


def probe_of(says: str) -> Any:
    return checks_of(f"checks:\n  - check: a\n    service: b\n    {says}\n")["a"].probe


def test_every_kind_of_check_is_read_as_written() -> None:
    checks = checks_of(EVERY_KIND)
    front = checks["shop-front"]
    assert (front.service, front.title, front.every, front.timeout) == (
        "shop", "The front page of the shop", 2 * MINUTE, 10 * SECOND,
    )  # fmt: skip
    assert (front.locations, dict(front.labels)) == (("fra", "nyc", "sin"), {"team": "web", "tier": "1"})
    assert front.probe == HttpProbe(
        "https://shop.example/health", "POST",
        (("Authorization", "Bearer {secret.SHOP}"), ("Accept", "application/json")), '{"query": "{ health }"}\n',
        ((200, 299), (304, 304)), ("ready", "steady"), ("maintenance",),
        (
            JsonAssertion(("status",), Compares.IS, "ok"),
            JsonAssertion(("queue", "length"), Compares.AT_LEAST, "0"),
            JsonAssertion(("queue", "length"), Compares.BELOW, "1000"),
            JsonAssertion(("services", 0, "odd key", "up"), Compares.EXISTS),
            JsonAssertion((2,), Compares.IS_NOT, "null"),
        ),
        0, False, 14 * DAY, 64 << 10,
    )  # fmt: skip
    assert checks["database"].probe == TcpProbe("db.example", 5432, "PING\n", "PONG")
    assert checks["names"].probe == DnsProbe("shop.example", "MX", "ns.example:5353", ("10 mail.example.",))
    assert checks["gone"].probe == DnsProbe("old.shop.example", code="NXDOMAIN")
    assert checks["certificate"].probe == TlsProbe("192.0.2.7", 8443, "shop.example", False, 30 * DAY)
    assert checks["gateway"].probe == PingProbe("2001:db8::1", 3, 2, SECOND // 2)
    assert checks["backup"].probe == HeartbeatProbe(2 * HOUR)
    assert checks["beat"].probe == HeartbeatProbe()
    assert checks["errors"].probe == SignalProbe(
        "https://prom.example/", "sum(rate(errors_total[1m]))", Compares.BELOW, "0.5", "requests",
        (
            ("good", "sum(increase(good_total[1m]))"), ("valid", "sum(increase(all_total[1m]))"),
            ("p95", "histogram_quantile(0.95, rate(seconds_bucket[1m]))"),
        ),
        (("Authorization", "Bearer {secret.PROM}"),),
    )  # fmt: skip
    buying = checks["buying"].probe
    assert isinstance(buying, WorkflowProbe)
    first, second = buying.steps
    assert first == Step(
        "log in",
        HttpProbe("https://shop.example/log-in", "POST", body="user=probe&pass={secret.PROBE}"),
        (
            Capture("token", ("session", "token")),
            Capture("place", header="Location"),
            Capture("csrf", between=('name="csrf" value="', '"')),
        ),
    )
    assert second.http.headers == (("X-Token", "{token}"), ("X-CSRF", "{csrf}"))


def test_what_is_not_written_is_the_default_of_the_model() -> None:
    check = checks_of("checks: [{check: a, service: b, http: https://shop.example}]")["a"]
    assert check == Check("a", "b", HttpProbe("https://shop.example"))


@pytest.mark.parametrize(
    ("says", "probe"),
    [
        ("tcp: db.example:5432", TcpProbe("db.example", 5432)),
        ('tcp: "[2001:db8::1]:22"', TcpProbe("2001:db8::1", 22)),
        ("tls: shop.example", TlsProbe("shop.example")),
        ("tls: shop.example:8443", TlsProbe("shop.example", 8443)),
        ("dns: shop.example", DnsProbe("shop.example")),
        ("ping: 192.0.2.1", PingProbe("192.0.2.1")),
        ("heartbeat: {}", HeartbeatProbe()),
        ("http: {url: https://shop.example, status: 204}", HttpProbe("https://shop.example", status=((204, 204),))),
    ],
)
def test_a_probe_of_which_one_thing_is_said_is_one_text(says: str, probe: object) -> None:
    assert probe_of(says) == probe


def test_a_timeout_that_is_not_written_is_no_longer_than_a_slot() -> None:
    check = checks_of("checks: [{check: a, service: b, every: 10 s, ping: shop.example}]")["a"]
    assert (check.every, check.timeout) == (10 * SECOND, 10 * SECOND)


def test_braces_are_text_where_nothing_was_captured() -> None:
    assert probe_of("""http: {url: https://a.example, method: POST, body: 'query {name} {"a": {}}'}""").body == (
        'query {name} {"a": {}}'
    )


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("$", ()),
        ("a", ("a",)),
        ("$.a.b", ("a", "b")),
        ("$[0][12]", (0, 12)),
        ("a-b.ä_1", ("a-b", "ä_1")),
        ('["a.b"]["\\u00e9\\n]"].c', ("a.b", "é\n]", "c")),
        ('$["$"]', ("$",)),
    ],
)
def test_a_path_is_keys_and_indexes(text: str, path: tuple[str | int, ...]) -> None:
    assert json_path(text) == path
    assert json_path(path_words(path)) == path


def test_a_value_in_quotation_marks_is_the_text_inside_them() -> None:
    assert comparison('is ""') == (Compares.IS, "")
    assert comparison('is not " a "') == (Compares.IS_NOT, " a ")
    assert comparison("at least \u22121,250.50") == (Compares.AT_LEAST, "-1250.50")


@pytest.mark.parametrize(
    ("says", "what"),
    [
        ("http: {url: https://a.example, headers: {Authorization: Basic YTpi}}", "the header `Authorization`"),
        ("http: {url: https://a.example, headers: {X-Api-Key: abc}}", "the header `X-Api-Key`"),
        ("http: https://a.example/?api_key=abc123", "`api_key` in the URL"),
        ("http: {url: https://a.example, method: POST, body: 'user=a&password=hunter2'}", "the body"),
        ("""http: {url: https://a.example, method: POST, body: '{"token": "abcdef"}'}""", "the body"),
        ("http: {url: https://a.example, headers: {X-A: ghp_abcdefghijklmnopqrstuvwx}}", "the header `X-A`"),
        ("tcp: {host: a.example, port: 1, send: 'AUTH sk_live_abcdefghijk'}", "what is sent"),
        ("workflow: [{step: a, http: {url: https://a.example, headers: {Cookie: a=b}}}]", "the header `Cookie`"),
        (
            "signal: {prometheus: https://a.example, query: up, headers: {Authorization: x}}",
            "the header `Authorization`",
        ),
    ],
)
def test_what_looks_like_a_credential_is_a_warning_that_does_not_show_it(says: str, what: str) -> None:
    checks, problems = read_checks(f"checks:\n  - check: a\n    service: b\n    {says}\n".encode(), "a.checks.yaml")
    assert checks is not None
    (problem,) = problems
    assert (problem.code, problem.severity) == ("written-credential", Severity.WARNING)
    assert problem.what == f"{what} of the check `a` looks like a credential"


@pytest.mark.parametrize(
    "says",
    [
        'http: {url: https://a.example, headers: {Authorization: "Bearer {secret.TOKEN}", X-Token-Kind: "{secret.K}"}}',
        'http: "https://a.example/?api_key={secret.KEY}&page=2"',
        "http: {url: https://a.example, method: POST, body: 'password={secret.PASS}&tokens=3'}",
        "http: {url: https://a.example, headers: {Accept: application/json}}",
    ],
)
def test_a_secret_that_is_named_is_no_credential_written_down(says: str) -> None:
    probe_of(says)


def test_every_key_of_a_file_changes_its_checks() -> None:
    """Leaving out a line changes a check, or the file is refused: no key is read and forgotten."""
    lines = EVERY_KIND.decode().splitlines(keepends=True)
    whole = tuple(checks_of(EVERY_KIND).values())
    for number, line in enumerate(lines):
        if line.startswith(("#", "checks:")):
            continue
        checks, problems = read_checks("".join(lines[:number] + lines[number + 1 :]).encode(), "a.checks.yaml")
        assert problems or checks != whole, line


def test_the_reference_on_disk_is_the_one_that_the_tables_give() -> None:
    text = (ROOT / "docs" / "reference" / "checks.md").read_text(encoding="utf-8")
    write = ".venv/bin/python -m makegood.exchange.checks.reference > docs/reference/checks.md"
    assert text == reference(), f"write it anew: {write}"
    assert all(f"| `{key.name}` |" in text for table in TABLES.values() for key in table)
    assert all(f"| `{key.name}` |" in text for key in TABLE)
    assert {*TABLES, "workflow"} == set(KINDS)
