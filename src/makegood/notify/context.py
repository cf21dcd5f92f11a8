"""What every channel is given beside the message: the guard, secrets, the clock, and links that a person may follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from makegood.door.policy import Policy
from makegood.model.messages import Message
from makegood.model.spans import Instant
from makegood.model.substitution import SECRET, filled, secrets_in


class MissingSecret(Exception):
    """A secret that a channel names has no value here; the message is its name."""


@dataclass(frozen=True)
class Context:
    """`policy` says where connections may go. `secret` gives the value of a secret by its name, None where it is not
    known. `clock` is the time (µs UTC). `acknowledging` gives the link by which whoever gets a message acknowledges."""

    policy: Policy
    secret: Callable[[str], str | None]
    clock: Callable[[], Instant]
    acknowledging: Callable[[Message], str] = lambda _message: ""

    def revealed(self, text: str) -> str:
        """A text with the values of its secrets. Raises MissingSecret."""
        return filled(text, {f"{SECRET}{name}": self._value(name) for name in secrets_in(text)})

    def _value(self, name: str) -> str:
        value = self.secret(name)
        if value is None:
            raise MissingSecret(name)
        return value

    def hidden(self, said: str, texts: Iterable[str]) -> str:
        """What was said, in one line and without the values of the secrets that these texts name."""
        for name in secrets_in(*texts):
            value = self.secret(name)
            if value:
                said = said.replace(value, f"{{{SECRET}{name}}}")
        return " ".join(said.split())[:500]

    def text_of(self, message: Message) -> str:
        """The text of a message, with the link by which it is acknowledged."""
        link = self.acknowledging(message)
        return f"{message.text.rstrip()}\n\nAcknowledge: {link}\n" if link else message.text
