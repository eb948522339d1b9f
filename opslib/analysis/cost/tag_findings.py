"""Tag governance, put as findings: what is untagged, what it costs, the next action."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from opslib.analysis.cost.tags import TagGovernance, UntaggedRise
from opslib.estimate import Estimate
from opslib.findings import Finding, Severity
from opslib.parameters.cost import CostParameters
from opslib.wording import join, money, percent, printable

__all__ = ["describe_tags"]

ACTION = "Tag the largest first, and check that the key is activated for cost allocation."
NOWHERE = (
    "Check the key in tag_keys, capitals included, and that it is activated for cost allocation: "
    "no charge of the period has it."
)


def describe_tags(
    governance: Iterable[TagGovernance],
    parameters: CostParameters,
    currency: str,
    spoken: str,
    floor: Decimal,
) -> list[Finding]:
    """Put rises of untagged spend, and shares above the tolerated one, as findings.

    A share is beyond what is tolerated whatever its money; below ``floor`` it can wait.
    """
    findings: list[Finding] = []
    for tag in governance:
        findings += [_rise_finding(tag.key, rise, currency, spoken) for rise in tag.rises]
        if tag.untagged_share is not None and tag.untagged_share > parameters.max_untagged_share:
            findings.append(_share_finding(tag, parameters, currency, spoken, floor))
    return findings


def _rise_finding(key: str, rise: UntaggedRise, currency: str, spoken: str) -> Finding:
    which = f", most of it {join([printable(r) for r in rise.resources])}" if rise.resources else ""
    return Finding(
        kind="cost.untagged_spend",
        subject={"ServiceName": rise.service, "TagKey": key},
        severity=Severity.MEDIUM,
        sentence=(
            f"{printable(rise.service)} without tag {printable(key)} rose by "
            f"{money(rise.amount, currency)} to {money(rise.untagged, currency)} "
            f"{spoken}{which}."
        ),
        action=f"Set {printable(key)} on these resources, and require it where they are made.",
        amount=Estimate.exact(rise.amount),
        currency=currency,
        evidence=("untagged_rises", "untagged"),
    )


def _share_finding(
    tag: TagGovernance, parameters: CostParameters, currency: str, spoken: str, floor: Decimal
) -> Finding:
    share = tag.untagged_share or Decimal(0)
    worst = [
        f"{printable(o.resource or o.service)} ({money(o.cost, currency)})"
        for o in tag.offenders[:3]
    ]
    listed = f"; worst: {join(worst)}" if worst else ""
    return Finding(
        kind="cost.untagged_share",
        subject={"TagKey": tag.key},
        severity=Severity.MEDIUM if tag.untagged >= floor else Severity.LOW,
        sentence=(
            f"{percent(share)} of taggable spend {spoken}, {money(tag.untagged, currency)}, "
            f"lacks tag {printable(tag.key)} ({percent(parameters.max_untagged_share)} is "
            f"tolerated){listed}."
        ),
        action=NOWHERE if tag.by_value.keys() == {""} else ACTION,
        amount=Estimate.exact(tag.untagged),
        currency=currency,
        evidence=("tag_values", "untagged"),
    )
