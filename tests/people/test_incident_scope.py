"""Which window and components an incident's report is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from opslib.errors import ParameterError
from opslib.parameters.incident import IncidentParameters
from opslib.people.incident_scope import IncidentScope, read_incident_scope
from tests.aws.fakes import reads_with

WEB = {"name": "p95", "component": "web", "role": "latency", "namespace": "x", "metric": "y"}
TEXT = "start: 2026-03-01T08:00:00Z\nend: 2026-03-01T22:00:00Z\nservices: [{}]\n"
PARAMETERS = IncidentParameters.parse(
    {"environment": "test", "as_of": "2026-03-02T06:00:00Z", "incident": "shop", "metrics": [WEB]}
)


def scope(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> IncidentScope:
    file = folder / "parameters" / "test" / "incidents" / "shop.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    monkeypatch.chdir(folder)
    return read_incident_scope(reads_with(folder / "run"), PARAMETERS)


def test_the_file_names_the_components(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = scope(tmp_path, TEXT.format("web"), monkeypatch)
    assert found.file is not None
    assert found.file.services == ("web",)


def test_a_component_without_a_metric_is_refused_with_the_nearest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ParameterError, match="component wbe; nearest: web") as refused:
        scope(tmp_path, TEXT.format("wbe"), monkeypatch)
    assert refused.value.where == "parameters/test/incidents/shop.yaml: services"
