"""A capacity report: the analysis, its answers and findings, for people and machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from opslib.analysis.capacity.alerts.findings import find_alerts
from opslib.analysis.capacity.check_conclusions import (
    conclude_alerts,
    conclude_recovery,
    conclude_zone_loss,
)
from opslib.analysis.capacity.headroom.findings import find_recovery_quotas, find_zone_losses
from opslib.analysis.capacity.report import CapacityAnalysis
from opslib.analysis.capacity.result_tables import check_tables, scaling_tables
from opslib.analysis.capacity.scaling.activities import find_failed_scaling
from opslib.analysis.capacity.scaling.findings import conclude_scaling, find_scaling, find_traffic
from opslib.analysis.capacity.sizes.findings import find_sizes
from opslib.analysis.capacity.walls.conclusions import conclude_walls
from opslib.analysis.capacity.walls.findings import find_walls
from opslib.analysis.capacity.walls.tables import (
    constraints_table,
    forecasts_table,
    limits_table,
    week_ahead_table,
)
from opslib.coverage import Coverage
from opslib.findings import Conclusion, Finding, FindingsDocument, Headline
from opslib.parameters.capacity import CapacityParameters
from opslib.parameters.decisions import decide_findings
from opslib.tables.capacity import CapacityTables

__all__ = ["CapacityReport", "capacity_tables", "report_capacity"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CapacityReport:
    """What a run says.

    Args:
        parameters: of the run.
        analysis: what was found.
        conclusions: the answers.
        findings: most urgent first.
        coverage: of what was read.
    """

    parameters: CapacityParameters
    analysis: CapacityAnalysis
    conclusions: tuple[Conclusion, ...]
    findings: tuple[Finding, ...]
    coverage: tuple[Coverage, ...]

    def document(self) -> FindingsDocument:
        """Return what machines read of it."""
        return FindingsDocument(
            notebook=self.parameters.notebook,
            environment=self.parameters.environment,
            as_of=self.parameters.as_of,
            window_start=None,
            window_end=None,
            headlines=_headlines(self.analysis),
            conclusions=self.conclusions,
            findings=self.findings,
            coverage=self.coverage,
        )


def report_capacity(
    parameters: CapacityParameters,
    analysis: CapacityAnalysis,
    coverage: Sequence[Coverage],
    currency: str = "",
) -> CapacityReport:
    """Return the report of an analysis.

    Args:
        parameters: of the run.
        analysis: what was found.
        coverage: of what was read.
        currency: of the bill; empty where none was read.
    """
    found = _findings(parameters, analysis, currency)
    return CapacityReport(
        parameters=parameters,
        analysis=analysis,
        conclusions=_conclusions(parameters, analysis, coverage),
        findings=decide_findings(
            sorted(found, key=lambda finding: -finding.severity.rank), parameters
        ),
        coverage=tuple(coverage),
    )


def _findings(
    parameters: CapacityParameters, analysis: CapacityAnalysis, currency: str
) -> tuple[Finding, ...]:
    return (
        *find_walls(analysis.limits, parameters.as_of.date()),
        *find_traffic(analysis.needs),
        *find_zone_losses(analysis.zone_losses),
        *find_recovery_quotas(analysis.recovery),
        *find_scaling(analysis.scaling),
        *find_failed_scaling(analysis.activities),
        *find_sizes(analysis.sizes, currency),
        *find_alerts(analysis.alerts),
    )


def _conclusions(
    parameters: CapacityParameters, analysis: CapacityAnalysis, coverage: Sequence[Coverage]
) -> tuple[Conclusion, ...]:
    unmeasured = len({(one.service, one.name) for one in analysis.uncovered_quotas})
    region = parameters.recovery_region
    return (
        *conclude_walls(analysis.limits, coverage, parameters),
        conclude_scaling(analysis.scaling, coverage),
        conclude_zone_loss(analysis.zone_losses, analysis.alone, coverage),
        conclude_recovery(analysis.recovery, region, unmeasured, coverage),
        conclude_alerts(analysis.alerts, coverage),
    )


def capacity_tables(report: CapacityReport, tables: CapacityTables) -> Mapping[str, pd.DataFrame]:
    """Return the tables that are kept beside the report; the datapoints are in its evidence."""
    found = report.analysis
    limits = found.limits
    return {
        **scaling_tables(found.demand, found.needs, found.scaling),
        **check_tables(found.sizes, found.zone_losses, found.recovery, found.alerts),
        "limits": limits_table(limits),
        "forecasts": forecasts_table(limits),
        "week_ahead": week_ahead_table(found.weeks),
        "constraints": constraints_table(found.constraints),
        "resources": tables.resources,
        "quotas": tables.quotas,
        "scaling_targets": tables.targets,
        "scaling_activities": tables.activities,
    }


def _headlines(analysis: CapacityAnalysis) -> tuple[Headline, ...]:
    """Return the days left to the first wall, and how many limits have no forecast."""
    first = next((one.full for one in analysis.limits if one.full is not None), None)
    days = None if first is None or first.p50 is None else Decimal(first.p50)
    reached = sum(1 for one in analysis.limits if one.full and one.full.p50 is not None)
    unknown = sum(1 for one in analysis.limits if one.full is None)
    return (
        Headline(name="first_wall_days", label="Days to the first wall", amount=days, unit="days"),
        Headline(
            name="walls", label="Walls within the horizon", amount=Decimal(reached), unit="limits"
        ),
        Headline(
            name="limits_without_forecast",
            label="Limits without a forecast",
            amount=Decimal(unknown),
            unit="limits",
        ),
    )
