"""Which components to suspect for the symptom that the metrics show."""

from __future__ import annotations

from collections.abc import Mapping

from opslib.analysis.incident.component_inputs import calls_between, component_metrics
from opslib.analysis.incident.component_suspects import ComponentRanking, Symptom
from opslib.analysis.incident.rank_components import rank_components
from opslib.analysis.incident.series import Series
from opslib.analysis.incident.symptoms import ShownMetric
from opslib.errors import ParameterError
from opslib.parameters.incident import IncidentParameters
from opslib.parameters.incident_metrics import MetricRole
from opslib.tables.component_metrics import ComponentMetric
from opslib.tables.incident import IncidentTables
from opslib.timewindow import TimeWindow

__all__ = ["rank_for_symptom"]

SYMPTOMS = {
    MetricRole.LATENCY: ComponentMetric.LATENCY,
    MetricRole.ERRORS: ComponentMetric.AVAILABILITY,
    MetricRole.AVAILABILITY: ComponentMetric.AVAILABILITY,
}
PERIODS_BEFORE = 10


def rank_for_symptom(
    parameters: IncidentParameters,
    tables: IncidentTables,
    series: Mapping[str, Series],
    window: TimeWindow,
    shown: ShownMetric | None,
) -> tuple[ComponentRanking | None, str]:
    """Rank the components from a little before the onset to the recovery, or say why not.

    Args:
        parameters: name the metrics of components.
        tables: hold the calls between them.
        series: every metric, by name.
        window: of the incident; what was read before it is the normal period.
        shown: the metric that shows the symptom; None where none does.

    Returns:
        The ranking, and why there is none; '' where there is one.
    """
    if shown is None or shown.symptom.onset is None:
        return None, "no onset of a symptom was found"
    if tables.calls.empty:
        return None, "no calls between components were read"
    measured = component_metrics(parameters.metrics, series)
    started = shown.symptom.onset.at
    ended = shown.symptom.recovery.at if shown.symptom.recovery else window.end
    begin = max(window.start, started - PERIODS_BEFORE * series[shown.metric.name].period)
    inside = (measured["Timestamp"] >= begin) & (measured["Timestamp"] < ended)
    metric = SYMPTOMS[shown.metric.role]
    try:
        ranking = rank_components(
            measured[inside],
            measured[measured["Timestamp"] < window.start],
            calls_between(tables.calls),
            Symptom(component=shown.metric.component, metric=metric, onset=started),
        )
    except ParameterError as error:
        return None, error.what
    return ranking, ""
