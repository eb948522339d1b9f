"""The engine for bills larger than the machine: Apache Spark, reached through Ibis.

It runs the same expressions over the same files as `opslib.tables.engine.Engine`. Which cluster it
uses is Spark's own configuration (``SPARK_CONF_DIR``, ``SPARK_REMOTE``); without any it is this
machine. Doubles become decimals by their shortest text there too (Java's Double.toString), days are
those of UTC, and names are told apart by their letters' case.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd

from opslib.errors import ParameterError, TableError
from opslib.tables.engine import FILE, NULL_TEXTS, read_refusal

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["SparkEngine"]

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


@ibis.udf.scalar.builtin(name="raise_error")  # type: ignore[untyped-decorator]
def _raise_error(message: str) -> str: ...  # type: ignore[empty-body]  # Spark has the bodies


@ibis.udf.scalar.builtin(name="element_at")  # type: ignore[untyped-decorator]
def _element_at(values: dt.Map[dt.string, dt.string], key: str) -> str: ...  # type: ignore[empty-body]


@ibis.udf.scalar.builtin(name="to_json")  # type: ignore[untyped-decorator]
def _to_json(values) -> str: ...  # type: ignore[no-untyped-def, empty-body]  # noqa: ANN001  of any type


@ibis.udf.scalar.builtin(name="from_json")  # type: ignore[untyped-decorator]
def _from_json(text: str, kind: str) -> dt.Map[dt.string, dt.string]: ...


NAMED_DIFFERENTLY = {"error": _raise_error, "map_extract_value": _element_at}
"""DuckDB's functions that expressions call by name, to Spark's."""


class SparkEngine:
    """A Spark session, left as it is at the end of a ``with`` block but for what was kept.

    Raises:
        ParameterError: pyspark or Java is not installed.
    """

    def __init__(self) -> None:
        self.session = _open_session()
        with _without_warnings():
            self._backend = ibis.pyspark.connect(self.session)
        self._kept: list[DataFrame] = []
        self._views: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for frame in self._kept:
            frame.unpersist()
        for view in self._views:
            self.session.catalog.dropTempView(view)

    def parquet(self, files: Sequence[Path]) -> ir.Table:
        """Return the relation over Parquet files of one schema, with the column `FILE`.

        Raises:
            TableError: a file is empty, cut off or no Parquet.
        """
        with _faults():
            return self._view(_with_file(self.session.read.parquet(*map(_literal_path, files))))

    def csv(self, files: Sequence[Path], columns: Sequence[str]) -> ir.Table:
        """Return the relation over CSV files of one header, all text, with the column `FILE`.

        Args:
            files: as `opslib.tables.engine.Engine.csv` takes them.
            columns: names to give to the columns, in the order of the files.

        Raises:
            TableError: a file cannot be opened.
        """
        schema = ", ".join(f"`{name}` STRING" for name in columns)
        with _faults():
            read = self.session.read.options(
                header=True, quote='"', escape='"', multiLine=True, enforceSchema=True
            )
            told = read.csv([_literal_path(file) for file in files], schema=schema)
            return self._view(_with_file(told.replace(dict.fromkeys(NULL_TEXTS))))

    def run(self, expression: ir.Table) -> pd.DataFrame:
        """Return the rows of ``expression``, in the types of `opslib.tables.engine.Engine.run`.

        Raises:
            TableError: a file is broken, or a value in it is not what its column promises.
        """
        with _faults(), _without_warnings():
            rows: pd.DataFrame = self._frame(expression).toArrow().to_pandas()
        return rows

    def keep(self, expression: ir.Table) -> ir.Table:
        """Return the relation over the rows of ``expression``, which Spark keeps once it has run.

        Raises:
            TableError: as `run` does.
        """
        with _faults():
            frame = self._frame(expression).persist()
            self._kept.append(frame)
            return self._view(frame)

    def _frame(self, expression: ir.Table) -> DataFrame:
        ours = expression.op().replace(_of_spark).to_expr()
        return self.session.sql(str(self._backend.compile(ours)))

    def _view(self, frame: DataFrame) -> ir.Table:
        self._views.append(f"opslib_{id(self)}_{len(self._views)}")
        frame.createOrReplaceTempView(self._views[-1])
        return self._backend.table(self._views[-1])


def _open_session() -> SparkSession:
    try:
        with _without_warnings():
            from pyspark.errors import PySparkRuntimeError  # noqa: PLC0415  an optional extra
            from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError:
        raise ParameterError(
            "Spark is not installed (no module pyspark)",
            where="engine: spark",
            remedy="Install it with pip install 'opslib[spark]', or choose engine: duckdb.",
        ) from None
    try:
        with _without_warnings():
            builder = SparkSession.builder.appName("opslib")
            session = builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()
    except (PySparkRuntimeError, FileNotFoundError) as error:
        raise ParameterError(
            f"Spark does not start: {str(error).splitlines()[0]}",
            where="engine: spark",
            remedy="Install Java 17 or later and name it in JAVA_HOME, or choose engine: duckdb.",
        ) from error
    for name, value in SETTINGS.items():
        session.conf.set(name, value)
    if (session.conf.get("spark.master", "") or "").startswith("local"):
        # As many parts as there are cores; Spark's 200 are meant for a cluster.
        parts = session.sparkContext.defaultParallelism
        session.conf.set("spark.sql.shuffle.partitions", str(parts))
    return session


def _of_spark(node: Any, changed: dict[str, Any] | None) -> Any:
    """Return an operation as Spark has it."""
    node = node.__recreate__(changed) if changed else node
    name = getattr(node, "__func_name__", "")
    if name in NAMED_DIFFERENTLY:
        return NAMED_DIFFERENTLY[name](*(arg.to_expr() for arg in node.args)).op()
    to_map = isinstance(node, ops.Cast | ops.TryCast) and node.to.is_map()
    if to_map and node.arg.dtype.is_json():  # Spark has no such type: it reads the text
        source = node.arg.arg.to_expr()
        text = source if source.type().is_string() else _to_json(source)
        return _from_json(text, "map<string, string>").op()
    return node


def _with_file(frame: DataFrame) -> DataFrame:
    path = "regexp_replace(_metadata.file_path, '^file:/+', '/')"  # a URI; + is no blank in it
    return frame.selectExpr("*", f"url_decode(replace({path}, '+', '%2B')) AS {FILE}")


def _literal_path(file: Path) -> str:
    """Return the path so that Spark takes no character of it as a wildcard."""
    text = "".join(f"\\{letter}" if letter in "*?[]{}\\," else letter for letter in str(file))
    return f"file://{text}"


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Say nothing of pandas 3, of which nothing is used here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


@contextmanager
def _faults() -> Iterator[None]:
    """Turn Spark's errors into `TableError`, one line each."""
    from py4j.protocol import Py4JJavaError  # noqa: PLC0415  an optional extra
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        message = str(error)
        raise read_refusal(message) or TableError(
            f"cannot be read: {message.splitlines()[0]}",
            remedy="If a file is broken or incomplete, fetch or export it again.",
        ) from None
