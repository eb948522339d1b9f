"""Values of database parameters that are written as formulas.

Source: Amazon RDS User Guide, Specifying DB parameters: formulas in braces over
DBInstanceClassMemory (bytes), DBInstanceVCPU and AllocatedStorage, with GREATEST, LEAST and SUM;
log is the logarithm of base 2. Amazon Aurora User Guide: default values of max_connections.

DBInstanceClassMemory is the memory of the class less what RDS keeps for itself, which AWS does not
publish; with all of the memory a limit comes out up to a tenth too high.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from itertools import pairwise

__all__ = ["default_connections", "evaluate_formula", "serverless_connections"]

DEFAULTS = {
    "aurora-postgresql": "LEAST({DBInstanceClassMemory/9531392},5000)",
    "postgres": "LEAST({DBInstanceClassMemory/9531392},5000)",
    "mysql": "{DBInstanceClassMemory/12582880}",
    "mariadb": "LEAST({DBInstanceClassMemory/25165760},12000)",
    "aurora-mysql": (
        "GREATEST({log(DBInstanceClassMemory/805306368)*45},"
        "{log(DBInstanceClassMemory/8187281408)*1000})"
    ),
}
"""max_connections of the default parameter groups, by engine."""
SERVERLESS = {
    "aurora-postgresql": ((1, 189), (4, 823), (8, 1669), (16, 3360), (32, 5000)),
    "aurora-mysql": (
        (1, 90),
        (4, 135),
        (8, 1000),
        (16, 2000),
        (32, 3000),
        (64, 4000),
        (128, 5000),
        (192, 6000),
    ),
}
"""Maximum ACU and max_connections (Aurora User Guide, Maximum connections for Serverless v2)."""
SMALL_MINIMUM_ACU, SMALL_MINIMUM_CONNECTIONS = 0.5, 2000
FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "least": min,
    "greatest": max,
    "sum": lambda *values: sum(values),
    "log": math.log2,
}
OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
LONGEST = 500


def evaluate_formula(formula: str, known: Mapping[str, float]) -> float | None:
    """Return the value of a parameter, whole as RDS takes it; None where it cannot be told.

    Args:
        formula: a number, or a formula over ``known``.
        known: variables by name.
    """
    text = formula.replace("{", "(").replace("}", ")")
    if len(text) > LONGEST:
        return None
    try:
        value = _value(ast.parse(text, mode="eval").body, known)
        return float(math.floor(value))
    except (SyntaxError, ValueError, KeyError, ArithmeticError, TypeError, RecursionError):
        return None


def _value(node: ast.expr, known: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return float(known[name])
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](_value(left, known), _value(right, known))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return FUNCTIONS[name.lower()](*(_value(one, known) for one in arguments))
    raise ValueError("no formula of RDS")


def default_connections(engine: str, memory_gib: float) -> float | None:
    """Return max_connections of an engine's default parameter group; None where not known."""
    formula = DEFAULTS.get(engine)
    known = {"DBInstanceClassMemory": memory_gib * 2**30}
    return evaluate_formula(formula, known) if formula else None


def serverless_connections(engine: str, min_acu: float, max_acu: float) -> float | None:
    """Return max_connections of Aurora Serverless v2, which follows the maximum of ACU.

    Between the ACU that AWS lists it is interpolated. PostgreSQL with a minimum of half an ACU or
    none is held to 2,000.
    """
    listed = SERVERLESS.get(engine)
    if listed is None:
        return None
    value = _interpolated(listed, max_acu)
    if engine == "aurora-postgresql" and min_acu <= SMALL_MINIMUM_ACU:
        value = min(value, SMALL_MINIMUM_CONNECTIONS)
    return float(math.floor(value))


def _interpolated(listed: tuple[tuple[int, int], ...], at: float) -> float:
    if at <= listed[0][0]:
        return float(listed[0][1])
    for (low, few), (high, many) in pairwise(listed):
        if at <= high:
            return few + (many - few) * (at - low) / (high - low)
    return float(listed[-1][1])
