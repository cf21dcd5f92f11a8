"""What the hub tells of itself: whether it is ready, and its metrics. `/healthz` is answered in front of all this."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from makegood.web.allowed import hub_of
from makegood.web.metrics import MEDIA
from makegood.web.shapes import Conditions

router = APIRouter(tags=["itself"])


@router.get("/readyz", responses={503: {"model": Conditions}})
def readyz(request: Request, response: Response) -> Conditions:
    """Whether the hub is ready: 200, or 503 and what is wrong."""
    found = hub_of(request).health.conditions()
    ready = all(one.holds for one in found)
    response.status_code = 200 if ready else 503
    return Conditions(ready=ready, conditions={one.name: one.why or "ok" for one in found})


@router.get("/metrics", response_class=Response, responses={200: {"content": {MEDIA: {}}}})
def metrics(request: Request) -> Response:
    """What Prometheus scrapes."""
    return Response(hub_of(request).metrics.text(), media_type=MEDIA)
