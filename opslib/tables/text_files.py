"""Files of text that a run takes as input."""

from __future__ import annotations

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["TEXT_FILE"]

TEXT_FILE = pa.DataFrameSchema({"Text": column(str)})
"""One row: the file, as it was read."""
