"""What is made of others' configurations: checks that a file can say, and all that it cannot, each in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from makegood.exchange.checks.credentials import credentials
from makegood.exchange.checks.read import read_checks
from makegood.exchange.checks.write import checks_text
from makegood.exchange.foreign_json import plain_words
from makegood.exchange.openslo.objectives import Lost
from makegood.model.checks import Check
from makegood.model.problem import Severity

NOTHING: Final = (None, "", 0, False, "0", "[]", "{}", "null")
"""Values of others' settings that ask for nothing."""


@dataclass
class Found:
    """Checks in the order met, their names, and what could not be said. `names` are our names by the file's own."""

    names: Mapping[str, str] = field(default_factory=dict)
    service: str = ""
    checks: list[Check] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def lose(self, where: str, what: str, why: str) -> None:
        """Something that a check cannot say."""
        self.lost.append(Lost(plain_words(where), plain_words(what), plain_words(why, 400)))

    def take(self, check: Check, where: str) -> None:
        """Keep a check, under a name of its own, unless a file of checks could not say it."""
        name = self.names.get(check.name, check.name)
        unique, number = name, 2
        while unique in self.taken:
            unique, number = f"{name} ({number})", number + 1
        if unique != name:
            self.lose(where, f"its name is that of another, and it is called `{unique}`", "names of checks are unique")
        check = replace(check, name=unique, service=self.service or check.service)
        read, problems = read_checks(checks_text([check]).encode(), where)
        wrong = [p for p in problems if p.severity is Severity.ERROR]
        if read is None:
            said = "; ".join(dict.fromkeys(", ".join(part for part in (p.what, p.why) if part) for p in wrong))
            self.lose(where, "all of it", said)
            return
        if read != (check,):
            self.lose(where, "all of it", "a file of checks would say something else")
            return
        self.checks.append(check)
        self.taken.add(unique)
        for _, what in dict.fromkeys(credentials(check)):
            why = "it was taken over as it is: write `{secret.NAME}` in its place"
            self.lose(where, f"{what} looks like a credential", why)


def secret_name(*words: str) -> str:
    """A name for a secret, from words that say what it is for."""
    plain = "_".join("".join(c if c.isascii() and c.isalnum() else " " for c in word).upper() for word in words)
    name = "_".join(part for part in plain.replace(" ", "_").split("_") if part)[:60].rstrip("_")
    return name if name[:1].isalpha() else f"S_{name}"
