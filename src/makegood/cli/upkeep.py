"""`check`, `rebuild`, `erase` and `seal`: look at a store as a whole, mend, let personal data go, seal closed days."""

from __future__ import annotations

import time
from pathlib import Path

from makegood.app import upkeep
from makegood.cli.screen import complain, say, say_problems
from makegood.cli.usage import WrongUsage
from makegood.cli.who import user_name
from makegood.contract import numbers
from makegood.contract.wrong import Wrong
from makegood.model.problem import Severity
from makegood.model.spans import DAY
from makegood.store.checking import Checked


def check(folder: Path) -> int:
    """Look at everything in a store: the log, its heads, and every hash. It exits with 1 if something is wrong.

    Parameters
    ----------
    folder
        The folder of the store.
    """
    found = upkeep.check_store(folder)
    say_problems(found.problems)
    say(looked_at(found))
    wrong = sum(p.severity is Severity.ERROR for p in found.problems)
    say(f"{wrong:,} {'problem' if wrong == 1 else 'problems'}" if wrong else "everything is as it was signed")
    return 1 if wrong else 0


def looked_at(found: Checked) -> str:
    """What was looked at, in one line."""
    said = [(found.entries, "entry", "entries"), (found.heads, "head", "heads"), (found.facts, "fact", "facts")]
    said += [(found.documents, "document", "documents"), (found.segments, "segment", "segments")]
    said += [(found.batches, "batch", "batches"), (found.statements, "statement", "statements")]
    said += [(found.stamps, "time stamp", "time stamps")]
    told = [f"{count:,} {one if count == 1 else many}" for count, one, many in said if count or one == "entry"]
    erased = f"; {found.erased:,} erased" if found.erased else ""
    return "looked at " + ", ".join(told) + erased


def rebuild(folder: Path, *, check: bool = False) -> int:
    """Make again what a store derives from its facts, byte for byte, where a byte of it differs.

    Parameters
    ----------
    folder
        The folder of the store.
    check
        Change nothing; only say whether something differs, and exit with 1 if it does.
    """
    found = upkeep.rebuild_store(folder, check)
    if not found.different:
        say(f"{found.rows:,} derived rows are as the facts give them")
        return 0
    say(f"{found.different:,} of {found.rows:,} derived rows differed" + ("" if check else "; they were made again"))
    return 1 if check else 0


def erase(
    folder: Path, *, fact: tuple[str, ...] = (), author: str = "", with_facts: bool = False, because: str = "",
    by: str = "",
) -> int:  # fmt: skip
    """Erase personal data from a store: the content of facts, or an author's name. Every proof and head still holds.

    Parameters
    ----------
    folder
        The folder of the store.
    fact
        The id of a fact whose content is to go; may be given several times.
    author
        The name of somebody who recorded facts, which is to go.
    with_facts
        With --author: erase the facts that have this name in a field too; they no longer count then.
    because
        The reason, which is recorded; do not repeat in it what is erased.
    by
        Who erases; the user's name where not given.
    """
    if not fact and not author:
        raise WrongUsage("say what is to be erased: --fact ID or --author NAME")
    if with_facts and not author:
        raise WrongUsage("--with-facts erases the facts that name an author: say whom, with --author")
    if not because.strip():
        raise WrongUsage("say why, with --because: the reason is recorded, what is erased is not")
    found = upkeep.erase(
        folder, fact, author, by=by or user_name(), because=because, now=time.time_ns() // 1000, with_facts=with_facts
    )
    for named, one in found.done:
        for also, position in one.also:
            say(f"{also}: erased; position {position} of the log tells of it")
        told = "nobody of that name is in the log any more" if named == author else "was erased before"
        if one.position is not None:
            told = f"erased; position {one.position} of the log tells of it"
        say(f"{named}: {told}")
        if one.still:
            say(f"{_listed(one.still)} still {'names' if len(one.still) == 1 else 'name'} that person.")
            say("They may go with --with-facts, or each with --fact ID.")
        if one.mention:
            say(f"{_listed(one.mention)} {'has' if len(one.mention) == 1 else 'have'} that name elsewhere in the text.")
            say("Those that may go: --fact ID")
    say("Backups from before still hold it: take a new one, and delete those when you may.")
    if not found.scrubbed:
        say("Others use the store now, and its files may still hold the bytes: say this again when they have ended.")
    return 0 if found.scrubbed else 1


def _listed(ids: tuple[str, ...]) -> str:
    count = "1 fact" if len(ids) == 1 else f"{len(ids):,} facts"
    return f"{count} ({', '.join(ids[:20])}{' …' if len(ids) > 20 else ''})"


def seal(folder: Path, *, until: str = "", by: str = "") -> None:
    """Put what batches of closed days hold into segments, and out of the database; of a month that is over, into one.

    Parameters
    ----------
    folder
        The folder of the store.
    until
        Seal what ends before this instant or this date (UTC); today, which is never sealed itself, where not given.
    by
        Who seals; the user's name where not given.
    """
    now = time.time_ns() // 1000
    count = 0
    for location, missing in sorted(upkeep.missing_batches(folder).items()):
        numbers_of = ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in missing[:5])
        more = f" and {len(missing) - 5:,} stretches more" if len(missing) > 5 else ""
        complain(f"`{location}` has not sent batches {numbers_of}{more}")
    for name in upkeep.mirror_store(folder):
        say(f"put on the object store: {name}")
    end, who = _until(until, now), by or user_name()
    for one in upkeep.seal_store(folder, end, now, who):
        count += 1
        beside = f", {one.latencies:,} bytes of latencies" if one.latencies else ""
        many = f"{one.batches:,} {'batch' if one.batches == 1 else 'batches'}"
        say(f"sealed: {one.name}, {one.results:,} results of {many} in {one.size:,} bytes{beside}")
    for made in upkeep.compact_store(folder, end, now, who):
        say(f"compacted: {made.name}, {made.size:,} bytes in place of {made.replaced:,} segments of {made.before:,}")
    if not count:
        say("nothing is to be sealed")


def _until(text: str, now: int) -> int:
    """The instant that is asked for: of a date, its begin in UTC; no later than that of today. Raises WrongUsage."""
    if not text:
        return now // DAY * DAY
    found = numbers.instant(text if "T" in text else f"{text}T00:00:00Z", None)
    if isinstance(found, Wrong):
        raise WrongUsage(f"--until: {found.what}" + (f": {found.hint}" if found.hint else ""))
    return min(found, now // DAY * DAY)
