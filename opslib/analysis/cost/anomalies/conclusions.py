"""The answers about unusual days, their causes and commitments."""

from __future__ import annotations

from collections.abc import Sequence

from opslib.analysis.cost.anomalies.anomaly import CostAnomalies
from opslib.analysis.cost.anomalies.causes import CauseStatus, Explanation
from opslib.analysis.cost.anomalies.commitments import COMMITMENT_WORDS, CommitmentUse
from opslib.analysis.cost.anomalies.comparison import AwsComparison
from opslib.findings import Conclusion, Verdict
from opslib.wording import count, join, percent

__all__ = ["are_causes_known", "are_commitments_used", "is_bill_unusual"]


def is_bill_unusual(
    anomalies: CostAnomalies, aws: AwsComparison, bill_gaps: Sequence[str]
) -> Conclusion:
    """Say whether any day of the period was unusual, by our detection and AWS's.

    Args:
        anomalies: ours.
        aws: ours beside AWS's; what only AWS claims is told, and no verdict.
        bill_gaps: what the bill lacks.
    """
    question = "Is every day of the bill as usual?"
    because = (*bill_gaps, *aws.because)
    if anomalies.judged_from is None:
        because = (*because, "too few days to tell what is usual")
    if anomalies.found:
        rises = sum(one.rises for one in anomalies.found)
        counts = ((rises, "rise"), (len(anomalies.found) - rises, "fall"))
        told = join([count(number, word) for number, word in counts if number])
        return Conclusion(
            question=question,
            verdict=Verdict.FAIL,
            sentence=f"No: {told} out of the usual{_by_aws(aws)}.",
            because=because,
        )
    if because:
        return Conclusion(
            question=question,
            verdict=Verdict.INCONCLUSIVE,
            sentence="It cannot be told.",
            because=because,
        )
    sentence = f"Yes, in {count(anomalies.groups, 'place')} of the bill{_by_aws(aws)}."
    return Conclusion(question=question, verdict=Verdict.PASS, sentence=sentence)


def _by_aws(aws: AwsComparison) -> str:
    if not aws.only_aws:
        return ""
    return f"; AWS claims {count(len(aws.only_aws), 'other')}"


def are_causes_known(
    explanations: Sequence[Explanation], anomalies: CostAnomalies, bill_gaps: Sequence[str]
) -> Conclusion:
    """Say whether changes are recorded that could explain what was unusual."""
    question = "Is a cause recorded for what was unusual?"
    if not explanations:
        because = bill_gaps if anomalies.judged_from is not None else ("too few days to judge",)
        return Conclusion(
            question=question,
            verdict=Verdict.INCONCLUSIVE if because else Verdict.PASS,
            sentence="It cannot be told." if because else "Nothing unusual wants one.",
            because=tuple(because),
        )
    by_status = dict.fromkeys(CauseStatus, 0)
    for one in explanations:
        by_status[one.status] += 1
    because = tuple(dict.fromkeys(line for one in explanations for line in one.because))
    recorded, whole = by_status[CauseStatus.RECORDED], len(explanations)
    verdict = Verdict.PASS if recorded == whole else Verdict.FAIL
    if by_status[CauseStatus.INCONCLUSIVE] or (because and verdict is Verdict.PASS):
        verdict = Verdict.INCONCLUSIVE
    sentence = f"Changes that could explain it are recorded for {recorded} of {whole}."
    return Conclusion(question=question, verdict=verdict, sentence=sentence, because=because)


def are_commitments_used(
    uses: Sequence[CommitmentUse], unread: Sequence[str], *, knows_bill: bool
) -> Conclusion:
    """Say whether Savings Plans and reservations were used as before.

    Args:
        uses: those that are owned.
        unread: what could not be read.
        knows_bill: whether the account has a bill at all.
    """
    question = "Are commitments used as before?"
    because = tuple(unread) if knows_bill else (*unread, "the bill has no charge")
    few = [COMMITMENT_WORDS[one.commitment] for one in uses if not one.judged]
    because = (*because, *(f"{name}: too few days to tell what is usual" for name in few))
    shares = [
        f"{COMMITMENT_WORDS[one.commitment]} {percent(one.used_share)}"
        for one in uses
        if one.used_share is not None
    ]
    used = f"Used: {join(shares)}." if shares else "None is owned."
    if any(one.first_day for one in uses):
        return Conclusion(
            question=question,
            verdict=Verdict.FAIL,
            sentence=f"No, less than usual. {used}",
            because=because,
        )
    if because:
        return Conclusion(
            question=question,
            verdict=Verdict.INCONCLUSIVE,
            sentence="It cannot be told." if not shares else f"It cannot be told for all. {used}",
            because=because,
        )
    return Conclusion(question=question, verdict=Verdict.PASS, sentence=used)
