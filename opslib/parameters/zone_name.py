"""A time zone, as a parameter names it."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

__all__ = ["ZoneName"]


def _is_a_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("no such time zone; write it as Europe/Berlin") from None
    return name


ZoneName = Annotated[str, AfterValidator(_is_a_zone)]
"""The name of a zone that this machine knows."""
