"""Who may do what on a hub: what each role may do, and what each route asks for. The one table; docs/serve.md shows it.

A role says what its holder may do. A tenant, where a token has one, says to which services and orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class May(StrEnum):
    """Something that a token may be allowed to do."""

    READ = "read"
    """Read facts, services, outages, alerts, statements and the head of the log."""
    RECORD = "record"
    """Record facts of any kind."""
    CLAIM = "claim"
    """Record tickets and claims."""
    RESPOND = "respond"
    """Acknowledge and mute alerts."""
    CONFIGURE = "configure"
    """Plan and apply agreements, orders, checks and alerts, and make the URLs of heartbeats."""
    ENROL = "enrol"
    """Make tokens that enrol locations, and see and revoke locations."""
    SCRAPE = "scrape"
    """Read the metrics."""
    ADMINISTER = "administer"
    """Make and revoke tokens and tenants."""


class Role(StrEnum):
    """What the holder of a token is."""

    ADMINISTRATOR = "administrator"
    PROVIDER = "provider"
    CUSTOMER = "customer"
    AUDITOR = "auditor"
    SCRAPER = "scraper"


ROLES: Mapping[Role, frozenset[May]] = {
    Role.ADMINISTRATOR: frozenset(May),
    Role.PROVIDER: frozenset({May.READ, May.RECORD, May.CLAIM, May.RESPOND, May.CONFIGURE, May.ENROL}),
    Role.CUSTOMER: frozenset({May.READ, May.CLAIM}),
    Role.AUDITOR: frozenset({May.READ}),
    Role.SCRAPER: frozenset({May.SCRAPE}),
}
"""What each role may do."""

OF_TENANTS = (Role.PROVIDER, Role.CUSTOMER, Role.AUDITOR)
"""The roles that a token of one tenant may have: what the others are for concerns the whole hub."""

WHOLE: frozenset[May] = frozenset({May.RESPOND, May.CONFIGURE, May.ENROL, May.SCRAPE, May.ADMINISTER})
"""What concerns the whole hub: a token that is of one tenant may do none of it."""

OPEN = None
"""Asks for no token: what it gives is public, the URL or the body is itself the secret, or the request is signed."""

ROUTES: Mapping[str, tuple[May, ...] | None] = {
    "GET /": OPEN,
    "GET /healthz": OPEN,
    "GET /readyz": OPEN,
    "GET /metrics": (May.SCRAPE,),
    "GET /api/v1/openapi.json": OPEN,
    "POST /api/v1/setup": OPEN,
    "GET /api/v1/me": (),
    "GET /api/v1/tokens": (May.ADMINISTER,),
    "POST /api/v1/tokens": (May.ADMINISTER,),
    "DELETE /api/v1/tokens/{id}": (May.ADMINISTER,),
    "GET /api/v1/tenants": (May.ADMINISTER,),
    "PUT /api/v1/tenants/{name}": (May.ADMINISTER,),
    "GET /api/v1/head": (May.READ,),
    "GET /api/v1/facts": (May.READ,),
    "POST /api/v1/facts": (May.RECORD, May.CLAIM),
    "GET /api/v1/services": (May.READ,),
    "GET /api/v1/outages": (May.READ,),
    "GET /api/v1/statements": (May.READ,),
    "GET /api/v1/statements/{number}": (May.READ,),
    "GET /api/v1/checks": (May.CONFIGURE,),
    "POST /api/v1/plan": (May.CONFIGURE,),
    "POST /api/v1/apply": (May.CONFIGURE,),
    "GET /api/v1/heartbeats": (May.CONFIGURE,),
    "POST /api/v1/heartbeats": (May.CONFIGURE,),
    "DELETE /api/v1/heartbeats/{id}": (May.CONFIGURE,),
    "GET /api/v1/locations": (May.ENROL,),
    "POST /api/v1/locations": (May.ENROL,),
    "DELETE /api/v1/locations/{location}": (May.ENROL,),
    "POST /api/v1/maintenances": (May.RECORD,),
    "POST /api/v1/alertmanager": (May.RECORD,),
    "GET /api/v1/alerts": (May.READ,),
    "GET /api/v1/alerts/{id}": (May.READ,),
    "POST /api/v1/alerts/{id}/acknowledge": (May.RESPOND,),
    "GET /api/v1/mutes": (May.READ,),
    "POST /api/v1/mutes": (May.RESPOND,),
    "DELETE /api/v1/mutes/{id}": (May.RESPOND,),
    "GET /alerts": (May.READ,),
    "GET /alerts/{id}": (May.READ,),
    "POST /alerts/{id}/acknowledge": (May.RESPOND,),
    "POST /alerts/mutes": (May.RESPOND,),
    "POST /alerts/mutes/{id}/release": (May.RESPOND,),
    "GET /sign-in": OPEN,
    "POST /sign-in": OPEN,
    "POST /sign-out": OPEN,
    "GET /acknowledge/{token}": OPEN,
    "POST /acknowledge/{token}": OPEN,
    "GET /agent/v1/clock": OPEN,
    "POST /agent/v1/enrol": OPEN,
    "POST /agent/v1/work": OPEN,
    "POST /agent/v1/lists": OPEN,
    "POST /agent/v1/batches": OPEN,
    "GET /ping/{secret}": OPEN,
    "POST /ping/{secret}": OPEN,
    "GET /ping/{secret}/{what}": OPEN,
    "POST /ping/{secret}/{what}": OPEN,
    "GET /ping/{key}/{slug}/{what}": OPEN,
    "POST /ping/{key}/{slug}/{what}": OPEN,
    "GET /api/push/{secret}": OPEN,
    "POST /api/push/{secret}": OPEN,
}
"""What each route asks for: one of these; `()` any token; OPEN none. HEAD is as GET. A route that is not here answers
nobody."""
