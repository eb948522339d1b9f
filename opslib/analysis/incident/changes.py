"""Changes ranked by how unusual and how consequential they are: suspects, never causes.

The user agent is not among the columns that are read: its caller writes it.

Assumption: most changes in the account are ordinary. Failure mode: where the history is short or
missing, rarity says nothing, and only what a call touches and gives away is left; the result
says how many periods it rests on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from opslib.analysis.incident.change_factors import (
    SHARED,
    STEP,
    ChangeFactors,
    distance_odds,
    time_odds,
)
from opslib.analysis.incident.cloudtrail import EventKind
from opslib.analysis.incident.consequences import ConsequenceClass, consequences_of
from opslib.analysis.incident.exposure import NO_EXPOSURE, Exposure, exposure_of
from opslib.analysis.incident.rarity import ChangePast, Floats, networks_of

__all__ = ["ChangeSuspect", "rank_changes", "score_changes"]

FACTORS = tuple(ChangeFactors.__dataclass_fields__)
BURST_SECONDS = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSuspect:
    """A change, and what speaks for suspecting it.

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


def rank_changes(
    events: pd.DataFrame,
    history: pd.DataFrame,
    *,
    onset: datetime | None = None,
    distance: Mapping[str, float] | None = None,
    most: int | None = None,
) -> tuple[ChangeSuspect, ...]:
    """Return the changes among ``events``, the most suspect first.

    Args:
        events: as `opslib.analysis.incident.cloudtrail.classify_events` returns them.
        history: `CHANGE_HISTORY` of the account's past; may hold the events themselves.
        onset: when the symptom began; None ranks without regard to time.
        distance: event id to edges between what was changed and the symptom.
        most: so many at most.
    """
    scored = score_changes(events, history, onset=onset, distance=distance)
    exposures = _exposures(scored, history["AccountId"].dropna())
    chosen = scored if most is None else scored.head(most)
    rows = [{str(key): value for key, value in row.items()} for row in chosen.to_dict("records")]
    return tuple(
        _suspect(rank, row, exposures.get(row["RequestParameters"], NO_EXPOSURE))
        for rank, row in enumerate(rows, start=1)
    )


def score_changes(
    events: pd.DataFrame,
    history: pd.DataFrame,
    *,
    onset: datetime | None = None,
    distance: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return the changes with a column for each factor and their sum ``Score``, best first.

    Events of one score are in order of time and id, whatever the order of the input.
    """
    changes = events[events["Changes"] & (events["Kind"] != EventKind.INSIGHT.value)]
    changes = changes.sort_values(["EventTime", "EventId"], kind="stable").reset_index(drop=True)
    if changes.empty:
        return changes.assign(**dict.fromkeys((*FACTORS, "Score"), 0.0))
    changes = changes.assign(Network=networks_of(changes["SourceIpAddress"]))
    past = ChangePast.of(history, changes)
    odds = _rarities(changes, past)
    exposures = _exposures(changes, history["AccountId"].dropna())
    odds |= {
        "consequence": _consequence(changes, past),
        "exposure": _exposure(changes, exposures, past),
        "outcome": _outcome(changes),
        "origin": _origin(changes),
    }
    odds["burst"] = _burst(changes)
    odds["repetition"] = _repetition(changes, past)
    odds["time"] = _time(changes, onset)
    odds["distance"] = _distance(changes, distance or {})
    frame = changes.assign(**odds)
    frame["Score"] = ChangeFactors().score + frame[list(FACTORS)].sum(axis=1).round(9)
    return frame.sort_values(
        ["Score", "EventTime", "EventId"], ascending=[False, True, True], kind="stable"
    ).reset_index(drop=True)


def _rarities(changes: pd.DataFrame, past: ChangePast) -> dict[str, Floats]:
    operation = ["EventSource", "EventName"]
    things = {
        "operation": operation,
        "principal_operation": ["Principal", *operation],
        "principal_service": ["Principal", "EventSource"],
        "principal": ["Principal"],
        "network": ["Network"],
        "region": ["AwsRegion"],
    }
    return {name: SHARED * past.rarity(changes, thing) for name, thing in things.items()}


def _consequence(changes: pd.DataFrame, past: ChangePast) -> Floats:
    """Return the odds of the harm a call can do, less for each period its principal did it in."""
    called = zip(changes["EventSource"].fillna(""), changes["EventName"].fillna(""), strict=True)
    harm = np.array([STEP * consequences_of(*call)[0][1] for call in called])
    return harm / (1 + past.seen(changes, ["Principal", "EventSource", "EventName"]))


def _exposures(changes: pd.DataFrame, known: Collection[str]) -> dict[str, Exposure]:
    own = {*changes["AccountId"].dropna(), *known}
    return {text: exposure_of(text, own) for text in changes["RequestParameters"].dropna().unique()}


def _exposure(changes: pd.DataFrame, exposures: Mapping[str, Exposure], past: ChangePast) -> Floats:
    """Return the odds of what is given away, less for each period its principal did so in."""
    found = changes["RequestParameters"].map(exposures)
    found = found.where(found.notna(), NO_EXPOSURE)
    odds = np.array([_exposure_odds(item) for item in found])
    again = past.seen_again(
        changes.assign(Exposure=found.map(str)),
        ["Principal", "EventSource", "EventName", "Exposure"],
    )
    return odds / (1 + again)


def _exposure_odds(found: Exposure) -> float:
    plain = (found.everybody, found.whole_internet, found.full_rights, bool(found.outsiders))
    slight = (found.switched_off, found.given_key, found.hidden)
    return STEP * (2 * any(plain) + any(slight))


def _outcome(changes: pd.DataFrame) -> Floats:
    failed = changes["Failed"].to_numpy(bool)
    denied = changes["Denied"].to_numpy(bool)
    odds: Floats = np.where(denied, STEP / 2, np.where(failed, -STEP, 0.0)).astype(np.float64)
    return odds


def _origin(changes: pd.DataFrame) -> Floats:
    signed_in = (changes["Kind"] == EventKind.SIGN_IN.value) & changes["PrincipalType"].isin(
        ["IAMUser", "Root"]
    )
    single = changes["AdditionalEventData"].fillna("").str.contains(r'"MFAUsed"\s*:\s*"No"')
    by_service = changes["ByService"] | (changes["Kind"] == EventKind.SERVICE_EVENT.value)
    odds: Floats = STEP * (
        -2.0 * by_service.to_numpy(float)
        + (changes["PrincipalType"] == "Root").to_numpy(float)
        + 2.0 * (signed_in & single).to_numpy(float)
    )
    return odds


def _burst(changes: pd.DataFrame) -> Floats:
    """Return the odds by the kinds of change of one principal within minutes, that one included.

    They are one act, and share what it carries: a tool that sets up a project changes twenty
    things of which each, alone, would look rare.
    """
    kinds = np.ones(len(changes))
    for _, rows in changes.groupby("Principal", dropna=False):
        seconds = (rows["EventTime"] - rows["EventTime"].iloc[0]).dt.total_seconds().to_numpy()
        first = np.searchsorted(seconds, seconds - BURST_SECONDS)
        last = np.searchsorted(seconds, seconds + BURST_SECONDS, side="right")
        kinds[rows.index] = _distinct_in(rows["EventName"].to_numpy(), first, last)
    odds: Floats = -SHARED * np.log(kinds)
    return odds


def _distinct_in(names: Any, first: Any, last: Any) -> Floats:
    """Return how many names there are in each span, by sliding over spans in order."""
    found = np.ones(len(names))
    inside: Counter[str] = Counter()
    start = end = 0
    for place, (low, high) in enumerate(zip(first, last, strict=True)):
        inside.update(names[end:high])
        for name in names[start:low]:
            inside[name] -= 1
            if not inside[name]:
                del inside[name]
        start, end = low, high
        found[place] = len(inside)
    return found


def _repetition(changes: pd.DataFrame, past: ChangePast) -> Floats:
    act = changes.assign(Period=past.periods(changes["EventTime"]))
    keys = ["Period", "Principal", "EventSource", "EventName"]
    return -SHARED * np.log1p(act.groupby(keys, dropna=False).cumcount().to_numpy(float))


def _time(changes: pd.DataFrame, onset: datetime | None) -> Floats:
    if onset is None:
        return np.zeros(len(changes))
    before = pd.Timestamp(onset) - changes["EventTime"]
    return np.array([time_odds(seconds / 60) for seconds in before.dt.total_seconds()])


def _distance(changes: pd.DataFrame, distance: Mapping[str, float]) -> Floats:
    hops = changes["EventId"].map(distance)
    return np.array([0.0 if np.isnan(hop) else distance_odds(hop) for hop in hops.astype(float)])


def _suspect(rank: int, row: dict[str, Any], exposure: Exposure) -> ChangeSuspect:
    source, name = str(row["EventSource"]), str(row["EventName"])
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
    )
