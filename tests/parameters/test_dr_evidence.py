from __future__ import annotations

from typing import ClassVar

import pytest

from opslib.errors import ParameterError
from opslib.parameters.dr_evidence import EvidenceParameters

AS_OF = "2026-03-02T06:00:00Z"


class Tiny(EvidenceParameters):
    notebook: ClassVar[str] = "tiny"


def test_the_defaults_are_a_quarter_and_no_state() -> None:
    params = Tiny.parse({"as_of": AS_OF})
    assert params.cadence_days == 100
    assert params.rto_minutes is None, "whoever runs a drill says what it is to meet"
    assert params.state_patterns() == ()


def test_patterns_are_expanded_by_the_names() -> None:
    params = Tiny.parse(
        {
            "as_of": AS_OF,
            "terraform_states": ["s3://state/{environment}/{layer}.tfstate"],
            "terraform_environments": ["prod"],
            "terraform_layers": ["net", "data"],
        }
    )
    assert [p.key for p in params.state_patterns()] == ["prod/net.tfstate", "prod/data.tfstate"]


@pytest.mark.parametrize(
    "wrong", [{"terraform_states": ["state"]}, {"rto_minutes": 0}, {"cadence_days": -1}]
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ParameterError):
        Tiny.parse({"as_of": AS_OF, **wrong})
