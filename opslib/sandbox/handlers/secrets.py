"""Secrets Manager's list: the shop's secrets with their rotation, and those that moto holds.

Source: AWS Secrets Manager API Reference, ListSecrets.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from moto.backends import get_backend

from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.handlers.pages import take_page
from opslib.sandbox.overlay import Caller, op
from opslib.sandbox.rotations import last_rotation
from opslib.sandbox.shop import REGION, hex_id, make_uuid, secrets

__all__ = ["list_secrets"]

MOST_A_PAGE = 100
MADE_BEFORE = timedelta(days=400)


@op("secretsmanager", "ListSecrets")
def list_secrets(asked: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """Answer secretsmanager:ListSecrets."""
    held: Any = get_backend("secretsmanager")[caller.account][caller.region]
    filters = asked.get("Filters") or []
    listed, _ = held.list_secrets(filters, max_results=10_000)
    is_here = (caller.account, caller.region) == (PRODUCTION, REGION)
    ours = [_secret(name, caller) for name in secrets()] if is_here else []
    if caller.scenario.incident.is_empty:
        ours = []
    listed = [*listed, *(one for one in ours if _matches(one["Name"], filters))]
    size = min(asked.get("MaxResults") or MOST_A_PAGE, MOST_A_PAGE)
    page, token = take_page(listed, asked.get("NextToken"), size)
    return {"SecretList": page} | ({"NextToken": token} if token else {})


def _matches(name: str, filters: list[dict[str, Any]]) -> bool:
    """Say whether a name begins with one value of every filter by name."""
    return all(
        one["Key"] == "name" and any(name.startswith(value) for value in one["Values"])
        for one in filters
    )


def _secret(name: str, caller: Caller) -> dict[str, Any]:
    epoch, days = caller.scenario.epoch, secrets()[name]
    rotated = last_rotation(name, epoch)
    function = f"arn:aws:lambda:{caller.region}:{caller.account}:function:rotate-secrets"
    suffix = hex_id(name, 6)
    return {
        "ARN": f"arn:aws:secretsmanager:{caller.region}:{caller.account}:secret:{name}-{suffix}",
        "Name": name,
        "RotationEnabled": True,
        "RotationLambdaARN": function,
        "RotationRules": {"AutomaticallyAfterDays": days},
        "CreatedDate": epoch - MADE_BEFORE,
        "LastRotatedDate": rotated,
        "LastChangedDate": rotated + timedelta(seconds=8),
        "LastAccessedDate": epoch.replace(hour=0, minute=0),
        "NextRotationDate": rotated + timedelta(days=days),
        "SecretVersionsToStages": {make_uuid(f"{name} {rotated}"): ["AWSCURRENT"]},
    }
