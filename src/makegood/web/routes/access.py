"""Who may ask: the set-up, tokens and tenants."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath

from makegood.app.deployed import deployed
from makegood.app.roles import May, Role
from makegood.app.tenants import Tenant, put_tenant, tenants, unknown_parts
from makegood.app.tokens import Token, make_token, revoke_token, set_up, tokens
from makegood.exchange.moments import written
from makegood.model.problem import Refused
from makegood.web.allowed import caller, hub_of, wrong_token
from makegood.web.moments import moment
from makegood.web.shapes import Me, Name, NewToken, SetUp, TenantSaid, TenantTold, TokenMade, TokenTold

router = APIRouter(prefix="/api/v1", tags=["access"])


@router.post("/setup", status_code=201)
def post_setup(request: Request, said: SetUp) -> TokenMade:
    """Make the first administrator's token with the one-time token that the first start printed."""
    hub = hub_of(request)
    try:
        made, shown = set_up(hub.store, said.token, said.title, hub.clock())
    except Refused as refused:
        raise wrong_token(hub, request, "set-up", refused.problems[0].what) from None
    return TokenMade(**_told(made).model_dump(), token=shown)


@router.get("/me")
def get_me(request: Request) -> Me:
    """Whose token this is, and what it may do."""
    one = caller(request)
    may = [what.value for what in May if one.may(what)]
    return Me(title=one.token.title, role=one.token.role, tenant=one.token.tenant or None, may=may)


@router.get("/tokens")
def get_tokens(request: Request) -> list[TokenTold]:
    """All tokens, without their secrets."""
    return [_told(one) for one in tokens(hub_of(request).store)]


@router.post("/tokens", status_code=201)
def post_token(request: Request, said: NewToken) -> TokenMade:
    """Make a token, which is shown this once."""
    hub, by = hub_of(request), caller(request).name
    expires = moment(said.expires, "expires") if said.expires is not None else None
    role = Role(said.role)
    made, shown = make_token(
        hub.store, role, said.title, by=by, now=hub.clock(), of=said.tenant or "", expires=expires
    )  # fmt: skip
    return TokenMade(**_told(made).model_dump(), token=shown)


@router.delete("/tokens/{id}", status_code=204)
def delete_token(request: Request, id: str) -> None:  # noqa: A002 -- of the path
    """Revoke a token: it holds no more, from now on."""
    hub = hub_of(request)
    revoke_token(hub.store, id, hub.clock())


@router.get("/tenants")
def get_tenants(request: Request) -> list[TenantTold]:
    """All tenants."""
    return [
        TenantTold(name=one.name, title=one.title, services=list(one.services), orders=list(one.orders))
        for one in tenants(hub_of(request).store)
    ]


@router.put("/tenants/{name}")
def put_tenant_(
    request: Request, name: Annotated[Name, InPath()], said: TenantSaid, ahead: Annotated[bool, Query()] = False
) -> TenantTold:
    """Make a tenant, or say anew what concerns it. Its services and orders are deployed, or named `ahead` of that."""
    hub = hub_of(request)
    one = Tenant(name, said.title, tuple(said.services), tuple(said.orders))
    problems = [] if ahead else unknown_parts(one, deployed(hub.store))
    if problems:
        raise Refused(problems)
    put_tenant(hub.store, one, hub.clock())
    return TenantTold(name=name, title=said.title, services=said.services, orders=said.orders)


def _told(one: Token) -> TokenTold:
    return TokenTold(
        id=one.id, role=one.role, title=one.title, tenant=one.tenant or None, by=one.by, made=written(one.made),
        expires=written(one.expires) if one.expires is not None else None,
        revoked=written(one.revoked) if one.revoked is not None else None,
    )  # fmt: skip
