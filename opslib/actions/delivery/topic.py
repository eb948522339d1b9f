"""A message to an SNS topic; its subscriptions make e-mail of it.

A FIFO topic drops a message whose deduplication id it has seen within five minutes, so that there a
message may be sent again for that long. A standard topic takes every message that it is given.

Source: Amazon SNS API Reference, Publish; Developer Guide, "Message deduplication for FIFO topics".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from opslib.actions.changes import ChangeRefused
from opslib.actions.delivery.attempts import delivery_faults

if TYPE_CHECKING:
    from opslib.aws.connection import Connection

__all__ = ["DEDUPLICATION_SECONDS", "Topic", "is_fifo"]

DEDUPLICATION_SECONDS = 300
GROUP = "opslib"


def is_fifo(arn: str) -> bool:
    """Say whether a topic is a FIFO one, by its name."""
    return arn.endswith(".fifo")


class Topic:
    """Publishes to one topic.

    Args:
        connection: the way to AWS, in the topic's region.
        arn: of the topic.
    """

    def __init__(self, connection: Connection, arn: str) -> None:
        self._arn = arn
        self._client: Any = connection.changing_client("sns", self._admit, None, attempts=1)

    def send(self, subject: str, text: str, identity: str) -> None:
        """Publish a message.

        Args:
            subject: ASCII, below 100 characters.
            text: at most 256 KB in UTF-8.
            identity: the same for the same message, at most 128 letters and digits.

        Raises:
            ReadError: SNS refuses, or does not answer.
        """
        ordered = (
            {"MessageGroupId": GROUP, "MessageDeduplicationId": identity}
            if is_fifo(self._arn)
            else {}
        )
        with delivery_faults(f"sns:Publish {self._arn}"):
            self._client.publish(TopicArn=self._arn, Subject=subject, Message=text, **ordered)

    def _admit(self, operation: str, asked: Mapping[str, Any]) -> None:
        if operation != "Publish" or asked.get("TopicArn") != self._arn:
            raise ChangeRefused("a delivery never makes this call", where=f"sns:{operation}")
