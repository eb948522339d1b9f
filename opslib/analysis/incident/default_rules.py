"""The rollback rules where parameters name none.

Source: the operations guides behind this product: roll back where the 95th percentile of latency
is above 500 ms for 10 minutes, or the error rate is above 1 %.
"""

from __future__ import annotations

from opslib.parameters.incident import IncidentParameters
from opslib.parameters.incident_metrics import MetricRole, RollbackRule

__all__ = ["rules_of"]

MOST_SECONDS = {"s": 0.5, "ms": 500.0}
LATENCY_MINUTES = 10
ERROR_PERCENT = 1.0
LEAST_SAMPLES = 100


def rules_of(parameters: IncidentParameters) -> tuple[RollbackRule, ...]:
    """Return the parameters' rules, or the default ones for the symptom's component."""
    symptom = parameters.symptom_metric
    if parameters.rules or symptom is None:
        return parameters.rules
    component = symptom.component
    requests = parameters.of_role(MetricRole.REQUESTS, component)
    samples = requests.name if requests else ""
    rules = []
    latency = next(
        (
            metric
            for metric in parameters.metrics
            if metric.component == component
            and metric.role is MetricRole.LATENCY
            and metric.statistic == "p95"
            and metric.unit in MOST_SECONDS
        ),
        None,
    )
    if latency is not None:
        rules.append(
            RollbackRule(
                name=f"p95 of {component} above 500 ms for 10 minutes",
                metric=latency.name,
                above=MOST_SECONDS[latency.unit],
                for_minutes=LATENCY_MINUTES,
                samples=samples,
                min_samples=LEAST_SAMPLES,
            )
        )
    errors = parameters.of_role(MetricRole.ERRORS, component)
    if errors is not None and requests is not None:
        rules.append(
            RollbackRule(
                name=f"error rate of {component} above 1 %",
                metric=errors.name,
                per=requests.name,
                above=ERROR_PERCENT,
                samples=samples,
                min_samples=LEAST_SAMPLES,
            )
        )
    return tuple(rules)
