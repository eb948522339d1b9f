"""What a notebook leaves for machines: findings.json, and its tables as Parquet and CSV."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opslib.findings import FindingsDocument
from opslib.redaction import redact_values
from opslib.run_folder import RunFolder

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["findings_sha256", "record_results", "write_document"]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def record_results(
    run: RunFolder,
    document: FindingsDocument,
    tables: Mapping[str, pd.DataFrame],
    exports: Mapping[str, str] | None = None,
) -> None:
    """Write ``findings.json``, the tables and the exports into the run's folder.

    The runner lists them in ``run.json`` with size and SHA-256, and publishes all at once.

    Args:
        run: the folder of the run.
        document: what the run concludes.
        tables: name to table.
        exports: file name to text, for ``exports/``.
    """
    run.tables.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.to_parquet(run.tables / f"{name}.parquet", index=False)
        _without_formulas(table).to_csv(run.tables / f"{name}.csv", index=False)
    for name, text in (exports or {}).items():
        run.exports.mkdir(exist_ok=True)
        (run.exports / name).write_text(text, encoding="utf-8")
    write_document(run.path, document)


def write_document(folder: Path, document: FindingsDocument) -> None:
    """Write ``findings.json`` of a run."""
    (folder / "findings.json").write_bytes(_as_json(document))


def findings_sha256(document: FindingsDocument) -> str:
    """Return the SHA-256 of the ``findings.json`` that `record_results` writes of a document.

    It is that of the file, so that ``sha256sum findings.json`` tells it too.
    """
    return hashlib.sha256(_as_json(document)).hexdigest()


def _as_json(document: FindingsDocument) -> bytes:
    text = json.dumps(redact_values(asdict(document)), indent=1, default=_plain, ensure_ascii=False)
    return text.encode("utf-8")


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in findings.json")


def _without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Return ``table`` with texts that a spreadsheet would run as a formula made plain text.

    Source: OWASP, "CSV Injection": a leading apostrophe keeps the cell text.
    """
    return table.map(
        lambda cell: (
            f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
        )
    )
