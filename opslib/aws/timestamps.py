"""Times in AWS's answers, in UTC.

botocore turns each number of seconds into the machine's own time zone by dateutil, which takes
longer than all the rest of an answer of many datapoints.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

__all__ = ["use_utc"]


def use_utc(core: Any) -> Any:
    """Have the clients of a botocore session give numbers of seconds as UTC; return the session."""
    factory = core.get_component("response_parser_factory")
    factory.set_parser_defaults(timestamp_parser=_parse)
    return core


def _parse(value: Any) -> datetime:
    from botocore.utils import parse_timestamp  # noqa: PLC0415

    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    moment: datetime = parse_timestamp(value)
    return moment
