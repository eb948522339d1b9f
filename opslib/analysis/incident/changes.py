"""Changes ranked by how unusual and how consequential they are: suspects, never causes.

The user agent is not among the columns that are read: its caller writes it.

Assumption: most changes in the account are ordinary. Failure mode: where the history is short or
missing, rarity says nothing, and only what a call touches and gives away is left; the result
says how many periods it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isnan
from typing import Any

import pandas as pd

from opslib.analysis.incident.change_confidence import (
    Confidence,
    change_chances,
    change_shares,
    judge_change,
)
from opslib.analysis.incident.change_factors import ChangeFactors
from opslib.analysis.incident.change_odds import exposures_of, factor_columns
from opslib.analysis.incident.change_places import ChangePlace
from opslib.analysis.incident.cloudtrail import EventKind
from opslib.analysis.incident.consequences import ConsequenceClass, consequences_of
from opslib.analysis.incident.exposure import NO_EXPOSURE, Exposure
from opslib.analysis.incident.rarity import ChangePast, networks_of

__all__ = ["ChangeSuspect", "rank_changes", "score_changes"]

FACTORS = tuple(ChangeFactors.__dataclass_fields__)
SUMS = ("Score", "PastPeriods", "SeenPeriods")
ACT = ("Principal", "EventSource", "EventName")
ORDER = ["EventTime", "EventId", "EventSource", "EventName", "Principal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSuspect:
    """A change, what speaks for suspecting it, and how sure that is.

    Args:
        rank: 1 for the first.
        event_id: CloudTrail's.
        time: as recorded, UTC.
        account: account id.
        region: AWS region.
        principal: who acted.
        operation: service and operation, ``iam:CreateAccessKey``.
        consequences: classes of what the call touches, the gravest first.
        exposure: what its parameters give away.
        factors: log-odds by factor.
        past_periods: periods of the past (days, for a history of four weeks or more) that rarity
            rests on, the change's own left out; with 0, rarity says nothing.
        seen_periods: in how many of them its principal did the same.
        place: where what was changed lies, seen from the symptom; None where that is not known.
        confidence: how sure it is more than a coincidence.
        reservations: what keeps it from being surer, in sentences.
    """

    rank: int
    event_id: str
    time: datetime
    account: str
    region: str
    principal: str
    operation: str
    consequences: tuple[ConsequenceClass, ...]
    exposure: Exposure
    factors: ChangeFactors
    past_periods: int
    seen_periods: int
    place: ChangePlace | None
    confidence: Confidence
    reservations: tuple[str, ...]


def rank_changes(
    events: pd.DataFrame,
    history: pd.DataFrame,
    *,
    onset: datetime | None = None,
    since: datetime | None = None,
    places: Mapping[str, ChangePlace] | None = None,
    most: int | None = None,
) -> tuple[ChangeSuspect, ...]:
    """Return the changes among ``events``, the most suspect first.

    Args:
        events: as `opslib.analysis.incident.cloudtrail.classify_events` returns them.
        history: `CHANGE_HISTORY` of the account's past; may hold the events themselves.
        onset: when the symptom began; None ranks without regard to time, and nothing surely.
        since: from when on ``events`` are whole; None for the first of them.
        places: event id to where what was changed lies, where that is known.
        most: so many at most.
    """
    known = places or {}
    scored = score_changes(events, history, onset=onset, places=known)
    if scored.empty:
        return ()
    exposures = exposures_of(scored, history["AccountId"].dropna())
    judged = _judged(scored, onset, since or scored["EventTime"].min(), known, most)
    rows = [{str(key): value for key, value in row.items()} for row in judged.to_dict("records")]
    return tuple(
        _suspect(rank, row, exposures.get(row["RequestParameters"], NO_EXPOSURE), known)
        for rank, row in enumerate(rows, start=1)
    )


def _judged(
    scored: pd.DataFrame,
    onset: datetime | None,
    since: datetime,
    places: Mapping[str, ChangePlace],
    most: int | None,
) -> pd.DataFrame:
    """Return the first changes with ``Chance``, NaN without an onset, and ``Share``."""
    components = {event: place.component for event, place in places.items()}
    placed = scored.assign(Component=scored["EventId"].map(components).astype(object).fillna(""))
    first = len(placed) if most is None else min(most, len(placed))
    chances = (
        float("nan")
        if onset is None
        else change_chances(placed, first=first, since=since, onset=onset)
    )
    shares = change_shares(placed, first=first)
    return placed.head(first).assign(Chance=chances, Share=shares)


def score_changes(
    events: pd.DataFrame,
    history: pd.DataFrame,
    *,
    onset: datetime | None = None,
    places: Mapping[str, ChangePlace] | None = None,
) -> pd.DataFrame:
    """Return the changes with a column for each factor and their sum ``Score``, best first.

    ``PastPeriods`` says how much past rarity rests on, ``SeenPeriods`` in how much of it the
    principal did the same. Events of one score are in order of time
    and id, whatever the order of the input.
    """
    changes = events[events["Changes"] & (events["Kind"] != EventKind.INSIGHT.value)]
    changes = changes.sort_values(ORDER, kind="stable").reset_index(drop=True)
    if changes.empty:
        return changes.assign(**dict.fromkeys((*FACTORS, *SUMS), 0.0))
    changes = changes.assign(Network=networks_of(changes["SourceIpAddress"]))
    past = ChangePast.of(history, changes)
    odds = factor_columns(
        changes,
        past,
        exposures_of(changes, history["AccountId"].dropna()),
        onset=onset,
        places=places or {},
    )
    frame = changes.assign(
        **odds, PastPeriods=past.seen(changes, ()), SeenPeriods=past.seen(changes, ACT)
    )
    frame["Score"] = ChangeFactors().score + frame[list(FACTORS)].sum(axis=1).round(9)
    return frame.sort_values(
        ["Score", *ORDER], ascending=[False, *[True] * len(ORDER)], kind="stable"
    ).reset_index(drop=True)


def _suspect(
    rank: int, row: dict[str, Any], exposure: Exposure, places: Mapping[str, ChangePlace]
) -> ChangeSuspect:
    source, name = str(row["EventSource"]), str(row["EventName"])
    place, past_periods = places.get(str(row["EventId"])), int(row["PastPeriods"])
    confidence, reservations = judge_change(
        chance=None if isnan(row["Chance"]) else float(row["Chance"]),
        share=float(row["Share"]),
        past_periods=past_periods,
        hops=place.hops if place else None,
    )
    return ChangeSuspect(
        rank=rank,
        event_id=str(row["EventId"]),
        time=row["EventTime"].to_pydatetime(),
        account=str(row["AccountId"]),
        region=str(row["AwsRegion"]),
        principal=str(row["Principal"]),
        operation=f"{source.removesuffix('.amazonaws.com')}:{name}",
        consequences=tuple(item for item, _ in consequences_of(source, name)),
        exposure=exposure,
        factors=ChangeFactors(**{factor: float(row[factor]) for factor in FACTORS}),
        past_periods=past_periods,
        seen_periods=int(row["SeenPeriods"]),
        place=place,
        confidence=confidence,
        reservations=reservations,
    )
