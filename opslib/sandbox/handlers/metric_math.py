"""Metric math, as far as reports need it: + - * / of series and numbers, SUM, FILL with a number.

Source: Amazon CloudWatch User Guide, "Using metric math".
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

import numpy as np

from opslib.sandbox.metric_store import Series

__all__ = ["evaluate"]

Operand = Series | float
OPERATORS: dict[type[ast.operator], Callable[..., object]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class _Unknown(Exception):
    """The expression names what is not known, or uses what is not simulated."""


def evaluate(expression: str, series: Mapping[str, Series]) -> Series | None:
    """Return the series that an expression makes; None where it cannot be made of ``series``."""
    try:
        made = _value(ast.parse(expression.strip(), mode="eval").body, series)
    except (SyntaxError, _Unknown):
        return None
    return made if isinstance(made, Series) else None


def _value(node: ast.expr, series: Mapping[str, Series]) -> Operand:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in series:
            return series[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return _combine(ast.Mult(), -1.0, _value(inner, series))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
            return _combine(sign, _value(left, series), _value(right, series))
        case ast.Call(func=ast.Name(id="SUM"), args=[ast.List(elts=parts)]):
            return _sum([_value(part, series) for part in parts])
        case ast.Call(func=ast.Name(id="FILL"), args=[filled, by]):
            return _fill(_value(filled, series), _value(by, series), series)
    raise _Unknown


def _combine(sign: ast.operator, left: Operand, right: Operand) -> Operand:
    """Return the result at moments that both have; a division by zero gives no datapoint."""
    calculate = OPERATORS[type(sign)]
    if isinstance(left, float) and isinstance(right, float):
        return float(str(calculate(left, right)))
    if isinstance(left, float):
        assert isinstance(right, Series)
        starts, first, second = right.starts, np.full(len(right.values), left), right.values
    elif isinstance(right, float):
        starts, first, second = left.starts, left.values, np.full(len(left.values), right)
    else:
        starts, mine, theirs = np.intersect1d(left.starts, right.starts, return_indices=True)
        first, second = left.values[mine], right.values[theirs]
    with np.errstate(divide="ignore", invalid="ignore"):
        made = np.asarray(calculate(first, second), dtype=float)
    held = np.isfinite(made)
    return Series(starts[held], made[held])


def _sum(parts: list[Operand]) -> Series:
    held = [part for part in parts if isinstance(part, Series)]
    if not held or len(held) < len(parts):
        raise _Unknown
    starts = np.unique(np.concatenate([part.starts for part in held]))
    total = np.zeros(len(starts))
    for part in held:
        total[np.searchsorted(starts, part.starts)] += part.values
    return Series(starts, total)


def _fill(filled: Operand, by: Operand, series: Mapping[str, Series]) -> Series:
    """Return a series with a number at every moment that any series has and it lacks."""
    if not isinstance(filled, Series) or not isinstance(by, float):
        raise _Unknown
    starts = np.unique(np.concatenate([each.starts for each in series.values()]))
    values = np.full(len(starts), by)
    values[np.searchsorted(starts, filled.starts)] = filled.values
    return Series(starts, values)
