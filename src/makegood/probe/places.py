"""Control places: what has nothing to do with what is watched, and by which a location knows that its line is well."""

from __future__ import annotations

from urllib.parse import urlsplit

from makegood.model.checks import Check, HttpProbe, TcpProbe
from makegood.model.problem import Place, Refused, error
from makegood.model.spans import SECOND, Duration

PATIENCE: Duration = 3 * SECOND
"""How long a control place may take to answer."""


def control_check(text: str, where: str = "--control") -> Check:
    """The probe of a control place as an operator writes it: a URL, or host and port; `where` it is written. Raises
    Refused where it is neither."""
    try:
        parts = urlsplit(text)
        web = "://" in text and parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        web = False
    if web:
        return Check("control", "control", HttpProbe(text, status=((100, 599),), redirects=0), timeout=PATIENCE)
    host, _, port = text.rpartition(":")
    if host and "//" not in host and port.isascii() and port.isdigit() and 0 < int(port) < 2**16:
        return Check("control", "control", TcpProbe(host.strip("[]"), int(port)), timeout=PATIENCE)
    hint = "write https://example.com/, or example.com:443"
    raise Refused([error("control-place", Place(where), f"`{text}` is no control probe", "", hint)])
