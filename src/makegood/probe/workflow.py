"""A workflow: HTTP requests one after another that share cookies and captured values, as a user would make them."""

from __future__ import annotations

from collections.abc import Iterable

from makegood.door.forbidden import Forbidden, Unreached
from makegood.model.checks import Capture, Step, WorkflowProbe
from makegood.model.results import Reason, Result
from makegood.probe.attempt import Attempt, Found
from makegood.probe.compare import NotJson, parse_json, shown, value_at
from makegood.probe.handles import Session
from makegood.probe.http import judge, requested
from makegood.probe.request import Answer, get
from makegood.probe.secret import MissingSecret

LONGEST = 8192
"""Characters that a captured value may have: tokens are long, and headers have a limit."""


async def probe_workflow(probe: WorkflowProbe, attempt: Attempt) -> Result:
    """Up where every step is; what a step finds wrong is told with its name. Times of connecting are of the last."""
    captured: dict[str, str] = {}
    status = 0
    with attempt.context.handles.session() as session:
        for step in probe.steps:
            try:
                status = await _step(step, session, captured, attempt)
            except (Found, Unreached) as found:
                told = found.status if isinstance(found, Found) else 0
                raise Found(found.reason, f"{step.name}: {found.detail}", told) from None
            except Forbidden as why:
                raise Found(why.reason, f"{step.name}: {why}") from None
            except MissingSecret as why:
                raise Found(Reason.SECRET, f"{step.name}: {why}") from None
    return attempt.result(Reason.OK, status=status)


async def _step(step: Step, session: Session, captured: dict[str, str], attempt: Attempt) -> int:
    """Make one request and keep what it captures. The answer is the status. Raises Found."""
    headed = any(capture.header for capture in step.captures)
    request, reading = requested(step.http, attempt.context.secrets, captured, bool(step.captures), headed)
    answer = await get(session, request, reading, step.http.redirects, attempt)
    reason, detail = judge(step.http, answer, captured, attempt)
    if reason is not Reason.OK:
        raise Found(reason, detail, answer.status)
    captured.update(_captured(step.captures, answer))
    return answer.status


def _captured(captures: Iterable[Capture], answer: Answer) -> Iterable[tuple[str, str]]:
    for capture in captures:
        value = _value(capture, answer)
        if value is None:
            cut = ", in as much of the answer as is read" if answer.cut else ""
            raise Found(Reason.CAPTURE, f"nothing to capture as {capture.name} at {place(capture)}{cut}", answer.status)
        if len(value) > LONGEST:
            raise Found(
                Reason.CAPTURE, f"what {capture.name} captures is {len(value):,} characters long", answer.status
            )
        yield capture.name, value


def _value(capture: Capture, answer: Answer) -> str | None:
    if capture.path:
        return _at(capture, answer)
    if capture.header:
        return next((value for name, value in answer.headers if name == capture.header.lower()), None)
    before, after = capture.between
    text = answer.body.decode("utf-8", "replace")
    start = text.find(before)
    if start < 0:
        return None
    start += len(before)
    end = text.find(after, start) if after else len(text)
    return None if end < 0 else text[start:end]


def _at(capture: Capture, answer: Answer) -> str | None:
    try:
        found, value = value_at(parse_json(answer.body), capture.path)
    except NotJson as why:
        told = f"{capture.name} cannot be captured, the answer is no JSON: {why}"
        raise Found(Reason.CAPTURE, told, answer.status) from None
    return shown(value) if found and value is not None else None


def place(capture: Capture) -> str:
    """Where a capture looks, in words."""
    if capture.path:
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in capture.path).removeprefix(".")
    if capture.header:
        return f"the header {capture.header}"
    return f"what stands between {capture.between[0]!r} and {capture.between[1]!r}"
