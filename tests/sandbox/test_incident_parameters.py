from __future__ import annotations

from pathlib import Path

import yaml

from opslib.parameters.incident import IncidentParameters
from opslib.parameters.incident_file import incident_path, load_incident
from opslib.sandbox.estate import PRODUCTION
from opslib.sandbox.incident_plan import window_of
from opslib.sandbox.incident_records import incident_files
from opslib.sandbox.scenario import DEFAULT_EPOCH
from opslib.sandbox.shop import CALLS, log_groups
from opslib.sandbox.shop_metrics import find_metric
from tests.sandbox.days import plan_of

ROOT = Path(__file__).parents[2]
WRITTEN = ROOT / "parameters" / "sandbox" / "incident_timeline.yaml"
UNITS = {"s": "Seconds", "ms": "Milliseconds", "percent": "Percent", "count": "Count"}


def parameters() -> IncidentParameters:
    return IncidentParameters.parse(yaml.safe_load(WRITTEN.read_text(encoding="utf-8")))


def test_every_metric_that_is_asked_for_is_one_of_the_shops() -> None:
    asked = parameters().metrics
    assert len(asked) > 40
    for metric in asked:
        known = find_metric(metric.namespace, metric.metric, frozenset(metric.dimensions.items()))
        assert known is not None, metric.name
        assert known.component == metric.component
        assert known.unit == UNITS[metric.unit]


def test_every_component_is_told_by_latency_errors_and_requests() -> None:
    told = {(metric.component, metric.role.value) for metric in parameters().metrics}
    components = {name for edge in CALLS for name in (edge.caller, edge.callee)}
    for role in ("latency", "errors", "requests"):
        assert {component for component, of in told if of == role} == components


def test_the_window_is_the_one_that_everything_is_planted_in() -> None:
    incident = load_incident(incident_path(ROOT, "sandbox", parameters().incident))
    assert (incident.start, incident.end) == window_of(DEFAULT_EPOCH)
    assert parameters().as_of == DEFAULT_EPOCH


def test_files_groups_and_accounts_are_there() -> None:
    given = parameters()
    files = incident_files(plan_of("steady", 1))
    named = (given.slack, given.pagerduty, given.log_csv)
    assert {name.removeprefix("s3://acme-incidents/") for name in named} == set(files)
    for prefix in given.log_groups:
        assert any(group.startswith(prefix) for group in log_groups())
    assert given.accounts[0].id == PRODUCTION
