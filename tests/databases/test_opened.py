"""Which of a server's endpoints a drill reads."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from opslib.databases import opened
from opslib.parameters.dr import DrParameters
from tests.aws.fakes import reads_with
from tests.parameters.test_column_name import DRILL


@pytest.mark.parametrize(
    ("label", "reader_endpoint", "is_reader"),
    [("source", True, True), ("source", False, False), ("restored", True, False)],
)
def test_only_the_source_is_read_at_its_reader_endpoint(
    label: str,
    reader_endpoint: bool,
    is_reader: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[bool] = []

    def tell(*_: object, reader: bool) -> str:
        asked.append(reader)
        return "host=x"

    monkeypatch.setattr(opened, "conninfo_of", tell)
    parameters = DrParameters.parse({**DRILL, "reader_endpoint": reader_endpoint, "connections": 3})
    database = opened.open_database(reads_with(tmp_path), parameters, pd.DataFrame(), label)()
    assert asked == [is_reader]
    assert database.limits.connections == 3
