"""Answers in pages, by a token that is the place of the next item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from opslib.sandbox.protocol import AwsError

__all__ = ["take_page"]

Item = TypeVar("Item")


def take_page(items: Sequence[Item], token: str | None, size: int) -> tuple[list[Item], str | None]:
    """Return the page that a token names, and the token of the next one; None after the last.

    Raises:
        AwsError: InvalidNextTokenException for a token that no page gave.
    """
    place = token or "0"
    if not place.isdecimal() or (token and int(place) >= len(items)):
        raise AwsError("InvalidNextTokenException", "the pagination token is not valid")
    start = int(place)
    following = start + size
    return list(items[start:following]), str(following) if following < len(items) else None
