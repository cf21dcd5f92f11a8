"""What is deployed, over HTTP: `makegood apply` for programs, with its plan first."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from makegood.app.deployed import deployed
from makegood.app.offering import offer_of
from makegood.app.planning import Plan, apply_plan, plan
from makegood.exchange.check_json import check_to_json
from makegood.render.plan import plan_document
from makegood.web.allowed import caller, hub_of
from makegood.web.hub import WebHub
from makegood.web.shapes import Applied, Deployment, Planned

router = APIRouter(prefix="/api/v1", tags=["deployment"])


@router.get("/checks")
def get_checks(request: Request) -> list[dict[str, Any]]:
    """The checks that are deployed."""
    return [check_to_json(one) for one in deployed(hub_of(request).store).checks]


@router.post("/plan")
def post_plan(request: Request, said: Deployment) -> Planned:
    """What would change if these files were applied; nothing does."""
    made = _planned(hub_of(request), said)
    return Planned(changes=plan_document(made.changes), warnings=[one.what for one in made.warnings])


@router.post("/apply")
def post_apply(request: Request, said: Deployment) -> Applied:
    """Let these files hold: all of them or nothing."""
    hub = hub_of(request)
    made = _planned(hub, said)
    receipt = apply_plan(hub.store, made, hub.clock(), caller(request).name)
    hub.configured.refresh()
    return Applied(
        changes=plan_document(made.changes), warnings=[one.what for one in made.warnings],
        positions=[receipt.positions.start, receipt.positions.stop - 1] if receipt.positions else None,
    )  # fmt: skip


def _planned(hub: WebHub, said: Deployment) -> Plan:
    raws = [(name, name, text.encode("utf-8", "surrogatepass")) for name, text in said.files.items()]
    return plan(deployed(hub.store), offer_of(raws), said.prune)
