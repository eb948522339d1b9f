"""Files of an export that share one layout, their columns read exactly or not at all.

Each reader below takes the name that the files give to a column and returns an expression of
the type that FOCUS asks for, null where the files lack the column. A value that is not null
and cannot be read ends the query as a `TableError` with file, column and value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir

from opslib.tables.engine import FILE, refuse
from opslib.tables.focus import FocusType

__all__ = ["ExportPart"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPart:
    """The relation over some files of an export.

    Args:
        files: the files, all with the same columns.
        relation: their rows.
        columns: name that the files give to a column, to the relation's name for it.
    """

    files: tuple[Path, ...]
    relation: ir.Table
    columns: Mapping[str, str]

    def text(self, name: str) -> ir.StringValue:
        """Return a text column; an empty text is null."""
        if name not in self.columns:
            return ibis.null(FocusType.TEXT)
        return self._text(name)

    def money(self, name: str) -> ir.DecimalValue:
        """Return a column of money or quantity.

        Doubles go through their shortest decimal text, so that 0.1 is 0.1. What a source
        writes beyond 18 decimals is rounded.
        """
        if name not in self.columns:
            return ibis.null(FocusType.MONEY)
        column = self._column(name)
        exact = column.type().is_decimal() or column.type().is_integer()
        source = column if exact else self._text(name)
        return self._checked(source, name, FocusType.MONEY, "no number")

    def time(self, name: str) -> ir.TimestampValue:
        """Return a column of times in UTC; a time without a zone is taken as UTC."""
        if name not in self.columns:
            return ibis.null(FocusType.TIME)
        column = self._column(name)
        source = column if column.type().is_temporal() else self._text(name)
        return self._checked(source, name, FocusType.TIME, "no time")

    def tags(self, name: str) -> ir.MapValue:
        """Return a column of tags, from a map, a structure or the text of a JSON object."""
        if name not in self.columns:
            return ibis.null(FocusType.TAGS)
        column = self._column(name)
        if column.type().is_nested():
            return column.cast("json").cast(FocusType.TAGS)
        json = self._text(name).try_cast("json")
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

    def _column(self, name: str) -> ir.Column:
        return self.relation[self.columns[name]]

    def _text(self, name: str) -> ir.StringValue:
        return self._column(name).cast(FocusType.TEXT).nullif("")

    def _checked(self, source: ir.Value, name: str, kind: FocusType, problem: str) -> ir.Value:
        """Return ``source`` as ``kind``, refusing what is not null and cannot be cast."""
        text = self._text(name)
        refusal = refuse(f"column {name} holds {problem}:", text, self.relation[FILE])
        wrong = ibis.cases((text.notnull(), refusal), else_=None)
        return ibis.coalesce(source.try_cast(kind), wrong.cast(kind))
