"""Pages for people who sign in: how a page is answered, a form is read, and what goes wrong is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from fastapi import Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from makegood.model.problem import Problem
from makegood.web.errors import refused

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "referrer-policy": "same-origin",  # with none at all, a browser does not say where a form was
}
MOST_FORM, MOST_FIELDS = 10_000, 20
_OURS = re.compile(r"/alerts(/[0-9a-f]{1,32})?")


def answer(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A page that nobody keeps."""
    return HTMLResponse(text, status, {**(headers or {}), **HEADERS})


def go_on(to: str) -> RedirectResponse:
    """Where a form that acted leads: to a page that may be loaded again."""
    return RedirectResponse(to, 303, dict(HEADERS))


def ours(to: str) -> str:
    """A path of ours to go on to; a link elsewhere leads to the list."""
    return to if _OURS.fullmatch(to) else "/alerts"


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, each once. Raises Refused for what is none."""
    raw = await request.body()
    try:
        if len(raw) > MOST_FORM:
            raise ValueError
        return dict(parse_qsl(raw.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise refused("malformed", "body", "This is no form of this hub.") from None


def problem_page(
    request: Request, problems: Sequence[Problem], status: int, headers: Mapping[str, str] | None = None
) -> Response:
    """What went wrong, as a page. Where nobody signed in it is the form to do so, which leads back.

    A link in a mail is opened from another site, to which a browser shows no cookie of ours: the page then loads itself
    once more, from here.
    """
    from makegood.render.desk_pages import going_on, problem_of, sign_in_page

    path = request.url.path
    if status == 401 or path == "/sign-in":
        if path != "/sign-in" and request.method == "GET" and request.headers.get("sec-fetch-site") == "cross-site":
            return answer(going_on(ours(path)), status, headers)
        wrong = "" if problems[0].where.source == "session" else sentence(problems[0])
        return answer(sign_in_page(ours(path), wrong), status, headers)
    return answer(problem_of(problems, ours(path)), status, headers)


def sentence(problem: Problem) -> str:
    """A problem as a sentence for people."""
    says = f"{problem.what}; {problem.hint}" if problem.hint else problem.what
    return f"{says[:1].upper()}{says[1:].rstrip('.')}."
