"""Synthetic transactions: what an application does, done on a restored database and rolled back.

The file is YAML, one list ``transactions``; every name in it is checked before anything is
restored.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from opslib.errors import ParameterError
from opslib.parameters.statements import refuse_statement
from opslib.parameters.yaml_text import line_of, parse_mapping

__all__ = [
    "LEAST_SAMPLE",
    "ROUND",
    "Expectation",
    "RowRange",
    "Step",
    "Transaction",
    "load_transactions",
    "parse_transactions",
]

LEAST_SAMPLE = 20
"""Warm repeats below which a 95th percentile is not told."""
ROUND = "opslib.round"
"""A setting that counts up with every second repeat, for SQL that goes to other rows each time:
``current_setting('opslib.round')::int``."""
STRICT = ConfigDict(extra="forbid", frozen=True)


class RowRange(BaseModel):
    """How many rows a step returns or changes; both ends included."""

    model_config = STRICT

    min: Annotated[int, Field(ge=0)] = 0
    max: Annotated[int | None, Field(ge=0)] = None

    @model_validator(mode="after")
    def _check(self) -> RowRange:
        if self.max is not None and self.max < self.min:
            raise ValueError(f"max {self.max} is below min {self.min}")
        return self


class Expectation(BaseModel):
    """What a step must give.

    ``value`` is that of the first row's first column; ``columns`` are the types in order.
    """

    model_config = STRICT

    rows: RowRange | None = None
    value: Any = None
    columns: tuple[str, ...] = ()
    error: Annotated[str, Field(pattern=r"^([0-9A-Z]{5})?$")] = ""

    @field_validator("rows", mode="before")
    @classmethod
    def _exactly(cls, rows: Any) -> Any:
        if isinstance(rows, int) and not isinstance(rows, bool):
            return {"min": rows, "max": rows}
        if not isinstance(rows, dict | RowRange):
            raise ValueError(f"{rows!r} is neither a number of rows nor min and max")  # noqa: TRY004  pydantic's way
        return rows

    @field_validator("error", mode="before")
    @classmethod
    def _as_text(cls, error: Any) -> Any:
        # A bare 23505 is a number to YAML; one with a leading zero would have lost it.
        plain = isinstance(error, int) and not isinstance(error, bool)
        return str(error) if plain else error

    @field_validator("value")
    @classmethod
    def _is_plain(cls, value: Any) -> Any:
        return _plain(value)

    @model_validator(mode="after")
    def _check(self) -> Expectation:
        if not self.model_fields_set:
            raise ValueError("nothing is expected: name rows, value, columns or error")
        if self.error and self.model_fields_set != {"error"}:
            raise ValueError("a step that is expected to fail returns nothing else")
        return self

    @property
    def has_value(self) -> bool:
        """Say whether a value is expected, which may be null."""
        return "value" in self.model_fields_set


class Step(BaseModel):
    """One statement; ``$1``, ``$2``, ... stand for its parameters, typed by PostgreSQL."""

    model_config = STRICT

    sql: str
    name: str = ""
    parameters: tuple[Any, ...] = ()
    expect: Expectation | None = None

    @field_validator("sql")
    @classmethod
    def _is_allowed(cls, sql: str) -> str:
        reason = refuse_statement(sql)
        if reason:
            raise ValueError(reason)
        return sql

    @field_validator("parameters")
    @classmethod
    def _are_plain(cls, parameters: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(_plain(value) for value in parameters)


class Transaction(BaseModel):
    """A transaction that is run again and again, and always rolled back.

    ``read_only`` ones are run on the source too, for their latency there.
    """

    model_config = STRICT

    name: Annotated[str, Field(min_length=1, max_length=200)]
    steps: tuple[Step, ...]
    repeat: Annotated[int, Field(ge=1, le=1000)] = 41
    read_only: bool = False
    max_p95_ms: Annotated[float | None, Field(gt=0)] = None
    timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 30

    @model_validator(mode="after")
    def _check(self) -> Transaction:
        if not self.steps:
            raise ValueError("it has no step")
        if not any(step.expect for step in self.steps):
            raise ValueError("no step expects anything, so that nothing could be found wrong")
        if self.max_p95_ms is not None and self.repeat <= LEAST_SAMPLE:
            raise ValueError(f"max_p95_ms needs a repeat of at least {LEAST_SAMPLE + 1}")
        return self

    @property
    def moves(self) -> bool:
        """Say whether it goes to other rows as its repeats go on."""
        return any(ROUND in step.sql for step in self.steps)


class _File(BaseModel):
    model_config = STRICT

    transactions: tuple[Transaction, ...]

    @model_validator(mode="after")
    def _tell_apart(self) -> _File:
        if not self.transactions:
            raise ValueError("there is no transaction")
        named = [transaction.name for transaction in self.transactions]
        repeated = sorted({name for name in named if named.count(name) > 1})
        if repeated:
            raise ValueError(f"transactions stand twice: {', '.join(repeated)}")
        return self


PARTS: dict[str, type[BaseModel]] = {
    "transactions": Transaction,
    "steps": Step,
    "expect": Expectation,
    "rows": RowRange,
}


def load_transactions(path: Path) -> tuple[Transaction, ...]:
    """Return the transactions of a file.

    Raises:
        ParameterError: it cannot be read, or something in it is unknown, of a wrong type or not
            allowed; names line, transaction and step.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(
            f"the transactions cannot be read: {getattr(error, 'strerror', None) or error}",
            where=str(path),
            remedy="Name a YAML file, as docs/dr_restore_validation.md shows one.",
        ) from None
    return parse_transactions(text, str(path))


def parse_transactions(text: str, where: str) -> tuple[Transaction, ...]:
    """Return the transactions that ``text`` holds; ``where`` names it in messages.

    Raises:
        ParameterError: as `load_transactions`.
    """
    written, root = parse_mapping(text, where)
    try:
        return _File.model_validate(written).transactions
    except ValidationError as error:
        problem = error.errors()[0]
        line = f":{line_of(root, problem['loc'])}" if root else ""
        others = error.error_count() - 1
        more = f" (and {others} more)" if others else ""
        raise ParameterError(
            f"{_place(written, problem['loc'])}{_reason(problem)}{more}", where=f"{where}{line}"
        ) from None


def _place(written: dict[str, Any], path: Sequence[str | int]) -> str:
    """Return ``transaction 'name', step 2: `` as far as a path leads."""
    said = []
    value: Any = written
    for part, number in pairwise(path):
        value = value[part] if isinstance(value, dict) and part in value else None
        if part not in {"transactions", "steps"} or not isinstance(number, int):
            continue
        value = value[number] if isinstance(value, list) and number < len(value) else None
        name = value.get("name") if isinstance(value, dict) else None
        said.append(f"{part[:-1]} {name!r}" if name else f"{part[:-1]} {number + 1}")
    return f"{', '.join(said)}: " if said else ""


def _reason(problem: Any) -> str:
    names = [part for part in problem["loc"] if isinstance(part, str)]
    name = names[-1] if names else ""
    if problem["type"] == "extra_forbidden":
        model = PARTS.get(names[-2], _File) if len(names) > 1 else _File
        nearest = get_close_matches(name, model.model_fields, n=1, cutoff=0.5)
        known = ", ".join(model.model_fields)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"known are {known}"
        return f"unknown name {name!r}; {hint}"
    if problem["type"] == "missing":
        return f"{name!r} is missing"
    message = problem["msg"].removeprefix("Value error, ")
    lowered = message if message[:2].isupper() else f"{message[:1].lower()}{message[1:]}"
    of_whole = isinstance(problem["input"], dict | BaseModel) or not name
    return lowered if of_whole else f"{name}: {lowered}"


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | date):
        return value
    raise ValueError(f"is no plain value: {value!r}; write arrays and JSON as PostgreSQL's text")
