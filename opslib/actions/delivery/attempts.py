"""Trying again: what was certainly not taken may be sent anew, what may have arrived may not.

A service that throttles or says 503 has not taken a message, nor has one that could not be
reached. After any other 5xx, and where the connection broke off before the answer, nobody knows:
then only what can be repeated without harm is tried again.

Source: RFC 9110, sections 10.2.3 (Retry-After) and 15.6; Amazon Builders' Library, "Making retries
safe with idempotent APIs".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from botocore import exceptions as boto

from opslib.aws.faults import aws_faults
from opslib.errors import OpsError, ReadError, Throttled, Unreachable

__all__ = ["NotTaken", "Patience", "Unsure", "delivery_faults", "send_patiently"]

UNAVAILABLE = 503
SERVER_FAULT = 500
TRY_AGAIN = {"ConditionalRequestConflict", "OperationAborted"}
"""S3 asks to repeat a conditional put that met another one."""
NEVER_SENT = (boto.EndpointConnectionError, boto.ConnectTimeoutError, boto.ProxyConnectionError)


class NotTaken(ReadError):
    """It was certainly not taken, and may be later.

    Args:
        wait_seconds: how long to wait at the least.
    """

    def __init__(self, what: str, *, where: str = "", wait_seconds: float = 0) -> None:
        super().__init__(what, where=where, remedy="Try again later: opslib deliver RUN.")
        self.wait_seconds = wait_seconds


class Unsure(ReadError):
    """It may have been taken: no answer came, or one that does not tell."""

    def __init__(self, what: str, *, where: str = "") -> None:
        super().__init__(
            what,
            where=where,
            remedy="Look whether it arrived; if not: opslib deliver RUN --again.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to go on.

    Args:
        seconds: budget for one target: no attempt begins later than so long after the first.
        first_wait: before the second attempt; it doubles each time.
        sleep: waits so many seconds.
        clock: seconds, monotonic.
    """

    seconds: float = 60
    first_wait: float = 1
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


def send_patiently(send: Callable[[], None], *, repeatable: bool, patience: Patience) -> None:
    """Send, and again while it was not taken and the budget lasts.

    Args:
        send: one attempt.
        repeatable: sending twice does what sending once does.
        patience: the budget.

    Raises:
        Unsure: one of the attempts may have arrived, and none is known to.
        OpsError: it was certainly not taken.
    """
    begun, pause, perhaps = patience.clock(), patience.first_wait, False
    while True:
        try:
            return send()
        except OpsError as error:
            perhaps = perhaps or isinstance(error, Unsure)
            wait = max(pause, getattr(error, "wait_seconds", 0))
            late = patience.clock() + wait > begun + patience.seconds
            passing = isinstance(error, NotTaken) or (isinstance(error, Unsure) and repeatable)
            if late or not passing:
                if perhaps and not isinstance(error, Unsure):
                    raise Unsure(error.what, where=error.where) from error
                raise
        patience.sleep(wait)
        pause *= 2


@contextmanager
def delivery_faults(where: str) -> Iterator[None]:
    """Raise botocore's errors as opslib's, telling whether the call may have been taken.

    Args:
        where: the call and its target.

    Raises:
        NotTaken, Unsure: as their names say.
        ReadError: it was refused for good.
    """
    try:
        with aws_faults(where):
            yield
    except Throttled as error:
        raise NotTaken(error.what, where=where) from error
    except Unreachable as error:
        sent = not isinstance(error.__cause__, NEVER_SENT)
        kind = Unsure if sent else NotTaken
        raise kind(error.what, where=where) from error
    except ReadError as error:
        cause = error.__cause__
        if not isinstance(cause, boto.ClientError):
            raise
        status = cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code = cause.response.get("Error", {}).get("Code")
        if status == UNAVAILABLE or code in TRY_AGAIN:
            raise NotTaken(error.what, where=where) from error
        if status >= SERVER_FAULT:
            raise Unsure(error.what, where=where) from error
        raise
