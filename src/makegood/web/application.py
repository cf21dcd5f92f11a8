"""The application: routes, who may use them, and one shape for everything that goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.routing import Route

from makegood import __version__
from makegood.model.problem import Place, Problem, Refused, error
from makegood.store.sql.database import Unusable
from makegood.web.allowed import BEARER, allowed, timely
from makegood.web.desk import problem_page
from makegood.web.errors import CODES, FAULT, MEDIA, SCHEMA, problem_json, status_of
from makegood.web.invalid import invalid
from makegood.web.routes import (
    access,
    agents,
    alerting,
    alerts,
    announcing,
    deploying,
    heartbeats,
    itself,
    knowledge,
    people,
)
from makegood.web.routes.alerts import lost

if TYPE_CHECKING:
    from makegood.web.hub import WebHub

API = "/api/v1"
LINKS = "/acknowledge"
"""Where people come by links, who get a page also where a link is wrong."""
ROUTERS = (
    itself.router,
    access.router,
    knowledge.router,
    heartbeats.router,
    agents.router,
    deploying.router,
    alerts.router,
    alerting.router,
    people.router,
    announcing.router,
)
_CONTENT = {MEDIA: {"schema": SCHEMA}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "Refused: problem details (RFC 9457)", "content": _CONTENT},
    "5XX": {"description": "A fault, or the store takes no writes now", "content": _CONTENT},
}


def create_app(hub: WebHub) -> FastAPI:
    """The application of a hub."""
    app = FastAPI(
        title="Makegood",
        version=__version__,
        summary="What was promised, what was delivered, what is owed.",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(allowed), Depends(timely), Depends(BEARER)],
        responses=_RESPONSES,
        redirect_slashes=False,
    )
    app.state.hub = hub
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _by_status)
    app.add_exception_handler(DBAPIError, _no_store)
    app.add_exception_handler(Unusable, _no_store)
    app.add_exception_handler(Exception, _fault)
    return app


async def _refused(request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, Refused)
    return _answer(request, wrong.problems, status_of(wrong.problems))


async def _invalid(request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, RequestValidationError)
    problems = invalid(wrong.errors(), _shape(request))
    return _answer(request, problems, status_of(problems))


def _shape(request: Request) -> type[BaseModel] | None:
    """What the body of a request is read into; None where its route reads none into a model."""
    route = request.scope.get("route")
    field = route.body_field if isinstance(route, APIRoute) else None
    shape = field.field_info.annotation if field is not None else None
    return shape if isinstance(shape, type) and issubclass(shape, BaseModel) else None


async def _no_store(request: Request, wrong: Exception) -> Response:
    why = str(wrong.orig).splitlines()[0] if isinstance(wrong, DBAPIError) else str(wrong)
    problem = error("store-database", Place("store"), "the store cannot be used now", why, "try again")
    return _answer(request, [problem], status_of([problem]))


async def _fault(request: Request, _: Exception) -> Response:
    """The answer; the fault itself goes on to the front, which logs it."""
    return _answer(request, FAULT.problems, 500)


async def _by_status(request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, HTTPException)
    if (given_up := getattr(request.state, "given_up", None)) is not None:
        return await _refused(request, given_up)
    what = {404: "there is nothing here", 405: "this cannot be done here"}.get(wrong.status_code, str(wrong.detail))
    problem = error(
        CODES.get(wrong.status_code, "refused"), Place("method" if wrong.status_code == 405 else "path"), what
    )
    headers = dict(wrong.headers or {})
    if wrong.status_code == 405:
        headers["Allow"] = ", ".join(_methods(request))
    return _answer(request, [problem], wrong.status_code, headers)


def _methods(request: Request) -> Sequence[str]:
    """Every method of a path. The framework names those of the first of its routes alone."""
    path = request.scope["path"]
    every = (one for router in ROUTERS for one in router.routes)
    some = (one for one in every if isinstance(one, Route) and one.path_regex.match(path))
    return sorted({method for one in some for method in one.methods or ()})


def _answer(
    request: Request, problems: Sequence[Problem], status: int, headers: dict[str, str] | None = None
) -> Response:
    more = dict(headers or {})
    if status == 401:
        more["www-authenticate"] = 'Bearer realm="makegood"'
    if status in (429, 503):
        more.setdefault(
            "retry-after", problems[0].hint.removeprefix("wait ").removesuffix(" s") if status == 429 else "5"
        )
    if getattr(request.state, "page", False):
        return problem_page(request, problems, status, more)
    if status == 404 and request.url.path.startswith(LINKS) and "text/html" in request.headers.get("accept", ""):
        return lost()
    raw = problem_json(problems, status, request.state.request_id)
    return Response(raw, status, more, MEDIA)
