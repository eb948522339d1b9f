"""Nightly rotations of the shop's secrets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from opslib.sandbox.api_calls import ApiCall, Principal
from opslib.sandbox.shop import REGION, make_uuid, secrets
from opslib.sandbox.shop_people import ROTATION

__all__ = ["last_rotation", "rotations_of_day"]

ROTATION_HOUR = 8.6
"""Night where the shop's people live."""


def last_rotation(name: str, epoch: datetime) -> datetime:
    """Return when a secret was rotated last."""
    midnight = epoch.replace(hour=0, minute=0, second=0, microsecond=0)
    moments = (_rotated_at(name, midnight - timedelta(days=back)) for back in range(60))
    return next(at for at in moments if at is not None and at < epoch)


def _rotated_at(name: str, midnight: datetime) -> datetime | None:
    place = list(secrets()).index(name)
    if (midnight.toordinal() + place) % secrets()[name]:
        return None
    return midnight + timedelta(hours=ROTATION_HOUR, minutes=7 * place, seconds=11 * place)


def rotations_of_day(account: str, midnight: datetime) -> Iterator[ApiCall]:
    """Yield the calls of a day's rotations."""
    rotating = Principal(role="rotate-secrets", session="rotate-secrets", agent="Boto3/1.42.1")
    for name in secrets():
        begun = _rotated_at(name, midnight)
        if begun is None:
            continue
        arn = f"arn:aws:secretsmanager:{REGION}:{account}:secret:{name}"
        steps = (("RotateSecret", ROTATION), ("PutSecretValue", rotating))
        for number, (call, who) in enumerate((*steps, ("UpdateSecretVersionStage", rotating))):
            yield ApiCall(
                at=begun + timedelta(seconds=4 * number),
                account=account,
                principal=who,
                source="secretsmanager",
                name=call,
                resource=arn,
                resource_type="AWS::SecretsManager::Secret",
                parameters={"secretId": arn, "clientRequestToken": make_uuid(f"{arn} {begun}")},
                response={"arn": arn, "name": name},
            )
