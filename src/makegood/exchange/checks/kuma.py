"""Checks from the monitors of Uptime Kuma: of its database `kuma.db`, or of the backup that version 1 exports as JSON.

No password, token or certificate is taken over: a header that holds one names a secret instead, and what to tell the
location is said. What a check cannot say is listed, monitor by monitor.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final, TypeAlias

from makegood.contract.wrong import Wrong
from makegood.exchange.brought import Foreign
from makegood.exchange.checks.credentials import is_credential
from makegood.exchange.checks.found import NOTHING, Found, secret_name
from makegood.exchange.checks.http import METHODS, MOST_REDIRECTS
from makegood.exchange.checks.json_paths import json_path
from makegood.exchange.foreign_json import counted, json_of, looks_like_json
from makegood.exchange.sqlite_file import columns_of, opened, tables_of
from makegood.exchange.table import Unreadable
from makegood.model.checks import (
    Check,
    Codes,
    Compares,
    DnsProbe,
    HeartbeatProbe,
    HttpProbe,
    JsonAssertion,
    PingProbe,
    Probe,
    TcpProbe,
)
from makegood.model.spans import SECOND

Monitor: TypeAlias = Mapping[str, Any]
"""A row of the table `monitor`, or an entry of a backup under the same names."""

OF_A_GROUP: Final = ("group",)
_OF_HTTP: Final = ("http", "keyword", "json-query")
_NO_MEANING: Final = {
    "id", "name", "active", "user_id", "interval", "url", "type", "weight", "hostname", "port", "created_date",
    "keyword", "maxretries", "ignore_tls", "upside_down", "maxredirects", "accepted_statuscodes_json",
    "dns_resolve_type", "dns_resolve_server", "dns_last_result", "retry_interval", "push_token", "method",
    "body", "headers", "basic_auth_user", "basic_auth_pass", "auth_method", "parent", "invert_keyword",
    "json_path", "expected_value", "json_path_operator", "timeout", "description", "expiry_notification",
    "ping_count", "path_name", "maintenance", "force_inactive", "children_ids", "notification_id_list", "tags",
    "include_sensitive_data", "screenshot", "mqtt_check_type", "snmp_version", "gamedig_given_port_only",
    "ping_numeric", "ping_per_request_timeout", "path",
}  # fmt: skip
_OF_OTHERS: Final = (
    "mqtt_", "grpc_", "radius_", "kafka_", "database_", "docker_", "snmp_", "rabbitmq_", "oauth_", "game", "smtp_",
    "remote_browser", "ws_", "http_body_encoding", "packet_size", "kafka",
)  # fmt: skip
_WHY: Final = {
    "proxy_id": "a probe goes straight to where it is sent",
    "tls_cert": "no probe shows a certificate of its own",
    "tls_key": "no probe shows a certificate of its own",
    "tls_ca": "a location trusts the authorities of its system",
    "cache_bust": "the URL is asked for as it is written",
    "resend_interval": "alerts are rules of their own",
    "conditions": "write the records into `answers`",
    "auth_domain": "it is for NTLM",
    "auth_workstation": "it is for NTLM",
}
_SIDES: Final = {
    ">": Compares.MORE_THAN, "<": Compares.BELOW, ">=": Compares.AT_LEAST, "<=": Compares.AT_MOST,
    "!=": Compares.IS_NOT, "==": Compares.IS, "contains": Compares.CONTAINS,
}  # fmt: skip


def tells(file: Foreign) -> bool:
    """Whether it is a database with monitors, or a backup with a list of them."""
    return "monitor" in tables_of(file) or looks_like_json(file, b"monitorList")


def read(file: Foreign, found: Found) -> None:
    """Every monitor, as a check or as lost. Raises Unreadable, and OSError as `open` does."""
    monitors, notes = _of_database(file) if tables_of(file) else _of_backup(file)
    names = [str(m.get("name") or "") for m in monitors]
    groups = {str(m.get("id")): str(m.get("name") or "") for m in monitors if m.get("type") in OF_A_GROUP}
    for count, what, why in notes:
        if count:
            found.lose(file.path.name, counted(count, what), why)
    for monitor in monitors:
        name = str(monitor.get("name") or "")
        called = f"{name} ({monitor.get('id')})" if names.count(name) > 1 else name
        _Taking(found, monitor, called, groups.get(str(monitor.get("parent")), "")).take()


def _of_database(file: Foreign) -> tuple[list[Monitor], list[tuple[int, str, str]]]:
    with opened(file.path) as db:
        has = sorted(columns_of(db, "monitor"))
        if lacking := {"id", "name", "type", "interval"} - set(has):
            raise Unreadable(f"its table monitor has no column {min(lacking)}: this layout is not known")
        chosen = ", ".join(f'"{name}"' for name in has)
        rows = db.execute(f"select {chosen} from monitor order by id").fetchall()
        tables = tables_of(file)
        notes = [
            (_rows(db, table), what, why)
            for table, what, why in (
                ("notification", "notification", "who is told is a rule of its own"),
                ("monitor_tag", "tag of a monitor", "write them as `labels`"),
                ("status_page", "status page", "pages are set up by themselves"),
            )
            if table in tables
        ]
    return [dict(zip(has, row, strict=True)) for row in rows], notes


def _rows(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f'select count(*) from "{table}"').fetchone()[0])


def _of_backup(file: Foreign) -> tuple[list[Monitor], list[tuple[int, str, str]]]:
    found = json_of(file)
    listed = found.get("monitorList") if isinstance(found, dict) else None
    if not isinstance(listed, list) or not all(isinstance(m, dict) for m in listed):
        raise Unreadable("this is no backup of Uptime Kuma: it has no list `monitorList`")
    tags = sum(len(m["tags"]) for m in listed if isinstance(m.get("tags"), list))
    told = found.get("notificationList")
    notes = [
        (len(told) if isinstance(told, list) else 0, "notification", "who is told is a rule of its own"),
        (tags, "tag of a monitor", "write them as `labels`"),
    ]
    return [{_column(name): value for name, value in m.items()} for m in listed], notes


def _column(name: str) -> str:
    """The name of a column of the database for a key of a backup."""
    if name == "accepted_statuscodes":
        return "accepted_statuscodes_json"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().replace("notification_idlist", "notification_id_list")


class _Taking:
    """One monitor becoming a check."""

    def __init__(self, found: Found, monitor: Monitor, name: str, group: str) -> None:
        self.found, self.monitor, self.name, self.group = found, monitor, name, group
        self.where = f"monitor {name}"

    def lose(self, what: str, why: str) -> None:
        self.found.lose(self.where, what, why)

    def take(self) -> None:
        kind = str(self.monitor.get("type") or "")
        if kind in OF_A_GROUP:
            return self.lose("all of it", "a group probes nothing; its name is the service of those in it")
        if str(self.monitor.get("active", 1)) in ("0", "False"):
            return self.lose("all of it", "it is paused")
        if self.monitor.get("upside_down") in (1, True, "1"):
            return self.lose("all of it", "it is upside down, and a check is up where its probe succeeds")
        every = self._number("interval", 60) * SECOND
        probe = self._probe(kind)
        if probe is None:
            return None
        self._about()
        timeout = every * 4 // 5
        said = str(self.monitor.get("timeout") or 0)
        if not re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]{1,18})?", said):
            self.lose(f"its timeout `{said[:40]}`", "it is no number of seconds")
        elif Fraction(said):
            timeout = min(int(Fraction(said) * SECOND), every)
        if isinstance(probe, HeartbeatProbe):
            timeout = min(30 * SECOND, every)
        title = str(self.monitor.get("description") or "").strip()
        check = Check(self.name, self.group or self.name, probe, every, max(timeout, 1), (), " ".join(title.split()))
        self.found.take(check, self.where)
        return None

    def _number(self, column: str, otherwise: int) -> int:
        value = self.monitor.get(column)
        text = str(value if value is not None else otherwise)
        if not re.fullmatch(r"[0-9]{1,9}", text):
            self.lose(f"{column} `{text[:40]}`", f"it is no number; {otherwise} is taken")
            return otherwise
        return int(text)

    def _text(self, column: str) -> str:
        return str(self.monitor.get(column) or "")

    def _probe(self, kind: str) -> Probe | None:
        match kind:
            case "http" | "keyword" | "json-query":
                return self._http(kind)
            case "port":
                return TcpProbe(self._text("hostname"), self._number("port", 0))
            case "ping":
                requests = min(max(self._number("ping_count", 1), 1), 100)
                return PingProbe(self._text("hostname"), requests)
            case "dns":
                return self._dns()
            case "push":
                self.lose("its token", "tell it to the hub, and the push URL goes on working")
                return HeartbeatProbe()
            case _:
                self.lose("all of it", f"no check does what its type `{kind}` does")
                return None

    def _dns(self) -> DnsProbe:
        servers = [one.strip() for one in self._text("dns_resolve_server").split(",") if one.strip()]
        if len(servers) > 1:
            self.lose(f"the name servers {', '.join(servers[1:])}", "one server is asked")
        port = self._number("port", 53)
        server = servers[0] if servers else ""
        if server and port not in (0, 53):
            server = f"[{server}]:{port}" if ":" in server else f"{server}:{port}"
        return DnsProbe(self._text("hostname"), self._text("dns_resolve_type") or "A", server)

    def _http(self, kind: str) -> HttpProbe | None:
        if (method := self._text("auth_method")) not in ("", "null", "basic"):
            self.lose("all of it", f"no check logs in by `{method}`")
            return None
        url, sign, fragment = self._text("url").partition("#")
        if sign:
            self.lose(f"`#{fragment}` of its URL", "it is never sent")
        way = (self._text("method") or "GET").upper()
        if way not in METHODS:
            self.lose("all of it", f"no check asks with the method `{way}`")
            return None
        redirects = self._number("maxredirects", 10)
        if redirects > MOST_REDIRECTS:
            self.lose(f"{redirects} redirects", f"at most {MOST_REDIRECTS} are followed")
        probe = HttpProbe(
            url, way, tuple(self._headers()), self._text("body"), self._codes(),
            redirects=min(redirects, MOST_REDIRECTS), verify=self.monitor.get("ignore_tls") in NOTHING,
        )  # fmt: skip
        if kind == "keyword":
            words = (self._text("keyword"),)
            inverse = self.monitor.get("invert_keyword") not in NOTHING
            probe = replace(probe, lacks=words) if inverse else replace(probe, contains=words)
        if kind == "json-query":
            asserted = self._json()
            if asserted is None:
                return None
            probe = replace(probe, json=(asserted,))
        return probe

    def _codes(self) -> Codes:
        said: Any = self.monitor.get("accepted_statuscodes_json") or '["200-299"]'
        if isinstance(said, str):
            try:
                said = json.loads(said)
            except ValueError:
                said = [said]
        codes = list[tuple[int, int]]()
        for one in said if isinstance(said, list) else [said]:
            if read := re.fullmatch(r"([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?", str(one)):
                codes.append((int(read[1]), int(read[2] or read[1])))
            else:
                self.lose(f"the accepted status code `{one}`", "it is no code, and no range of them")
        return tuple(codes) or ((200, 299),)

    def _headers(self) -> Iterator[tuple[str, str]]:
        user = self._text("basic_auth_user")
        if user or self._text("basic_auth_pass"):
            yield "Authorization", f"Basic {{secret.{self._secret('basic', 'user:password in base64')}}}"
        said = self._text("headers")
        if not said:
            return
        try:
            headers = json.loads(said)
        except ValueError:
            headers = None
        if not isinstance(headers, dict):
            self.lose("its headers", "they are no JSON")
            return
        for name, value in headers.items():
            words = value if isinstance(value, str) else json.dumps(value)
            if name.lower() == "authorization" and user:
                self.lose(f"the header `{name}`", "there is a user beside it, who is sent in this header too")
            elif is_credential(name, words):
                yield name, f"{{secret.{self._secret(name, 'the value of this header')}}}"
            else:
                yield name, words

    def _secret(self, what: str, is_: str) -> str:
        name = secret_name(self.name, what)
        self.lose(f"the credential of `{what}`", f"it is not taken over: tell each location the secret {name}, {is_}")
        return name

    def _json(self) -> JsonAssertion | None:
        path, sign = json_path(self._text("json_path") or "$"), self._text("json_path_operator") or "=="
        if isinstance(path, Wrong) or sign not in _SIDES:
            what = self._text("json_path") if isinstance(path, Wrong) else sign
            self.lose("all of it", f"`{what}` is more than a path to one value and a comparison")
            return None
        return JsonAssertion(path, _SIDES[sign], self._text("expected_value"))

    def _about(self) -> None:
        """What is said elsewhere than in a check, or nowhere."""
        retries, retry = self._number("maxretries", 0), self._number("retry_interval", 0)
        if retries:
            hint = f"the rule of the agreement says how many: `fails after: {retries + 1} failures`"
            self.lose(f"{counted(retries, 'retry') if retries == 1 else f'{retries} retries'} before it is down", hint)
        if retry and retries and retry != self._number("interval", 60):
            self.lose(f"every {retry} s while failing", "slots have one length")
        if self.monitor.get("expiry_notification") not in NOTHING and self._text("url").startswith("https:"):
            self.lose(
                "its reminder of an expiring certificate",
                "write `certificate: at least 14 days`, or a rule that alerts",
            )
        for column, value in self.monitor.items():
            if value in NOTHING or column in _NO_MEANING or column.startswith(_OF_OTHERS):
                continue
            if isinstance(value, list | dict) and not value:
                continue
            self.lose(f"`{column}`", _WHY.get(column, "a check has nothing like it"))
