"""Log groups that keep everything for ever.

Source: Amazon CloudWatch Logs User Guide, "Change log data retention": log events never expire by
default; Amazon CloudWatch pricing: what is stored is charged by the month, compressed.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import (
    Effect,
    Judging,
    Option,
    recommend,
    reject_young,
    save_share,
)
from opslib.analysis.savings.recommendation import Reason, Rejection
from opslib.money import divide
from opslib.wording import count

__all__ = ["check_log_retention"]

KEPT_FOR_EVER = "log_group_without_retention"
GIB = Decimal(2**30)
LOGS = "AmazonCloudWatch"


def check_log_retention(judging: Judging) -> Iterator[Option]:
    """Yield log groups without retention, with what the older part of them costs.

    Method: of the bytes stored, those stay that come in during the days of retention; the rest is
    saved. Assumption: what comes in is counted uncompressed, and by the mean of the days that
    told anything, so that no less is saved than is said. Failure mode: who needs older logs, by
    law or for an inquiry, nobody can see here.
    """
    for group in judging.estate.of_kind("log_group"):
        stored = group.settings.get("stored_bytes")
        if stored and not group.settings.get("retention_days"):
            yield reject_young(KEPT_FOR_EVER, group, judging) or _judge(group, stored, judging)


def _judge(group: Thing, stored: int, judging: Judging) -> Option:
    told = judging.estate.use_of(group, "bytes in").values()
    days = judging.parameters.log_retention_days
    if not told:
        why = "CloudWatch tells nothing of what comes in, so that nothing says what is older"
        return Rejection(kind=KEPT_FOR_EVER, thing=group, reason=Reason.UNKNOWN, sentence=why)
    stays = round(sum(told) / len(told) * days)
    if stays >= stored:
        why = f"it holds no more than comes in within {count(days, 'day')}"
        return Rejection(kind=KEPT_FOR_EVER, thing=group, reason=Reason.TOO_SMALL, sentence=why)
    return recommend(
        KEPT_FOR_EVER,
        group,
        judging,
        Effect(
            meters=("TimedStorage-ByteHrs",),
            saved=save_share(divide(Decimal(stored - stays), Decimal(stored))),
            size={"TimedStorage-ByteHrs": stored / GIB},
            service=LOGS,
        ),
        sentence=(
            f"it keeps {_gib(stored)} GiB for ever; no more than {_gib(stays)} GiB "
            f"came in within {count(days, 'day')}"
        ),
        action=f"Set its retention to {count(days, 'day')}, or export what is older before.",
    )


def _gib(stored: int | Decimal) -> str:
    return f"{stored / GIB:,.1f}".removesuffix(".0")
