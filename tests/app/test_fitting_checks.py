"""Orders, checks and the rules of agreements fit each other, or lint says where they do not."""

from pathlib import Path

import pytest

from makegood.app.linting import lint_files
from makegood.render.problems import problems_lines

AGREEMENT = """\
# Hosting

```sla
agreement: hosting
title: Hosting
version: 2026-01-01
effective: 2026-01-01
provider: Host
```

## Availability {#availability}

Each service is up for at least 99.9 % of every month.

```sla
calendar: utc
zone: UTC
```

```sla
period: month
is: calendar month
in: utc
```

A service is down when 2 places find it failing.

```sla
detect: monitoring
reads: observations
every: 1 min
answers within: 10 s
locations: at least 2
```

```sla
outage: downtime
from: monitoring
begins: first failure
ends: first success
```

```sla
measure: uptime
is: ratio of time
of: downtime
```

```sla
target: monthly-uptime
each: service
over: month
measures: uptime
is: at least 99.9 %
strength: promise
```
"""
ORDER = """\
order: acme-hosting
agreement: hosting
customer: Acme
provider: Host
zone: UTC
term: 2026-01-01 to 2026-12-31
services:
  - {service: web, checks: [web-http]}
"""
CHECK = "checks:\n  - {check: web-http, service: web, timeout: 10 s, http: https://web.example}\n"


def lint(folder: Path, order: str = ORDER, checks: str = CHECK, agreement: str = AGREEMENT) -> list[str]:
    """What lint says of orders and checks, each finding as `code: where`."""
    (folder / "hosting.sla.md").write_text(agreement, encoding="utf-8")
    (folder / "acme.order.yaml").write_text(order, encoding="utf-8")
    (folder / "web.checks.yaml").write_text(checks, encoding="utf-8")
    found = [p for p in lint_files([folder / "hosting.sla.md"])[0] if not p.where.source.endswith(".sla.md")]
    return [line.replace(f"{folder}/", "") for line in problems_lines(found).splitlines()]


def test_orders_and_checks_that_fit_are_not_mentioned(tmp_path: Path) -> None:
    assert lint(tmp_path) == []


@pytest.mark.parametrize(
    ("order", "check", "said"),
    [
        ("checks: [web-htpp]", CHECK.splitlines()[1],
         ["acme.order.yaml:7:1: warning: the service `web` names the check `web-htpp`, which is in no file of checks "
          "[check-not-found]",
          "web.checks.yaml:2:13: warning: the check `web-http` watches `web`, and no order names it [check-unnamed]"]),
        ("title: Web", "  []",
         ["acme.order.yaml:7:1: warning: no check watches the service `web` [service-unwatched]"]),
        ("checks: [web-http]", "  - {check: web-http, service: shop, timeout: 10 s, http: https://web.example}",
         ["web.checks.yaml:2:13: warning: the service `web` names the check `web-http`, which says `service: shop` "
          "[check-of-another]"]),
        ("checks: [web-http]", "  - {check: web-http, service: web, every: 5 min, timeout: 10 s, ping: web.example}",
         ["web.checks.yaml:2:13: warning: the check `web-http` has slots of 5 min, and the rule `monitoring` (clause "
          "Availability) of 1 min [check-slots]"]),
        ("checks: [web-http]", "  - {check: web-http, service: web, ping: web.example}",
         ["web.checks.yaml:2:13: warning: the check `web-http` waits 30 s for an answer, and the rule `monitoring` "
          "(clause Availability) asks for one within 10 s [check-timeout]"]),
        ("checks: [web-http]",
         "  - {check: web-http, service: web, timeout: 10 s, locations: [fra], ping: web.example}",
         ["web.checks.yaml:2:13: warning: the rule `monitoring` (clause Availability) asks for `locations: at least "
          "2`, and the check `web-http` runs at 1 [check-locations]"]),
        ("checks: [web-http]",
         "  - {check: web-http, service: web, timeout: 10 s, locations: [fra, nyc], ping: web.example}", []),
        ("checks: [web-http]",
         "  - {check: web-http, service: web, timeout: 10 s, ping: a}\n  - {check: x, service: y, ping: a}",
         ["web.checks.yaml:3:13: warning: the check `x` watches `y`, which no order covers [check-of-no-service]"]),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_at_the_check_or_the_order(
    tmp_path: Path, order: str, check: str, said: list[str]
) -> None:
    assert lint(tmp_path, ORDER.replace("checks: [web-http]", order), f"checks:\n{check}\n") == said


def test_many_checks_that_no_order_covers_are_told_at_once(tmp_path: Path) -> None:
    loose = "".join(f"  - {{check: c{n}, service: s{n}, ping: a}}\n" for n in range(24))
    (said,) = lint(tmp_path, checks=f"{CHECK}{loose}")
    assert said == (
        "web.checks.yaml:3:13: warning: no order covers what 24 checks watch: `s0`, `s1`, `s2` and 21 more "
        "[check-of-no-service]"
    )


def test_what_is_told_to_the_hub_cannot_be_failing_at_two_locations(tmp_path: Path) -> None:
    (said,) = lint(tmp_path, checks="checks: [{check: web-http, service: web, heartbeat: {grace: 5 s}}]\n")
    assert "asks for `locations: at least 2`, and the check `web-http` is told to the hub alone" in said


def test_a_rule_that_asks_for_several_checks_needs_them(tmp_path: Path) -> None:
    agreement = AGREEMENT.replace("locations: at least 2", "locations: at least 2\nchecks: at least 2")
    (said,) = lint(tmp_path, agreement=agreement)
    assert said.endswith("asks for at least 2 checks to be down, and `web` has 1 [check-count]")


def test_a_rule_without_a_check_of_its_slots_is_found_where_other_rules_have_theirs(tmp_path: Path) -> None:
    second = "```sla\ndetect: slow\nreads: observations\nevery: 5 min\n```\n\n```sla\noutage: slowness\nfrom: slow\n"
    agreement = AGREEMENT.replace("```sla\nmeasure: uptime", second + "begins: first failure\nends: first success\n"
                                  "```\n\n```sla\nmeasure: uptime")  # fmt: skip
    (said,) = lint(tmp_path, agreement=agreement)
    assert "reads slots of 5 min, and no check of `web` has such [check-slots]" in said


def test_an_agreement_that_reads_reported_states_needs_no_checks(tmp_path: Path) -> None:
    agreement = AGREEMENT.replace("reads: observations\nevery: 1 min\nanswers within: 10 s\nlocations: at least 2",
                                  "reads: reported states\nholds: 1 h")  # fmt: skip
    assert lint(tmp_path, ORDER.replace(", checks: [web-http]", ""), "checks: []\n", agreement) == []


def test_without_a_file_of_checks_orders_are_not_looked_at(tmp_path: Path) -> None:
    lint(tmp_path)
    (tmp_path / "web.checks.yaml").unlink()
    (tmp_path / "acme.order.yaml").write_text("nonsense", encoding="utf-8")
    assert not [p for p in lint_files([tmp_path])[0] if p.where.source.endswith(".order.yaml")]
    found, _ = lint_files([tmp_path / "hosting.sla.md", tmp_path / "acme.order.yaml"])
    assert [p.code for p in found if p.where.source.endswith(".order.yaml")] == ["wrong-shape"]


def test_files_of_checks_may_be_named_from_elsewhere_and_a_name_stands_in_one_of_them(tmp_path: Path) -> None:
    lint(tmp_path)
    (tmp_path / "more").mkdir()
    other = tmp_path / "more" / "more.checks.yaml"
    other.write_text(CHECK, encoding="utf-8")
    found, _ = lint_files([tmp_path], [other])
    assert [p.what for p in found if p.code == "duplicate-name"] == ["two checks are called `web-http`"]
