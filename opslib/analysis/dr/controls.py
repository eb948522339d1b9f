"""Whether a loss would have been noticed: what the negative controls come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pandas as pd

from opslib.findings import Conclusion, Verdict
from opslib.wording import count, join, printable

__all__ = ["conclude_controls", "tell_skipped"]

UNKNOWN = ("not judged", "error")


def conclude_controls(
    question: str, controls: pd.DataFrame | None, because: Sequence[str] = ()
) -> Conclusion:
    """Pass where every injury that was made was caught, and none was left unjudged.

    A control that was missed, took too long or failed makes the answer inconclusive: nothing is
    known of the loss that it stands for. One that the schema has no place for takes nothing away.

    Args:
        question: that is answered.
        controls: columns of `opslib.tables.controls.CONTROLS`; None where they were not made.
        because: why they were not.
    """
    if controls is None:
        sentence = "It cannot be told: nothing was injured to see."
        reasons = tuple(because) or ("no negative control was made",)
    else:
        sentence, reasons = _judge(controls)
    verdict = Verdict.INCONCLUSIVE if reasons else Verdict.PASS
    return Conclusion(question=question, verdict=verdict, sentence=sentence, because=reasons)


def _judge(controls: pd.DataFrame) -> tuple[str, tuple[str, ...]]:
    """Return the answer, and what keeps it from being a yes."""
    outcomes = controls["Outcome"]
    caught = int((outcomes == "caught").sum())
    missed = controls[outcomes == "missed"]["Injury"].tolist()
    unknown = controls[outcomes.isin(UNKNOWN)]
    reasons = tuple(_tell_unknown(unknown))
    if missed:
        misses = "a check that misses an injury proves nothing"
        return f"Not always: {join(missed)} went unseen.", (misses, *reasons)
    if reasons:
        of = f"{len(unknown)} of {count(len(unknown) + caught, 'control')} could not be judged"
        return f"It cannot be told: {of}; {caught} caught.", reasons
    if not caught:
        return "Nothing was injured.", ("no class of injury has a place here",)
    told = _tell_not_made(controls)
    return f"Yes: all {caught} injuries made on purpose were caught{told}.", ()


def tell_skipped(controls: pd.DataFrame) -> dict[str, list[str]]:
    """Return the classes that are not applicable, by the reason why."""
    skipped = controls[controls["Outcome"] == "not applicable"]
    by_reason: dict[str, list[str]] = {}
    for injury, reason in zip(skipped["Injury"], skipped["Reason"], strict=True):
        by_reason.setdefault(printable(reason), []).append(injury)
    return by_reason


def _tell_not_made(controls: pd.DataFrame) -> str:
    """Return how many classes are not applicable, by what the reasons begin with."""
    numbers: Counter[str] = Counter()
    for reason, names in tell_skipped(controls).items():
        numbers[reason.partition(":")[0]] += len(names)
    told = join([f"{number} ({reason})" for reason, number in numbers.items()])
    return f"; not made: {told}" if told else ""


def _tell_unknown(unknown: pd.DataFrame) -> Iterator[str]:
    """Yield each reason once, with the injuries that it kept from being judged."""
    for (outcome, reason), rows in unknown.groupby(["Outcome", "Reason"], sort=True):
        yield f"{outcome}: {join(rows['Injury'].tolist())} ({printable(str(reason))})"
