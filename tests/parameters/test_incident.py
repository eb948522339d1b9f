from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from opslib.errors import ParameterError
from opslib.parameters.incident import IncidentParameters
from opslib.parameters.incident_file import (
    IncidentFile,
    format_incident,
    incident_path,
    load_incident,
    parse_incident,
)

ROOT = Path(__file__).parents[2]
START, END = "2026-03-01T08:00:00Z", "2026-03-01T22:00:00+00:00"
P95 = {
    "name": "p95",
    "component": "web",
    "role": "latency",
    "namespace": "AWS/ApplicationELB",
    "metric": "TargetResponseTime",
    "statistic": "p95",
    "unit": "s",
}
ERRORS = {**P95, "name": "errors", "role": "errors", "statistic": "Sum", "unit": "count"}

REQUESTS = {**ERRORS, "name": "requests", "role": "requests"}


def parse(**values: Any) -> IncidentParameters:
    given = {"as_of": "2026-03-02T06:00:00Z", "start": START, "end": END, **values}
    return IncidentParameters.parse(given)


def test_the_sandbox_names_an_incident_and_its_file_can_be_read() -> None:
    text = (ROOT / "parameters" / "sandbox" / "incident_timeline.yaml").read_text()
    parameters = IncidentParameters.parse(yaml.safe_load(text))
    found = load_incident(incident_path(ROOT, "sandbox", parameters.incident))
    assert found.start < found.end < parameters.as_of


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"start": END, "end": START}, "is not after start"),
        ({"start": "2026-03-01T08:00:00"}, "timezone"),
        ({"end": None}, "start and end belong together"),
        ({"start": None, "end": None}, "which window is it about"),
        ({"metrics": [P95, P95]}, "stand twice: p95"),
        ({"metrics": [P95], "symptom": "p59"}, "no metric is named p59; there are p95"),
        (
            {"metrics": [P95, REQUESTS], "symptom": "requests"},
            "requests is a metric of role requests; .* one of latency, errors or availability: p95",
        ),
        ({"metrics": [REQUESTS], "symptom": "requests"}, "none is given"),
        ({"metrics": [P95], "rules": [{"name": "r", "metric": "x"}]}, "no metric is named x"),
        ({"metrics": [{**P95, "statistic": "median"}]}, "statistic"),
        ({"sources": ["cloudtrial"]}, "sources"),
        ({"incident": "../x"}, "incident"),
        ({"zone": "Berlin"}, "no such time zone"),
        ({"trail_table": "cloudtrail_logs"}, "write it as database.table"),
        ({"windw": 1}, "unknown parameter 'windw'"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        parse(**values)


def test_the_file_that_the_documentation_shows_can_be_read() -> None:
    text = (ROOT / "docs" / "incident_timeline.md").read_text(encoding="utf-8")
    shown = text.partition("```yaml\n")[2].partition("```")[0]
    file = parse_incident(shown, "docs/incident_timeline.md")
    assert file.notes.keys() == set(file.stars)


def test_an_incidents_file_says_what_it_was_written_from() -> None:
    incident = IncidentFile(
        title="Zahlungen langsam: nur \u201eEU\u201c",
        start=datetime(2026, 3, 1, 8, tzinfo=UTC),
        end=datetime(2026, 3, 1, 22, 30, tzinfo=UTC),
        priority="P0",
        services=("web", "payments"),
        rolled_back=datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC),
        stars=("0a1b2c",),
        notes={"0a1b2c": "the deployment: #42 'quoted'\nsecond line"},
    )
    assert parse_incident(format_incident(incident), "x.yaml") == incident


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("start: 2026-03-01T08:00:00\nend: 2026-03-01T09:00:00Z\n", r"x.yaml:1"),
        ("start: 2026-03-01T08:00:00Z\nend: 2026-03-01T07:00:00Z\n", "is not after start"),
        ("start: 2026-03-01T08:00:00Z\nend: 2026-03-01T09:00:00Z\nsevere: P1\n", r"x.yaml:3"),
        ("start: [\n", "not valid YAML"),
        ("start: 2026-03-01T08:00:00Z\nstart: 2026-03-01T08:00:00Z\n", "stands twice"),
    ],
)
def test_a_malformed_file_is_told_by_its_line(text: str, said: str) -> None:
    with pytest.raises(ParameterError) as refused:
        parse_incident(text, "x.yaml")
    assert said.replace("\\", "") in f"{refused.value.where} {refused.value.what}"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="cannot be read") as refused:
        load_incident(tmp_path / "none.yaml")
    assert "none.yaml" in refused.value.where
