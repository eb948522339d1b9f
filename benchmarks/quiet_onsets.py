"""How often a change is suspected at moments at which nothing happened.

    python -m benchmarks.quiet_onsets LOGS --onsets 300

Takes random moments of CloudTrail log files for onsets of symptoms, with the hours before as the
window and all else as the past, and counts how sure the first suspects are. Every change is taken
to be of what suffers, which is the most that its place can say for it.
"""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.changes import read_folder
from opslib.analysis.incident.change_confidence import Confidence
from opslib.analysis.incident.change_places import ChangePlace
from opslib.analysis.incident.changes import rank_changes
from opslib.analysis.incident.rarity import count_history

__all__ = ["quiet_confidences"]

FIRST_DAYS = timedelta(days=20)
"""So that there is a past to every moment."""


def quiet_confidences(
    events: pd.DataFrame, onsets: int, hours: float, seed: int
) -> Counter[Confidence]:
    """Return how sure the first suspects of so many random moments are.

    Args:
        events: classified, of many days.
        onsets: how many moments.
        hours: of the window before each.
        seed: which moments.
    """
    chance = np.random.default_rng(seed)
    first, last = events["EventTime"].min() + FIRST_DAYS, events["EventTime"].max()
    found: Counter[Confidence] = Counter()
    for share in chance.random(onsets):
        onset = (first + share * (last - first)).to_pydatetime()
        since = onset - timedelta(hours=hours)
        window = events[(events["EventTime"] >= since) & (events["EventTime"] <= onset)]
        places = {
            str(event): ChangePlace(component=f"{source} {principal}", hops=0)
            for event, source, principal in window[
                ["EventId", "EventSource", "Principal"]
            ].itertuples(index=False, name=None)
        }
        past = count_history(events[events["EventTime"] <= onset])
        told = rank_changes(window, past, onset=onset, since=since, places=places, most=1)
        found[told[0].confidence if told else Confidence.LOW] += 1
    return found


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--onsets", type=int, default=300)
    parser.add_argument("--hours", type=float, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    events, _ = read_folder(options.folder)
    found = quiet_confidences(events, options.onsets, options.hours, options.seed)
    for confidence in Confidence:
        print(f"{confidence.value:<8}{found[confidence] / options.onsets:.1%}")


if __name__ == "__main__":
    main()
