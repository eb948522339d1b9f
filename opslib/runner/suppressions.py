"""What is suppressed, as the index lists it: findings with person and day, and idle entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opslib.parameters.problems import nearest
from opslib.parameters.suppressed import SuppressedFinding
from opslib.runner.history import PastRun
from opslib.runner.indexed_run import IndexedRun
from opslib.wording import day

__all__ = ["ListedSuppression", "describe_suppressions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSuppression:
    """One line of what is suppressed.

    Args:
        what: the finding, or the entry where it suppresses none.
        address: of the finding in its report; empty without one.
        environment: whose.
        by, until, reason: as the entry says.
        doubt: why the entry suppresses nothing; empty where it does.
    """

    what: str
    address: str
    environment: str
    by: str
    until: str
    reason: str
    doubt: str = ""


def describe_suppressions(
    latest: Sequence[IndexedRun], runs: Sequence[PastRun]
) -> tuple[ListedSuppression, ...]:
    """Return the suppressed findings of the latest reports, then entries that suppress nothing.

    Args:
        latest: the latest report of each notebook and environment, newest first.
        runs: all of them: an entry is idle only where none of their findings was ever its own.
    """
    return (*_held(latest), *_idle(latest, runs))


def _held(latest: Sequence[IndexedRun]) -> Iterator[ListedSuppression]:
    for row in latest:
        for finding in row.suppressed:
            assert finding.suppressed is not None
            yield ListedSuppression(
                what=finding.sentence,
                address=f"{row.address}#finding-{finding.id}",
                environment=row.run.manifest.environment,
                by=finding.suppressed.by,
                until=day(finding.suppressed.until),
                reason=finding.suppressed.reason,
            )


def _idle(latest: Sequence[IndexedRun], runs: Sequence[PastRun]) -> Iterator[ListedSuppression]:
    newest: dict[str, PastRun] = {}
    for row in latest:
        newest.setdefault(row.run.manifest.environment, row.run)
    for environment, run in newest.items():
        known = [
            finding
            for each in runs
            if each.manifest.environment == environment and each.findings is not None
            for finding in each.findings.findings
        ]
        ids = {finding.id for finding in known}
        for written in run.manifest.parameters.get("suppressed", []):
            one = SuppressedFinding.model_validate(written)
            if any(one.names(finding) for finding in known):
                continue
            near = nearest(one.id, sorted(ids)) if one.id else ""
            yield ListedSuppression(
                what=one.named,
                address="",
                environment=environment,
                by=one.by,
                until=day(one.until),
                reason=one.reason,
                doubt=f"no report has ever had it{near}",
            )
