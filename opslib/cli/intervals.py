"""Spans of time as the command line takes them: ``60s``, ``5m``, ``26h``, ``7d``."""

from __future__ import annotations

import re

from opslib.errors import ParameterError

__all__ = ["DAY", "parse_interval"]

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
FORMS = {"s": "60s", "m": "5m", "h": "6h", "d": "7d"}
DAY = UNITS["d"]


def parse_interval(text: str, *, option: str, units: str, longest: int) -> int:
    """Return the seconds of a span.

    Args:
        text: a whole number and a unit.
        option: which it was given to, for messages.
        units: the letters that may stand there.
        longest: seconds that it may have.

    Raises:
        ParameterError: it is none, or longer.
    """
    found = re.fullmatch(rf"([1-9]\d{{0,5}})([{units}])", text)
    seconds = int(found[1]) * UNITS[found[2]] if found else 0
    if not 0 < seconds <= longest:
        forms = ", ".join(FORMS[unit] for unit in units)
        raise ParameterError(
            f"{text!r} is no interval of at most {longest // UNITS['h']}h",
            where=option,
            remedy=f"Write it as {forms}.",
        )
    return seconds
