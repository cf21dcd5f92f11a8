"""A workflow: HTTP requests one after another, that keep cookies and hand captured values on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, Final

from makegood.contract.nodes import Keyed, Many, Node, Text
from makegood.contract.patterns import whole
from makegood.contract.shape import Fields, Key, Report, Shape, from_words, list_of, mapping_of, object_schema
from makegood.contract.wrong import Wrong
from makegood.exchange.checks.http import HTTP, TEXT
from makegood.exchange.checks.json_paths import PATH
from makegood.exchange.checks.texts import CAPTURED, as_written, errors, place_text, too_many
from makegood.exchange.documents import ID, optional
from makegood.model.checks import Capture, HttpProbe, Step, WorkflowProbe

MOST_STEPS: Final = 50
_NAME: Final = CAPTURED.pattern.removeprefix(r"\{(").removesuffix(r")\}")
_HEADER: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}"


def _header(text: str) -> str | Wrong:
    return (
        text if re.fullmatch(_HEADER, text) else Wrong(f"`{text[:80]}` is no name of a header", "", "write `Location`")
    )


def _between(node: Node, report: Report) -> tuple[str, str] | None:
    if not isinstance(node, Many) or len(node.items) != 2:
        what, hint = "expected two texts, between which the value stands", """write `['token="', '"']`"""
        report.error("wrong-shape", node.place, what, "", hint)
        return None
    first, second = (TEXT.read(item, report) for item in node.items)
    return (first, second) if first is not None and second is not None else None


FROM_JSON: Final = optional("json", PATH, "the path of the value in the JSON of the body")
FROM_HEADER: Final = Key("header", as_written("the name of a header", "Location", _header), "the header that is it", "")
BETWEEN: Final = Key[tuple[str, str]](
    "between",
    Shape(
        "two texts", """['token="', '"']""", _between,
        {"type": "array", "items": TEXT.schema, "minItems": 2, "maxItems": 2},
    ),
    "two texts of the body, between whose first places it stands", ("", ""),
)  # fmt: skip
CAPTURE_TABLE: Final[Sequence[Key[Any]]] = (FROM_JSON, FROM_HEADER, BETWEEN)


def _captures(node: Node, report: Report) -> tuple[Capture, ...] | None:
    if not isinstance(node, Keyed):
        what, hint = "expected names, each with where its value is", "write `{token: {json: session.token}}`"
        report.error("wrong-shape", node.place, what, "", hint)
        return None
    found = [capture for key, value in node.entries if (capture := _capture(key, value, report)) is not None]
    return None if too_many(node, len(found), "captures", report) else tuple(found)


def _capture(name: Text, node: Node, report: Report) -> Capture | None:
    before = errors(report)
    _CAPTURE_NAME.read(name, report)
    if not isinstance(node, Keyed):
        what, hint = "expected where the value is", "write `{json: session.token}`"
        report.error("wrong-shape", node.place, what, "", hint)
        return None
    fields = Fields(node, CAPTURE_TABLE, report, "a capture")
    path, header, between = fields.get(FROM_JSON), fields.get(FROM_HEADER), fields.get(BETWEEN)
    if errors(report) == before and len(node.entries) != 1:
        what = "a capture says one place" + (", and this says several" if node.entries else "")
        report.error("wrong-shape", node.place, what, "", "write one of `json`, `header` and `between`")
    if errors(report) == before and path == ():
        what, hint = "the whole body cannot be captured", "write the path of one value"
        report.error("wrong-path", place_text(node, "json").place, what, "", hint)
    if errors(report) > before:
        return None
    return Capture(name.text, path or (), header, between)


def _capture_name(text: str) -> str | Wrong:
    if CAPTURED.fullmatch(f"{{{text}}}"):
        return text
    why = "it has lower-case letters, digits, hyphens and `_`"
    return Wrong(f"`{text[:80]}` is no name for a captured value", why, "write a name such as `token`")


_CAPTURE_NAME: Final = from_words("the name of a captured value", "token", _capture_name, whole(_NAME))

STEP: Final = Key("step", ID, "its name", like="log-in")
HTTP_KEY: Final = Key("http", HTTP, "the request, and what its answer must be")
CAPTURES: Final = Key[tuple[Capture, ...]](
    "captures",
    Shape(
        "names, each with where its value is", "{token: {json: session.token}}", _captures,
        {"type": "object", "additionalProperties": object_schema(CAPTURE_TABLE)},
    ),
    "values of the answer that later steps write as `{name}`", (),
)  # fmt: skip
STEP_TABLE: Final[Sequence[Key[Any]]] = (STEP, HTTP_KEY, CAPTURES)


def _step(node: Keyed, report: Report) -> tuple[Step, Keyed] | None:
    before = errors(report)
    fields = Fields(node, STEP_TABLE, report, "a step")
    step = Step(fields.get(STEP), fields.get(HTTP_KEY), fields.get(CAPTURES))
    return (step, node) if errors(report) == before else None


_STEPS: Final = list_of(
    mapping_of("a step", "{step: log-in, http: https://shop.example/log-in}", _step, STEP_TABLE), single=False
)


def _workflow(node: Node, report: Report) -> WorkflowProbe | None:
    before = errors(report)
    if not isinstance(node, Many):
        hint = "write `- step: log-in`, and below it `http:`"
        report.error("wrong-shape", node.place, "expected a list of steps", "a workflow does one after another", hint)
        return None
    read = _STEPS.read(node, report)
    if errors(report) > before or read is None:
        return None
    if not read:
        report.error("missing-key", node.place, "this workflow has no steps", "", "write `- step: log-in`")
    too_many(node, len(read), "steps", report, MOST_STEPS)
    _names(read, report)
    _used(read, report)
    return None if errors(report) > before else WorkflowProbe(tuple(step for step, _ in read))


def _names(read: Sequence[tuple[Step, Keyed]], report: Report) -> None:
    steps, captured = dict[str, int](), dict[str, str]()
    for step, node in read:
        place = place_text(node, "step").place
        if step.name in steps:
            why = f"the first one in line {steps[step.name]}"
            report.error("duplicate-name", place, f"two steps are called `{step.name}`", why, "rename one of them")
        steps.setdefault(step.name, place.line)
        for capture in step.captures:
            if (other := captured.setdefault(capture.name, step.name)) != step.name:
                what = f"`{capture.name}` is captured by the steps `{other}` and `{step.name}`"
                report.error("duplicate-name", place_text(node, "captures").place, what,
                             "one name is one value", "rename one of them")  # fmt: skip


def _used(read: Sequence[tuple[Step, Keyed]], report: Report) -> None:
    """Every name in braces that a later step alone captures, or none where it can be nothing else."""
    every = [capture.name for step, _ in read for capture in step.captures]
    known = list[str]()
    for step, node in read:
        http = place_text(node, "http")
        for key, text, must in _texts(step.http):
            place = (place_text(http, key) if isinstance(http, Keyed) else http).place
            for name in dict.fromkeys(CAPTURED.findall(text)):
                if name in known:
                    continue
                if name in every:
                    what = f"`{{{name}}}` is written before it is captured"
                    report.error("unknown-name", place, what, "a step knows what earlier steps captured",
                                 f"capture `{name}` in an earlier step")  # fmt: skip
                elif must or get_close_matches(name, every, n=1, cutoff=0.7):
                    near = get_close_matches(name, every, n=1, cutoff=0.6)
                    hint = f"did you mean `{{{near[0]}}}`?" if near else "capture it in an earlier step"
                    report.error("unknown-name", place, f"no earlier step captures `{name}`", "", hint)
        known += [capture.name for capture in step.captures]


def _texts(http: HttpProbe) -> Iterator[tuple[str, str, bool]]:
    """What is sent and looked for: the key, the text, and whether braces in it can only be a captured value."""
    yield "url", http.url, True
    yield from (("headers", value, True) for _, value in http.headers)
    yield "body", http.body, False
    yield from (("contains", text, False) for text in http.contains)
    yield from (("lacks", text, False) for text in http.lacks)
    yield from (("json", each.value, False) for each in http.json)


WORKFLOW: Final[Shape[WorkflowProbe]] = Shape(
    "a list of steps", "[{step: log-in, http: https://shop.example/log-in}]", _workflow, _STEPS.schema
)
