"""What two runs of one notebook say differently: findings, tables, exports and outputs of cells.

Each part of a run's folder is compared as what it is: JSON by its members, tables by columns and
cells, figures by plotly's own members, text up to where it first differs.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opslib.wording import count

__all__ = ["ABSENT", "Difference", "compare_folders"]

ABSENT = "(absent)"
FIGURE = "application/vnd.plotly.v1+json"
NAMES = {FIGURE: "figure", "text/html": "html", "text/plain": "plain"}
BEFORE, SHOWN = 24, 96
"""Characters of a long text that are shown: before its first difference, and in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as it was recorded.

    Args:
        part: of the run: a file of its folder, or a cell of its notebook.
        place: within the part.
        recorded: what the run had, as text.
        now: what there is now.
    """

    part: str
    place: str
    recorded: str
    now: str


def compare_folders(recorded: Path, now: Path) -> Iterator[Difference]:
    """Give what the folders of two runs say differently, part by part.

    Args:
        recorded: a published run.
        now: the same notebook run again, from the same evidence.
    """
    one, other = (_load(folder / "findings.json") for folder in (recorded, now))
    yield from _compare(one, other, "findings.json", "")
    for name in _names(recorded, now, "tables", "*.parquet"):
        yield from _compare_tables(recorded / name, now / name, name)
    for name in _names(recorded, now, "exports", "*"):
        yield from _compare(_bytes(recorded / name), _bytes(now / name), name, "")
    yield from _compare_notebooks(*(_load(folder / "report.ipynb") for folder in (recorded, now)))


def _load(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _bytes(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ABSENT


def _names(recorded: Path, now: Path, folder: str, pattern: str) -> list[str]:
    found = {path.name for run in (recorded, now) for path in (run / folder).glob(pattern)}
    return [f"{folder}/{name}" for name in sorted(found)]


def _compare(recorded: Any, now: Any, part: str, place: str) -> Iterator[Difference]:
    """Give the differences of two JSON values."""
    if isinstance(recorded, dict) and isinstance(now, dict):
        for key in sorted(recorded.keys() | now.keys()):
            inner = f"{place}.{key}" if place else key
            yield from _compare(recorded.get(key, ABSENT), now.get(key, ABSENT), part, inner)
    elif isinstance(recorded, list) and isinstance(now, list):
        for index in range(max(len(recorded), len(now))):
            one = recorded[index] if index < len(recorded) else ABSENT
            other = now[index] if index < len(now) else ABSENT
            yield from _compare(one, other, part, f"{place}[{index}]")
    elif recorded != now and repr(recorded) != repr(now):  # NaN is not equal to itself
        yield _difference(part, place, str(recorded), str(now))


def _difference(part: str, place: str, recorded: str, now: str) -> Difference:
    """Return a difference whose long texts begin shortly before the first difference."""
    same = next(
        (n for n, pair in enumerate(zip(recorded, now, strict=False)) if pair[0] != pair[1]),
        min(len(recorded), len(now)),
    )
    begin = max(0, same - BEFORE) if max(len(recorded), len(now)) > SHOWN else 0
    return Difference(
        part=part, place=place, recorded=_excerpt(recorded, begin), now=_excerpt(now, begin)
    )


def _excerpt(text: str, begin: int) -> str:
    if text == ABSENT:
        return text
    shown = text[begin : begin + SHOWN]
    return f"{'... ' if begin else ''}{shown}{' ...' if len(text) > begin + SHOWN else ''}"


def _compare_tables(recorded: Path, now: Path, part: str) -> Iterator[Difference]:
    """Give the differences of two Parquet files: columns with their types, rows, cells."""
    import pyarrow.parquet as pq  # noqa: PLC0415  slow to import

    if not (recorded.exists() and now.exists()):
        there = [
            pq.read_metadata(file).num_rows if file.exists() else None for file in (recorded, now)
        ]
        said = [ABSENT if rows is None else f"a table of {count(rows, 'row')}" for rows in there]
        yield _difference(part, "", *said)
        return
    one, other = pq.read_table(recorded), pq.read_table(now)
    types, types_now = ({f.name: str(f.type) for f in table.schema} for table in (one, other))
    yield from _compare(types, types_now, part, "type of column")
    yield from _compare(one.column_names, other.column_names, part, "column")
    yield from _compare(one.num_rows, other.num_rows, part, "rows")
    if one.num_rows == other.num_rows:
        for name in [name for name in types if name in types_now]:
            column, column_now = one.column(name), other.column(name)
            if not column.equals(column_now):
                yield from _compare(column.to_pylist(), column_now.to_pylist(), part, name)


def _compare_notebooks(recorded: Any, now: Any) -> Iterator[Difference]:
    """Give the differences of what two executed notebooks show, cell by cell."""
    one, other = _shown_cells(recorded), _shown_cells(now)
    for key in [*one, *(key for key in other if key not in one)]:
        part = f"report.ipynb, cell {key}"
        yield from _compare(one.get(key, ABSENT), other.get(key, ABSENT), part, "")


def _shown_cells(notebook: Any) -> dict[str, Any]:
    """Return what each cell shows, by its id: text, or outputs in order, by kind."""
    shown: dict[str, Any] = {}
    for number, cell in enumerate(notebook["cells"]):
        key = cell.get("id", str(number))
        if cell["cell_type"] == "markdown":
            shown[key] = {"text": "".join(cell["source"])}
        elif cell.get("outputs"):
            shown[key] = {"output": [_output(each) for each in cell["outputs"]]}
    return shown


def _output(output: Any) -> dict[str, Any]:
    """Return what one output shows; a figure's members are plotly's, its arrays as lists."""
    data = output.get("data", {"text": output.get("text", "")})
    return {
        NAMES.get(kind, kind): _unpacked(value) if kind == FIGURE else "".join(value)
        for kind, value in data.items()
    }


def _unpacked(value: Any) -> Any:
    """Return a figure's JSON with plotly's packed arrays as lists of numbers."""
    if isinstance(value, dict):
        if value.keys() >= {"bdata", "dtype"}:
            return _numbers(value)
        return {key: _unpacked(inner) for key, inner in value.items()}
    return [_unpacked(inner) for inner in value] if isinstance(value, list) else value


def _numbers(packed: dict[str, str]) -> list[Any]:
    import numpy as np  # noqa: PLC0415  slow to import

    flat = np.frombuffer(base64.b64decode(packed["bdata"]), np.dtype(packed["dtype"]))
    shape = [int(size) for size in str(packed.get("shape", flat.size)).split(",")]
    listed: list[Any] = flat.reshape(shape).tolist()
    return listed
