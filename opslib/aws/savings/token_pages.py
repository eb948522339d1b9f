"""The pages of operations by their token, for those that botocore has no paginator for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opslib.aws.places import Place

__all__ = ["NO_DATA", "token_items"]

NO_DATA = "DataUnavailableException"
"""By which Cost Explorer says that there is nothing of what it is asked for."""


def token_items(
    place: Place,
    service: str,
    operation: str,
    keys: tuple[str, ...],
    token: str,
    *,
    answered: str = "",
    **asked: Any,
) -> Iterator[Any]:
    """Yield what every page lists; nothing where Cost Explorer says that there is no data.

    Args:
        place: account and region asked.
        service: botocore's name of the service.
        operation: AWS's name of the operation.
        keys: the way to the list in an answer.
        token: name of the token in requests, and in answers.
        answered: its name in answers, where that is another.
        asked: the call's parameters.

    Raises:
        ReadError: what AWS refuses.
    """
    while True:
        page = place.call(service, operation, absent=NO_DATA, **asked)
        listed = page
        for key in keys:
            listed = listed.get(key) or {}
        yield from listed
        following = page.get(answered or token)
        if not following:
            return
        asked[token] = following
