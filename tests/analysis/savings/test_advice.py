"""Declines, owners and earlier advice in a whole report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from opslib.analysis.savings import SavingsReport, report_tables
from opslib.analysis.savings.counting import Counted
from opslib.analysis.savings.recommendation import Reason
from opslib.findings import Verdict
from opslib.money import total
from opslib.runner.catalog import find_notebook
from opslib.tables.past_advice import DECLINED, PastAdvice
from tests.analysis.savings.commitments.hours import METER, rates_of, tables_of, used
from tests.analysis.savings.estates import ACCOUNT, AS_OF, DAYS, Charged
from tests.analysis.savings.reports import report_on
from tests.analysis.savings.test_counting import line, recommendation
from tests.analysis.savings.test_follow_through import advice

OWNERS = [
    {"owner": "platform", "accounts": [ACCOUNT]},
    {"owner": "search", "tags": {"Team": "search"}},
]
VOLUMES = {"a": {"Team": "search"}, "b": {"Team": "shop"}, "c": {}}


def declined(identity: str, until: date) -> PastAdvice:
    row = (identity, "kept", "ada", until)
    return PastAdvice(declined=pd.DataFrame([row], columns=list(DECLINED.columns)))


def id_of(report: SavingsReport, name: str) -> str:
    recommended = [one.recommendation for one in report.counted]
    return next(one.id for one in recommended if one.thing.id == name)


def test_what_is_declined_is_rejected_and_not_counted() -> None:
    identity = id_of(report_on(VOLUMES), "a")
    report = report_on(VOLUMES, past=declined(identity, date(2026, 3, 2)))
    assert report.saving == 60
    (rejection,) = [one for one in report.rejections if one.reason is Reason.DECLINED]
    assert (rejection.id, rejection.saving) == (identity, Decimal(30))
    assert "savings.unattached_volume" not in {
        one.kind for one in report.findings if one.subject.get("ResourceId") == "a"
    }


def test_a_commitment_that_is_declined_or_of_another_owner_is_not_to_be_bought() -> None:
    plan = "compute-savings-plan 1y"
    rates = rates_of(("compute-savings-plan", "", METER, "0.7"))
    hours = tables_of(used(range(60 * 24)), rates)
    advised = report_on({}, backtest=hours)
    assert (advised.backtest.bought, advised.saving) == (1, Decimal(216))
    refused = declined(id_of(advised, plan), date(2026, 3, 2))
    for report in (
        report_on({}, backtest=hours, past=refused),
        report_on({}, backtest=hours, owners=OWNERS, owner="search"),
    ):
        assert (report.backtest.bought, report.saving) == (0, Decimal(0))
        assert [one.offer.id for one in report.backtest.tried] == [plan]
        (said,) = [one for one in report.conclusions if "commit to" in one.question]
        assert said.sentence == "Nothing is to be bought, by the past 60 days."
        assert said.verdict is Verdict.PASS


def test_a_decline_that_ended_is_open_again_and_told() -> None:
    identity = id_of(report_on(VOLUMES), "a")
    report = report_on(VOLUMES, past=declined(identity, date(2026, 3, 1)))
    assert report.saving == 90
    (told,) = [one for one in report.findings if one.kind == "savings.decline_expired"]
    assert "it is open again" in told.sentence


def test_a_decline_of_nothing_is_told() -> None:
    report = report_on(VOLUMES, past=declined("0123456789ab", date(2026, 4, 1)))
    assert "savings.decline_unknown" in {one.kind for one in report.findings}


def test_a_decline_of_what_an_earlier_report_knew_is_not_doubted() -> None:
    past = advice("a", "60", ("gp3", "60"))
    known = declined("id-a", date(2026, 4, 1))
    both = PastAdvice(advice=past.advice, lines=past.lines, declined=known.declined)
    kinds = {one.kind for one in report_on(VOLUMES, past=both).findings}
    assert "savings.decline_unknown" not in kinds


def test_findings_name_their_owner() -> None:
    report = report_on(VOLUMES, owners=OWNERS)
    owners = {one.subject["ResourceId"]: one.owner for one in report.findings}
    assert owners == {"a": "search", "b": "platform", "c": "platform"}


@settings(max_examples=15)
@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["search", "shop", "ads"])))
def test_the_reports_of_all_owners_add_up_to_the_whole(teams: dict[str, str]) -> None:
    volumes = {name: {"Team": team} for name, team in teams.items()}
    whole = report_on(volumes, owners=OWNERS)
    parts = [report_on(volumes, owners=OWNERS, owner=name) for name in ("platform", "search")]
    assert total(one.saving for one in parts) == whole.saving == 30 * len(volumes)


def test_the_report_of_one_owner_follows_only_its_advice() -> None:
    past = advice("a", "60", ("gp3", "60"))
    assert len(report_on(VOLUMES, past=past, owners=OWNERS).advice.followed) == 1
    others = past.advice.assign(Owner="search")
    theirs = PastAdvice(advice=others, lines=past.lines)
    assert report_on(VOLUMES, past=theirs, owners=OWNERS, owner="platform").advice.followed == ()
    unowned = PastAdvice(advice=past.advice.assign(Owner=""), lines=past.lines)
    assert (
        len(report_on(VOLUMES, past=unowned, owners=OWNERS, owner="platform").advice.followed) == 1
    )


def test_a_report_leaves_what_later_ones_follow_it_by() -> None:
    report = report_on(VOLUMES, owners=OWNERS)
    tables = report_tables(report)
    assert set(find_notebook("cost_savings").remembers) <= set(tables)
    recommended = tables["recommendations"]
    assert sorted(recommended["owner"]) == ["platform", "platform", "search"]
    assert set(recommended["advised_since"]) == {report.parameters.as_of}
    assert tables["recommended_charges"]["cost"].tolist() == [Decimal(30)] * 3


def test_the_charges_are_those_of_the_resources_whose_lines_are_acted_on() -> None:
    disk: Charged = ("a", "EBS:VolumeP-IOPS.gp3", "1", "1", DAYS)
    report = report_on(VOLUMES, disk)
    cost = Decimal(30)
    stopped = recommendation(
        "stopped_instance",
        "i-1",
        line("a", cost, cost, "EBS:VolumeUsage.gp3"),
        line("an estimate", cost, cost, "EBS:VolumeUsage.gp3"),
    )
    advised = replace(
        report.advice,
        counted=(Counted(recommendation=stopped, saving=stopped.saving),),
        since={stopped.id: AS_OF},
    )
    charged = report_tables(replace(report, advice=advised))["recommended_charges"]
    assert charged[["ResourceId", "SkuMeter"]].to_numpy().tolist() == [
        ["a", "EBS:VolumeP-IOPS.gp3"],
        ["a", "EBS:VolumeUsage.gp3"],
    ]
