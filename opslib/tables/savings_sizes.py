"""What sizes there are to change to, and which AWS itself proposes."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import pandas as pd
import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = [
    "ADVISERS",
    "AWS_ADVICE",
    "COMPUTE_OPTIMIZER",
    "COST_EXPLORER",
    "HUB",
    "MEMORY_METRICS",
    "SIZE_TYPES",
    "SizeTables",
]

COMPUTE_OPTIMIZER, COST_EXPLORER = "Compute Optimizer", "Cost Explorer"
HUB = "Cost Optimization Hub"
ADVISERS = (COMPUTE_OPTIMIZER, COST_EXPLORER, HUB)
"""What AWS calls its services that advise on sizes; no conclusion of ours rests on them."""

SIZE_TYPES = pa.DataFrameSchema(
    {
        "InstanceType": column(str),
        "Vcpus": column(float),
        "MemoryGib": column(float),
        "NetworkGbps": column(float, nullable=True),
        "EbsMbps": column(float, nullable=True),
    },
    unique=["InstanceType"],
)
"""One row an instance type. NetworkGbps and EbsMbps are what it keeps up for ever, in 10^9 and in
10^6 bits a second; null where AWS does not tell it."""

MEMORY_METRICS = pa.DataFrameSchema(
    {
        "ResourceId": column(str),
        "Account": column(str),
        "RegionId": column(str),
        "Dimensions": column(str),
    },
    unique=["ResourceId", "Account", "RegionId"],
)
"""One row an instance whose memory CloudWatch's agent reports. Dimensions is a JSON object: those
that its metric has, which differ by the agent's configuration."""

AWS_ADVICE = pa.DataFrameSchema(
    {
        "Source": column(str),
        "ResourceId": column(str),
        "Finding": column(str),
        "Proposed": column(str),
        "MonthlySaving": column(Decimal, nullable=True),
        "Currency": column(str),
        "LookBackDays": column(float, nullable=True),
        "SeesMemory": column(str),
        "CoveredShare": column(float, nullable=True),
    },
    unique=["Source", "ResourceId"],
)
"""One row what a service of AWS says of one instance or database. Source is its name, ResourceId as
in `SAVINGS_RESOURCES`. Proposed is the size it proposes first, '' for none. SeesMemory is yes or
no, '' where it does not tell. CoveredShare is the share of hours that commitments cover, 0 to 1."""


def _nothing(schema: pa.DataFrameSchema) -> pd.DataFrame:
    return pd.DataFrame(columns=list(schema.columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeTables:
    """What sizes are judged by beside use.

    Args:
        types: columns of `SIZE_TYPES`.
        advice: columns of `AWS_ADVICE`.
    """

    types: pd.DataFrame = field(default_factory=lambda: _nothing(SIZE_TYPES))
    advice: pd.DataFrame = field(default_factory=lambda: _nothing(AWS_ADVICE))
