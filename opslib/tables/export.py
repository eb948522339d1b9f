"""Bill exports as one relation: FOCUS 1.0 to 1.2, CUR 2.0 and CUR 1, Parquet or CSV files.

Nothing is read here but the headers: the relation is lazy, and what its files hold is converted
and checked while a query runs over them.

Tag keys: FOCUS and CUR exports of AWS name a tag that somebody set ``Project``,
``user:Project`` or, in Athena's spelling, ``user_project``, and one that AWS set
``aws:createdBy``. `opslib.tables.aggregation.tag_value` knows these spellings.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from opslib.errors import TableError
from opslib.tables.cur import cur_columns, focus_of_cur
from opslib.tables.cur2 import CUR2_REQUIRED_COLUMNS, cur2_columns, focus_of_cur2
from opslib.tables.engine import FILE, Engine
from opslib.tables.export_part import ExportPart
from opslib.tables.focus import FOCUS_COLUMNS
from opslib.tables.focus_files import FOCUS_REQUIRED_COLUMNS, focus_columns, focus_of_focus
from opslib.tables.line_items import REQUIRED_COLUMNS

if TYPE_CHECKING:
    from opslib.tables.engine_spark import SparkEngine

__all__ = ["OPERATION", "focus_of_part", "open_bill"]

OPERATION = "x_Operation"
"""AWS's own column of FOCUS, lineItem/Operation of the Cost and Usage Report. It tells a rate with
the usage type, which stands for several operating systems."""

PARQUET = (".parquet",)
CSV = (".csv", ".csv.gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A layout that bills are exported in.

    Args:
        name: what it is called.
        required: names of the columns without which it cannot be read.
        columns: finds its columns among those of a file: its name for each, to the file's.
        to_focus: returns the FOCUS columns.
    """

    name: str
    required: tuple[str, ...]
    columns: Callable[[Collection[str]], dict[str, str]]
    to_focus: Callable[[ExportPart], Mapping[str, ir.Value]]


STANDARDS = (
    Standard(
        name="FOCUS",
        required=FOCUS_REQUIRED_COLUMNS,
        columns=focus_columns,
        to_focus=focus_of_focus,
    ),
    Standard(
        name="CUR 2.0",
        required=CUR2_REQUIRED_COLUMNS,
        columns=cur2_columns,
        to_focus=focus_of_cur2,
    ),
    Standard(name="CUR 1", required=REQUIRED_COLUMNS, columns=cur_columns, to_focus=focus_of_cur),
)
"""The layouts that are read; of two that fit a file alike, the first is meant."""


def open_bill(
    engine: Engine | SparkEngine,
    files: Sequence[Path],
    *,
    by_file: bool = False,
    operation: bool = False,
) -> ir.Table:
    """Return all rows of an export in the columns of `FOCUS_COLUMNS`, null where it lacks one.

    Files may differ in columns, column types and billing periods, but not in standard.

    Args:
        engine: runs what is asked of the result.
        files: ``.parquet``, ``.csv`` or ``.csv.gz`` files; CSV with a header, '' and NULL null.
        by_file: keep the column `FILE`, the path that the row came from.
        operation: tell the column `OPERATION` too.

    Raises:
        TableError: no file; a file that is empty, broken, of no known standard or of another
            one than the rest; missing columns, by name.
    """
    _check_kinds(files)
    parts = [
        _of_standard(part) for part in (*_csv_parts(engine, files), *_parquet_parts(engine, files))
    ]
    first = {standard.name: part.files[0] for standard, part in parts}
    if len(first) > 1:
        raise TableError(
            f"the files are of several standards: {', '.join(first)}",
            where=", ".join(str(file) for file in first.values()),
            remedy="Point path at the files of one export.",
        )
    return ibis.union(
        *[
            _select(
                part.relation,
                {**standard.to_focus(part), **(_operation(part) if operation else {})},
                by_file=by_file,
            )
            for standard, part in parts
        ]
    )


def focus_of_part(part: ExportPart) -> ir.Table:
    """Return the rows of one part of an export in the columns of `FOCUS_COLUMNS`.

    Args:
        part: its columns by the names that the layout's documentation gives them.

    Raises:
        TableError: no known standard, or missing columns.
    """
    standard, named = _of_standard(part)
    return _select(named.relation, standard.to_focus(named), by_file=False)


def _check_kinds(files: Sequence[Path]) -> None:
    if not files:
        raise TableError("no file to read the bill from", remedy="Give the export's files.")
    strange = [str(file) for file in files if not file.name.endswith((*PARQUET, *CSV))]
    if strange:
        raise TableError(
            f"no kind of file that bills are read from ({', '.join((*PARQUET, *CSV))})",
            where=", ".join(strange[:3]),
            remedy="Export as Parquet or CSV.",
        )


def _select(relation: ir.Table, columns: Mapping[str, ir.Value], *, by_file: bool) -> ir.Table:
    names = [column.name for column in FOCUS_COLUMNS] + [OPERATION] * (OPERATION in columns)
    chosen = {name: columns[name] for name in names}
    return relation.select(**chosen, **({FILE: relation[FILE]} if by_file else {}))


def _operation(part: ExportPart) -> dict[str, ir.StringValue]:
    return {OPERATION: ibis.coalesce(part.text(OPERATION), part.text("lineItem/Operation"))}


def _of_standard(part: ExportPart) -> tuple[Standard, ExportPart]:
    """Return the standard of ``part``, and it with its columns by the standard's names.

    The standard is the one of which most required columns are there, so that what is said to
    be missing is missing from what the file was meant to be.
    """
    found = {standard.name: standard.columns(part.columns) for standard in STANDARDS}
    standard = max(STANDARDS, key=lambda standard: _share_present(standard, found))
    columns = found[standard.name]
    if not _share_present(standard, found):
        raise TableError(
            f"no column of {', '.join(standard.name for standard in STANDARDS)}",
            where=str(part.files[0]),
            remedy="Point path at a FOCUS 1.0 to 1.2, CUR 2.0 or CUR 1 export.",
        )
    missing = [name for name in standard.required if name not in columns]
    if missing:
        raise TableError(
            f"columns of {standard.name} are missing: {', '.join(missing)}",
            where=", ".join(str(file) for file in part.files[:3]),
            remedy="Export with all columns of the standard.",
        )
    named = {name: part.columns[column] for name, column in columns.items()}
    return standard, replace(part, columns=named, spelling=columns)


def _share_present(standard: Standard, found: Mapping[str, Mapping[str, str]]) -> float:
    present = [name for name in standard.required if name in found[standard.name]]
    return len(present) / len(standard.required)


def _csv_parts(engine: Engine | SparkEngine, files: Sequence[Path]) -> list[ExportPart]:
    layouts: dict[tuple[str, ...], list[Path]] = {}
    for file in files:
        if file.name.endswith(CSV):
            layouts.setdefault(_read_header(file), []).append(file)
    parts = []
    for header, group in layouts.items():
        columns = {name: f"column_{place}" for place, name in enumerate(header)}
        relation = engine.csv(group, list(columns.values()))
        parts.append(ExportPart(files=tuple(group), relation=relation, columns=columns))
    return parts


def _read_header(file: Path) -> tuple[str, ...]:
    opened = gzip.open if file.name.endswith(".gz") else open
    try:
        with opened(file, "rt", encoding="utf-8-sig", newline="") as lines:
            header = tuple(next(csv.reader(lines), ()))
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        raise TableError(
            f"cannot be read: {error}", where=str(file), remedy="Fetch or export it again."
        ) from error
    repeated = {name for name in header if header.count(name) > 1}
    if not header or repeated:
        raise TableError(
            f"columns stand twice: {', '.join(sorted(repeated))}" if header else "no header",
            where=str(file),
            remedy="Fetch or export it again.",
        )
    return header


def _parquet_parts(engine: Engine | SparkEngine, files: Sequence[Path]) -> list[ExportPart]:
    layouts: dict[object, list[Path]] = {}
    for file in files:
        if file.name.endswith(PARQUET):
            layouts.setdefault(engine.parquet([file]).schema(), []).append(file)
    parts = []
    for group in layouts.values():
        relation = engine.parquet(group)
        columns = {name: name for name in relation.columns if name != FILE}
        parts.append(ExportPart(files=tuple(group), relation=relation, columns=columns))
    return parts
