"""From YAML and overrides to validated parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from opslib.errors import ParameterError
from opslib.parameters import CostParameters
from opslib.parameters.load import load_parameters

NOW = "2026-03-02T06:00:00Z"


def load(tmp_path: Path, text: str, *overrides: str, **values: Any) -> CostParameters:
    file = tmp_path / "cost_analysis.yaml"
    file.write_text(text)
    asked = {"environment": "prod", "as_of": NOW, **values}
    return load_parameters(CostParameters, file=file, overrides=overrides, **asked)


def test_overrides_win_over_the_file_and_the_file_over_defaults(tmp_path: Path) -> None:
    loaded = load(tmp_path, "top: 5\nsettle_hours: 48\n", "top=7")
    assert (loaded.top, loaded.settle_hours, loaded.history_days) == (7, 48, 91)
    assert loaded.as_of.isoformat() == "2026-03-02T06:00:00+00:00"


def test_an_override_is_yaml(tmp_path: Path) -> None:
    loaded = load(tmp_path, "", "tag_keys=[Team, Stage]", "as_of=2026-02-01T00:00:00+01:00")
    assert loaded.tag_keys == ("Team", "Stage")
    assert loaded.as_of.isoformat() == "2026-01-31T23:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "overrides", "says"),
    [
        (
            "top: 5\nsetle_hours: 4\n",
            (),
            r"'setle_hours'; did you mean 'settle_hours'\? .*yaml:2\]",
        ),
        ("\ntop: many\n", (), r"parameter 'top' is 'many'.*yaml:2\]"),
        ("top: 5\n", ("top=many",), r"'top' is 'many'.*\[cost_analysis: top\]"),
        ("as_of: 2026-03-02\n", (), r"parameter 'as_of'.*yaml:1\]"),
        ("accounts:\n- id: '12'\n", (), r"'accounts\.0\.id' is '12'.*yaml:1\]"),
        ("top: 5\nregion: a\ntop: 6\n", (), r"'top' stands twice .*yaml:3\]"),
        ("accounts:\n- id: a\n  id: b\n", (), r"'id' stands twice .*yaml:3\]"),
        ("top: [5\n", (), r"not valid YAML"),
        (
            "accounts:\n- id: '111111111111'\n  name: a\n- id: '222222222222'\n  name: a\n",
            (),
            r"accounts stand twice: a",
        ),
        ("tag_keys: [region]\n", (), r"may not be named as the report's tables: \['region'\]"),
        ("- top\n", (), r"name: value pairs are expected .*yaml:1\]"),
        ("environment: staging\n", (), r"for environment 'staging', not 'prod'"),
        ("", ("top",), r"'top' is not of the form name=value"),
        ("", ("top=[",), r"'\[' is not valid YAML \[-p top\]"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    tmp_path: Path, text: str, overrides: tuple[str, ...], says: str
) -> None:
    with pytest.raises(ParameterError, match=says):
        load(tmp_path, text, *overrides)


def test_a_missing_file_is_answered_with_the_command_that_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "prod" / "cost_analysis.yaml"
    with pytest.raises(ParameterError, match="opslib init -e prod"):
        load_parameters(CostParameters, file=file, environment="prod", as_of=NOW)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "cost_analysis.yaml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ParameterError, match="cannot be read"):
        load_parameters(CostParameters, file=file, environment="prod", as_of=NOW)


def test_yaml_cannot_make_objects(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="not valid YAML"):
        load(tmp_path, "top: !!python/object/apply:os.getcwd []\n")
