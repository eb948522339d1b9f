"""What changed between two runs of one notebook in one environment."""

from __future__ import annotations

from dataclasses import dataclass

from opslib.findings import Finding, FindingsDocument, Headline

__all__ = ["ChangedFinding", "ChangedHeadline", "Comparison", "compare_runs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFinding:
    """One finding that both runs have and that does not say the same."""

    before: Finding
    after: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedHeadline:
    """One figure that is not the same; None where a run could not know it or did not have it."""

    before: Headline | None
    after: Headline


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a run says that the one before it did not.

    Args:
        new: findings that are new.
        gone: findings that are no longer there.
        changed: findings of the same identity with other words, severity or money.
        headlines: figures that changed.
    """

    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    changed: tuple[ChangedFinding, ...]
    headlines: tuple[ChangedHeadline, ...]


def compare_runs(before: FindingsDocument, after: FindingsDocument) -> Comparison:
    """Compare by `Finding.id`, so that a new wording is no new finding."""
    old = {finding.id: finding for finding in before.findings}
    now = {finding.id: finding for finding in after.findings}
    figures = {headline.name: headline for headline in before.headlines}
    return Comparison(
        new=tuple(finding for key, finding in now.items() if key not in old),
        gone=tuple(finding for key, finding in old.items() if key not in now),
        changed=tuple(
            ChangedFinding(before=old[key], after=finding)
            for key, finding in now.items()
            if key in old and finding != old[key]
        ),
        headlines=tuple(
            ChangedHeadline(before=figures.get(headline.name), after=headline)
            for headline in after.headlines
            if _amount(figures.get(headline.name)) != _amount(headline)
        ),
    )


def _amount(headline: Headline | None) -> object:
    return None if headline is None else (headline.amount, headline.unit)
