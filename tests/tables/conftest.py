"""An engine for each test, and a reader of exports on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd
import pytest

from opslib.tables.engine import Engine
from opslib.tables.export import open_bill

Read = Callable[..., pd.DataFrame]


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine(memory_limit="500MB", threads=1) as opened:
        yield opened


@pytest.fixture
def read(engine: Engine) -> Read:
    return lambda *files: engine.run(open_bill(engine, files))
