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


def rules_of(parameters: IncidentParameters, component: str) -> tuple[RollbackRule, ...]:
    """Return the parameters' rules, or the default ones.

    Args:
        parameters: of the run.
        component: whose default rules are wanted; where it has not the metrics for one, or is '',
            those of the first component that has.
    """
    if parameters.rules:
        return parameters.rules
    components = [component, *(metric.component for metric in parameters.metrics)]
    found = (_defaults(parameters, one) for one in dict.fromkeys(components))
    return next((rules for rules in found if rules), ())


def _defaults(parameters: IncidentParameters, component: str) -> tuple[RollbackRule, ...]:
    requests = parameters.of_role(MetricRole.REQUESTS, component)
    errors = parameters.of_role(MetricRole.ERRORS, component)
    guard = {"samples": requests.name, "min_samples": LEAST_SAMPLES} if requests else {}
    latency = [
        RollbackRule(
            name=f"p95 of {component} above 500 ms for {LATENCY_MINUTES} minutes",
            metric=metric.name,
            above=MOST_SECONDS[metric.unit],
            for_minutes=LATENCY_MINUTES,
            **guard,
        )
        for metric in parameters.metrics
        if metric.component == component
        and metric.role is MetricRole.LATENCY
        and metric.statistic == "p95"
        and metric.unit in MOST_SECONDS
    ]
    if errors is None or requests is None:
        return tuple(latency[:1])
    rate = RollbackRule(
        name=f"error rate of {component} above 1 %",
        metric=errors.name,
        per=requests.name,
        above=ERROR_PERCENT,
        **guard,
    )
    return (*latency[:1], rate)
