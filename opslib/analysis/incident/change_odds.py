"""Each factor of the ranking of changes, as a column of log-odds over all of them.

What the factors are and how they add up is told in `opslib.analysis.incident.change_factors`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from opslib.analysis.incident.change_factors import (
    SHARED,
    STEP,
    distance_odds,
    suspicion_odds,
    time_odds,
)
from opslib.analysis.incident.change_places import ChangePlace
from opslib.analysis.incident.cloudtrail import EventKind
from opslib.analysis.incident.consequences import consequences_of
from opslib.analysis.incident.exposure import Exposure, exposure_of
from opslib.analysis.incident.rarity import ChangePast, Floats

__all__ = ["exposures_of", "factor_columns"]

BURST_SECONDS = 900


def factor_columns(
    changes: pd.DataFrame,
    past: ChangePast,
    exposures: Mapping[str, Exposure],
    *,
    onset: datetime | None,
    places: Mapping[str, ChangePlace],
) -> dict[str, Floats]:
    """Return the log-odds of each field of `ChangeFactors`, in the order of ``changes``.

    Args:
        changes: changing events in order of time, with their ``Network``; index from 0.
        past: what they are judged against.
        exposures: what each text of parameters gives away.
        onset: when the symptom began, if it is known.
        places: event id to where what was changed lies, where that is known.
    """
    return {
        **_rarities(changes, past),
        "consequence": _consequence(changes, past),
        "exposure": _exposure(changes, exposures, past),
        "outcome": _outcome(changes),
        "origin": _origin(changes),
        "burst": _burst(changes),
        "repetition": _repetition(changes, past),
        "time": _time(changes, onset),
        **_place(changes, places),
    }


def exposures_of(changes: pd.DataFrame, known: Collection[str]) -> dict[str, Exposure]:
    """Return what each distinct text of parameters gives away to accounts not ``known``."""
    own = {*changes["AccountId"].dropna(), *known}
    return {text: exposure_of(text, own) for text in changes["RequestParameters"].dropna().unique()}


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


def _exposure(changes: pd.DataFrame, exposures: Mapping[str, Exposure], past: ChangePast) -> Floats:
    """Return the odds of what is given away, less for each period its principal did so in."""
    odds = {text: _exposure_odds(found) for text, found in exposures.items()}
    facts = {text: str(found) for text, found in exposures.items()}
    texts = changes["RequestParameters"]
    again = past.seen_again(
        changes.assign(Exposure=texts.map(facts).astype(object).fillna("")),
        ["Principal", "EventSource", "EventName", "Exposure"],
    )
    shared: Floats = texts.map(odds).fillna(0.0).to_numpy(float) / (1 + again)
    return shared


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


def _place(changes: pd.DataFrame, places: Mapping[str, ChangePlace]) -> dict[str, Floats]:
    found = [places.get(event) for event in changes["EventId"]]
    distance = [distance_odds(place.hops) if place else 0.0 for place in found]
    told = [place.suspicion if place else None for place in found]
    component = [0.0 if score is None else suspicion_odds(score) for score in told]
    return {"distance": np.array(distance), "component": np.array(component)}
