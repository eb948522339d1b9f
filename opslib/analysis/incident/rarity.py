"""How rare a change is in the account's own past, as log-odds.

Method: the past is cut into periods, and what counts is in how many of them a thing was seen,
not how often: one busy minute makes nothing ordinary. With ``d`` of ``n`` periods, the chance
to see it in one more is (d + 1/2) / (n + 1) (Krichevsky and Trofimov 1981, Jeffreys' prior);
for somebody who does what they please it is 1/2. The log of their ratio, ln((n+1) / (2d+1)), is
positive for what is rare, 0 without a past, and never below ln(1/2).
The period that an event lies in is left out of its own past (leave-one-out), so that events may
be judged against a history that holds them.

Assumption: what is done in many periods is ordinary. Failure mode: an intruder who stays for
weeks becomes ordinary; a yearly task looks as rare as a break-in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from opslib.tables.change_history import HISTORY_KEYS

__all__ = ["ChangePast", "count_history", "networks_of"]

PERIODS = 28
"""Into so many periods the past is cut; none is shorter than an hour or longer than a day."""
HOUR = pd.Timedelta(hours=1)
DAY = pd.Timedelta(days=1)
IPV4_NETWORK = r"^(\d{1,3}\.\d{1,3})\.\d{1,3}\.\d{1,3}$"
IPV6_NETWORK = r"^([0-9a-fA-F]+:[0-9a-fA-F]*:[0-9a-fA-F]*):.*$"

Floats = npt.NDArray[np.float64]


def count_history(events: pd.DataFrame) -> pd.DataFrame:
    """Return the `CHANGE_HISTORY` of ``events``, for sources that hand out single events."""
    changing = events[events["ReadOnly"].fillna("") != "true"]
    return (
        changing.assign(Hour=changing["EventTime"].dt.floor("h"))
        .groupby(["Hour", *HISTORY_KEYS], dropna=False, sort=True)
        .size()
        .reset_index(name="Events")
    )


def networks_of(addresses: pd.Series) -> pd.Series:
    """Return the network of each address: /16 of IPv4, /48 of IPv6, names as they are."""
    texts = addresses.fillna("").astype(str)
    return texts.str.replace(IPV4_NETWORK, r"\1", regex=True).str.replace(
        IPV6_NETWORK, r"\1", regex=True
    )


@dataclass(frozen=True, slots=True)
class ChangePast:
    """The past that changes are judged against.

    Args:
        history: `CHANGE_HISTORY` with a column ``Network``.
        start: start of the first period.
        period: length of one.
    """

    history: pd.DataFrame
    start: pd.Timestamp
    period: pd.Timedelta

    @classmethod
    def of(cls, history: pd.DataFrame, events: pd.DataFrame) -> ChangePast:
        """Return the past in ``history``, in periods fit for its length."""
        # An empty table that was read from nowhere tells no type of its hours.
        history = history.assign(Hour=pd.to_datetime(history["Hour"], utc=True))
        times = history["Hour"] if len(history) else events["EventTime"]
        start, end = times.min().floor("h"), times.max()
        period = min(max(((end - start) / PERIODS).ceil("h"), HOUR), DAY)
        return cls(history.assign(Network=networks_of(history["SourceIpAddress"])), start, period)

    def periods(self, times: pd.Series) -> pd.Series:
        """Return the number of the period that each time lies in."""
        return (times - self.start) // self.period

    def rarity(self, events: pd.DataFrame, thing: Sequence[str]) -> Floats:
        """Return the log-odds that each event's ``thing`` is rare in the past.

        Args:
            events: changes, with the columns named.
            thing: columns that together name what is looked for.
        """
        odds: Floats = np.log((self.seen(events, ()) + 1) / (2 * self.seen(events, thing) + 1))
        return odds

    def seen_again(self, events: pd.DataFrame, thing: Sequence[str]) -> Floats:
        """Return in how many periods, but its own, each event's ``thing`` is among ``events``.

        For what the history does not hold.
        """
        times = events.assign(Period=self.periods(events["EventTime"]))
        distinct = times[[*thing, "Period"]].drop_duplicates()
        counts = distinct.groupby(list(thing), dropna=False).size().rename("n").reset_index()
        found = times.merge(counts, on=list(thing), how="left")["n"].to_numpy(float)
        again: Floats = found - 1
        return again

    def seen(self, events: pd.DataFrame, columns: Sequence[str]) -> Floats:
        """Return in how many periods, but its own, each event's values were seen."""
        names = ["Period", *columns]
        past = self.history.assign(Period=self.periods(self.history["Hour"]))[names]
        past = past.drop_duplicates()
        now = events.assign(Period=self.periods(events["EventTime"]))[names]
        own = _is_in(now, past).astype(float)
        if not columns:
            everything: Floats = len(past) - own
            return everything
        counts = past.groupby(list(columns), dropna=False).size().rename("n").reset_index()
        found = now.merge(counts, on=list(columns), how="left")["n"].fillna(0).to_numpy(float)
        others: Floats = found - own
        return others


def _is_in(rows: pd.DataFrame, among: pd.DataFrame) -> npt.NDArray[np.bool_]:
    marked = rows.merge(among.assign(found=True), on=list(rows.columns), how="left")["found"]
    return marked.notna().to_numpy(bool)
