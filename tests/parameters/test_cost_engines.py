"""Which engine goes with which source, path and table."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from opslib.parameters.cost import CostParameters

GIVEN = {"as_of": "2026-03-02T06:00:00Z", "environment": "sandbox"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"engine": "athena", "table": "billing.focus"}, "engine: athena adds up an export"),
        ({"source": "export", "engine": "athena"}, "engine: athena needs a table"),
        ({"source": "export", "path": "x", "table": "billing.focus"}, "table belongs to engine"),
        ({"source": "export", "engine": "spark"}, "source: export needs a path"),
        (
            {"source": "export", "engine": "athena", "table": "b.f", "path": "x"},
            "with engine: athena, table does",
        ),
    ],
)
def test_what_does_not_go_together_is_an_error(given: dict[str, str], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        CostParameters.model_validate(GIVEN | given)


@pytest.mark.parametrize(
    ("given", "is_local"),
    [
        ({"engine": "athena", "table": "billing.focus"}, False),
        ({"engine": "spark", "path": "/mnt/export"}, True),
        ({"path": "s3://bills/focus"}, False),
    ],
)
def test_only_a_folder_is_local(given: dict[str, str], is_local: bool) -> None:
    parameters = CostParameters.model_validate(GIVEN | {"source": "export"} | given)
    assert parameters.is_local is is_local
