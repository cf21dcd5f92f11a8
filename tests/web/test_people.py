"""People sign in with a browser, see the alerts, and act; programs do so by tokens. Other sites and tenants do not."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from makegood.app.alerting import heard, take_outages, tick
from makegood.app.alerts_in_force import put_in_force
from makegood.app.roles import Role
from makegood.app.sessions import LASTS, forget_sessions
from makegood.app.tenants import Tenant, put_tenant
from makegood.app.tokens import make_token, revoke_token
from makegood.engine.alerting.alert import Change, Turn
from makegood.model.events import OutageOpened
from makegood.model.spans import DAY, HOUR, MINUTE
from makegood.store.sql.certificates import certificates, forget_certificates, note_certificates
from makegood.store.sql.database import reading, writing
from makegood.store.sql.hub_tables import session
from tests.web.asking import LOCAL, NOON, Answer, Desk
from tests.web.test_alerts import in_force

HERE = "https://hub.example"
FORM = {"content-type": "application/x-www-form-urlencoded", "origin": HERE}


def post(hub: Desk, path: str, cookie: str = "", headers: dict[str, str] | None = None, **fields: str) -> Answer:
    said = {**FORM, **({"cookie": cookie} if cookie else {}), **(headers or {})}
    return hub.ask("POST", path, body=urlencode(fields).encode(), headers=said)


def get(hub: Desk, path: str, cookie: str = "", **headers: str) -> Answer:
    return hub.ask("GET", path, headers={**headers, **({"cookie": cookie} if cookie else {})})


def signed_in(hub: Desk, role: Role = Role.PROVIDER, of: str = "") -> str:
    """The cookie of somebody who signed in."""
    answer = post(hub, "/sign-in", token=hub.token(role, of), to="/alerts")
    assert answer.status == 303, answer.text
    return answer.headers["set-cookie"].partition(";")[0]


def alert(hub: Desk, folder: Path, service: str = "<shop>", order: str = "acme") -> str:
    """The id of an alert about an outage that was told to a room."""
    in_force(hub.store, folder, "https://hooks.example/x")
    alerts = hub.hub.alerts()
    with writing(hub.store.engine) as connection:
        opened = OutageOpened(service, order, NOON - MINUTE, NOON, "connect timeout", ("fra",))
        take_outages(connection, alerts, [opened], NOON)
    tick(hub.store.engine, alerts, NOON)
    return str(hub.ask("GET", "/api/v1/alerts", hub.token(Role.AUDITOR)).json[0]["id"])


def test_a_session_begins_with_a_token_and_its_cookie_is_for_this_hub_alone(hub: Desk) -> None:
    answer = post(hub, "/sign-in", token=f"  {hub.token(Role.AUDITOR)} ", to="/alerts/0123abcd")
    assert (answer.status, answer.headers["location"]) == (303, "/alerts/0123abcd")
    name, _, rest = answer.headers["set-cookie"].partition("=")
    secret, *attributes = (part.strip().lower() for part in rest.split(";"))
    assert name == "__Host-makegood"
    assert {"httponly", "secure", "samesite=strict", "path=/", f"max-age={LASTS // 10**6}"} <= {*attributes}
    assert not any(part.startswith("domain") for part in attributes)
    with reading(hub.store.engine) as connection:
        assert secret.encode() not in bytes(connection.execute(select(session.c.sha256)).scalar_one())
    assert get(hub, "/alerts", f"{name}={secret}").status == 200


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/alerts/../x", "/\\evil", "/api/v1/me", ""])
def test_after_signing_in_nobody_is_led_elsewhere(hub: Desk, to: str) -> None:
    assert post(hub, "/sign-in", token=hub.token(Role.AUDITOR), to=to).headers["location"] == "/alerts"
    assert f'value="{to}"' not in get(hub, f"/sign-in?to={to}").text or not to


@pytest.mark.parametrize("wrong", ["", "mg_x", "mg_aaaaaaaa_" + "a" * 52, LOCAL])
def test_a_wrong_token_signs_nobody_in(hub: Desk, wrong: str) -> None:
    answer = post(hub, "/sign-in", token=wrong)
    assert answer.status == 401
    assert "This token is wrong, has expired or was revoked." in answer.text
    assert "set-cookie" not in answer.headers


def test_wrong_tokens_are_counted_with_those_of_programs(hub: Desk) -> None:
    for _ in range(20):
        hub.ask("GET", "/api/v1/me", "mg_x")
    answer = post(hub, "/sign-in", token="mg_x")
    assert answer.status == 429
    assert re.search(r"Too many wrong tokens came from here; wait \d+ s\.", answer.text)
    assert signed_in(hub), "a right one is taken all the same"


def test_a_token_that_may_not_read_signs_nobody_in(hub: Desk) -> None:
    answer = post(hub, "/sign-in", token=hub.token(Role.SCRAPER))
    assert (answer.status, "may not read alerts" in answer.text) == (403, True)
    with reading(hub.store.engine) as connection:
        assert connection.execute(select(session.c.sha256)).first() is None


def test_a_session_ends_when_somebody_signs_out_with_its_token_and_by_its_age(hub: Desk) -> None:
    first, second = signed_in(hub), signed_in(hub)
    out = post(hub, "/sign-out", first)
    assert (out.status, out.headers["location"]) == (303, "/sign-in")
    assert "max-age=0" in out.headers["set-cookie"].lower()
    assert (get(hub, "/alerts", first).status, get(hub, "/alerts", second).status) == (401, 200)
    made, token = make_token(hub.store, Role.AUDITOR, "Ada", by="test", now=NOON, expires=NOON + HOUR)
    cookie = post(hub, "/sign-in", token=token).headers["set-cookie"].partition(";")[0]
    hub.clock.now = NOON + HOUR
    assert get(hub, "/alerts", cookie).status == 401
    made, token = make_token(hub.store, Role.AUDITOR, "Ada", by="test", now=NOON)
    cookie = post(hub, "/sign-in", token=token).headers["set-cookie"].partition(";")[0]
    assert get(hub, "/alerts", cookie).status == 200
    revoke_token(hub.store, made.id, hub.clock.now)
    assert get(hub, "/alerts", cookie).status == 401
    hub.clock.now = NOON + LASTS
    assert get(hub, "/alerts", second).status == 401
    assert forget_sessions(hub.store, hub.clock.now) == 2


def test_sessions_and_certificates_are_kept_and_forgotten_in_either_database(hub_of_either: Desk) -> None:
    hub = hub_of_either
    cookie = signed_in(hub)
    assert get(hub, "/alerts", cookie).status == 200
    assert post(hub, "/sign-out", cookie).status == 303
    assert get(hub, "/alerts", cookie).status == 401
    signed_in(hub)
    assert [forget_sessions(hub.store, now) for now in (NOON, NOON + LASTS, NOON + LASTS)] == [0, 1, 0]
    with writing(hub.store.engine) as connection:
        note_certificates(connection, "fra", {"a": NOON, "b": NOON}, NOON)
        note_certificates(connection, "fra", {"b": NOON + DAY}, NOON + 1)
        kept = certificates(connection)
        assert [(one.check, one.ends) for one in kept] == [("a", NOON), ("b", NOON + DAY)]
        assert forget_certificates(connection, [kept[0], replace(kept[1], seen=NOON)]) == 1, "b was told anew since"
        assert [one.check for one in certificates(connection)] == ["b"]


def test_who_did_not_sign_in_sees_the_form_that_leads_back_and_a_cookie_opens_nothing_else(hub: Desk) -> None:
    answer = get(hub, "/alerts/0123abcd", "__Host-makegood=session_x")
    assert (answer.status, answer.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert '<input type="hidden" name="to" value="/alerts/0123abcd">' in answer.text
    assert 'role="alert"' not in answer.text
    cookie = signed_in(hub, Role.ADMINISTRATOR)
    assert get(hub, "/api/v1/me", cookie).status == 401
    assert post(hub, "/api/v1/mutes", cookie).status == 401
    assert get(hub, "/metrics", cookie).status == 401


def test_a_link_in_a_mail_loads_itself_once_more_since_no_cookie_comes_from_elsewhere(hub: Desk) -> None:
    answer = get(hub, "/alerts/0123abcd", **{"sec-fetch-site": "cross-site"})
    assert '<meta http-equiv="refresh" content="0; url=/alerts/0123abcd">' in answer.text
    assert "Sign in" in get(hub, "/alerts/0123abcd", **{"sec-fetch-site": "same-origin"}).text


def test_the_page_of_an_alert_says_who_was_told_and_what_was_decided_and_acts_when_it_is_posted_to(
    hub: Desk, tmp_path: Path
) -> None:
    key, cookie = alert(hub, tmp_path), signed_in(hub)
    every = get(hub, "/alerts", cookie)
    assert "1 open alert" in every.text
    assert f'<a href="/alerts/{key}"><b>&lt;shop&gt; is down</b></a>' in every.text
    for _ in range(2):
        shown = get(hub, f"/alerts/{key}", cookie)
        assert "Nobody takes care of it yet." in shown.text
    assert "&lt;shop&gt;: since Sun 1 Mar 2026 11:59 +00:00, for 1 min so far" in shown.text
    assert "room by room: opened" in shown.text
    assert "not sent yet" in shown.text
    assert "told room: opened" in shown.text
    assert (shown.headers["cache-control"], shown.headers["referrer-policy"]) == ("no-store", "same-origin")
    assert "form-action 'self'" in shown.headers["content-security-policy"]
    acted = post(hub, f"/alerts/{key}/acknowledge", cookie)
    assert (acted.status, acted.headers["location"]) == (303, f"/alerts/{key}")
    shown = get(hub, f"/alerts/{key}", cookie)
    assert "a provider takes care of it, since Sun 1 Mar 2026 12:00 +00:00." in shown.text
    assert "Acknowledge as" not in shown.text


def test_what_an_alert_is_about_is_muted_and_heard_again(hub: Desk, tmp_path: Path) -> None:
    key, cookie = alert(hub, tmp_path, "shop"), signed_in(hub)
    token = hub.token(Role.AUDITOR)
    fields = {"alert": key, "because": "moving racks", "for": "2 h"}
    assert post(hub, "/alerts/mutes", cookie, None, **fields).status == 303
    (muted,) = hub.ask("GET", "/api/v1/mutes", token).json
    assert (muted["services"], muted["rules"], muted["by"]) == (["shop"], ["outages"], "a provider")
    assert muted["until"] == "2026-03-01T14:00:00Z"
    for path in ("/alerts", f"/alerts/{key}"):
        assert (
            "shop, the rule outages; until Sun 1 Mar 2026 14:00 +00:00, by a provider: moving racks"
            in get(hub, path, cookie).text
        )
    assert post(hub, f"/alerts/mutes/{muted['id']}/release", cookie, to=f"/alerts/{key}").status == 303
    assert hub.ask("GET", "/api/v1/mutes", token).json == []
    answer = post(hub, f"/alerts/mutes/{muted['id']}/release", cookie)
    assert (answer.status, "text/html" in answer.headers["content-type"]) == (404, True)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"for": "2 h", "because": " "}, "this mute says not why"),
        ({"for": "soon", "because": "x"}, "say for how long"),
        ({"because": "x"}, "say for how long"),
        ({"for": "9000 h", "because": "x"}, "longer than a year"),
        ({"for": "1 h", "because": "x", "alert": "nothing"}, "there is no such alert"),
    ],
)
def test_a_form_that_says_nothing_sensible_is_told_so_on_a_page(hub: Desk, fields: dict[str, str], says: str) -> None:
    answer = post(hub, "/alerts/mutes", signed_in(hub), None, **fields)
    assert answer.status in (404, 422)
    assert says in answer.text
    assert "<html" in answer.text


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"origin": ""}, {"origin": "hub.example"}]
)
def test_a_form_of_another_site_does_nothing(hub: Desk, tmp_path: Path, headers: dict[str, str]) -> None:
    key, cookie = alert(hub, tmp_path), signed_in(hub)
    for path in (f"/alerts/{key}/acknowledge", "/alerts/mutes", "/sign-out", "/sign-in"):
        raw = urlencode({"for": "1 h", "because": "x", "token": hub.token(Role.AUDITOR)}).encode()
        answer = hub.ask("POST", path, body=raw, headers={**FORM, "cookie": cookie, **headers})
        assert answer.status == 403, path
        assert "set-cookie" not in answer.headers
    assert "Nobody takes care of it yet." in get(hub, f"/alerts/{key}", cookie).text


def test_who_may_only_read_is_shown_no_button_and_cannot_act(hub: Desk, tmp_path: Path) -> None:
    key, cookie = alert(hub, tmp_path), signed_in(hub, Role.AUDITOR)
    shown = get(hub, f"/alerts/{key}", cookie)
    assert "Acknowledge as" not in shown.text
    assert "Mute" not in shown.text.replace("Muted", "")
    answer = post(hub, f"/alerts/{key}/acknowledge", cookie)
    assert (answer.status, "<html" in answer.text) == (403, True)


def test_a_program_sees_acknowledges_mutes_and_releases(hub: Desk, tmp_path: Path) -> None:
    key, token = alert(hub, tmp_path, "shop"), hub.token(Role.PROVIDER)
    (told,) = hub.ask("GET", "/api/v1/alerts?state=open", token).json
    assert told["conditions"] == [
        {
            "subject": "shop", "since": "2026-03-01T11:59:00Z", "ended": None, "orders": ["acme"],
            "says": "connect timeout; seen from fra", "retracted": False,
        }
    ]  # fmt: skip
    assert hub.ask("GET", "/api/v1/alerts?state=over", token).json == []
    whole = hub.ask("GET", f"/api/v1/alerts/{key}", token).json
    assert [(one["to"], one["state"]) for one in whole["messages"]] == [("room", "waiting")]
    assert [one["what"] for one in whole["notes"]][-1] == "told room: opened"
    for _ in range(2):
        taken = hub.ask("POST", f"/api/v1/alerts/{key}/acknowledge", token)
        assert (taken.status, taken.json["acknowledged"]["by"]) == (200, "a provider")
    assert hub.ask("POST", "/api/v1/alerts/none/acknowledge", token).status == 404
    said = {"services": ["shop"], "until": "2026-03-01T13:00:00Z", "because": "racks"}
    made = hub.ask("POST", "/api/v1/mutes", token, said)
    assert (made.status, made.json["since"]) == (201, "2026-03-01T12:00:00Z")
    assert [one["id"] for one in hub.ask("GET", f"/api/v1/alerts/{key}", token).json["mutes"]] == [made.json["id"]]
    assert hub.ask("POST", "/api/v1/mutes", token, {**said, "until": "2026-03-01T11:00:00Z"}).status == 422
    unknown = hub.ask("POST", "/api/v1/mutes", token, {**said, "services": ["shoop"]})
    assert (unknown.status, unknown.json["code"]) == (422, "mute-of-nothing")
    assert unknown.json["hint"] == "did you mean `shop`?"
    assert hub.ask("DELETE", f"/api/v1/mutes/{made.json['id']}", token).status == 204
    assert hub.ask("DELETE", f"/api/v1/mutes/{made.json['id']}", token).status == 404


def test_a_tenant_sees_its_own_services_and_orders_of_alerts_and_not_whom_the_provider_told(
    hub: Desk, tmp_path: Path
) -> None:
    put_tenant(hub.store, Tenant("acme", "Acme", ("shop",), ("acme",)), NOON)
    put_tenant(hub.store, Tenant("other", "Other", ("shop",), ("other",)), NOON)
    key = alert(hub, tmp_path, "shop")
    alerts = hub.hub.alerts()
    with writing(hub.store.engine) as connection:
        more = [OutageOpened(*named, NOON, NOON) for named in (("shop", "northwind"), ("mail", "acme"))]
        take_outages(connection, alerts, more, NOON)
    mine = hub.token(Role.CUSTOMER, "acme")
    told = hub.ask("GET", f"/api/v1/alerts/{key}", mine).json
    assert [(one["subject"], one["orders"]) for one in told["conditions"]] == [("shop", ["acme"])]
    assert (told["told"], told["notes"], told["messages"], told["mutes"]) == ([], [], [], [])
    other = hub.token(Role.CUSTOMER, "other")
    assert hub.ask("GET", "/api/v1/alerts", other).json == []
    assert hub.ask("GET", f"/api/v1/alerts/{key}", other).status == 404
    for role in (Role.CUSTOMER, Role.PROVIDER):
        token = hub.token(role, "acme")
        assert hub.ask("POST", f"/api/v1/alerts/{key}/acknowledge", token).status == 403
        assert hub.ask("POST", "/api/v1/mutes", token, {}).status == 403
    cookie = signed_in(hub, Role.CUSTOMER, "acme")
    assert "northwind" not in get(hub, f"/alerts/{key}", cookie).text
    assert "room" not in get(hub, "/alerts", cookie).text


def test_a_budget_is_the_business_of_its_order_and_a_silent_location_that_of_no_tenant(
    hub: Desk, tmp_path: Path
) -> None:
    put_tenant(hub.store, Tenant("acme", "Acme", ("shop", "fra"), ("acme",)), NOON)
    in_force(hub.store, tmp_path, "https://hooks.example/x")
    file = tmp_path / "ops.alerts.yaml"
    file.write_text(
        file.read_text()
        + "  - {rule: budget, when: budget, gone: below 3 days, tell: all}\n"
        + "  - {rule: silent, when: silent location, is: at least 5 min, tell: all}\n"
    )
    put_in_force(hub.store, file, "ops", NOON)
    found = [("budget", "acme: shop, monthly"), ("budget", "northwind: shop, monthly"), ("silent", "fra")]
    with writing(hub.store.engine) as connection:
        heard(connection, hub.hub.alerts(), [Change(r, s, Turn.BEGAN, NOON, NOON) for r, s in found], NOON)
    told = hub.ask("GET", "/api/v1/alerts", hub.token(Role.CUSTOMER, "acme")).json
    assert [[each["subject"] for each in one["conditions"]] for one in told] == [["acme: shop, monthly"]]
    assert len(hub.ask("GET", "/api/v1/alerts", hub.token(Role.AUDITOR)).json) == 2
    hub.clock.now = NOON + DAY
    assert len(hub.ask("GET", "/api/v1/alerts?state=open", hub.token(Role.AUDITOR)).json) == 2
