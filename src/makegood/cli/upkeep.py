"""`check`, `rebuild` and `erase`: look at a store as a whole, mend what is derived, let personal data go."""

from __future__ import annotations

import time
from pathlib import Path

from makegood.app import upkeep
from makegood.cli.screen import say, say_problems
from makegood.cli.usage import WrongUsage
from makegood.cli.who import user_name
from makegood.model.problem import Severity
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


def erase(folder: Path, *, fact: tuple[str, ...] = (), author: str = "", because: str = "", by: str = "") -> int:
    """Erase personal data from a store: the content of facts, or an author's name. Every proof and head still holds.

    Parameters
    ----------
    folder
        The folder of the store.
    fact
        The id of a fact whose content is to go; may be given several times.
    author
        The name of somebody who recorded facts, which is to go.
    because
        The reason, which is recorded; do not repeat in it what is erased.
    by
        Who erases; the user's name where not given.
    """
    if not fact and not author:
        raise WrongUsage("say what is to be erased: --fact ID or --author NAME")
    if not because.strip():
        raise WrongUsage("say why, with --because: the reason is recorded, what is erased is not")
    found = upkeep.erase(folder, fact, author, by=by or user_name(), because=because, now=time.time_ns() // 1000)
    for named, one in found.done:
        told = (
            "was erased before" if one.position is None else f"erased; position {one.position} of the log tells of it"
        )
        say(f"{named}: {told}")
        if one.still:
            listed = ", ".join(one.still[:20]) + (" …" if len(one.still) > 20 else "")
            say(f"The content of {len(one.still):,} facts says that name too: {listed}. Those that may go: --fact ID")
    say("Backups from before still hold it: take a new one, and delete those when you may.")
    if not found.scrubbed:
        say("Others use the store now, and its files may still hold the bytes: say this again when they have ended.")
    return 0 if found.scrubbed else 1
