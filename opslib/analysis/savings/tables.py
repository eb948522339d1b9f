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

    ``recommendations``: what to do; ``recommendation_lines``: the lines of the bill that each acts
    on; ``rejections``: what is not recommended, and why; ``resources``, ``use``: what was read;
    ``commitments``, ``commitment_totals``, ``covered_spend``, ``commitment_advice``: what is held,
    how it was used over the days of the bill, what it covers, and AWS's advice. Amounts of the
    first three are a month of 30 days in the report's currency. ``tried_commitments``,
    ``regret_curves``: commitments tried on past hours, and what each level would have cost.
    """
    tables = {
        "recommendations": _recommendations(report),
        "recommendation_lines": _lines(report),
        "rejections": _rejections(report),
    }
    return {
        **backtest_tables(report.backtest),
        **{name: frame.assign(BillingCurrency=report.currency) for name, frame in tables.items()},
        "resources": report.tables.resources,
        "use": report.tables.use,
        "commitments": report.tables.commitments.held,
        "commitment_totals": report.tables.commitments.totals,
        "covered_spend": report.tables.commitments.covered,
        "commitment_advice": report.tables.commitments.advice,
    }


def _recommendations(report: SavingsReport) -> pd.DataFrame:
    rows = [
        (
            one.recommendation.id,
            *_thing(one.recommendation),
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
    return pd.DataFrame(rows, columns=["id", *THING, *amounts, "sentence", "action"])


def _lines(report: SavingsReport) -> pd.DataFrame:
    rows = [
        (one.recommendation.id, line.account, line.resource, line.meter, line.cost, line.saving)
        for one in report.counted
        for line in one.recommendation.lines
    ]
    names = ["id", "SubAccountId", "ResourceId", "SkuMeter", "cost", "saving"]
    return pd.DataFrame(rows, columns=names)


def _rejections(report: SavingsReport) -> pd.DataFrame:
    rows = [
        (one.id, *_thing(one), one.reason.value, one.sentence, one.saving)
        for one in report.rejections
    ]
    return pd.DataFrame(rows, columns=["id", *THING, "reason", "sentence", "saving"])


def _thing(one: Recommendation | Rejection) -> tuple[str, ...]:
    thing = one.thing
    return (one.kind, thing.id, thing.name, thing.account_id, thing.account, thing.region)
