"""How far up the ranking of changes the events of a list come.

    python -m benchmarks.changes DIR --truth IDS.txt [--out FILE.csv]

Reads every CloudTrail file under DIR, ranks all changes in it against the folder's own past, and
prints average precision and the hits in the first 10 and 50 beside simpler rankings: the rarity
of the operation alone, what a call touches and gives away alone, and chance. ``--out`` writes
rank, score and every factor of each change. The user agent is read by none of them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from opslib.analysis.incident.changes import FACTORS, score_changes
from opslib.analysis.incident.cloudtrail import classify_events
from opslib.analysis.incident.rarity import count_history
from opslib.aws.operations import read_operations
from opslib.tables.cloudtrail_log import EVENT_ORDER, CloudTrailLog, gather_events
from opslib.tables.log_engine import LogEngine
from opslib.timewindow import TimeWindow

EVER = TimeWindow(start=datetime(2000, 1, 1, tzinfo=UTC), end=datetime(2100, 1, 1, tzinfo=UTC))
ENDINGS = (".json", ".gz", ".jsonl", ".ndjson")


def read_folder(folder: Path) -> tuple[pd.DataFrame, CloudTrailLog]:
    """Return the classified events of all files under ``folder``, and what could not be read."""
    files = [path for path in sorted(folder.rglob("*")) if path.name.endswith(ENDINGS)]
    with LogEngine() as engine:
        log = gather_events(engine, files, EVER)
        events = engine.run(log.events.order_by(*EVENT_ORDER))
    events["EventTime"] = events["EventTime"].dt.tz_localize(UTC)
    untold = events[~events["ReadOnly"].isin(["true", "false"])]
    called = zip(untold["EventSource"].fillna(""), untold["EventName"].fillna(""), strict=True)
    return classify_events(events, read_operations(called)), log


def average_precision(ranked: Sequence[str], truth: Collection[str]) -> float:
    """Return the mean, over ``truth``, of the precision at each of them; 0 for one not ranked."""
    hits = np.array([event in truth for event in ranked], dtype=bool)
    places = np.flatnonzero(hits) + 1
    return float((np.arange(1, len(places) + 1) / places).sum() / len(truth))


def rankings(scored: pd.DataFrame, seed: int = 1) -> dict[str, list[str]]:
    """Return event ids by ranking."""
    simple = {
        "operation's rarity alone": ["operation"],
        "consequence and exposure": ["consequence", "exposure"],
    }
    found = {"rank_changes": list(scored["EventId"])}
    for name, factors in simple.items():
        score = scored[factors].sum(axis=1)
        order = scored.assign(by=-score).sort_values(["by", *EVENT_ORDER], kind="stable")
        found[name] = list(order["EventId"])
    chance = np.random.default_rng(seed).permutation(len(scored))
    return found | {"chance": list(scored["EventId"].iloc[chance])}


def main() -> None:
    """Print the table; write the ranking."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--truth", type=Path, required=True, help="event ids, one a line")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    truth = {line.strip() for line in options.truth.read_text().splitlines() if line.strip()}
    if not truth:
        raise SystemExit(f"{options.truth} holds no event id")
    started = time.perf_counter()
    events, log = read_folder(options.folder)
    read = time.perf_counter()
    scored = score_changes(events, count_history(events))
    ranked = time.perf_counter()
    for file, what in log.losses.items():
        print(f"not read whole: {file}: {what}")
    for file in log.passed_over:
        print(f"no CloudTrail events: {file}")
    print(
        f"{log.rows:,} events ({log.repeated:,} repeated), {len(scored):,} changes; "
        f"read in {read - started:.1f} s, ranked in {ranked - read:.1f} s"
    )
    missing = truth - set(scored["EventId"])
    print(f"{len(truth)} event ids, {len(missing)} of them not among the changes\n")
    print(f"{'ranking':<28}{'average precision':>18}{'first 10':>10}{'first 50':>10}")
    for name, order in rankings(scored).items():
        hits = [sum(event in truth for event in order[:most]) for most in (10, 50)]
        print(f"{name:<28}{average_precision(order, truth):>18.3f}{hits[0]:>10}{hits[1]:>10}")
    if options.out:
        columns = ["EventId", "EventTime", "EventSource", "EventName", "Principal", "Score"]
        table = scored[[*columns, *FACTORS]].round(dict.fromkeys(("Score", *FACTORS), 4))
        table.insert(0, "Rank", np.arange(1, len(table) + 1))
        table.to_csv(options.out, index=False)


if __name__ == "__main__":
    main()
