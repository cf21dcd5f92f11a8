"""A case judged: its texts as files, opened as a user's are, and its watched time as results."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from makegood.app.judging import Docket, judge_in, open_docket, with_order, world_at
from makegood.contract.numbers import Wrong
from makegood.engine.judge.case import World
from makegood.exchange.moments import read_moment
from makegood.model.facts import Facts
from makegood.model.spans import Instant
from makegood.model.statement import Answer
from tests.cases import measured
from tests.cases.reading import Section
from tests.cases.watched import expand

_JUDGED = re.compile(r"(\S+) as of (.+)")


@dataclass(frozen=True, eq=False)
class Judged:
    """A section's docket, and what is asked of it."""

    docket: Docket
    label: str
    as_of: Instant

    @cached_property
    def world(self) -> World:
        return world_at(self.docket, self.as_of)

    @cached_property
    def answer(self) -> Answer:
        return judge_in(self.world, self.docket, self.label)

    def again(self, facts: Facts | None = None, readings: dict[str, str] | None = None) -> Answer:
        """The answer to the same question from other records, or under other readings, without explanation.

        What was detected is taken over: it rests on the evidence alone, and on the rules that are part of its key.
        """
        docket = replace(self.docket, facts=facts or self.docket.facts)
        if readings:
            order = replace(docket.order, readings={**(docket.order.readings or {}), **readings})
            docket = with_order(docket, order)
        world = replace(world_at(docket, self.as_of), evidence=self.world.evidence)
        return judge_in(world, docket, self.label, explain=False)


def opened(section: Section, folder: Path) -> Judged:
    """The section written to a folder and read. Raises Refused with every problem."""
    facts = folder / "facts"
    facts.mkdir(exist_ok=True)
    agreement = write_versions(section.versions(), folder)
    (folder / "order.yaml").write_text(section.order(), encoding="utf-8")
    (facts / "all.facts.yaml").write_text(section.blocks.get("facts", ""), encoding="utf-8")
    docket = open_docket(agreement, folder / "order.yaml", facts)
    results, states = expand(section.blocks.get("watched", ""))
    intervals = measured.expand(section.blocks.get("measured", ""))
    known = replace(docket.facts, results=results, states=states, measurements=intervals)
    label, as_of = asked(section)
    return Judged(replace(docket, facts=known), label, as_of)


def write_versions(texts: Sequence[str], folder: Path) -> Path:
    """The agreement as a file; of several versions, the folder that holds them."""
    if len(texts) == 1:
        (folder / "agreement.sla.md").write_text(texts[0], encoding="utf-8")
        return folder / "agreement.sla.md"
    (folder / "versions").mkdir(exist_ok=True)
    for number, text in enumerate(texts, 1):
        (folder / "versions" / f"{number}.sla.md").write_text(text, encoding="utf-8")
    return folder / "versions"


def asked(section: Section) -> tuple[str, Instant]:
    """The period, and the instant as of which it is judged."""
    found = _JUDGED.fullmatch(section.blocks["judged"].strip())
    if found is None:
        raise ValueError("write `2026-02 as of 2026-03-02 09:00 America/New_York`")
    as_of = read_moment(found[2])
    if isinstance(as_of, Wrong):
        raise ValueError(as_of.what)
    return found[1], as_of[0]
