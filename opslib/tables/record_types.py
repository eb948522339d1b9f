"""Cost Explorer's record types in the words of FOCUS.

Source: AWS Cost Management user guide, "Filtering the data that you want to view" (charge type).
"""

from __future__ import annotations

__all__ = ["CHARGE_CATEGORIES", "charge_category"]

CHARGE_CATEGORIES = {
    **dict.fromkeys(("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage"), "Usage"),
    "SavingsPlanNegation": "Usage",
    "Tax": "Tax",
    "Credit": "Credit",
    "Refund": "Adjustment",
    "RIFee": "Purchase",
    "SavingsPlanRecurringFee": "Purchase",
    "SavingsPlanUpfrontFee": "Purchase",
    "Fee": "Purchase",
    "Recurring": "Purchase",
    "Upfront": "Purchase",
    "Support": "Purchase",
}
"""Record type to ChargeCategory."""


def charge_category(record_type: str) -> str:
    """Return the ChargeCategory of a record type; any that is not listed is an Adjustment."""
    return CHARGE_CATEGORIES.get(record_type, "Adjustment")
