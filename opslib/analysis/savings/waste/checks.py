"""All checks for waste."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from opslib.analysis.savings.options import Judging, Option
from opslib.analysis.savings.waste.volumes import check_unattached_volumes

__all__ = ["CHECKS", "find_waste"]

CHECKS: tuple[Callable[[Judging], Iterator[Option]], ...] = (check_unattached_volumes,)


def find_waste(judging: Judging) -> tuple[Option, ...]:
    """Return what every check recommends and rejects, in the order of `CHECKS`."""
    return tuple(option for check in CHECKS for option in check(judging))
