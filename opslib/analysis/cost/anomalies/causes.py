"""The changes that could explain an anomaly, ranked: suspects, never causes.

Method: as for an incident (`opslib.analysis.incident.change_factors`), each fact adds the log of
how much more likely it is of a change that explains the anomaly than of an ordinary one: the
resource that it names is what rose (the strongest evidence) or stayed as it was; its service is the
anomaly's; what it is about is charged by the usage types that moved; it makes, alters or takes
away; how long before the first day it was; how rare such an act is among the hours read, and to how
much at once it was done. A change is listed where its service bears on the anomaly's, or where it
names a resource that moved. Changes whose odds are alike are said to be so.

Assumption: charges follow a change within `cause_hours`. Failure mode: what nobody did, such as
more traffic, has no change; an ordinary change of the same service is then listed, and its evidence
says how little speaks for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import log

import pandas as pd

from opslib.analysis.cost.anomalies.anomaly import CostAnomaly
from opslib.analysis.cost.anomalies.cause_factors import MOVED, Act, CauseFactors, judge_cause
from opslib.analysis.cost.anomalies.cause_reads import accounts_of, unread_changes
from opslib.analysis.cost.anomalies.meters import moved_meters
from opslib.analysis.cost.anomalies.resource_moves import (
    ResourceMove,
    joint_move,
    resource_moves,
)
from opslib.analysis.cost.anomalies.services import bears_on
from opslib.analysis.cost.anomalies.windows import cause_window, later_window
from opslib.coverage import Coverage
from opslib.parameters.cost import CostParameters
from opslib.tables.cost_changes import names_in
from opslib.tables.costs import Bill
from opslib.tables.timeline import EventKind

__all__ = ["CauseStatus", "ChangeSuspected", "Explanation", "explain_anomalies"]

ALIKE = log(2)
ONE_ACT = pd.Timedelta(minutes=15)
"""The same done again within it is one act, of a script or a plan: as the incident's burst."""
MOST = 5


class CauseStatus(StrEnum):
    """What is known of an anomaly's cause."""

    RECORDED = "recorded"
    NONE_RECORDED = "none recorded"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSuspected:
    """A change that could explain an anomaly.

    Args:
        at: when it was recorded, UTC.
        actor, action, resource, account, region, summary: as the timeline has them.
        reference: of the record within its source.
        factors: what speaks for it.
        moved: the resource that it names, where the bill knows it.
    """

    at: datetime
    actor: str
    action: str
    resource: str
    account: str
    region: str
    summary: str
    source: str
    reference: str
    factors: CauseFactors
    moved: ResourceMove | None

    @property
    def has_moved(self) -> bool:
        """Say whether the bill shows a resource that it names move with the anomaly."""
        return self.moved is not None and self.moved.share >= MOVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What could explain an anomaly.

    Args:
        anomaly: the anomaly.
        status: whether changes are recorded; inconclusive where none is and not all was read.
        suspects: the likeliest first, five at most.
        alike: how many of the first are as likely as the first.
        because: what could not be read.
    """

    anomaly: CostAnomaly
    status: CauseStatus
    suspects: tuple[ChangeSuspected, ...]
    alike: int
    because: tuple[str, ...]

    @property
    def alike_suspects(self) -> tuple[ChangeSuspected, ...]:
        """Return those that are as likely as the first, it included, as far as they are listed."""
        return self.suspects[: self.alike]


def explain_anomalies(
    anomalies: Sequence[CostAnomaly],
    changes: pd.DataFrame,
    bill: Bill,
    parameters: CostParameters,
    coverage: Sequence[Coverage],
) -> tuple[Explanation, ...]:
    """Return for each anomaly the changes that could explain it.

    Args:
        anomalies: the report period's.
        changes: columns of `opslib.tables.cost_changes.COST_CHANGES`, of the hours before them.
        bill: for the cost of the resources that changes name.
        parameters: ``cause_hours``, the cost basis, and what accounts are called.
        coverage: of the reads; without any of CloudTrail, nothing was looked for.
    """
    return tuple(_explained(one, changes, bill, parameters, coverage) for one in anomalies)


def _explained(
    anomaly: CostAnomaly,
    changes: pd.DataFrame,
    bill: Bill,
    parameters: CostParameters,
    coverage: Sequence[Coverage],
) -> Explanation:
    moves = resource_moves(bill, anomaly, parameters.cost_basis.column)
    meters = moved_meters(bill, anomaly, parameters.cost_basis.column)
    near = _near(anomaly, changes, parameters)
    suspects = [
        _suspect(row, anomaly, near, moves, meters)
        for row in near.to_dict("records")
        if _is_candidate(row, anomaly, moves)
    ]
    suspects.sort(key=lambda one: (-one.factors.score, one.at, one.reference))
    suspects = [one for one in suspects if one.factors.score > 0]
    because = unread_changes(anomaly, parameters, coverage)
    if not suspects and bill.places is None:
        because = (*because, "the bill tells no region, and not all regions were asked")
    status = CauseStatus.INCONCLUSIVE if because else CauseStatus.NONE_RECORDED
    best = suspects[0].factors.score if suspects else 0.0
    return Explanation(
        anomaly=anomaly,
        status=CauseStatus.RECORDED if suspects else status,
        suspects=tuple(suspects[:MOST]),
        alike=sum(best - one.factors.score < ALIKE for one in suspects),
        because=because,
    )


def _near(anomaly: CostAnomaly, changes: pd.DataFrame, parameters: CostParameters) -> pd.DataFrame:
    """Return the changes of the anomaly's accounts and regions, before it and while it goes on."""
    window = cause_window(anomaly, parameters.cause_hours)
    end = later_window(anomaly).end
    accounts = accounts_of(anomaly, parameters)
    regions = {part.region for part in anomaly.parts}
    kept = (
        (changes["Kind"] == EventKind.CHANGE.value)
        & (changes["At"] >= pd.Timestamp(window.start))
        & (changes["At"] < pd.Timestamp(end))
    )
    if accounts:
        kept &= changes["Account"].isin(accounts)
    if "" not in regions:
        kept &= changes["Region"].isin(regions)
    return changes[kept]


def _is_candidate(
    row: Mapping[object, object], anomaly: CostAnomaly, moves: Mapping[str, ResourceMove]
) -> bool:
    """Say whether a change bears on the anomaly; one after it began, by what it names alone."""
    moved = joint_move(moves, names_in(str(row["Resources"])))
    if pd.Timestamp(str(row["At"])) >= pd.Timestamp(later_window(anomaly).start):
        return moved is not None and moved.share >= MOVED
    return moved is not None or bears_on(str(row["Service"]), anomaly.place.service) is not False


def _suspect(
    row: Mapping[object, object],
    anomaly: CostAnomaly,
    near: pd.DataFrame,
    moves: Mapping[str, ResourceMove],
    meters: Collection[str],
) -> ChangeSuspected:
    moved = joint_move(moves, names_in(str(row["Resources"])))
    return ChangeSuspected(
        at=pd.Timestamp(str(row["At"])).to_pydatetime(),
        actor=str(row["Actor"]),
        action=str(row["Action"]),
        resource=str(row["Resource"]),
        account=str(row["Account"]),
        region=str(row["Region"]),
        summary=str(row["Summary"]),
        source=str(row["Source"]),
        reference=str(row["Reference"]),
        factors=judge_cause(
            _act(row, near),
            anomaly,
            meters=meters,
            moved=moved,
            knows_resources=bool(moves),
        ),
        moved=moved,
    )


def _act(row: Mapping[object, object], near: pd.DataFrame) -> Act:
    """Return a change with how often, and to how much at once, the same was done by the same."""
    same = near[(near["Action"] == row["Action"]) & (near["Actor"] == row["Actor"])]
    same = same.sort_values("At")
    number = (same["At"].diff() > ONE_ACT).cumsum()
    in_one_go = same[number == number[same["Reference"] == row["Reference"]].iloc[0]]
    return Act(
        at=pd.Timestamp(str(row["At"])).to_pydatetime(),
        action=str(row["Action"]),
        summary=str(row["Summary"]),
        service=str(row["Service"]),
        classes=names_in(str(row["Classes"])),
        times=int(number.iloc[-1]) + 1,
        extent=int(in_one_go.drop_duplicates("Resource")["Extent"].sum()),
    )
