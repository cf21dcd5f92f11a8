"""Foreign names made ours: what a person maps is taken, and nothing else; without a map all of it, as it is called.

`--name "Compute - Phoenix=web"` calls that component `web`; `--name web`, without a sign, calls everything in the file
so. Several foreign names may become one of ours.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from makegood.exchange.columns import shown, why_no_name
from makegood.exchange.foreign_json import Findings, counted

EVERYTHING = ""
"""The foreign name that stands for all of a file."""

MOST_LISTED = 5


class Naming:
    """Asks for our name of each foreign one, and keeps account of those met and left out."""

    def __init__(self, names: Mapping[str, str], findings: Findings, what: str) -> None:
        """`what` is the word for such a thing in the file: `component`, `monitor`."""
        self.names, self.findings, self.what = names, findings, what
        self.met: dict[str, None] = {}
        self.left_out: dict[str, None] = {}
        self._asked: set[str] = set()
        self._refused: set[str] = set()

    def of(self, name: str, *also: str) -> str | None:
        """Our name of what the file calls `name` and, less readably, `also`: its id, say. None where it is left out."""
        self.met[name] = None
        for called in (name, *also):
            if called in self.names and called:
                self._asked.add(called)
                return self.names[called]
        if EVERYTHING in self.names:
            return self.names[EVERYTHING]
        if self.names:
            self.left_out[name] = None
            return None
        if name in self._refused:
            return None
        if reason := why_no_name(name, None, self.what):
            self._refused.add(name)
            self.findings.error("foreign-name", f"a {self.what} cannot keep its name: {reason}", "",
                                f'call it otherwise: --name "{shown(name)}=web"')  # fmt: skip
            return None
        return name

    def finish(self, known: Collection[str] = (), hint: str = "") -> tuple[str, ...]:
        """Once all is read: a problem for every mapped name that the file does not have, and notes on what stayed out.

        `known` are further names that the file's program has, of which nothing happened to be told.
        """
        for called in self.names:
            if called == EVERYTHING or called in self._asked or called in known:
                continue
            near = get_close_matches(called, [*self.met, *known], n=1, cutoff=0.6)
            said = f"did you mean `{near[0]}`?" if near else self._there_are()
            self.findings.error("foreign-name", f"the file names no {self.what} `{shown(called)}`", "",
                                "; ".join(part for part in (said, hint) if part))  # fmt: skip
        if not self.left_out:
            return ()
        count = len(self.left_out)
        some = ", ".join(f"`{shown(name)}`" for name in list(self.left_out)[:MOST_LISTED])
        more = f" and {count - MOST_LISTED:,} more" if count > MOST_LISTED else ""
        return (f"left out: {counted(count, self.what)} that --name does not name, {some}{more}",)

    def _there_are(self) -> str:
        if not self.met:
            return f"it names no {self.what}s at all"
        some = ", ".join(f"`{shown(name)}`" for name in list(self.met)[:MOST_LISTED])
        return f"it names {some}" + (" and others" if len(self.met) > MOST_LISTED else "")
