"""What a second savings report says of the first one's advice, and of what was declined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from opslib.analysis.savings import SavingsReport, analyse_savings
from opslib.analysis.savings.advised import AdviceState
from opslib.analysis.savings.recommendation import Reason
from opslib.sandbox.savings.lab import FOLLOWED
from opslib.sandbox.truths import PlantedTruth

__all__ = ["check_declines", "check_followed"]


def check_followed(report: SavingsReport, truths: tuple[PlantedTruth, ...]) -> Iterator[str]:
    """Yield earlier advice that is said to be other than it is: taken as planted, open else."""
    taken = {
        truth.claim.subject["ResourceId"]
        for truth in truths
        if truth.part == FOLLOWED and truth.claim is not None
    }
    for one in report.advice.followed:
        expected = AdviceState.TAKEN if one.advised.resource in taken else AdviceState.OPEN
        if one.state is not expected:
            yield f"{one.advised.kind} {one.advised.resource} is {one.state}: {one.sentence}"


def check_declines(report: SavingsReport) -> Iterator[str]:
    """Yield what is wrong with the declined: declined to its last day, and open on the next."""
    declined = {one.id: one for one in report.rejections if one.reason is Reason.DECLINED}
    entries = report.tables.past.declined
    if set(declined) != set(entries["Id"]):
        yield f"declined is {sorted(declined)}, not {sorted(entries['Id'])}"
    today = report.parameters.as_of.date()
    for back, still in ((0, True), (1, False)):
        until = [today - timedelta(days=back)] * len(entries)
        past = replace(report.tables.past, declined=entries.assign(Until=until))
        again = analyse_savings(
            report.parameters, replace(report.tables, past=past), report.coverage
        )
        reopened = {one.recommendation.id: one.saving for one in again.counted}
        savings = {identity: one.saving for identity, one in declined.items()}
        found = {identity: reopened.get(identity) for identity in declined}
        if found != (dict.fromkeys(declined) if still else savings):
            yield f"with {until[:1]} as last day, {found} is recommended, of {savings}"
