"""What the door says when it stays shut, and when nobody answered behind it."""

from __future__ import annotations

from makegood.model.results import Reason


class Forbidden(Exception):
    """Makegood may not connect there. Nothing was sent, and no connection was begun.

    `why` is a sentence part that follows the address: `is private (10.0.0.0/8)`. `address` is the address that was
    refused, or what was written for one; it is empty where that might hold a secret. `host` is the name that led to it.
    `hint` says what may be done. None of them, nor the text of the exception, holds a path, a query, a user name or a
    password.
    """

    reason = Reason.FORBIDDEN

    def __init__(
        self, why: str, address: str = "", host: str = "", hint: str = "", subject: str = "the address"
    ) -> None:
        self.why, self.address, self.host, self.hint = why, address, host, hint
        subject = address or subject
        if host and host != address:
            subject = f"{host}: {subject}"
        super().__init__(f"{subject} {why}{f'; {hint}' if hint else ''}")


class Unreached(Exception):
    """There was a way, and no whole answer came back by it. `reason` is one of those below 100, or RESOURCES."""

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason.word}: {detail}" if detail else reason.word)
