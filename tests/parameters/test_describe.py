"""Parameters as text that people read."""

from __future__ import annotations

from pathlib import Path

from opslib.parameters import CapacityParameters, CostParameters
from opslib.parameters.base import SHARED
from opslib.parameters.describe import describe_parameters, write_parameter_template
from opslib.parameters.load import load_parameters


def test_every_parameter_is_described_with_type_default_and_meaning() -> None:
    lines = describe_parameters(CostParameters).splitlines()
    described = {line.split()[0]: line for line in lines if line and not line.startswith(" ")}
    assert set(CostParameters.model_fields) <= set(described)
    assert "cost_explorer | export" in described["source"]
    assert "[Environment, Project]" in described["tag_keys"]
    assert "(now)" in described["as_of"]
    assert max(map(len, lines)) <= 120


def test_a_parameter_of_several_parts_is_described_by_itself() -> None:
    text = describe_parameters(CapacityParameters)
    assert max(map(len, text.splitlines())) <= 130
    assert "\nlead_times:\n" in text
    assert "quota_increase" in text


def test_the_template_of_nested_parameters_says_the_defaults(tmp_path: Path) -> None:
    template = write_parameter_template(CapacityParameters, "prod")
    assert "# lead_times: {}" in template
    file = tmp_path / "capacity_planning.yaml"
    file.write_text(template.replace("# lead_times: {}", "lead_times: {}"))
    moment = "2026-03-02T06:00:00Z"
    loaded = load_parameters(CapacityParameters, file=file, environment="prod", as_of=moment)
    assert loaded == CapacityParameters.parse({"environment": "prod", "as_of": moment})


def test_lists_of_models_are_described_too() -> None:
    text = describe_parameters(CostParameters)
    assert "Each of accounts:" in text
    assert "12-digit account id" in text
    assert "proportional | even | fixed" in text


def test_the_template_sets_the_environment_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "cost_analysis.yaml"
    file.write_text(write_parameter_template(CostParameters, "prod"))
    loaded = load_parameters(
        CostParameters, file=file, environment="prod", as_of="2026-03-02T06:00:00Z"
    )
    assert loaded.model_fields_set == {"environment", "as_of"}


def test_the_template_with_every_line_in_force_says_the_defaults(tmp_path: Path) -> None:
    template = write_parameter_template(CostParameters, "prod")
    names = tuple(f"# {name}:" for name in CostParameters.model_fields if name != "as_of")
    lines = [
        line.removeprefix("# ") if line.startswith(names) else line
        for line in template.splitlines()
    ]
    file = tmp_path / "cost_analysis.yaml"
    file.write_text("\n".join(lines))
    moment = "2026-03-02T06:00:00Z"
    loaded = load_parameters(CostParameters, file=file, environment="prod", as_of=moment)
    assert loaded == CostParameters.parse({"environment": "prod", "as_of": moment})
    assert set(CostParameters.model_fields) - loaded.model_fields_set == set(SHARED)
