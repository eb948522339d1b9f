"""Files of an export that share one layout, their columns read exactly or not at all.

Each reader below takes the name that the files give to a column and returns an expression of
the type that FOCUS asks for, null where the files lack the column. A value that is not null
and cannot be read ends the query as a `TableError` with file, column and value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import ibis
import ibis.expr.types as ir

from opslib.errors import TableError
from opslib.tables.engine import FILE, refuse
from opslib.tables.focus import FocusType

__all__ = ["ExportPart"]

SHORT_MONEY = "decimal(15, 10)"
"""What most doubles in bills are, a tenth of the time of their text.

Decimals of 15 digits are told apart by doubles (IEEE 754), so that one whose double is the value
has its shortest text.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPart:
    """The relation over some files of an export.

    Args:
        files: the files, all with the same columns.
        relation: their rows.
        columns: name that a layout gives to a column, to the relation's name for it.
        spelling: name that a layout gives to a column, to that of the files where they differ.
    """

    files: tuple[Path, ...]
    relation: ir.Table
    columns: Mapping[str, str]
    spelling: Mapping[str, str] = field(default_factory=dict)

    def spelled(self, name: str) -> str:
        """Return the name that the files give to a column."""
        return self.spelling.get(name, name)

    def text(self, name: str) -> ir.StringValue:
        """Return a text column; an empty text is null.

        Whole numbers, such as ids, are taken as text.

        Raises:
            TableError: the column is of any other type.
        """
        if name in self.columns:
            kind = self._column(name).type()
            if not (kind.is_string() or kind.is_integer() or kind.is_unknown()):
                raise self._unfit(name, "text")
        return self.text_of(name)

    def text_of(self, name: str) -> ir.StringValue:
        """Return a column of any type as text, to be shown; an empty text is null."""
        if name not in self.columns:
            return ibis.null(FocusType.TEXT)
        return self._column(name).cast(FocusType.TEXT).nullif("")

    def money(self, name: str) -> ir.DecimalValue:
        """Return a column of money or quantity.

        Doubles are taken as their shortest decimal text, so that 0.1 is 0.1. What a source
        writes beyond 18 decimals is rounded.
        """
        if name not in self.columns:
            return ibis.null(FocusType.MONEY)
        column = self._column(name)
        exact = column.type().is_decimal() or column.type().is_integer()
        source = column if exact else self.text_of(name)
        money = self._checked(source, name, FocusType.MONEY, "no number")
        if not column.type().is_float64():
            return money
        short = column.try_cast(SHORT_MONEY)
        is_short = short.cast("float64") == column
        return ibis.cases((is_short, short.cast(FocusType.MONEY)), else_=money)

    def not_negative(self, name: str) -> ir.DecimalValue:
        """Return a column of money that is never negative."""
        amount = self.money(name)
        negative = self.refuse(name, "holds a negative amount").cast(FocusType.MONEY)
        return ibis.cases((amount < 0, negative), else_=amount)

    def time(self, name: str) -> ir.TimestampValue:
        """Return a column of times in UTC; a time without a zone is taken as UTC."""
        if name not in self.columns:
            return ibis.null(FocusType.TIME)
        column = self._column(name)
        if column.type().is_temporal():
            return column.cast(FocusType.TIME)
        return self._checked(self.text_of(name), name, FocusType.TIME, "no time")

    def tags(self, name: str) -> ir.MapValue:
        """Return a column of tags, from a map, a structure or the text of a JSON object.

        Raises:
            TableError: the column is a list.
        """
        if name not in self.columns:
            return ibis.null(FocusType.TAGS)
        column = self._column(name)
        if column.type().is_array():
            raise self._unfit(name, "a map")
        if column.type() == ibis.dtype(FocusType.TAGS):
            return column
        if column.type().is_nested():
            return column.cast("json").cast(FocusType.TAGS)
        json = self.text_of(name).try_cast("json")
        return self._checked(json, name, FocusType.TAGS, "no JSON object")

    def tags_of_columns(self, keys: Mapping[str, str]) -> ir.MapValue:
        """Return the tags that an export holds in one column each; null in a row without any.

        Args:
            keys: name of a column, to the tag key that it stands for.
        """
        if not keys:
            return ibis.null(FocusType.TAGS)
        values = [self.text(name) for name in keys]
        tags = ibis.map(
            ibis.array([ibis.literal(key) for key in keys.values()]), ibis.array(values)
        )
        return ibis.cases((ibis.coalesce(*values).notnull(), tags), else_=None)

    def refuse(self, name: str, problem: str) -> ir.StringValue:
        """Return an expression that ends the query: file, column, ``problem`` and the value."""
        what = f"column {self.spelled(name)} {problem}:"
        return refuse(what, self.text_of(name), self.relation[FILE])

    def _unfit(self, name: str, due: str) -> TableError:
        """Return the error of a column whose type cannot be read."""
        return TableError(
            f"column {self.spelled(name)} holds {self._column(name).type()} where {due} is due",
            where=", ".join(str(file) for file in self.files[:3]),
            remedy="Export the column with the type of its layout.",
        )

    def _column(self, name: str) -> ir.Column:
        return self.relation[self.columns[name]]

    def _checked(self, source: ir.Value, name: str, kind: FocusType, problem: str) -> ir.Value:
        """Return ``source`` as ``kind``, refusing what is not null and cannot be cast."""
        wrong = ibis.cases(
            (self.text_of(name).notnull(), self.refuse(name, f"holds {problem}")), else_=None
        )
        return ibis.coalesce(source.try_cast(kind), wrong.cast(kind))
