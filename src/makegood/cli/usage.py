"""A command line that cannot be right, in one line and the next step."""

from __future__ import annotations

from cyclopts import CycloptsError, MissingArgumentError, RepeatArgumentError, UnknownCommandError
from cyclopts.exceptions import UnusedCliTokensError


class WrongUsage(Exception):
    """A command line that no file can mend; the message says what is wrong with it."""


def usage_line(wrong: CycloptsError | WrongUsage) -> str:
    """What is wrong, and where the right form is told."""
    if isinstance(wrong, WrongUsage):
        return str(wrong)
    chain = " ".join(wrong.command_chain or ())
    said, _, rest = _said(wrong).partition("\n")
    said = said if said[:2].isupper() else said[:1].lower() + said[1:]
    told = f"{said}{rest and ' '}{' '.join(rest.split())}".removesuffix(".")
    return f"{told}{' See' if '. ' in told else '; see'} makegood{chain and ' '}{chain} --help"


def _said(wrong: CycloptsError) -> str:
    match wrong:
        case MissingArgumentError(keyword=str(option)):
            return f"{option} needs a value after it"
        case MissingArgumentError(argument=argument) if argument is not None:
            name = argument.name if argument.index is None else argument.name.removeprefix("--").upper()
            strange = [word for word in wrong.unused_tokens or () if word.startswith("--")]
            return f"{name} is missing{f', and {strange[0]} is no option' if strange else ''}"
        case UnusedCliTokensError(unused_tokens=list(words)):
            return f"nothing is known to do with {' '.join(f'`{word}`' for word in words)}"
        case RepeatArgumentError(token=token):
            return f"{token.keyword} is given twice"
        case UnknownCommandError(unused_tokens=[str(word), *_]):
            return str(wrong).replace(f'Unknown command "{word}"', f"there is no command `{word}`")
    return str(wrong)
