"""Which reports arrived in time: a report that is missing is the worst one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from opslib.runner.history import PastRun
from opslib.runner.manifest import RunStatus

__all__ = ["Arrival", "Standing", "find_arrival"]


class Standing(StrEnum):
    """Whether the report of a notebook arrived."""

    IN_TIME = "in time"
    LATE = "late"
    FAILED = "failed"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Whether the report of one notebook arrived in time.

    Args:
        notebook: its name.
        standing: failed where the newest run, begun in time, ended without a report.
        newest: the newest run, failed ones included; None without any.
        report: the newest run with a report; None without any.
        period: name of the period that lacks a report; empty where it is in time.
    """

    notebook: str
    standing: Standing
    newest: PastRun | None
    report: PastRun | None
    period: str = ""


def find_arrival(
    runs: Sequence[PastRun], notebook: str, environment: str, *, within: timedelta, now: datetime
) -> Arrival:
    """Return whether the newest report of a notebook is young enough.

    Args:
        runs: newest first.
        notebook: its name.
        environment: whose reports.
        within: how long ago the run may have begun.
        now: this moment, aware UTC.
    """
    wanted = (notebook, environment)
    own = [run for run in runs if (run.manifest.notebook, run.manifest.environment) == wanted]
    newest = own[0] if own else None
    report = next((run for run in own if _had_report(run)), None)
    standing = _standing(newest, report, now - within)
    in_time = standing is Standing.IN_TIME
    return Arrival(
        notebook=notebook,
        standing=standing,
        newest=newest,
        report=report,
        period="" if in_time else _period(report, within, now),
    )


def _standing(newest: PastRun | None, report: PastRun | None, since: datetime) -> Standing:
    if newest is not None and newest.manifest.started_at >= since:
        return Standing.IN_TIME if _had_report(newest) else Standing.FAILED
    return Standing.LATE if report is not None else Standing.NEVER


def _had_report(run: PastRun) -> bool:
    """Say whether a run had a report; that of a pruned one was deleted later."""
    return run.findings is not None or (
        bool(run.pruned) and run.manifest.status is RunStatus.PUBLISHED
    )


def _period(report: PastRun | None, within: timedelta, now: datetime) -> str:
    """Return what one announcement is made for: each full span without a report is another."""
    if report is None:
        return f"never-{int(now.timestamp() // within.total_seconds())}"
    began = report.manifest.started_at
    return f"{began:%Y%m%dT%H%M%SZ}-{(now - began) // within}"
