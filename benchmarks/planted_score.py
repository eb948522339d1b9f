"""What runs planted, found, missed and claimed falsely: counted, added up and printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from opslib.findings import Finding, Severity
from opslib.sandbox.truths import Claim

__all__ = ["SCENARIOS", "Key", "Score", "add_up", "note_false_claims", "print_scores"]

SCENARIOS = ("steady", "troubled", "denied", "empty")
Key = tuple[str, str, str]
"""Notebook, scenario, and by which of the notebook's ways it was run."""


@dataclass(kw_only=True)
class Score:
    """What one run planted, found, missed and claimed falsely.

    Counted is what holds now and then only, by what it says.
    """

    planted: int = 0
    found: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    amount_errors: list[float] = field(default_factory=list)
    counted: dict[str, list[bool]] = field(default_factory=dict)
    runs: int = 1


def note_false_claims(score: Score, findings: Iterable[Finding], expected: list[Claim]) -> None:
    """Note every finding that makes none of the ``expected`` claims."""
    for finding in findings:
        known = any(claim.matches(finding.kind, finding.subject) for claim in expected)
        if finding.severity is not Severity.INFO and not known:
            score.false.append(f"{finding.kind} {finding.subject} {finding.sentence}")


def add_up(parts: Iterable[Mapping[Key, Score]]) -> dict[Key, Score]:
    """Return the scores of all seeds together."""
    sums: dict[Key, Score] = defaultdict(lambda: Score(runs=0))
    for part in parts:
        for key, score in part.items():
            held = sums[key]
            held.runs += score.runs
            held.planted += score.planted
            held.found += score.found
            held.missed += score.missed
            held.false += score.false
            held.amount_errors += score.amount_errors
            for label, told in score.counted.items():
                held.counted.setdefault(label, []).extend(told)
    return dict(sums)


def print_scores(scores: Mapping[Key, Score]) -> None:
    """Print one line per notebook, scenario and way, then every miss and false claim."""
    head = f"{'notebook':<23}{'scenario':<10}{'by':<15}{'runs':>5}{'planted':>9}{'found':>7}"
    print(f"{head}{'missed':>8}{'false':>7}{'median and largest error of amounts':>38}")
    for (name, scenario, way), score in sorted(scores.items()):
        errors = sorted(score.amount_errors)
        spread = f"{errors[len(errors) // 2]:.1%} {errors[-1]:.1%}" if errors else "-"
        counts = f"{score.runs:>5}{score.planted:>9}{score.found:>7}"
        wrong = f"{len(score.missed):>8}{len(score.false):>7}"
        print(f"{name:<23}{scenario:<10}{way:<15}{counts}{wrong}{spread:>38}")
    for score in scores.values():
        for label, told in score.counted.items():
            print(f"{sum(told)} of {len(told)}: {label}")
        for line in score.missed:
            print("MISSED", line)
        for line in score.false:
            print("FALSE ", line)
