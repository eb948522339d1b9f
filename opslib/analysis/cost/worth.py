"""From which amount on something is worth a finding."""

from __future__ import annotations

from decimal import Decimal

from opslib.parameters.cost import CostParameters

__all__ = ["smallest_worth"]


def smallest_worth(parameters: CostParameters, spend: Decimal) -> Decimal:
    """Return the smallest amount worth a finding, where a period costs ``spend``."""
    return max(parameters.min_change, parameters.min_change_share * abs(spend))
