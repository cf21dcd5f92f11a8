"""Configurations of other programs become checks, and what a check cannot say is listed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from makegood.app.bringing_checks import checks_of
from makegood.exchange.checks.read import read_checks
from makegood.model.checks import (
    Check,
    Compares,
    DnsProbe,
    HeartbeatProbe,
    HttpProbe,
    JsonAssertion,
    PingProbe,
    TcpProbe,
    TlsProbe,
)
from makegood.model.problem import Refused
from makegood.model.spans import HOUR, MINUTE, SECOND
from tests.exchange.cases import told
from tests.exchange.checks.others import BLACKBOX, PROMETHEUS, backup, kuma

SHOP = {
    "id": 2, "name": "Shop front", "type": "keyword", "url": "https://shop.example/", "keyword": "ready",
    "interval": 60,
    "timeout": 48, "parent": 1, "description": "The\nfront",
}  # fmt: skip
GROUP = {"id": 1, "name": "Web", "type": "group"}


def converted(
    path: Path, targets: Path | None = None, service: str = "", names: Mapping[str, str] | None = None
) -> tuple[dict[str, Check], list[str]]:
    found = checks_of(path, targets, service, names)
    checks, problems = read_checks(found.text.encode(), "a.checks.yaml")
    assert told(problems) == ""
    assert checks is not None
    assert all(f"#   {lost}\n" in found.text for lost in found.lost)
    return {check.name: check for check in checks}, [str(lost) for lost in found.lost]


def test_a_monitor_of_a_keyword_is_a_check_of_its_group_that_looks_for_it(tmp_path: Path) -> None:
    checks, lost = converted(kuma(tmp_path / "kuma.db", [GROUP, {**SHOP, "expiry_notification": 0}]))
    probe = HttpProbe("https://shop.example/", status=((200, 299),), contains=("ready",))
    assert checks == {"Shop front": Check("Shop front", "Web", probe, MINUTE, 48 * SECOND, title="The front")}
    assert lost == ["monitor Web: all of it (a group probes nothing; its name is the service of those in it)"]


def test_names_and_the_service_may_be_ours(tmp_path: Path) -> None:
    checks, _ = converted(kuma(tmp_path / "kuma.db", [SHOP]), None, "shop", {"Shop front": "shop-http"})
    assert [(c.name, c.service) for c in checks.values()] == [("shop-http", "shop")]


def test_a_backup_of_version_1_says_the_same_as_the_database(tmp_path: Path) -> None:
    said = {"retryInterval": 20, "ignoreTls": True, "upsideDown": False, "expiryNotification": True, "maxretries": 2}
    path = backup(
        tmp_path / "backup.json", [{**SHOP, **said}, {"id": 9, "name": "u", "type": "http", "upsideDown": True}]
    )
    checks, lost = converted(path)
    assert checks["Shop front"].probe == HttpProbe(
        "https://shop.example/", status=((200, 299),), contains=("ready",), verify=False
    )
    assert lost == [
        "backup.json: 1 notification (who is told is a rule of its own)",
        "monitor Shop front: 2 retries before it is down (the rule of the agreement says how many: "
        "`fails after: 3 failures`)",
        "monitor Shop front: every 20 s while failing (slots have one length)",
        "monitor Shop front: its reminder of an expiring certificate (write `certificate: at least 14 days`, or a rule "
        "that alerts)",
        "monitor u: all of it (it is upside down, and a check is up where its probe succeeds)",
    ]


def test_each_kind_of_monitor_that_a_check_can_be_becomes_one(tmp_path: Path) -> None:
    every: dict[str, Any] = {"interval": 60, "timeout": 30, "expiry_notification": 0}
    monitors: list[dict[str, Any]] = [
        {"name": "api", "type": "json-query", "url": "https://a.example", "json_path": "$.queue.length",
         "json_path_operator": "<", "expected_value": "5", "accepted_statuscodes_json": '["200-299","304"]',
         "method": "POST", "body": "{}", "headers": '{"Accept": "a/b"}', "ignore_tls": 1, "maxredirects": 0},
        {"name": "no", "type": "keyword", "url": "https://a.example", "keyword": "error", "invert_keyword": 1},
        {"name": "db", "type": "port", "hostname": "db.example", "port": 5432},
        {"name": "ping", "type": "ping", "hostname": "192.0.2.1"},
        {"name": "dns", "type": "dns", "hostname": "a.example", "dns_resolve_type": "MX",
         "dns_resolve_server": "192.0.2.53", "port": 5353},
    ]  # fmt: skip
    push = {"name": "job", "type": "push", "interval": 3600, "push_token": "s3cr3t"}
    path = kuma(tmp_path / "kuma.db", [*({**every, **m} for m in monitors), push])
    checks, lost = converted(path)
    assert {name: check.probe for name, check in checks.items()} == {
        "api": HttpProbe(
            "https://a.example", "POST", (("Accept", "a/b"),), "{}", ((200, 299), (304, 304)),
            json=(JsonAssertion(("queue", "length"), Compares.BELOW, "5"),), redirects=0, verify=False,
        ),
        "no": HttpProbe("https://a.example", status=((200, 299),), lacks=("error",)),
        "db": TcpProbe("db.example", 5432),
        "ping": PingProbe("192.0.2.1"),
        "dns": DnsProbe("a.example", "MX", "192.0.2.53:5353"),
        "job": HeartbeatProbe(),
    }  # fmt: skip
    assert checks["job"].every == HOUR
    assert lost == ["monitor job: its token (tell it to the hub, and the push URL goes on working)"]
    assert b"s3cr3t" not in checks_of(path).text.encode()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"type": "mqtt"}, "all of it (no check does what its type `mqtt` does)"),
        ({"active": 0}, "all of it (it is paused)"),
        ({"upside_down": 1}, "all of it (it is upside down, and a check is up where its probe succeeds)"),
        ({"auth_method": "ntlm"}, "all of it (no check logs in by `ntlm`)"),
        ({"method": "TRACE"}, "all of it (no check asks with the method `TRACE`)"),
        ({"type": "json-query", "json_path": "$sum(a)"},
         "all of it (`$sum(a)` is more than a path to one value and a comparison)"),
        ({"url": "https://ada:pass@a.example"},
         "all of it (a user or a password stands in this URL, a file of checks is read by many, and stands in the log "
         "for ever)"),
        ({"url": ""}, "all of it (`` is no URL of http or https)"),
        ({"url": "https://a.example/#b"}, "`#b` of its URL (it is never sent)"),
        ({"proxy_id": 3}, "`proxy_id` (a probe goes straight to where it is sent)"),
        ({"tls_cert": "-----BEGIN"}, "`tls_cert` (no probe shows a certificate of its own)"),
        ({"maxredirects": 50}, "50 redirects (at most 20 are followed)"),
        ({"headers": "no JSON"}, "its headers (they are no JSON)"),
        ({"accepted_statuscodes_json": '["2xx"]'},
         "the accepted status code `2xx` (it is no code, and no range of them)"),
        ({"type": "dns", "hostname": "a.example", "dns_resolve_server": "192.0.2.1,192.0.2.2"},
         "the name servers 192.0.2.2 (one server is asked)"),
        ({"cache_bust": 1}, "`cache_bust` (the URL is asked for as it is written)"),
    ],
)  # fmt: skip
def test_what_a_check_cannot_say_of_a_monitor_is_listed(tmp_path: Path, said: dict[str, object], why: str) -> None:
    one = {"name": "one", "type": "http", "url": "https://a.example", "interval": 60, "expiry_notification": 0}
    _, lost = converted(
        kuma(tmp_path / "kuma.db", [{"name": "other", "type": "ping", "hostname": "a"}, {**one, **said}])
    )
    assert lost == [f"monitor one: {why}"]


def test_no_credential_of_a_monitor_is_taken_over(tmp_path: Path) -> None:
    said = {"headers": '{"Authorization": "Bearer t0k3n", "X-A": "b"}', "expiry_notification": 0}
    user = {"id": 3, "name": "API", "basic_auth_user": "ada", "basic_auth_pass": "hunter2"}
    path = kuma(tmp_path / "kuma.db", [{**SHOP, **said}, {**SHOP, **said, **user}])
    checks, lost = converted(path)
    text = checks_of(path).text
    assert not any(word in text for word in ("t0k3n", "hunter2"))
    assert [c.probe.headers for c in checks.values() if isinstance(c.probe, HttpProbe)] == [
        (("Authorization", "{secret.SHOP_FRONT_AUTHORIZATION}"), ("X-A", "b")),
        (("Authorization", "Basic {secret.API_BASIC}"), ("X-A", "b")),
    ]
    assert any("tell each location the secret SHOP_FRONT_AUTHORIZATION" in line for line in lost)
    assert any("tell each location the secret API_BASIC, user:password in base64" in line for line in lost)


def test_two_monitors_of_one_name_are_two_checks_named_as_their_history_is(tmp_path: Path) -> None:
    two = [{"name": "a", "type": "ping", "hostname": "a"}, {"name": "a", "type": "ping", "hostname": "b"}]
    assert list(converted(kuma(tmp_path / "kuma.db", two))[0]) == ["a (1)", "a (2)"]


def blackbox(folder: Path, modules: str = BLACKBOX, targets: str = PROMETHEUS) -> tuple[dict[str, Check], list[str]]:
    (folder / "blackbox.yml").write_text(modules)
    (folder / "prometheus.yml").write_text(targets)
    return converted(folder / "blackbox.yml", folder / "prometheus.yml")


def test_each_target_is_a_check_that_probes_as_its_module_does(tmp_path: Path) -> None:
    checks, _ = blackbox(tmp_path)
    health = "https://shop.example/health"
    authorization = ("Authorization", "{secret.HTTP_2XX_AUTHORIZATION}")
    assert {name: check.probe for name, check in checks.items()} == {
        health: HttpProbe(health, "GET", (authorization, ("Accept-Language", "en-US")), status=((200, 299),),
                          contains=("ready",), lacks=("under.maintenance",), redirects=0, verify=False),
        "shop.example": HttpProbe("http://shop.example", "GET", (authorization, ("Accept-Language", "en-US")),
                                  status=((200, 299),), contains=("ready",), lacks=("under.maintenance",), redirects=0),
        f"{health} (http_post_2xx)": HttpProbe(
            health, "POST", (("Authorization", "Basic {secret.HTTP_POST_2XX_BASIC_AUTH}"),), "{}",
            ((200, 200), (201, 201)),
        ),
        "db.example:5432": TcpProbe("db.example", 5432),
        "db.example:22": TcpProbe("db.example", 22, "SSH-2.0-blackbox-ssh-check\n", "SSH-2.0-"),
        "irc.example:6667": TcpProbe("irc.example", 6667, "NICK prober\n", "hello"),
        "shop.example:443": TlsProbe("shop.example", remaining=0),
        "192.0.2.1": PingProbe("192.0.2.1"),
        "192.0.2.53": DnsProbe("shop.example", "SOA", "192.0.2.53"),
    }  # fmt: skip
    first, port = checks[health], checks["db.example:22"]
    assert (first.service, first.every, first.timeout, dict(first.labels)) == (
        "shop",
        MINUTE,
        5 * SECOND,
        {"team": "web"},
    )
    assert (port.service, port.every, port.timeout) == ("ports", 30 * SECOND, 10 * SECOND)


def test_what_a_check_cannot_say_of_a_module_or_a_target_is_listed(tmp_path: Path) -> None:
    _, lost = blackbox(tmp_path)
    assert lost == [
        "job prometheus: all of it (it asks no blackbox_exporter: its `metrics_path` is not `/probe`)",
        "job web: `relabel_configs` (they were not followed: each target is taken as it is written)",
        "module http_2xx: `preferred_ip_protocol` (an address is tried as the location's system orders them)",
        "module http_2xx: the credential of `Authorization` (it is not taken over: tell each location the secret "
        "HTTP_2XX_AUTHORIZATION, the value of this header)",
        "module http_2xx: the pattern `v[0-9]+` (a check looks for plain text: write what it stands for)",
        "target https://shop.example/health: the label `state` (its name is taken)",
        "target https://shop.example/health: the label `_a` (a label begins with a letter)",
        "target shop.example: the label `state` (its name is taken)",
        "target shop.example: the label `_a` (a label begins with a letter)",
        "job posts: `consul_sd_configs` (its targets stand elsewhere: convert a file of them by itself)",
        "module http_post_2xx: the credential of `basic_auth` (it is not taken over: tell each location the secret "
        "HTTP_POST_2XX_BASIC_AUTH, user:password in base64)",
        "module ssh_banner: `query_response`: that it sends only after an answer (a TCP check sends as soon as it can)",
        "module ssh_banner: the `^` of the pattern `^SSH-2.0-` (the text may stand anywhere in the answer)",
        "module ssh_banner: a dot of the pattern `SSH-2.0-` as any letter (it is taken to mean a dot)",
        "module irc: `query_response`: that it sends only after an answer (a TCP check sends as soon as it can)",
        "module irc: the `^` of the pattern `^hello` (the text may stand anywhere in the answer)",
        "module icmp: `ttl` (a check has nothing like it)",
        "module dns_soa: the response codes NXDOMAIN (one is good)",
        "target grpc.example:1: all of it (no check does what the prober `grpc` does)",
        "target x.example: all of it (there is no module `gone`)",
    ]


def test_a_file_of_targets_is_read_with_the_only_module_or_the_one_that_its_labels_name(tmp_path: Path) -> None:
    checks, lost = blackbox(tmp_path, "modules: {icmp: {prober: icmp}}\n", "- targets: [192.0.2.1, 192.0.2.2]\n")
    assert [(c.name, c.service, c.probe) for c in checks.values()] == [
        ("192.0.2.1", "targets", PingProbe("192.0.2.1")),
        ("192.0.2.2", "targets", PingProbe("192.0.2.2")),
    ]
    assert lost == []


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("a.yml", b"a: b\n", "checks-unreadable"),
        ("a.yml", b"modules: &a {}\n", "yaml-anchor"),
        ("a.yml", b"", "checks-unreadable"),
        ("a.yml", b"modules: {}\n", "no-targets"),
        ("a.json", b'{"monitorList": 3}', "checks-unreadable"),
        ("a.json", b'{"monitorList": [', "checks-unreadable"),
        ("a.json", b'{"monitorList": []}', "no-checks"),
        ("kuma.db", b"SQLite format 3\0" + b"\1" * 200, "checks-unreadable"),
    ],
)
def test_a_file_of_which_no_checks_can_be_made_is_refused(tmp_path: Path, name: str, raw: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(Refused) as refused:
        checks_of(tmp_path / name)
    assert code in [p.code for p in refused.value.problems]


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.lists(st.integers(), max_size=2),
    st.sampled_from(["http", "dns", "port", "push", "60", "1e3", "nan", "https://a.example", '{"a": [1]}', "\ud800"]),
)  # fmt: skip


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([*SHOP, "timeout", "headers", "json_path", "port", "maxredirects"]), VALUES))
def test_whatever_a_backup_says_is_made_of_or_refused(tmp_path: Path, said: dict[str, object]) -> None:
    path = backup(tmp_path / "backup.json", [{**SHOP, **said}, {"name": "other", "type": "ping", "hostname": "a"}])
    assert "other" in converted(path)[0]
