"""Events of a month in the making, as CloudTrail tells them: who calls what, when, from where."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.ordinary_operations import ACCOUNT, Operation

__all__ = ["REGIONS", "START", "Identity", "Month", "Person", "role", "user"]

START = datetime(2026, 2, 1, tzinfo=UTC)
REGIONS = ["eu-west-1"] * 9 + ["us-east-1"]
Identity = dict[str, Any]


def role(name: str, session: str = "s", by: str = "") -> Identity:
    """Return a role as CloudTrail tells it, on behalf of an AWS service if ``by`` names one."""
    issuer = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    told = {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name.rpartition('/')[2]}/{session}",
        "accountId": ACCOUNT,
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": issuer}},
    }
    return {**told, "invokedBy": by} if by else told


def user(name: str) -> Identity:
    """Return a user as CloudTrail tells one."""
    arn = f"arn:aws:iam::{ACCOUNT}:user/{name}"
    return {"type": "IAMUser", "arn": arn, "accountId": ACCOUNT, "userName": name}


@dataclass(slots=True)
class Person:
    """Somebody with habits, at an address."""

    identity: Identity
    address: str
    habits: list[tuple[Operation, float]]


@dataclass(slots=True)
class Month:
    """The events of a month in the making."""

    chance: random.Random
    days: int
    events: list[dict[str, Any]] = field(default_factory=list)
    truth: list[str] = field(default_factory=list)

    def moment(self, day: int, first: float = 0, last: float = 24) -> datetime:
        """Return some moment of a day between two hours."""
        return START + timedelta(days=day, hours=first + (last - first) * self.chance.random())

    def call(
        self, at: datetime, what: Operation, who: Identity, address: str, error: str = ""
    ) -> None:
        """Record a call."""
        told = {
            "eventVersion": "1.09",
            "userIdentity": who,
            "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": f"{what.service}.amazonaws.com",
            "eventName": what.name,
            "awsRegion": self.chance.choice(REGIONS),
            "sourceIPAddress": address,
            "requestParameters": what.parameters or None,
            "eventID": self.unique(),
            "readOnly": False,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
        }
        self.events.append({**told, "errorCode": error} if error else told)

    def calls(self, at: datetime, what: Sequence[Operation], who: Identity, address: str) -> None:
        """Record calls some seconds apart."""
        for place, one in enumerate(what):
            self.call(at + timedelta(seconds=8 * place), one, who, address)

    def unique(self) -> str:
        """Return an id."""
        return str(uuid.UUID(int=self.chance.getrandbits(128)))

    def pick(self, among: Sequence[tuple[Operation, float]]) -> Operation:
        """Choose by weight."""
        return self.chance.choices([one for one, _ in among], [weight for _, weight in among])[0]

    def address(self, low: int, high: int) -> str:
        """Return an address of some network."""
        parts = [self.chance.randrange(low, high), *(self.chance.randrange(250) for _ in "abc")]
        return ".".join(map(str, parts))
