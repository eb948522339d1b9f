"""An engine for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from opslib.tables.engine import Engine


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine(memory_limit="500MB", threads=1) as opened:
        yield opened
