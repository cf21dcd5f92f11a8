"""Checks from the modules of a blackbox_exporter and the targets that a Prometheus has it probe.

`blackbox.yml` says how, and `scrape_configs` (or a file of targets) says what, how often, and with which module. A
check has the name of its target, as `instance` calls it there: results that were imported are of the same check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.wrong import Wrong
from makegood.exchange.checks.addresses import address
from makegood.exchange.checks.credentials import is_credential
from makegood.exchange.checks.found import Found, secret_name
from makegood.model.checks import Check, Codes, DnsProbe, HttpProbe, PingProbe, Probe, TcpProbe, TlsProbe
from makegood.model.spans import HOUR, MINUTE, SECOND, Duration

_UNITS: Final = {"ms": SECOND // 1000, "s": SECOND, "m": MINUTE, "h": HOUR, "d": 24 * HOUR}
_ACCEPTED: Final = {
    "http": {
        "method", "valid_status_codes", "headers", "body", "fail_if_body_matches_regexp", "basic_auth", "bearer_token",
        "fail_if_body_not_matches_regexp", "follow_redirects", "no_follow_redirects", "tls_config",
    },
    "tcp": {"query_response", "tls", "tls_config"},
    "dns": {"query_name", "query_type", "valid_rcodes"},
    "icmp": set[str](),
}  # fmt: skip
_WHY: Final = {
    "preferred_ip_protocol": "an address is tried as the location's system orders them",
    "ip_protocol_fallback": "an address is tried as the location's system orders them",
    "fail_if_not_ssl": "write a URL of https, and `redirects: 0`",
    "proxy_url": "a probe goes straight to where it is sent",
    "valid_http_versions": "the version is not asked for",
    "compression": "no coding is asked for",
    "transport_protocol": "a name server is asked as resolvers do, by UDP first",
}
_RELABELLED: Final[tuple[tuple[str, list[str]], ...]] = (
    ("__param_target", ["__address__"]),
    ("instance", ["__param_target"]),
    ("__address__", []),
)
_LABEL: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,63}")
_OURS: Final = ("check", "service", "location", "state", "kind", "order", "agreement", "instance", "job", "module")


@dataclass(frozen=True)
class Target:
    """One target: what is probed, with which module, how often and how long at most, as which service."""

    text: str
    module: str
    job: str
    every: Duration
    timeout: Duration | None
    labels: dict[str, str]


def read(modules: Keyed, targets: Node, found: Found) -> None:
    """Every target as a check, or as lost."""
    known = {key.text: node for key, node in modules.entries}
    for target in _targets(targets, found, list(known)):
        where = f"target {target.text}"
        module = known.get(target.module)
        if not isinstance(module, Keyed):
            found.lose(
                where, "all of it", f"there is no module `{target.module}`" if target.module else "no module is named"
            )
            continue
        told = _Module(found, f"module {target.module}", module)
        probe = told.probe(target.text, where)
        if probe is None:
            continue
        own = [one for one in (target.timeout, told.timeout) if one]
        timeout = min(*own, target.every) if own else min(10 * SECOND, target.every)
        name = f"{target.text} ({target.module})" if target.text in found.taken else target.text
        service = target.labels.get("service") or target.job
        found.take(
            Check(name, service, probe, target.every, timeout, (), "", MappingProxyType(_labels(target, found, where))),
            where,
        )
    found.lost[:] = dict.fromkeys(found.lost)


def _labels(target: Target, found: Found, where: str) -> dict[str, str]:
    kept = dict[str, str]()
    for name, value in target.labels.items():
        if name in _OURS or name.startswith("__"):
            if name not in ("service", "module", "__param_module"):
                found.lose(where, f"the label `{name}`", "its name is taken")
        elif not _LABEL.fullmatch(name):
            found.lose(where, f"the label `{name}`", "a label begins with a letter")
        elif value:
            kept[name] = value
    return kept


def _targets(node: Node, found: Found, modules: list[str]) -> Iterator[Target]:
    """The targets of `scrape_configs`, or of a list of `targets` with `labels`."""
    if isinstance(node, Many):
        only = modules[0] if len(modules) == 1 else ""
        yield from _groups(node, only, "targets", MINUTE, None, found)
        return
    if not isinstance(node, Keyed):
        return
    base = node.get("global")
    every = _length(_word(base, "scrape_interval"), MINUTE)
    scrapes = node.get("scrape_configs")
    for scrape in scrapes.items if isinstance(scrapes, Many) else ():
        if not isinstance(scrape, Keyed):
            continue
        job = _word(scrape, "job_name")
        params = scrape.get("params")
        chosen = params.get("module") if isinstance(params, Keyed) else None
        named = [t.text for t in chosen.items if isinstance(t, Text)] if isinstance(chosen, Many) else []
        if _word(scrape, "metrics_path") != "/probe":
            found.lose(f"job {job}", "all of it", "it asks no blackbox_exporter: its `metrics_path` is not `/probe`")
            continue
        for key, _ in scrape.entries:
            if key.text.endswith("_sd_configs"):
                found.lose(
                    f"job {job}", f"`{key.text}`", "its targets stand elsewhere: convert a file of them by itself"
                )
            elif key.text not in ("job_name", "metrics_path", "params", "static_configs", "relabel_configs", "scheme",
                                  "scrape_interval", "scrape_timeout"):  # fmt: skip
                found.lose(f"job {job}", f"`{key.text}`", "it is about scraping")
        if not _usual(scrape.get("relabel_configs")):
            found.lose(
                f"job {job}", "`relabel_configs`", "they were not followed: each target is taken as it is written"
            )
        own = _length(_word(scrape, "scrape_interval"), every)
        timeout = _length(_word(scrape, "scrape_timeout") or _word(base, "scrape_timeout"), 0) or None
        static = scrape.get("static_configs")
        if isinstance(static, Many):
            yield from _groups(static, named[0] if named else "", job, own, timeout, found)


def _usual(relabel: Node | None) -> bool:
    """Whether relabelling does what every configuration of a blackbox_exporter has it do: the address of the target
    becomes its parameter and `instance`, and that of the exporter stands in its place."""
    for rule in relabel.items if isinstance(relabel, Many) else ():
        if not isinstance(rule, Keyed) or not set(rule.keys()) <= {"source_labels", "target_label", "replacement"}:
            return False
        sources = rule.get("source_labels")
        said = [t.text for t in sources.items if isinstance(t, Text)] if isinstance(sources, Many) else []
        if (_word(rule, "target_label"), said) not in _RELABELLED:
            return False
    return True


def _groups(
    node: Many, module: str, job: str, every: Duration, timeout: Duration | None, found: Found
) -> Iterator[Target]:
    for group in node.items:
        targets = group.get("targets") if isinstance(group, Keyed) else None
        if not isinstance(targets, Many) or not isinstance(group, Keyed):
            found.lose(f"job {job}", "a group without a list of targets", "there is nothing to probe")
            continue
        listed = group.get("labels")
        labels = {k.text: v.text for k, v in listed.entries if isinstance(v, Text)} if isinstance(listed, Keyed) else {}
        chosen = labels.get("__param_module") or labels.get("module") or module
        for target in targets.items:
            if isinstance(target, Text):
                yield Target(target.text, chosen, labels.get("job", job), every, timeout, dict(labels))


def _word(node: Node | None, key: str) -> str:
    value = node.get(key) if isinstance(node, Keyed) else None
    return value.text if isinstance(value, Text) else ""


def _length(text: str, otherwise: Duration) -> Duration:
    """A duration as Prometheus writes it, `1m30s`."""
    parts = re.findall(r"([0-9]+)(ms|s|m|h|d)", text)
    whole = "".join(f"{count}{unit}" for count, unit in parts) == text
    return sum(int(count) * _UNITS[unit] for count, unit in parts) if parts and whole else otherwise


class _Module:
    """One module, from which probes of targets are made."""

    def __init__(self, found: Found, where: str, node: Keyed) -> None:
        self.found, self.where, self.node = found, where, node
        self.prober = _word(node, "prober")
        said = node.get(self.prober)
        self.said = said if isinstance(said, Keyed) else Keyed((), node.place)
        self.timeout = _length(_word(node, "timeout"), 0) or None

    def lose(self, what: str, why: str) -> None:
        self.found.lose(self.where, what, why)

    def probe(self, target: str, where: str) -> Probe | None:
        known = _ACCEPTED.get(self.prober)
        if known is None:
            self.found.lose(where, "all of it", f"no check does what the prober `{self.prober}` does")
            return None
        for key, value in self.said.entries:
            asks = not (isinstance(value, Text) and value.text == "false")
            if key.text not in known and asks:
                self.lose(f"`{key.text}`", _WHY.get(key.text, "a check has nothing like it"))
        match self.prober:
            case "http":
                return self._http(target)
            case "icmp":
                return PingProbe(target)
            case "dns":
                name, kind = _word(self.said, "query_name"), _word(self.said, "query_type") or "ANY"
                return DnsProbe(name, kind, target, (), self._code())
            case _:
                return self._tcp(target, where)

    def _code(self) -> str:
        codes = self._list("valid_rcodes") or ["NOERROR"]
        if len(codes) > 1:
            self.lose(f"the response codes {', '.join(codes[1:])}", "one is good")
        return codes[0]

    def _list(self, key: str) -> list[str]:
        value = self.said.get(key)
        return [t.text for t in value.items if isinstance(t, Text)] if isinstance(value, Many) else []

    def _http(self, target: str) -> HttpProbe:
        url = target if "://" in target else f"http://{target}"
        followed = _word(self.said, "follow_redirects") != "false" and _word(self.said, "no_follow_redirects") != "true"
        verify = self._tls(urlsplit(url).hostname or "")
        codes: Codes = tuple(
            (int(c), int(c)) for c in self._list("valid_status_codes") if re.fullmatch("[1-5][0-9]{2}", c)
        )
        probe = HttpProbe(
            url, (_word(self.said, "method") or "GET").upper(), tuple(self._headers()), _word(self.said, "body"),
            codes or ((200, 299),), redirects=10 if followed else 0,
            verify=verify or (url.startswith("http:") and not followed),
        )  # fmt: skip
        contains = tuple(self._plain("fail_if_body_not_matches_regexp"))
        return replace(probe, contains=contains, lacks=tuple(self._plain("fail_if_body_matches_regexp")))

    def _plain(self, key: str) -> Iterator[str]:
        """Those of some regular expressions that are plain text."""
        for pattern in self._list(key):
            yield from self._text(pattern)

    def _text(self, pattern: str) -> Iterator[str]:
        """The plain text that a pattern is, if it is one; a dot is taken to mean itself."""
        if re.search(r"(?<!\\)[*+?^$()\[\]{}|]|\\[A-Za-z0-9]", pattern):
            self.lose(f"the pattern `{pattern}`", "a check looks for plain text: write what it stands for")
            return
        if re.search(r"(?<!\\)\.", pattern):
            self.lose(f"a dot of the pattern `{pattern}` as any letter", "it is taken to mean a dot")
        if text := re.sub(r"\\([^A-Za-z0-9])", r"\1", pattern):
            yield text

    def _headers(self) -> Iterator[tuple[str, str]]:
        headers = self.said.get("headers")
        for key, value in headers.entries if isinstance(headers, Keyed) else ():
            words = value.text if isinstance(value, Text) else ""
            if is_credential(key.text, words):
                yield key.text, f"{{secret.{self._secret(key.text, 'the value of this header')}}}"
            else:
                yield key.text, words
        if self.said.get("basic_auth") is not None:
            yield "Authorization", f"Basic {{secret.{self._secret('basic_auth', 'user:password in base64')}}}"
        elif self.said.get("bearer_token") is not None:
            yield "Authorization", f"Bearer {{secret.{self._secret('bearer_token', 'the token')}}}"

    def _secret(self, what: str, is_: str) -> str:
        name = secret_name(self.where.removeprefix("module "), what)
        self.lose(f"the credential of `{what}`", f"it is not taken over: tell each location the secret {name}, {is_}")
        return name

    def _tls(self, host: str) -> bool:
        """Whether certificates are verified; what else is said of TLS is lost."""
        config = self.said.get("tls_config")
        for key, value in config.entries if isinstance(config, Keyed) else ():
            words = value.text if isinstance(value, Text) else ""
            if key.text == "server_name" and words != host and self.prober == "http":
                self.lose(f"`server_name: {words}`", "the certificate must be for the URL's host")
            elif key.text not in ("server_name", "insecure_skip_verify"):
                self.lose(f"`tls_config.{key.text}`", "a location trusts the authorities of its system, and shows none")
        return _word(config, "insecure_skip_verify") != "true"

    def _tcp(self, target: str, where: str) -> Probe | None:
        at = address(target)
        if isinstance(at, Wrong):
            self.found.lose(where, "all of it", at.what)
            return None
        answers = self.said.get("query_response")
        steps = answers.items if isinstance(answers, Many) else ()
        sends, expects = [_word(s, "send") for s in steps], [_word(s, "expect") for s in steps]
        if _word(self.said, "tls") == "true":
            if any(sends) or any(expects):
                self.lose("`query_response`", "a TLS check only shakes hands")
            config = self.said.get("tls_config")
            return TlsProbe(*at, _word(config, "server_name"), self._tls(at[0]), 0)
        sent, plain = [one for one in sends if one], [one for one in expects if one]
        waits = next((n for n, one in enumerate(sends) if one), len(sends))
        if sent and any(expects[: waits + 1]):  # within a step too, what is expected comes first
            self.lose("`query_response`: that it sends only after an answer", "a TCP check sends as soon as it can")
        if any(one and re.search(r"\$[{\w]", sends[n]) for n, one in enumerate(expects)):
            self.lose("`query_response`: what a pattern caught, in what is sent", "a TCP check sends the text as it is")
        if len(sent) > 1 or len(plain) > 1 or any(_word(s, "starttls") == "true" for s in steps):
            self.lose(
                "`query_response` beyond its first text and answer", "a TCP check sends one text, and looks for one"
            )
        for pattern in plain[:1]:
            if pattern.startswith("^"):
                self.lose(f"the `^` of the pattern `{pattern}`", "the text may stand anywhere in the answer")
        texts = [text for pattern in plain[:1] for text in self._text(pattern.removeprefix("^"))]
        # The exporter ends what it sends with a line feed.
        return TcpProbe(*at, f"{sent[0]}\n" if sent else "", texts[0] if texts else "")
