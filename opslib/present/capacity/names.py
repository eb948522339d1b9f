"""Names of resources that stand in one table: told apart where two are equal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from opslib.wording import printable

__all__ = ["Named", "distinct_names"]

ARN_PARTS = 6


class Named(Protocol):
    """What a row is of."""

    @property
    def resource(self) -> str:
        """Return the ARN, or what else identifies it."""

    @property
    def name(self) -> str:
        """Return what people call it."""

    @property
    def service(self) -> str:
        """Return its kind, of `CapacityService`."""


def distinct_names(rows: Sequence[Named]) -> dict[str, str]:
    """Return, by resource, its name; namesakes with their kind, account and region.

    Args:
        rows: of one table; a resource may have several.
    """
    names = {row.resource: (row.name, row.service) for row in rows}
    held = Counter(name for name, _ in names.values())
    return {
        resource: printable(name)
        if held[name] == 1
        else f"{printable(name)} ({_place(resource, service)})"
        for resource, (name, service) in names.items()
    }


def _place(resource: str, service: str) -> str:
    parts = resource.split(":", ARN_PARTS - 1)
    if len(parts) < ARN_PARTS:
        return printable(f"{service}, {resource}")
    return printable(", ".join(part for part in (service, parts[4], parts[3]) if part))
