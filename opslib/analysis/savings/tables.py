"""The tables that the report's figures can be traced to."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from opslib.analysis.savings.commitments.tables import backtest_tables
from opslib.analysis.savings.recommendation import Recommendation, Rejection
from opslib.analysis.savings.report import SavingsReport

__all__ = ["report_tables"]

THING = ["kind", "ResourceId", "name", "SubAccountId", "account", "RegionId"]


def report_tables(report: SavingsReport) -> Mapping[str, pd.DataFrame]:
    """Return the report's tables by the names that findings use as evidence.

    ``recommendations``: what to do; ``recommendation_lines``: the lines of the bill that each
    acts on; ``recommended_charges``: all that the resources of these lines are charged by;
    ``rejections``: what is not recommended, and why; ``follow_through``: what became of earlier
    advice; ``resources``, ``use``: what was read; ``held_commitments``, ``commitment_totals``,
    ``covered_spend``, ``commitment_advice``: what is held, how it was used over the days of the
    bill, what it covers, and AWS's advice. Amounts of all but the last four are a month of 30
    days in the report's currency. The first three are what later reports follow this one's
    advice by. ``tried_commitments``, ``regret_curves``: commitments tried on past hours, and
    what each level would have cost. ``aws_sizes``: what each service of AWS says of sizes, its
    saving in its own currency.
    """
    tables = {
        "recommendations": _recommendations(report),
        "recommendation_lines": _lines(report),
        "recommended_charges": _charges(report),
        "rejections": _rejections(report),
        "follow_through": _followed(report),
        "aws_sizes": _sizes(report),
    }
    return {
        **backtest_tables(report.backtest),
        **{name: frame.assign(BillingCurrency=report.currency) for name, frame in tables.items()},
        "resources": report.tables.resources,
        "use": report.tables.use,
        "held_commitments": report.tables.held.held,
        "commitment_totals": report.tables.held.totals,
        "covered_spend": report.tables.held.covered,
        "commitment_advice": report.tables.held.advice,
    }


def _recommendations(report: SavingsReport) -> pd.DataFrame:
    rows = [
        (
            one.recommendation.id,
            *_thing(one.recommendation),
            report.advice.owners.of(one.recommendation.thing),
            report.advice.since[one.recommendation.id],
            one.recommendation.cost,
            one.recommendation.saving,
            one.saving,
            " ".join(one.elsewhere),
            one.recommendation.basis.value,
            one.recommendation.sentence,
            one.recommendation.action,
        )
        for one in report.counted
    ]
    amounts = ["cost", "saving", "counted_saving", "counted_with", "basis"]
    names = ["id", *THING, "owner", "advised_since", *amounts, "sentence", "action"]
    return pd.DataFrame(rows, columns=names)


def _lines(report: SavingsReport) -> pd.DataFrame:
    rows = [
        (one.recommendation.id, line.account, line.resource, line.meter, line.cost, line.saving)
        for one in report.counted
        for line in one.recommendation.lines
    ]
    names = ["id", "SubAccountId", "ResourceId", "SkuMeter", "cost", "saving"]
    return pd.DataFrame(rows, columns=names)


def _charges(report: SavingsReport) -> pd.DataFrame:
    rows = [
        (one.recommendation.id, line.account, line.resource, line.meter, line.cost)
        for one in report.counted
        for place in dict.fromkeys((of.account, of.resource) for of in one.recommendation.lines)
        for line in report.charges.lines.get(place, ())
        if line.resource == place[1]
    ]
    return pd.DataFrame(rows, columns=["id", "SubAccountId", "ResourceId", "SkuMeter", "cost"])


def _followed(report: SavingsReport) -> pd.DataFrame:
    rows = [
        (
            one.advised.id,
            one.advised.kind,
            one.advised.resource,
            one.advised.name,
            one.advised.account_id,
            one.advised.account,
            one.advised.region,
            one.advised.owner,
            one.advised.first,
            one.advised.last,
            one.state.value,
            one.advised.promised,
            one.realised,
            one.so_far,
            one.sentence,
        )
        for one in report.advice.followed
    ]
    names = ["owner", "advised_since", "last_advised", "state"]
    amounts = ["promised_saving", "realised_saving", "saved_so_far", "sentence"]
    return pd.DataFrame(rows, columns=["id", *THING, *names, *amounts])


def _rejections(report: SavingsReport) -> pd.DataFrame:
    rows = [
        (one.id, *_thing(one), one.reason.value, one.sentence, one.saving)
        for one in report.rejections
    ]
    return pd.DataFrame(rows, columns=["id", *THING, "reason", "sentence", "saving"])


def _sizes(report: SavingsReport) -> pd.DataFrame:
    rows = [
        (
            *_thing(one.sized.option),
            one.sized.present,
            one.sized.proposed,
            one.sized.option.saving,
            view.source,
            view.proposed,
            view.saving,
            view.currency,
            view.agrees,
            view.why,
        )
        for one in report.comparisons
        for view in one.views
    ]
    said = ["source", "source_proposes", "source_saving", "source_currency", "agrees", "why"]
    return pd.DataFrame(rows, columns=[*THING, "present", "proposed", "saving", *said])


def _thing(one: Recommendation | Rejection) -> tuple[str, ...]:
    thing = one.thing
    return (one.kind, thing.id, thing.name, thing.account_id, thing.account, thing.region)
