"""The tables that what is said of tags can be traced to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from opslib.analysis.cost.tags import TagGovernance
from opslib.money import EXACT

__all__ = ["tag_tables"]


def tag_tables(tags: Sequence[TagGovernance]) -> Mapping[str, pd.DataFrame]:
    """Return the spend by tag value, what is untagged, and where that rose.

    Args:
        tags: one for each key that was read.
    """
    return {
        "tag_values": _values(tags),
        "untagged": _untagged(tags),
        "untagged_rises": _rises(tags),
    }


def _values(tags: Sequence[TagGovernance]) -> pd.DataFrame:
    """Return the taggable cost of the period by value; the empty one is untagged."""
    rows = [(tag.key, value, cost) for tag in tags for value, cost in tag.by_value.items()]
    return pd.DataFrame(rows, columns=["tag_key", "value", "cost"])


def _untagged(tags: Sequence[TagGovernance]) -> pd.DataFrame:
    rows = [
        (tag.key, offender.service, offender.account, offender.resource, offender.cost)
        for tag in tags
        for offender in tag.offenders
    ]
    names = ["tag_key", "ServiceName", "SubAccountId", "ResourceId", "cost"]
    return pd.DataFrame(rows, columns=names)


def _rises(tags: Sequence[TagGovernance]) -> pd.DataFrame:
    rows = [
        (
            tag.key,
            rise.service,
            EXACT.subtract(rise.untagged, rise.amount),
            rise.untagged,
            rise.amount,
        )
        for tag in tags
        for rise in tag.rises
    ]
    names = ["tag_key", "ServiceName", "untagged_before", "untagged", "rise"]
    return pd.DataFrame(rows, columns=names)
