"""Trying again: what was not taken is, what may have arrived is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from botocore import exceptions as boto

from opslib.actions.delivery.attempts import (
    NotTaken,
    Patience,
    Unsure,
    delivery_faults,
    send_patiently,
)
from opslib.errors import AccessDenied, CredentialsError, OpsError, ReadError


class Time:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def clock(self) -> float:
        return sum(self.waits)

    @property
    def patience(self) -> Patience:
        return Patience(sleep=self.sleep, clock=self.clock)


def answering(*errors: Exception | None) -> Callable[[], None]:
    left: Iterator[Exception | None] = iter(errors)

    def send() -> None:
        error = next(left)
        if error is not None:
            raise error

    return send


def client_error(code: str, status: int) -> boto.ClientError:
    return boto.ClientError(
        {
            "Error": {"Code": code, "Message": "no"},
            "ResponseMetadata": {"HTTPStatusCode": status},
        },
        "Publish",
    )


def test_what_was_not_taken_is_sent_again_ever_more_slowly() -> None:
    time = Time()
    refusals = [NotTaken("throttled")] * 3
    send_patiently(answering(*refusals, None), repeatable=False, patience=time.patience)
    assert time.waits == [1, 2, 4]


def test_a_wait_that_is_asked_for_is_kept() -> None:
    time = Time()
    send = answering(NotTaken("throttled", wait_seconds=30), NotTaken("throttled"), None)
    send_patiently(send, repeatable=False, patience=time.patience)
    assert time.waits == [30, 2]


def test_no_attempt_begins_after_the_budget() -> None:
    time = Time()
    with pytest.raises(NotTaken):
        send_patiently(
            answering(*[NotTaken("throttled")] * 99), repeatable=False, patience=time.patience
        )
    assert time.waits == [1, 2, 4, 8, 16]
    send = answering(NotTaken("throttled", wait_seconds=61))
    with pytest.raises(NotTaken):
        send_patiently(send, repeatable=False, patience=Time().patience)


@pytest.mark.parametrize("repeatable", [True, False])
def test_what_may_have_arrived_is_repeated_only_where_that_does_no_harm(repeatable: bool) -> None:
    time = Time()
    send = answering(Unsure("cut off"), None)
    if repeatable:
        send_patiently(send, repeatable=True, patience=time.patience)
    else:
        with pytest.raises(Unsure):
            send_patiently(send, repeatable=False, patience=time.patience)
    assert time.waits == ([1] if repeatable else [])


def test_a_refusal_after_an_attempt_that_may_have_arrived_does_not_make_it_sure() -> None:
    send = answering(Unsure("cut off"), AccessDenied("no right"))
    with pytest.raises(Unsure, match="no right"):
        send_patiently(send, repeatable=True, patience=Time().patience)


def test_a_refusal_for_good_is_not_tried_again() -> None:
    time = Time()
    with pytest.raises(AccessDenied):
        send_patiently(answering(AccessDenied("no right")), repeatable=True, patience=time.patience)
    assert time.waits == []


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (client_error("Throttling", 400), NotTaken),
        (client_error("SlowDown", 503), NotTaken),
        (client_error("ServiceUnavailable", 503), NotTaken),
        (client_error("ConditionalRequestConflict", 409), NotTaken),
        (boto.EndpointConnectionError(endpoint_url="x"), NotTaken),
        (boto.ConnectTimeoutError(endpoint_url="x"), NotTaken),
        (client_error("InternalError", 500), Unsure),
        (client_error("502", 502), Unsure),
        (boto.ReadTimeoutError(endpoint_url="x"), Unsure),
        (boto.ConnectionClosedError(endpoint_url="x"), Unsure),
        (client_error("AuthorizationError", 403), AccessDenied),
        (client_error("ExpiredToken", 403), CredentialsError),
        (client_error("InvalidParameter", 400), ReadError),
    ],
)
def test_an_answer_tells_whether_the_call_was_taken(error: Exception, kind: type[OpsError]) -> None:
    with pytest.raises(OpsError) as told, delivery_faults("sns:Publish x"):
        raise error
    assert type(told.value) is kind
    assert told.value.where == "sns:Publish x"
