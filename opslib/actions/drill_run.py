"""What everything that a drill makes bears: its run's name and tags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from opslib.errors import ParameterError

__all__ = ["EXPIRY_TAG", "NAME_PREFIX", "RUN_TAG", "DrillRun", "run_named", "tags_of"]

RUN_TAG = "opslib:run"
EXPIRY_TAG = "opslib:expires"
NAME_PREFIX = "opslib-drill-"
RUN_ID = re.compile(r"(\d{8}t\d{6})z-[0-9a-f]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRun:
    """One run of a drill.

    Args:
        id: begins with the run's UTC start, such as ``20260302t060000z-3f9a2c``.
        expires_hours: after its start; anybody may delete what is left then.

    Raises:
        ParameterError: the id is none.
    """

    id: str
    expires_hours: float = 24

    def __post_init__(self) -> None:
        if not RUN_ID.fullmatch(self.id):
            raise ParameterError(f"{self.id!r} is no id of a run", where="run")

    @property
    def name(self) -> str:
        """Return the name of what the run restores; nothing else begins with it."""
        return f"{NAME_PREFIX}{self.id}"

    @property
    def expires_at(self) -> datetime:
        """Return when what is left of the run may be deleted by anybody."""
        started = datetime.strptime(self.id.partition("z")[0] + "+0000", "%Y%m%dt%H%M%S%z")
        return started + timedelta(hours=self.expires_hours)

    @property
    def tags(self) -> list[dict[str, str]]:
        """Return the tags, as RDS takes them."""
        expires = self.expires_at.isoformat(timespec="seconds")
        return [{"Key": RUN_TAG, "Value": self.id}, {"Key": EXPIRY_TAG, "Value": expires}]


def tags_of(tags: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return AWS's list of tags as a dictionary."""
    return {str(tag["Key"]): str(tag.get("Value", "")) for tag in tags}


def run_named(name: str) -> str:
    """Return the id of the run that a resource's name carries; '' where it is none of a drill.

    >>> run_named("opslib-drill-20260302t060000z-3f9a2c-1")
    '20260302t060000z-3f9a2c'
    """
    found = RUN_ID.match(name.removeprefix(NAME_PREFIX)) if name.startswith(NAME_PREFIX) else None
    return found.group(0) if found else ""
