"""Objects of OpenSLO as YAML: exact decimals, and above them what they do not say."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import yaml

from makegood.contract.numbers import decimal
from makegood.exchange.openslo.objectives import Lost


class _Dumper(yaml.SafeDumper):
    """Writes fractions as the decimals that they are."""


def _number(dumper: yaml.SafeDumper, value: Fraction) -> yaml.ScalarNode:
    kind = "int" if value.denominator == 1 else "float"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", decimal(value).replace(",", ""))


_Dumper.add_representer(Fraction, _number)


def openslo_text(objects: Sequence[dict[str, Any]], lost: Sequence[Lost], head: str) -> str:
    """A file of one document for each object, headed by a remark and by what is lost."""
    said = [head, *(["", "OpenSLO cannot say:"] if lost else []), *(f"  {each}" for each in dict.fromkeys(lost))]
    comment = "".join(f"# {line}".rstrip() + "\n" for line in said)
    documents = (
        yaml.dump(each, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, explicit_start=True)
        for each in objects
    )
    return comment + "".join(documents)
