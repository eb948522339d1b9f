"""What an incident of the shop does to its capacity: for hours, limits may be met."""

from __future__ import annotations

from opslib.sandbox.incident_plan import IncidentPlan
from opslib.sandbox.shop_metrics import MetricModel, list_metrics
from opslib.sandbox.shop_traffic import Fault, follow_requests

__all__ = ["strained_components"]

STRAINED_PERCENT = 70.0


def strained_components(plan: IncidentPlan) -> tuple[str, ...]:
    """Return the components of the shop that the incident brings near a limit, or to it."""
    incident = plan.incident
    if incident is None:
        return ()
    usual = follow_requests(Fault())
    fault = Fault(incident.component, incident.latency_factor, incident.error_share)
    struck = follow_requests(fault)
    found = set()
    for metric in list_metrics():
        if metric.model is MetricModel.GAUGE and metric.unit == "Percent":
            name = metric.component
            slower = struck[name].latency_ms("Average") / usual[name].latency_ms("Average") - 1
            if metric.factor * (1 + metric.strain * slower) >= STRAINED_PERCENT:
                found.add(name)
    return tuple(sorted(found))
