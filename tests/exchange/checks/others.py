"""Configurations of other programs, as they write them: monitors of Uptime Kuma, and a blackbox_exporter's."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

COLUMNS = (
    "id integer primary key autoincrement, name varchar(150), active boolean default 1 not null, "
    "user_id integer, interval integer default 20 not null, url text, type varchar(20), "
    "weight integer default 2000, hostname varchar(255), port integer, created_date datetime, "
    "keyword varchar(255), maxretries integer not null default 0, ignore_tls boolean default 0 not null, "
    "upside_down boolean default 0 not null, maxredirects integer default 10 not null, "
    "accepted_statuscodes_json text default '[\"200-299\"]' not null, dns_resolve_type varchar(5), "
    "dns_resolve_server varchar(255), dns_last_result varchar(255), "
    "retry_interval integer default 0 not null, push_token varchar(20), method text default 'GET' not null, "
    "body text, headers text, basic_auth_user text, basic_auth_pass text, docker_host integer, "
    "docker_container varchar(255), proxy_id integer, expiry_notification boolean default 1, mqtt_topic text, "
    "auth_method varchar(250), auth_domain text, resend_interval integer default 0 not null, "
    "packet_size integer default 56 not null, game varchar(255), http_body_encoding varchar(25), "
    "description text, tls_ca text, tls_cert text, tls_key text, parent integer, "
    "invert_keyword boolean default 0 not null, json_path text, expected_value varchar(255), "
    "timeout double default 0 not null, gamedig_given_port_only boolean default 1 not null, "
    "kafka_producer_ssl boolean default 0 not null, json_path_operator text default '==', "
    "cache_bust boolean default 0"
)


def kuma(path: Path, monitors: Sequence[dict[str, Any]], more: str = "") -> Path:
    """A database of Uptime Kuma 2 with these monitors."""
    db = sqlite3.connect(path)
    db.executescript(f"create table monitor ({COLUMNS});{more}")
    for monitor in monitors:
        names = ", ".join(monitor)
        db.execute(f"insert into monitor ({names}) values ({', '.join('?' * len(monitor))})", list(monitor.values()))
    db.commit()
    db.close()
    return path


def backup(path: Path, monitors: Sequence[dict[str, Any]]) -> Path:
    """A backup as Uptime Kuma 1 exports it."""
    listed = [{"upsideDown": False, "maxredirects": 10, "accepted_statuscodes": ["200-299"], **m} for m in monitors]
    path.write_text(json.dumps({"version": "1.23.11", "notificationList": [{"id": 1}], "monitorList": listed}))
    return path


BLACKBOX = """\
modules:
  http_2xx:
    prober: http
    timeout: 5s
    http:
      preferred_ip_protocol: ip4
      headers: {Authorization: Bearer 12345678, Accept-Language: en-US}
      fail_if_body_not_matches_regexp: ["ready", "v[0-9]+"]
      fail_if_body_matches_regexp: ['under\\.maintenance']
      no_follow_redirects: true
      fail_if_ssl: false
      tls_config:
        insecure_skip_verify: true
  http_post_2xx:
    prober: http
    http:
      method: POST
      valid_status_codes: [200, 201]
      basic_auth: {username: ada, password: hunter2}
      body: '{}'
  tcp_connect:
    prober: tcp
  ssh_banner:
    prober: tcp
    tcp:
      query_response:
        - expect: "^SSH-2.0-"
        - send: "SSH-2.0-blackbox-ssh-check"
  tls_connect:
    prober: tcp
    tcp: {tls: true}
  irc:
    prober: tcp
    tcp:
      query_response: [{expect: "^hello", send: "NICK prober"}]
  icmp:
    prober: icmp
    icmp: {ttl: 5}
  dns_soa:
    prober: dns
    dns: {query_name: shop.example, query_type: SOA, valid_rcodes: [NOERROR, NXDOMAIN]}
  grpc: {prober: grpc}
"""

PROMETHEUS = """\
global: {scrape_interval: 30s}
scrape_configs:
  - job_name: prometheus
    static_configs: [{targets: ["localhost:9090"]}]
  - job_name: web
    metrics_path: /probe
    params: {module: [http_2xx]}
    scrape_interval: 1m
    static_configs:
      - targets: [https://shop.example/health, shop.example]
        labels: {team: web, service: shop, state: x, _a: b}
    relabel_configs: [{source_labels: [__address__], regex: "(.*):80", target_label: __param_target}]
  - job_name: posts
    metrics_path: /probe
    params: {module: [http_post_2xx]}
    static_configs: [{targets: ["https://shop.example/health"]}]
    relabel_configs:
      - {source_labels: [__address__], target_label: __param_target}
      - {source_labels: [__param_target], target_label: instance}
      - {target_label: __address__, replacement: "127.0.0.1:9115"}
    consul_sd_configs: [{server: "localhost:1234"}]
  - job_name: ports
    metrics_path: /probe
    static_configs:
      - {targets: ["db.example:5432"], labels: {module: tcp_connect}}
      - {targets: ["db.example:22"], labels: {module: ssh_banner}}
      - {targets: ["irc.example:6667"], labels: {module: irc}}
      - {targets: ["shop.example:443"], labels: {module: tls_connect}}
      - {targets: ["192.0.2.1"], labels: {module: icmp}}
      - {targets: ["192.0.2.53"], labels: {module: dns_soa}}
      - {targets: ["grpc.example:1"], labels: {module: grpc}}
      - {targets: ["x.example"], labels: {module: gone}}
"""
