"""Prices of AWS, as its price list tells them."""

from __future__ import annotations

from decimal import Decimal

import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = ["PRICES"]

PRICES = pa.DataFrameSchema(
    {"Product": column(str), "Unit": column(str), "PricePerUnitUsd": column(Decimal)}
)
"""One row a product on demand, in USD a unit (Hrs for instances)."""
