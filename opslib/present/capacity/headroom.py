"""A lost zone and the recovery region, as tables."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from opslib.analysis.capacity.recovery_region import RecoveryQuota
from opslib.analysis.capacity.zone_loss import ZoneLoss
from opslib.findings import Verdict
from opslib.present.html import Column, Html, stacked, table
from opslib.wording import count, join, printable

__all__ = ["tabulate_headroom"]

ZONES = [
    Column("Resource"),
    Column("Kind"),
    Column("Units by zone"),
    Column("Peak", "figure"),
    Column("At once", "figure"),
    Column("After scaling", "figure"),
    Column("At forecast peak", "figure"),
    Column("Carries it"),
    Column("Why", "sentence"),
]
QUOTAS = [
    Column("Quota"),
    Column("Account"),
    Column("Peak at home", "figure"),
    Column("Used there", "figure"),
    Column("Applied there", "figure"),
    Column("Holds"),
    Column("Why", "sentence"),
]
WORDS = {Verdict.PASS: "yes", Verdict.FAIL: "no", Verdict.INCONCLUSIVE: "unknown"}


def tabulate_headroom(
    losses: Sequence[ZoneLoss], quotas: Sequence[RecoveryQuota], top: int
) -> Html:
    """Return what the loss of a zone does, and what the recovery region holds.

    Args:
        losses: the worst first.
        quotas: the worst first; none where no recovery region is named.
        top: rows that are shown of each.
    """
    zones = table(
        ZONES,
        [_loss_row(loss) for loss in losses[:top]],
        caption=f"Losing the zone that most is in: {_answer([one.verdict for one in losses])}",
        note=_rest(len(losses), top)
        + "Peaks in percent of what is left to carry them: at once, and when scaling has replaced "
        "what its maximum allows.",
    )
    region = printable(quotas[0].region) if quotas else "the recovery region"
    recovery = table(
        QUOTAS,
        [_quota_row(quota) for quota in quotas[:top]],
        caption=f"Quotas of {region}: {_answer([one.verdict for one in quotas])}",
        note=_rest(len(quotas), top)
        + "Only quotas whose use AWS measures; a quota is leave to start, not a machine.",
    )
    return stacked(zones, recovery)


def _answer(verdicts: Sequence[Verdict]) -> str:
    if not verdicts:
        return "nothing was judged"
    found = Counter(verdicts)
    words = (
        (Verdict.FAIL, "not enough"),
        (Verdict.PASS, "enough"),
        (Verdict.INCONCLUSIVE, "unknown"),
    )
    told = [f"{word} for {found[verdict]}" for verdict, word in words if found[verdict]]
    return f"{join(told)} of {len(verdicts)}"


def _rest(number: int, top: int) -> str:
    return f"The first {top} of {count(number, 'row')} are shown. " if number > top else ""


def _loss_row(loss: ZoneLoss) -> tuple[str, ...]:
    units = ", ".join(f"{zone}: {number}" for zone, number in loss.units)
    return (
        printable(loss.name),
        loss.service,
        printable(units or "unknown"),
        _percent(loss.peak_percent),
        _percent(loss.at_once_percent),
        _percent(loss.after_percent),
        _percent(loss.forecast_percent),
        _carried(loss),
        printable(loss.why, 300),
    )


def _carried(loss: ZoneLoss) -> str:
    later = loss.verdict is Verdict.FAIL and loss.after_scaling is Verdict.PASS
    return "after scaling" if later else WORDS[loss.verdict]


def _quota_row(quota: RecoveryQuota) -> tuple[str, ...]:
    return (
        printable(f"{quota.name} ({quota.code})"),
        printable(quota.account),
        _figure(quota.peak),
        _figure(quota.used_there),
        _figure(quota.quota),
        WORDS[quota.verdict],
        printable(quota.why, 300),
    )


def _percent(value: float | None) -> str:
    if value is None:
        return ""
    return "nothing left" if math.isinf(value) else f"{value:.0f}%"


def _figure(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.6g}"
