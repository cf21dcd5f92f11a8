"""Range queries of Prometheus: the JSON of `/api/v1/query_range`, each sample what its step measured.

A sample at t with a step s tells of the time after t - s and until t; here it is of the interval from t - s to t, its
end not inside. A step without a sample, and a sample that is NaN (as a stale series gives), is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from makegood.contract.wrong import Wrong
from makegood.exchange.brought import Brought, Foreign
from makegood.exchange.columns import Names, shown, why_no_name
from makegood.exchange.decimal_column import MOST_DIGITS, NO_NUMBER, read_decimals
from makegood.exchange.foreign_json import Findings, Record, json_of, looks_like_json, plain_words
from makegood.exchange.measurements import READ, MeasurementRows, joined, read_length
from makegood.exchange.moments import written
from makegood.exchange.naming import Naming
from makegood.exchange.observations import NO_LATENCY, Observations
from makegood.exchange.prometheus_samples import SHORTEST_STEP, Series, lie, rounded
from makegood.exchange.table import Unreadable
from makegood.model.facts import DOWN, UNKNOWN, UP
from makegood.model.figures import COUNTS
from makegood.model.spans import SECOND, Duration, Times

OPTIONS = ("as", "metric", "service-label", "location-label", "source-label", "step", "places")
UP_OR_DOWN = "up"
"""What `--as` says of samples that are 1 while a target answers and 0 while it does not."""

_OTHER_RESULTS = {
    "vector": "it tells of one instant: ask /api/v1/query_range for it, with start, end and step",
    "scalar": "it is one number: ask /api/v1/query_range for a series",
    "string": "it is a text",
}
_NO_VALUES = ("nan", "+nan", "-nan")
_INFINITE = ("inf", "+inf", "-inf")


def tells(file: Foreign) -> bool:
    """Whether it is the answer to a query of Prometheus or of a server that answers as it does."""
    return looks_like_json(file, b"resultType", b"result") and isinstance(json_of(file), dict)


def read(file: Foreign) -> Brought:
    """The samples as measurements, or as observations where `--as up` says so.

    Options: `as` (the quantity: `value`, `good`, `valid`, `p95`, …), `metric`, `service-label`, `location-label`,
    `source-label`, `step`, `places`. Raises Unreadable for a file that is no range of samples, and OSError as `open`.
    """
    document = json_of(file)
    if not isinstance(document, dict):
        raise Unreadable("this is no answer of Prometheus: it should be an object with `status` and `data`")
    findings = Findings(str(file.path))
    top = Record(document, "", findings)
    top.knows("status", "data", "errorType", "error", "warnings", "infos", "isPartial")
    if document.get("status") == "error":
        said = plain_words(str(document.get("error", "")), 200)
        raise Unreadable(f"the server answered with an error: {said or 'it does not say which'}")
    data = top.record("data")
    result = data.text("resultType")
    if result != "matrix":
        what = f"the result is a {shown(result)}" if result else "there is no `resultType`"
        raise Unreadable(f"{what}, and not a matrix: {_OTHER_RESULTS.get(result, 'only a range of samples is read')}")
    series = [Series.of(record) for record in data.records("result")]
    reading = _Reading(file, findings, [one for one in series if one is not None])
    return reading.brought(_warnings(document))


def _warnings(document: Mapping[str, Any]) -> tuple[str, ...]:
    """What the server itself said against its answer: a part of the data may be missing."""
    found = document.get("warnings")
    said = [plain_words(str(text), 200) for text in found[:5]] if isinstance(found, list) else []
    if document.get("isPartial") is True:
        said.append("the answer is partial")
    return tuple(f"the server warned: {text}" for text in said)


@dataclass
class _Reading:
    """One answer, and what its user says that it means."""

    file: Foreign
    findings: Findings
    series: Sequence[Series]

    def __post_init__(self) -> None:
        self.naming = Naming(self.file.names, self.findings, "service")
        self.quantity = self._option("as") or "value"
        self.notes = list[str]()

    def brought(self, notes: Sequence[str]) -> Brought:
        self.notes += notes
        source = self.file.source or self.file.path.name.partition(".")[0]
        if reason := why_no_name(source, None, "source"):
            self.findings.error("foreign-name", f"the source cannot be named so: {reason}", "", "name it with --source")
        if self.quantity in READ or why_no_name(self.quantity, None, "quantity"):
            self._wrong("as", f"`{shown(self.quantity)}` is no quantity", "write as in value, good, valid or p95")
        places, step = self._places(), self._step()
        if self.findings.problems or step is None:
            return self._with_nothing(source)
        services = [self._service(one) for one in self.series]
        chosen = [(one, name) for one, name in zip(self.series, services, strict=True) if name is not None]
        if self.quantity == UP_OR_DOWN:
            observations = self._observations(chosen, step)
            return self._finished(Brought(source, observations=observations))
        return self._finished(Brought(source, measurements=self._measurements(chosen, step, places, source)))

    def _with_nothing(self, source: str) -> Brought:
        return Brought(source, notes=tuple(self.notes), problems=self.findings.all())

    def _finished(self, made: Brought) -> Brought:
        self.notes += self.naming.finish()
        self.notes += self.findings.left_aside()
        if self.findings.problems:
            return self._with_nothing(made.source)
        return Brought(
            made.source, observations=made.observations, measurements=made.measurements, notes=tuple(self.notes)
        )

    def _option(self, name: str) -> str:
        return self.file.options.get(name, "")

    def _wrong(self, option: str, what: str, hint: str) -> None:
        self.findings.error("foreign-option", f"--{option}: {what}", "", hint)

    def _places(self) -> int | None:
        said = self._option("places")
        if not said:
            return None
        if not (said.isascii() and said.isdigit() and int(said) <= MOST_DIGITS):
            self._wrong(
                "places", f"`{shown(said)}` is no number of decimals", f"write a number from 0 to {MOST_DIGITS}"
            )
            return None
        return int(said)

    def _step(self) -> Duration | None:
        """The step of the query, in µs: as it is said, or as the samples tell. None where neither is."""
        said = self._option("step")
        length = read_length(said) if said else None
        if isinstance(length, Wrong):
            self._wrong("step", length.what, length.hint)
            return None
        lying = lie(self.series)
        if lying is None:
            if not self.findings.problems:
                hint = "look at its query, its start and its end"
                self.findings.error("foreign-value", "the answer holds no samples", "", hint)
            return None
        if length is not None and lying.apart % length:
            self._wrong("step", f"the samples do not lie {said} apart", "write the step of the query")
        elif length is None and not lying.usual:
            self._wrong("step", "one sample does not tell it", 'write the step of the query, such as --step "1 min"')
        elif length is None and (lying.apart != lying.usual or lying.apart < SHORTEST_STEP):
            hint = "ask /api/v1/query_range, whose samples lie at a step; if this is one, say --step"
            self.findings.error("foreign-value", "the samples lie at no common step", "", hint)
        elif length is None:
            self.notes.append(f"the step is {Decimal(lying.apart) / SECOND:f} s, as the samples tell")
        return length or lying.apart

    def _service(self, one: Series) -> str | None:
        label = self._option("service-label")
        if label:
            if not one.labels.get(label):
                one.record.error(f"has no label `{shown(label)}`", f"it is {one.name}", "name another --service-label")
                return None
            return self.naming.of(one.labels[label], one.name)
        if "" in self.file.names:
            return self.naming.of("")
        labels = sorted({name for each in self.series for name in each.labels if name != "__name__"})
        known = f"there are {', '.join(f'`{shown(name)}`' for name in labels)}" if labels else "the series have none"
        if not any("service-label" in problem.what for problem in self.findings.problems):
            self._wrong("service-label", "which label names the service is not said",
                        f"{known}; or write --name SERVICE for all of them")  # fmt: skip
        return None

    def _label(self, one: Series, option: str, otherwise: str, what: str) -> str:
        """The value of a label that names something, or what it is otherwise."""
        label = self._option(option)
        name = one.labels.get(label, "") if label else otherwise
        if reason := why_no_name(name, None, what):
            one.record.error(f"names no {what}: {reason}", f"it is {one.name}", f"say which label does with --{option}")
        return name

    def _instants(self, one: Series, step: Duration) -> Times:
        ends = np.array(one.times, dtype=np.int64)
        if len(ends) and (ends[-1] > self.file.now or ends[0] < step):
            late = ends[-1] > self.file.now
            at = written(int(ends[-1] if late else ends[0]))
            what = f"lies in the future; it is {written(self.file.now)}" if late else "lies before 1970 by its start"
            one.record.error(f"has a sample at {at}, which {what}", f"it is {one.name}")
        return ends

    def _measurements(
        self, chosen: Sequence[tuple[Series, str]], step: Duration, places: int | None, source: str
    ) -> MeasurementRows:
        parts, seen, unknown = list[MeasurementRows](), dict[tuple[str, str, str], Series](), 0
        for one, service in chosen:
            metric = self._option("metric") or one.labels.get("__name__", "")
            if reason := why_no_name(metric, None, "metric"):
                one.record.error(f"names no metric: {reason}", f"it is {one.name}", "name it with --metric")
                continue
            key = (service, metric, self._label(one, "source-label", source, "source"))
            if (other := seen.setdefault(key, one)) is not one:
                hint = "sum them in the query, or keep them apart with --source-label"
                one.record.error(f"would be one with {other.record.where}", f"{one.name} and {other.name}", hint)
                continue
            known = np.array([text.lower() not in _NO_VALUES for text in one.texts], dtype=np.bool_)
            unknown += int((~known).sum())
            texts = [one.texts[i] for i in np.flatnonzero(known).tolist()]
            texts = texts if places is None else [rounded(text, places) for text in texts]
            numbers = read_decimals(texts)
            for at in np.flatnonzero(numbers.places == NO_NUMBER).tolist()[:1]:
                self._no_number(one, texts[at])
            if self.quantity in COUNTS and bool((numbers.digits < 0).any()):
                one.record.error("counts below zero", f"it is {one.name}", "ask for increase(…) of a counter")
            end = self._instants(one, step)[known]
            parts.append(
                MeasurementRows(
                    (key,), np.flatnonzero(known) + 1, np.zeros(len(end), dtype=np.int64), end - step, end, end,
                    {self.quantity: numbers},
                )
            )  # fmt: skip
        if unknown:
            self.notes.append(f"{'1 sample is' if unknown == 1 else f'{unknown:,} samples are'} NaN: unknown")
        return joined(parts)

    def _no_number(self, one: Series, text: str) -> None:
        if text.lower() in _INFINITE:
            what, hint = "is beyond every number", "bound it in the query, as clamp_max(…, 1e6) does"
        elif set(text) <= set("0123456789.eE+-"):
            what = f"needs more than {MOST_DIGITS} digits"
            hint = "say with --places to how many decimals it is rounded, such as --places 6"
        else:
            what, hint = "is no number", ""
        one.record.error(f"has the value `{shown(text)}`, which {what}", f"it is {one.name}", hint)

    def _observations(self, chosen: Sequence[tuple[Series, str]], step: Duration) -> Observations:
        checks, locations = Names(), Names()
        seen = dict[tuple[str, str], Series]()
        columns = list[tuple[Times, Times, Times, Times]]()
        for one, check in chosen:
            label = self._option("location-label") or "instance"
            place = one.labels.get(label, "")
            if reason := why_no_name(place, None, "location"):
                hint = "say which label names it with --location-label"
                one.record.error(f"names no location: {reason}", f"it is {one.name}", hint)
                continue
            if (other := seen.setdefault((check, place), one)) is not one:
                hint = "name another --location-label, or another --service-label"
                one.record.error(f"would be one with {other.record.where}", f"{one.name} and {other.name}", hint)
                continue
            outcomes = self._outcomes(one)
            begun = self._instants(one, step) - step
            numbers = [
                names.number.setdefault(name, len(names.number))
                for names, name in ((checks, check), (locations, place))
            ]
            columns.append((np.full(len(begun), numbers[0]), np.full(len(begun), numbers[1]), begun, outcomes))
        none = np.empty(0, dtype=np.int64)
        check_, location, begun, outcome = (np.concatenate([none, *(c[i] for c in columns)]) for i in range(4))
        n = len(begun)
        return Observations(
            checks.all, locations.all, ("",), np.arange(1, n + 1), check_, location, begun, outcome.astype(np.int8),
            np.zeros(n, dtype=np.int64), np.full(n, NO_LATENCY, dtype=np.int64), begun,
        )  # fmt: skip

    def _outcomes(self, one: Series) -> NDArray[np.int64]:
        meaning = {"1": UP, "0": DOWN, **dict.fromkeys(("NaN", "nan"), UNKNOWN)}
        strange = next((text for text in one.texts if text not in meaning), None)
        if strange is not None:
            why = f"it is {one.name}, and --as up takes 1 for up and 0 for down"
            one.record.error(
                f"has the value `{shown(strange)}`", why, "ask for the plain series, such as up or probe_success"
            )
        return np.array([meaning.get(text, UNKNOWN) for text in one.texts], dtype=np.int64)
