"""Parameters that tell how a table's rows come to differ from a baseline: by which column."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from opslib.errors import ParameterError
from opslib.parameters.column_name import ColumnName, parse_part, parse_table
from opslib.parameters.zone_name import ZoneName

__all__ = ["DeclaredChanges", "DeclaredTables"]


class DeclaredChanges(BaseModel):
    """What is declared of one table, or of all partitions of one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: Annotated[str, Field(description="schema.table")]
    changed_at: Annotated[
        str, Field(description="column that every insert and update sets to its time")
    ] = ""
    appended_at: Annotated[
        str,
        Field(description="column that tells when a row of a table came that are never changed"),
    ] = ""
    inserted_at: Annotated[
        str, Field(description="beside changed_at: column that tells when a row was inserted")
    ] = ""
    zone: Annotated[ZoneName, Field(description="time zone of columns whose type has none")] = "UTC"

    @field_validator("table")
    @classmethod
    def _is_a_table(cls, text: str) -> str:
        try:
            parse_table(text)
        except ParameterError as error:
            raise ValueError(error.what) from None
        return text

    @field_validator("changed_at", "appended_at", "inserted_at")
    @classmethod
    def _is_a_column(cls, text: str) -> str:
        try:
            if text:
                parse_part(text)
        except ParameterError as error:
            raise ValueError(error.what) from None
        return text

    @model_validator(mode="after")
    def _name_one_column(self) -> Self:
        if bool(self.changed_at) == bool(self.appended_at):
            raise ValueError(f"{self.table} needs one of changed_at and appended_at")
        if self.inserted_at and not self.changed_at:
            raise ValueError(f"inserted_at of {self.table} goes with changed_at only")
        return self

    @property
    def name(self) -> tuple[str, str]:
        """Return schema and table, as the catalog holds them."""
        return parse_table(self.table)

    @property
    def is_append_only(self) -> bool:
        """Say whether rows are only ever inserted."""
        return bool(self.appended_at)

    @property
    def column(self) -> str:
        """Return the column that tells the time of a row's last change, as the catalog has it."""
        return parse_part(self.appended_at or self.changed_at)

    @property
    def inserted(self) -> str:
        """Return the column that tells when a row was inserted; '' where none is declared."""
        return parse_part(self.inserted_at) if self.inserted_at else ""

    def columns_of(self, table: tuple[str, str]) -> tuple[ColumnName, ...]:
        """Return the declared columns of a table, or of a partition of it."""
        names = filter(None, (self.column, self.inserted))
        return tuple(ColumnName(schema=table[0], table=table[1], column=name) for name in names)


def _no_table_twice(declared: tuple[DeclaredChanges, ...]) -> tuple[DeclaredChanges, ...]:
    twice = [name for name, times in Counter(one.name for one in declared).items() if times > 1]
    if twice:
        raise ValueError(f"{'.'.join(twice[0])} is declared twice")
    return declared


DeclaredTables = Annotated[tuple[DeclaredChanges, ...], AfterValidator(_no_table_twice)]
