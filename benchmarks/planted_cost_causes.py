"""Whether the cost notebook puts the true change first, and lists what began long ago as known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from benchmarks.planted_score import Score
from opslib.analysis.cost import CostReport
from opslib.analysis.cost.anomalies.anomaly import CostAnomaly
from opslib.sandbox.api_calls import ApiCall
from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["FIRST_AMONG_DECOYS", "is_known", "judge_causes"]

KIND = "cost.anomaly"
FIRST_AMONG_DECOYS = "anomalies with a true change, which was ranked first"
DATED_WITHIN = timedelta(days=2)
"""How far a step of weeks ago may be dated off."""


def judge_causes(
    report: CostReport,
    truths: Sequence[PlantedTruth],
    calls: Sequence[ApiCall],
    score: Score,
    *,
    knows_resources: bool,
) -> None:
    """Note for each anomaly that somebody caused whether a true change was ranked first.

    Where the bill tells no resources, what somebody did elsewhere in the service ties with the
    cause: how often the true one stands first is counted then, and is no miss.

    Args:
        report: that names causes.
        truths: with the ids of the calls that caused them.
        calls: all that CloudTrail recorded of what is on the bill.
        score: that takes note.
        knows_resources: whether the bill tells them.
    """
    by_id = {call.event_id: call for call in calls}
    for explanation in report.unusual.explanations:
        causes = set(_causes_of(explanation.anomaly, truths, by_id))
        if not causes:
            continue
        first = explanation.suspects[0].reference if explanation.suspects else ""
        score.counted.setdefault(FIRST_AMONG_DECOYS, []).append(first in causes)
        if first not in causes and knows_resources:
            told = explanation.suspects[0] if explanation.suspects else explanation.status
            score.missed.append(f"the cause of {explanation.anomaly.place}: {told}")


def is_known(report: CostReport, claim: Claim) -> bool:
    """Say whether an anomaly is listed among the earlier ones, and not among the period's."""
    first_day = date.fromisoformat(claim.subject["FirstDay"])
    anomalies = report.unusual.anomalies
    dated = [
        one
        for one in anomalies.earlier
        if _is_at(one, claim) and abs(one.first_day - first_day) <= DATED_WITHIN
    ]
    return bool(dated) and not any(_is_at(one, claim) for one in anomalies.found)


def _causes_of(
    anomaly: CostAnomaly, truths: Sequence[PlantedTruth], calls: Mapping[str, ApiCall]
) -> Iterator[str]:
    """Yield the calls that caused what shows in an anomaly's places."""
    for truth in truths:
        claims = [one for one in (truth.by_export, *truth.follows) if one and one.kind == KIND]
        if any(_is_at(anomaly, claim) for claim in claims):
            yield from (one for one in truth.causes if _is_in(anomaly, calls[one]))


def _is_in(anomaly: CostAnomaly, call: ApiCall) -> bool:
    places = [(part.account, part.region) for part in anomaly.parts]
    return any(a in {"", call.account} and r in {"", call.region} for a, r in places)


def _is_at(anomaly: CostAnomaly, claim: Claim) -> bool:
    """Say whether a claim's service, account and region are among an anomaly's."""
    wanted = claim.subject
    return any(
        part.service == wanted["ServiceName"]
        and part.account in {"", wanted["SubAccountId"]}
        and ("RegionId" not in wanted or part.region in {"", wanted["RegionId"]})
        for part in anomaly.parts
    )
