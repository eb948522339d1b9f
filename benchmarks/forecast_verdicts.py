"""Whether each aim of the forecasts is met, with its figure."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from benchmarks.forecast_results import OURS, Summary, mase_ratios, summarise

__all__ = ["print_verdicts", "verdicts"]

WORST = 1.05
COVERAGE = (0.93, 0.97)
FASTER = 10
ETS = "AutoETS"


def verdicts(rows: pd.DataFrame) -> list[tuple[bool, str]]:
    """Return whether each aim is met and the sentence that says it.

    Args:
        rows: of `benchmarks.forecast_results.score_answers`, all methods on the same tasks.
    """
    found = summarise(rows)
    said = [_better(found, method) for method in found if method != OURS]
    said += [_never_worse(rows), _covers(found[OURS])]
    if ETS in found:
        said.append(_faster(found))
    return said


def print_verdicts(rows: pd.DataFrame) -> None:
    """Print one line an aim."""
    for met, sentence in verdicts(rows):
        print(f"{'met   ' if met else 'MISSED'}  {sentence}")


def _better(found: Mapping[str, Summary], method: str) -> tuple[bool, str]:
    ours, theirs = found[OURS].mase, found[method].mase
    return ours < theirs, f"median MASE below {method}'s: {ours:.3f} against {theirs:.3f}"


def _never_worse(rows: pd.DataFrame) -> tuple[bool, str]:
    ratios = mase_ratios(rows, OURS)
    named = [f"{ratio:.2f} times on {name}" for name, ratio in ratios.to_dict().items()]
    over = max(1, int((ratios > WORST).sum()))
    sentence = (
        f"never above {WORST} times seasonal naive's MASE: at worst {', '.join(named[:over])}"
    )
    return bool((ratios <= WORST).all()), sentence


def _covers(ours: Summary) -> tuple[bool, str]:
    share, (low, high) = ours.inside[0.95], COVERAGE
    return (
        low <= share <= high,
        f"95 % intervals hold 93 to 97 % of the points: {100 * share:.1f} %",
    )


def _faster(found: Mapping[str, Summary]) -> tuple[bool, str]:
    ours, theirs = found[OURS].milliseconds, found[ETS].milliseconds
    times = theirs / ours if ours > 0 else float("inf")
    figures = f"{ours:.1f} ms against {theirs:.1f} ms, {times:.0f} times"
    return times >= FASTER, f"at least {FASTER} times faster than {ETS}: {figures}"
