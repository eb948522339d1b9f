"""A lost zone and the recovery region, as tables."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from opslib.analysis.capacity.headroom.recovery_region import RecoveryQuota
from opslib.analysis.capacity.headroom.zone_loss import ZoneLoss
from opslib.analysis.capacity.quota_names import quota_words
from opslib.findings import Verdict
from opslib.present.html import Column, Html, folded, stacked, table
from opslib.wording import count, join, printable

__all__ = ["tabulate_headroom"]

ZONES = [
    Column("Resource"),
    Column("Kind, account"),
    Column("Units by zone"),
    Column("Peak", "figure"),
    Column("At once", "figure"),
    Column("After scaling", "figure"),
    Column("At forecast peak", "figure"),
    Column("Carries it"),
    Column("Units to hold", "figure"),
    Column("Why", "sentence"),
]
QUOTAS = [
    Column("Quota", "sentence"),
    Column("Account"),
    Column("Peak at home", "figure"),
    Column("Used there", "figure"),
    Column("Applied there", "figure"),
    Column("Holds"),
    Column("Why", "sentence"),
]
ZONE_NOTE = (
    "Peaks in percent of what is left to carry them: at once, and when scaling has replaced what "
    "its maximum allows. Units to hold: at the higher of both peaks, so that the other zones carry "
    "it, and so that they run at its target."
)
QUOTA_NOTE = "Only quotas whose use AWS measures; a quota is leave to start, not a machine."
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
    answer = _answer([loss.verdict for loss in losses])
    failed = [loss for loss in losses if loss.verdict is Verdict.FAIL]
    parts = [_zones(failed, top, f"Losing the zone that most is in: {answer}", ZONE_NOTE)]
    for verdict, what in (
        (Verdict.INCONCLUSIVE, "that cannot be judged"),
        (Verdict.PASS, "of which enough remains"),
    ):
        some = [loss for loss in losses if loss.verdict is verdict]
        if some:
            summary = f"{count(len(some), 'resource')} {what}"
            parts.append(folded(summary, _zones(some, top, f"Resources {what}")))
    return stacked(*parts, _quotas(quotas, top))


def _zones(losses: Sequence[ZoneLoss], top: int, caption: str, note: str = "") -> Html:
    rows = [_loss_row(loss) for loss in losses[:top]]
    return table(ZONES, rows, caption=caption, note=_rest(len(losses), top) + note)


def _quotas(quotas: Sequence[RecoveryQuota], top: int) -> Html:
    region = printable(quotas[0].region) if quotas else "the recovery region"
    return table(
        QUOTAS,
        [_quota_row(quota) for quota in quotas[:top]],
        caption=f"Quotas of {region}: {_answer([one.verdict for one in quotas])}",
        note=_rest(len(quotas), top) + QUOTA_NOTE,
    )


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
    units = ", ".join(f"{_letter(zone, loss.region)}: {n}" for zone, n in loss.units)
    return (
        printable(loss.name),
        printable(f"{loss.service}, {loss.account}"),
        printable(units or "unknown"),
        _percent(loss.peak_percent),
        _percent(loss.at_once_percent),
        _percent(loss.after_percent),
        _percent(loss.forecast_percent),
        _carried(loss),
        _to_hold(loss),
        printable(loss.why, 300),
    )


def _letter(zone: str, region: str) -> str:
    """Return what tells a zone from the others of its region."""
    return zone.removeprefix(region) or zone


def _carried(loss: ZoneLoss) -> str:
    later = loss.verdict is Verdict.FAIL and loss.after_scaling is Verdict.PASS
    return "after scaling" if later else WORDS[loss.verdict]


def _to_hold(loss: ZoneLoss) -> str:
    if loss.units_to_carry is None:
        return ""
    if loss.units_at_target is None or loss.target_percent is None:
        return f"{loss.units_to_carry:g}"
    return f"{loss.units_to_carry:g}; at {loss.target_percent:g}%: {loss.units_at_target:g}"


def _quota_row(quota: RecoveryQuota) -> tuple[str, ...]:
    return (
        f"{quota_words(quota.service, quota.name)} ({printable(quota.code)})",
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
    return "unknown" if value is None else f"{value:,.1f}".removesuffix(".0")
