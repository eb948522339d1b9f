"""The findings on a lost zone and on the recovery region."""

from __future__ import annotations

from collections.abc import Iterable

from opslib.analysis.capacity.headroom.recovery_region import RecoveryQuota
from opslib.analysis.capacity.headroom.zone_loss import ZoneLoss
from opslib.analysis.capacity.quota_names import quota_words
from opslib.findings import Finding, Severity, Verdict
from opslib.wording import join, printable

__all__ = ["find_recovery_quotas", "find_zone_losses"]


def find_zone_losses(losses: Iterable[ZoneLoss]) -> tuple[Finding, ...]:
    """Return a finding for each resource that does not survive the loss of a zone at once.

    It is of high severity where scaling does not help either.
    """
    return tuple(_zone_loss(loss) for loss in losses if loss.verdict is Verdict.FAIL)


def _zone_loss(loss: ZoneLoss) -> Finding:
    name = printable(loss.name)
    recovers = loss.after_scaling is Verdict.PASS
    if loss.peak_percent is None:
        action = f"Give {name} a copy in another zone that takes over by itself."
    else:
        action = f"Run more of {name} at its peak: {_what_holds(loss)}."
    return Finding(
        kind="capacity.zone_loss",
        subject={"Resource": loss.name},
        severity=Severity.MEDIUM if recovers else Severity.HIGH,
        sentence=f"{name} does not survive the loss of a zone: {printable(loss.why, 300)}.",
        action=action,
        evidence=("zone_losses",),
    )


def _what_holds(loss: ZoneLoss) -> str:
    """Return the units that carry the peak without a zone, in words."""
    if loss.units_to_carry is None:
        return "in another zone too"
    peak = "the recorded peak" if loss.forecast_percent is None else "the forecast peak"
    carry = f"{loss.units_to_carry:g} units carry {peak} without a zone"
    if loss.units_at_target is not None and loss.target_percent is not None:
        carry += f", {loss.units_at_target:g} at its target of {loss.target_percent:g}%"
    return f"{carry}; the scaling settings tell the minimum or target that comes to it"


def find_recovery_quotas(quotas: Iterable[RecoveryQuota]) -> tuple[Finding, ...]:
    """Return a finding for each quota of the recovery region that does not hold the estate.

    Accounts that are short of the same quota are one finding.
    """
    short: dict[str, list[RecoveryQuota]] = {}
    for quota in quotas:
        if quota.verdict is Verdict.FAIL:
            short.setdefault(quota.code, []).append(quota)
    return tuple(_recovery_quota(same) for same in short.values())


def _recovery_quota(same: list[RecoveryQuota]) -> Finding:
    first = same[0]
    name, region = quota_words(first.service, first.name), printable(first.region)
    told = join([f"{printable(one.account)}: {printable(one.why)}" for one in same])
    raising = "Ask AWS to raise it there" if first.is_adjustable else "It is fixed: need less of it"
    return Finding(
        kind="capacity.recovery_quota",
        subject={"Quota": first.code},
        severity=Severity.HIGH,
        sentence=f"The quota {name} in {region} does not hold the estate ({told}).",
        action=f"{raising}, before the region is needed.",
        evidence=("recovery_quotas",),
    )
