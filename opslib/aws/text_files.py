"""Files of this machine that a run takes as input: recorded, so that a replay needs none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.named_file import find_named
from opslib.tables.text_files import TEXT_FILE

__all__ = ["record_text_file"]


def record_text_file(
    reads: Reads, table: str, path: str, load: Callable[[Path], Any], *, afresh: bool = False
) -> str:
    """Return a file's text within a run; it is kept as evidence, and is what a replay reads.

    Args:
        reads: the run's context.
        table: what coverage and evidence call it.
        path: as parameters name it.
        load: reads it as what it should be, and raises where it is not.
        afresh: read it again though this run has read it, since people alter it meanwhile.

    Raises:
        ParameterError: from ``load``.
    """
    request = ReadRequest(
        table=table, asked=path, schema=TEXT_FILE, arguments={"path": path}, afresh=afresh
    )

    def fetch() -> Fetched:
        place = find_named(path)
        load(place)
        return Fetched(frame=pd.DataFrame({"Text": [place.read_text(encoding="utf-8")]}))

    return str(reads.read(request, fetch).frame["Text"].iloc[0])
