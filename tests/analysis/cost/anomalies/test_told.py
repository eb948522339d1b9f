"""One trouble is one finding, whether it shows as a change of the week, as days, or both."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest

from opslib.analysis.cost import analyse_cost, plan_periods, report_tables
from opslib.analysis.cost.report import CostReport
from opslib.coverage import Coverage, CoverageStatus
from opslib.findings import Severity, Verdict
from opslib.tables.cost_anomalies import AWS_ANOMALIES, COMMITMENT_USE, NOT_SET_UP
from tests.analysis.cost.anomalies.changes import change, recorded
from tests.analysis.cost.bills import Charge, make_bill, parameters, steady
from tests.analysis.cost.cost_tables import tables_of
from tests.analysis.cost.reports import ALL_READ

FIRST, YESTERDAY = date(2025, 11, 1), date(2026, 3, 1)
SPIKE = date(2026, 2, 23)
DAYS = [FIRST + timedelta(days=n) for n in range(118)]
SPIKED = [
    *steady(FIRST, YESTERDAY),
    Charge(day=SPIKE, cost=Decimal(150), quantity=Decimal(150)),
]


def reported(
    charges: list[Charge],
    changes: pd.DataFrame | None = None,
    coverage: tuple[Coverage, ...] = ALL_READ,
    **tables: pd.DataFrame,
) -> CostReport:
    params = parameters()
    held = tables_of(make_bill(charges), **tables)
    before = recorded() if changes is None else changes
    return analyse_cost(params, plan_periods(params), held, before, coverage)


def kinds(report: CostReport) -> list[str]:
    return [f.kind for f in report.findings if f.severity is not Severity.INFO]


def answers(report: CostReport) -> dict[str, Verdict]:
    return {one.question: one.verdict for one in report.conclusions}


def test_days_that_came_and_went_are_told_as_an_anomaly() -> None:
    report = reported(SPIKED)
    assert kinds(report) == ["cost.anomaly"]
    finding = report.findings[0]
    assert finding.subject == {
        "ServiceName": "Amazon EC2",
        "SubAccountId": "111111111111",
        "RegionId": "us-east-1",
        "FirstDay": "2026-02-23",
    }
    assert finding.amount is not None
    assert finding.amount.mid == 150
    assert "by BoxUsage:m5.large" in finding.sentence
    assert answers(report)["Is every day of the bill as usual?"] is Verdict.FAIL


def test_what_stays_is_told_as_the_change_with_the_anomaly_s_cause() -> None:
    new = [
        Charge(day=SPIKE + timedelta(days=n), cost=Decimal(100), resource="i-new") for n in range(7)
    ]
    made = change("ec2:RunInstances", "i-new")
    report = reported([*steady(FIRST, YESTERDAY), *new], recorded(made))
    assert kinds(report) == ["cost.new_resource"]
    assert "ec2:RunInstances on i-new by ops/ada" in report.findings[0].sentence
    assert "anomaly_causes" in report.findings[0].evidence
    assert answers(report)["Is a cause recorded for what was unusual?"] is Verdict.PASS


def test_a_cause_that_could_not_be_sought_is_inconclusive() -> None:
    denied = Coverage(table="cloudtrail events", asked="all", status=CoverageStatus.DENIED)
    report = reported(SPIKED, None, (*ALL_READ, denied))
    assert "Its cause is inconclusive" in report.findings[0].sentence
    question = "Is a cause recorded for what was unusual?"
    assert answers(report)[question] is Verdict.INCONCLUSIVE


def test_a_change_found_beside_a_refused_trail_is_no_known_cause() -> None:
    denied = Coverage(table="cloudtrail events", asked="all", status=CoverageStatus.DENIED)
    scaled = recorded(change("ec2:RunInstances", "i-1"))
    question = "Is a cause recorded for what was unusual?"
    assert answers(reported(SPIKED, scaled, ALL_READ))[question] is Verdict.PASS
    report = reported(SPIKED, scaled, (*ALL_READ, denied))
    assert "Not all was read" in report.findings[0].sentence
    assert answers(report)[question] is Verdict.INCONCLUSIVE


def test_every_amount_can_be_traced_to_the_days() -> None:
    report = reported(SPIKED)
    tables = report_tables(report)
    days, anomalies = tables["anomaly_days"], tables["anomalies"]
    assert sum(days["cost"]) - sum(days["expected"]) == sum(anomalies["impact"])
    assert report.findings[0].amount is not None
    assert sum(anomalies["impact_in_period"]) == report.findings[0].amount.mid


def aws(**facts: object) -> pd.DataFrame:
    row = {
        "AnomalyId": "a",
        "FirstDay": SPIKE,
        "LastDay": None,
        "ServiceName": "Amazon EC2",
        "SubAccountId": "111111111111",
        "RegionId": "us-east-1",
        "SkuMeter": "",
        "Impact": Decimal(120),
        "Expected": None,
        "Currency": "USD",
    }
    return pd.DataFrame([row | facts], columns=list(AWS_ANOMALIES.columns))


def test_what_both_found_is_matched() -> None:
    compared = reported(SPIKED, aws_anomalies=aws()).unusual.aws
    assert len(compared.both) == 1
    assert not compared.only_ours
    assert not compared.only_aws


@pytest.mark.parametrize(
    "facts",
    [
        {"ServiceName": "Amazon RDS"},
        {"SubAccountId": "222222222222"},
        {"FirstDay": date(2026, 2, 25)},
    ],
)
def test_what_each_missed_is_told(facts: dict[str, object]) -> None:
    compared = reported(SPIKED, aws_anomalies=aws(**facts)).unusual.aws
    assert (len(compared.only_ours), len(compared.only_aws)) == (1, 1)


def test_aws_s_detection_that_is_off_or_refused_is_told_apart_from_none_found() -> None:
    for status, detail, is_set_up in (
        (CoverageStatus.COMPLETE, "", True),
        (CoverageStatus.COMPLETE, NOT_SET_UP, False),
        (CoverageStatus.DENIED, "", None),
    ):
        others = tuple(one for one in ALL_READ if one.table != "AWS anomalies")
        asked = Coverage(table="AWS anomalies", asked="all", status=status, detail=detail)
        report = reported(steady(FIRST, YESTERDAY), None, (*others, asked))
        assert report.unusual.aws.is_set_up is is_set_up
        verdict = Verdict.INCONCLUSIVE if is_set_up is None else Verdict.PASS
        assert answers(report)["Is every day of the bill as usual?"] is verdict


def use(unused: list[Decimal]) -> pd.DataFrame:
    rows = [
        (day, "savings_plans", 1 - float(amount) / 100, amount, "USD")
        for day, amount in zip(DAYS, unused, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(COMMITMENT_USE.columns))


def test_a_commitment_that_is_used_less_is_a_finding_with_its_money() -> None:
    unused = [Decimal(40) if day >= SPIKE else Decimal(1) for day in DAYS]
    report = reported(steady(FIRST, YESTERDAY), commitments=use(unused))
    assert kinds(report) == ["cost.commitment_use"]
    finding = report.findings[0]
    assert (finding.subject, finding.first_day) == ({"Commitment": "savings_plans"}, "2026-02-23")
    assert finding.amount is not None
    assert finding.amount.mid == pytest.approx(4 * 39)
    assert answers(report)["Are commitments used as before?"] is Verdict.FAIL


def test_a_commitment_that_was_never_used_whole_is_no_finding() -> None:
    report = reported(steady(FIRST, YESTERDAY), commitments=use([Decimal(40)] * len(DAYS)))
    assert not kinds(report)
    assert answers(report)["Are commitments used as before?"] is Verdict.PASS


def test_use_that_could_not_be_read_is_inconclusive() -> None:
    refused = Coverage(table="commitment use", asked="all", status=CoverageStatus.THROTTLED)
    report = reported(steady(FIRST, YESTERDAY), None, (*ALL_READ, refused))
    assert answers(report)["Are commitments used as before?"] is Verdict.INCONCLUSIVE


def test_without_places_a_bill_says_that_regions_were_not_all_asked() -> None:
    params = parameters()
    bill = replace(make_bill(SPIKED), places=None, resources=None)
    report = analyse_cost(params, plan_periods(params), tables_of(bill), recorded(), ALL_READ)
    assert "tells no region" in report.findings[0].sentence
