"""Judging synthetic transactions: did they do what they should, and as fast as on the source?

Source for the latencies: `opslib.analysis.dr.latencies`, which states its method.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from opslib.analysis.dr.check_result import CheckResult
from opslib.analysis.dr.latencies import (
    Latency,
    compare_with_baseline,
    compare_with_limit,
    estimate_p95,
)
from opslib.findings import Verdict
from opslib.tables.transactions import LatencyTolerance, Outcome, Touch, repeats_of
from opslib.wording import count, printable

__all__ = ["judge_rounds", "judge_transactions", "summarise_latencies"]

CAPTURE = "capture the baseline again, with latencies"
SUMMARY = (
    "Transaction",
    "FirstTouchP50Ms",
    "WarmP50Ms",
    "WarmP95Ms",
    "WarmP95LowMs",
    "WarmP95HighMs",
    "SourceP50Ms",
    "SourceP95Ms",
)
OF_DATA = {Outcome.UNMET.value, Outcome.ERROR.value}


def judge_transactions(
    ran: pd.DataFrame | None,
    baseline: pd.DataFrame | None,
    tolerance: LatencyTolerance | None = None,
) -> list[CheckResult]:
    """Judge every transaction, and the latency of those that a limit or a baseline is known for.

    A transaction that writes is never run on the source: its latency is judged only by a limit of
    its own. The first touch of rows is told (`summarise_latencies`) and not judged.

    Args:
        ran: columns of `TRANSACTIONS`, of the restored database; None where nothing was run.
        baseline: the same of the source; None where it was not captured.
        tolerance: how much slower than the source is still within.

    Returns:
        Results of check ``transaction`` and ``latency``, in the order of running.
    """
    if ran is None or ran.empty:
        return [_result("transaction", "", Verdict.INCONCLUSIVE, "No transaction was run.")]
    before = repeats_of(baseline, Touch.WARM) if baseline is not None else None
    warm = repeats_of(ran, Touch.WARM)
    results = []
    for name, rows in ran.groupby("Transaction", sort=False):
        outcome = _judge_outcome(str(name), rows)
        results.append(outcome)
        if outcome.verdict is Verdict.PASS:
            sample = warm.get(str(name), [])
            results += _judge_latency(rows, sample, before, tolerance or LatencyTolerance())
    return results + _not_run(ran, baseline)


def _not_run(ran: pd.DataFrame, baseline: pd.DataFrame | None) -> list[CheckResult]:
    """Name what the source ran and the restored database did not: a table may be missing."""
    names = [] if baseline is None else baseline["Transaction"].unique().tolist()
    known = set(ran["Transaction"])
    return [
        _result(
            "transaction",
            name,
            Verdict.INCONCLUSIVE,
            f"{printable(name)}: run on the source, and not here: its table is missing, or it is "
            "no longer in the file.",
        )
        for name in names
        if name not in known
    ]


def _judge_outcome(name: str, rows: pd.DataFrame) -> CheckResult:
    missed = rows[rows["Outcome"] != Outcome.MET.value]
    seconds = float(rows["Milliseconds"].sum()) / 1000
    said = printable(name)
    if missed.empty:
        steps, repeats = len(rows), rows["Repeat"].nunique()
        sentence = (
            f"{said}: {count(steps, 'step')} of {count(repeats, 'repeat')} as expected, "
            "and rolled back."
        )
        return _result("transaction", name, Verdict.PASS, sentence, seconds=seconds)
    first = missed.iloc[0]
    verdict = Verdict.FAIL if set(missed["Outcome"]) & OF_DATA else Verdict.INCONCLUSIVE
    sentence = (
        f"{said}: step {first['Step']} of repeat {first['Repeat']} "
        f"{_what(first['Outcome'])}: {printable(first['Detail'])}."
    )
    return _result(
        "transaction", name, verdict, sentence, found=printable(first["Detail"]), seconds=seconds
    )


def _what(outcome: str) -> str:
    return {
        Outcome.UNMET.value: "did not give what was expected",
        Outcome.ERROR.value: "was refused",
        Outcome.TIMED_OUT.value: "timed out",
    }[outcome]


def _judge_latency(
    rows: pd.DataFrame,
    sample: list[float],
    before: dict[str, list[float]] | None,
    tolerance: LatencyTolerance,
) -> Iterator[CheckResult]:
    name, limit = str(rows["Transaction"].iloc[0]), rows["LimitMilliseconds"].iloc[0]
    if pd.notna(limit):
        told = compare_with_limit(sample, float(limit))
        yield _latency(name, told, "the limit of its file", len(sample))
    if not rows["ReadOnly"].iloc[0]:
        return
    if before is not None and name in before:
        told = compare_with_baseline(sample, before[name], tolerance)
        fewest = min(len(sample), len(before[name]))
        yield _latency(name, told, "what the source's time allows", fewest)
    elif pd.isna(limit):
        lacks = "no latencies" if before is None else "none of it, or an error"
        sentence = f"{printable(name)}: the baseline holds {lacks}; {CAPTURE}."
        yield _result("latency", name, Verdict.INCONCLUSIVE, sentence)


def _latency(name: str, told: Latency | None, against: str, repeats: int) -> CheckResult:
    if told is None:
        sentence = f"{printable(name)}: {count(repeats, 'warm repeat')} tell no 95th percentile."
        return _result("latency", name, Verdict.INCONCLUSIVE, sentence)
    where = {
        Verdict.PASS: "within",
        Verdict.FAIL: "beyond",
        Verdict.INCONCLUSIVE: "not told from",
    }[told.verdict]
    reason = f", {told.reason}" if told.reason else ""
    sentence = (
        f"{printable(name)}: 95 % of its warm repeats took up to {told.p95_ms:.3g} ms, "
        f"{where} {against}, {told.limit_ms:.3g} ms{reason}."
    )
    return _result(
        "latency",
        name,
        told.verdict,
        sentence,
        expected=f"up to {told.limit_ms:.3g} ms",
        found=f"{told.p95_ms:.3g} ms",
    )


def judge_rounds(rounds: pd.DataFrame | None, deadline_seconds: float) -> CheckResult:
    """Say how long the restored database took until it was as fast as its source.

    Args:
        rounds: columns of `ROUNDS`; None or empty where nothing could be compared.
        deadline_seconds: that they were given.

    Returns:
        Check ``latency``, subject ``warm-up``; ``seconds`` is until the end of the first round
        that was within. Not within before the deadline is inconclusive: it may yet come.
    """
    if rounds is None or rounds.empty:
        sentence = f"How long it takes to warm up was not measured; {CAPTURE}."
        return _result("latency", "warm-up", Verdict.INCONCLUSIVE, sentence)
    last = rounds[rounds["Round"] == rounds["Round"].max()]
    seconds = float(last["Seconds"].iloc[0])
    beyond = last[~(last["P95Milliseconds"] <= last["WithinMilliseconds"])]
    number = count(int(last["Round"].iloc[0]), "round")
    if beyond.empty:
        sentence = f"As fast as the source after {seconds:.3g} s ({number})."
        return _result("latency", "warm-up", Verdict.PASS, sentence, seconds=seconds)
    slowest = printable(str(beyond["Transaction"].iloc[0]))
    sentence = (
        f"Not as fast as the source after {seconds:.3g} s ({number} of at most "
        f"{deadline_seconds:g} s): {count(len(beyond), 'transaction')} were not within, "
        f"{slowest} among them."
    )
    return _result("latency", "warm-up", Verdict.INCONCLUSIVE, sentence, seconds=seconds)


def summarise_latencies(ran: pd.DataFrame, baseline: pd.DataFrame | None) -> pd.DataFrame:
    """Return first-touch and warm latencies beside those of the source.

    Args:
        ran: columns of `TRANSACTIONS`, of the restored database.
        baseline: the same of the source; None where it was not captured.

    Returns:
        One row a transaction that had no failure: Transaction, FirstTouchP50Ms, WarmP50Ms,
        WarmP95Ms with WarmP95LowMs and WarmP95HighMs (null for fewer than 20 repeats), and
        SourceP50Ms, SourceP95Ms of the warm repeats there (null where it has none).
    """
    first, warm = repeats_of(ran, Touch.FIRST), repeats_of(ran, Touch.WARM)
    before = repeats_of(baseline, Touch.WARM) if baseline is not None else {}
    rows = []
    for name, touched in first.items():
        p95, source = estimate_p95(warm.get(name, [])), estimate_p95(before.get(name, []))
        ends = (None, None, None) if p95 is None else (p95.mid, p95.low, p95.high)
        rows.append(
            {
                "Transaction": name,
                "FirstTouchP50Ms": _median(touched),
                "WarmP50Ms": _median(warm.get(name, [])),
                **dict(zip(("WarmP95Ms", "WarmP95LowMs", "WarmP95HighMs"), ends, strict=True)),
                "SourceP50Ms": _median(before.get(name, [])),
                "SourceP95Ms": None if source is None else source.mid,
            }
        )
    return pd.DataFrame(rows, columns=list(SUMMARY))


def _median(sample: list[float]) -> float | None:
    return None if not sample else round(float(pd.Series(sample).median()), 3)


def _result(
    check: str,
    subject: str,
    verdict: Verdict,
    sentence: str,
    *,
    expected: str = "",
    found: str = "",
    seconds: float | None = None,
) -> CheckResult:
    return CheckResult(
        check=check,
        subject=subject,
        verdict=verdict,
        sentence=sentence,
        expected=expected,
        found=found,
        seconds=seconds,
    )
