"""Unusual days and unused commitments, put as findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly, Place
from opslib.analysis.cost.anomalies.cause_words import cause_sentence
from opslib.analysis.cost.anomalies.causes import Explanation
from opslib.analysis.cost.anomalies.commitments import COMMITMENT_WORDS, CommitmentUse
from opslib.analysis.cost.anomalies.told import ToldTroubles
from opslib.analysis.cost.change import Change, ChangeKind
from opslib.analysis.cost.findings import severity_of
from opslib.estimate import Estimate
from opslib.findings import Finding, Severity
from opslib.money import EXACT, ZERO, total
from opslib.timewindow import TimeWindow
from opslib.wording import (
    about,
    count,
    day,
    days,
    join,
    money,
    percent,
    printable,
    shortened,
    stake,
)

__all__ = ["describe_anomalies", "describe_commitments", "place_words", "with_causes"]

MOST_METERS = 2


def describe_anomalies(
    told: ToldTroubles,
    explanations: Sequence[Explanation],
    spend: Decimal,
    currency: str,
    period: TimeWindow,
    names: Mapping[str, str],
) -> list[Finding]:
    """Put each anomaly that no change tells as a finding.

    Args:
        told: who tells what.
        explanations: of all anomalies of the period.
        spend: cost of the period.
        currency: of all amounts.
        period: the report's days.
        names: account id to name.
    """
    by_anomaly = {id(one.anomaly): one for one in explanations}
    return [
        _finding(
            anomaly,
            by_anomaly[id(anomaly)],
            told.meters.get(number, ()),
            spend,
            currency,
            period,
            names,
        )
        for number, anomaly in enumerate(told.anomalies)
    ]


def _finding(
    anomaly: CostAnomaly,
    explanation: Explanation,
    changes: Sequence[Change],
    spend: Decimal,
    currency: str,
    period: TimeWindow,
    names: Mapping[str, str],
) -> Finding:
    impact = anomaly.impact_within(period)
    place = anomaly.place
    return Finding(
        kind="cost.anomaly",
        subject={
            "ServiceName": place.service,
            "SubAccountId": place.account,
            "RegionId": place.region,
            "FirstDay": anomaly.first_day.isoformat(),
        },
        severity=severity_of(impact.mid, spend),
        sentence=_sentence(anomaly, impact, explanation, changes, currency, names),
        action=_action(explanation, rises=anomaly.rises),
        amount=impact,
        currency=currency,
        evidence=("anomalies", "anomaly_days", "anomaly_causes"),
        first_day=anomaly.first_day.isoformat(),
    )


def _sentence(
    anomaly: CostAnomaly,
    impact: Estimate,
    explanation: Explanation,
    changes: Sequence[Change],
    currency: str,
    names: Mapping[str, str],
) -> str:
    shown = [one.day for one in anomaly.episode]
    when = f"since {day(shown[0])}" if anomaly.lasts else f"on {days(shown)}"
    actual = total(one.actual for one in anomaly.episode)
    usual = EXACT.subtract(actual, anomaly.impact.mid)
    verb = "cost more than usual" if anomaly.rises else "cost less than usual"
    meters = [printable(one.meter) for one in changes[:MOST_METERS] if one.meter]
    by = f", by {join(meters)}" if meters else ""
    interval = (
        f"{about(impact.low, currency)} to {about(impact.high, currency)} at "
        f"{percent(impact.confidence)}"
    )
    return (
        f"{place_words(anomaly.place, names)} {verb} {when}{by}: {money(actual, currency)} where "
        f"{about(max(usual, ZERO), currency)} was expected, {stake(impact, currency)} in the "
        f"period ({interval}). {cause_sentence(explanation, currency)}"
    )


def place_words(place: Place, names: Mapping[str, str]) -> str:
    """Return what a sentence calls a place."""
    account = names.get(place.account, place.account)
    where = [part for part in (account, place.region) if part]
    return printable(place.service) + (f" in {', '.join(map(printable, where))}" if where else "")


def _action(explanation: Explanation, *, rises: bool) -> str:
    if explanation.because:
        return "Grant what could not be read, and run this report again for the cause."
    if explanation.suspects:
        return f"Ask {_whom(explanation)} whether that was meant, and whether it stays."
    if rises:
        return "Ask the owner what drove the use on these days: no change is recorded."
    return "Confirm that nothing was switched off by mistake."


def _whom(explanation: Explanation) -> str:
    """Return who made what is likeliest; all of those who made what is as likely."""
    actors = dict.fromkeys(shortened(one.actor) for one in explanation.alike_suspects if one.actor)
    return join(tuple(actors)) or "whoever made the change"


def with_causes(
    findings: Iterable[Finding],
    told: ToldTroubles,
    explanations: Sequence[Explanation],
    currency: str,
) -> list[Finding]:
    """Return the findings of ``told.changes``, in that order, with their anomalies' causes.

    Not those of prices: no call in an account moves a rate.
    """
    by_anomaly = {id(one.anomaly): one for one in explanations}
    dressed = []
    for number, finding in enumerate(findings):
        anomaly = told.shown_by.get(number)
        if anomaly is None or told.changes[number].kind is ChangeKind.PRICE:
            dressed.append(finding)
            continue
        resource = told.changes[number].resource
        cause = cause_sentence(by_anomaly[id(anomaly)], currency, resource=resource)
        evidence = (*finding.evidence, "anomalies", "anomaly_causes")
        dressed.append(replace(finding, sentence=f"{finding.sentence} {cause}", evidence=evidence))
    return dressed


def describe_commitments(
    uses: Iterable[CommitmentUse], spend: Decimal, period: TimeWindow
) -> list[Finding]:
    """Put each drop in the use of a commitment as a finding."""
    return [_commitment(use, spend, period) for use in uses if use.first_day is not None]


def _commitment(use: CommitmentUse, spend: Decimal, period: TimeWindow) -> Finding:
    assert use.first_day is not None
    name = COMMITMENT_WORDS[use.commitment]
    share = f", {percent(use.used_share)} used in the period" if use.used_share is not None else ""
    unused = money(use.unused, use.currency)
    return Finding(
        kind="cost.commitment_use",
        subject={"Commitment": use.commitment},
        severity=max(severity_of(use.dropped, spend), Severity.MEDIUM, key=lambda one: one.rank),
        sentence=(
            f"{name} were used less since {day(use.first_day)}{share}: {unused} of the "
            f"{count(len(period.days), 'day')} bought nothing, "
            f"{about(use.usual_unused, use.currency)} is usual."
        ),
        action="Find what stopped using it, and move eligible use back or let it run out.",
        amount=Estimate.exact(use.dropped),
        currency=use.currency,
        evidence=("commitment_use", "commitments"),
        first_day=use.first_day.isoformat(),
    )
