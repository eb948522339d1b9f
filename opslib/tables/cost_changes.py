"""Changes that could explain what is unusual in the bill, with all that they name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import pandera.pandas as pa

from opslib.tables.schema import column
from opslib.tables.timeline import EVENTS

__all__ = ["COST_CHANGES", "classes_in", "names_in", "names_json"]

COST_CHANGES = pa.DataFrameSchema(
    {**EVENTS.columns, "Resources": column(str), "Extent": column(int), "Classes": column(str)},
    unique=["Source", "Reference"],
)
"""One row a change, as of `EVENTS`.

Resources and Classes are JSON lists of text: all names of what it is about, Resource the first of
them, and the instance classes that it asks for, as `classes_in` has them. Extent is the number of
resources that it is about, 1 where it does not say.
"""

CLASS = re.compile(
    r"(?<![a-z0-9-])([a-z][a-z-]*\d[a-z0-9-]*)\."
    r"(nano|micro|small|medium|large|\d*xl(?:arge)?|metal)(?![a-z0-9])"
)
"""Family, which holds the generation's number, and size."""


def classes_in(text: str) -> tuple[str, ...]:
    """Return the instance classes that text names, without a service's prefix, sizes shortened.

    Source: Amazon EC2 User Guide, instance type naming; usage types write 8xlarge or 8xl.

    >>> classes_in('{"instanceType": "m6i.2xlarge"}'), classes_in("InstanceUsage:db.r6g.8xl")
    (('m6i.2xl',), ('r6g.8xl',))
    """
    found = (f"{family}.{size.replace('xlarge', 'xl')}" for family, size in CLASS.findall(text))
    return tuple(dict.fromkeys(found))


def names_json(names: Iterable[str]) -> str:
    """Return names as a column of `COST_CHANGES` holds them."""
    return json.dumps(list(names), ensure_ascii=False)


def names_in(text: str) -> tuple[str, ...]:
    """Return the names that a column of `COST_CHANGES` holds."""
    return tuple(str(name) for name in json.loads(text))
