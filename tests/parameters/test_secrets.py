from __future__ import annotations

import pytest

from opslib.errors import ParameterError
from opslib.parameters import CostParameters

AS_OF = "2026-03-02T06:00:00Z"


def test_a_secret_written_into_parameters_is_refused_without_being_shown() -> None:
    account = {"id": "111111111111", "external_id": "hunter2-in-the-open"}
    with pytest.raises(ParameterError, match="never written") as refused:
        CostParameters.parse({"as_of": AS_OF, "accounts": [account]})
    assert "hunter2" not in str(refused.value)


def test_parameters_that_do_not_fit_together_are_named_and_not_printed_whole() -> None:
    with pytest.raises(ParameterError, match="source: export needs a path") as refused:
        CostParameters.parse({"as_of": AS_OF, "source": "export"})
    assert "as_of" not in str(refused.value)
