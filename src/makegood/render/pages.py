"""How a page of HTML is made: from a template of this package, with every text escaped and no acting character."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from makegood.render.printable import printable


def _shown(value: object) -> str:
    """Anything that is shown, without control characters; escaping follows. What is markup already was made here."""
    return value if isinstance(value, Markup) else printable(str(value))


_TEMPLATES = Environment(
    loader=PackageLoader("makegood.render"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_shown,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(template: str, **values: Any) -> str:
    """One self-contained page: no script, no request, styles inside. Raises jinja2.UndefinedError for a missing value.

    A template must not use the filter `join`, whose result would be markup with control characters in it.
    """
    return _TEMPLATES.get_template(template).render(**values)
