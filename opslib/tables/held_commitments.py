"""What is committed to AWS already, how it is used, and what AWS advises to commit to."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import pandas as pd
import pandera.pandas as pa

from opslib.tables.schema import column

__all__ = [
    "ADVICE_TABLE",
    "COMMITMENTS",
    "COMMITMENT_ADVICE",
    "COMMITMENT_READS",
    "COMMITMENT_TOTALS",
    "COVERED_SPEND",
    "COVERED_TABLE",
    "HELD_TABLES",
    "PLANS_TABLE",
    "TOTALS_TABLE",
    "HeldTables",
    "no_commitments",
]

PLANS_TABLE = "Savings Plans"
HELD_TABLES = (
    PLANS_TABLE,
    "reserved EC2 instances",
    "reserved databases",
    "reserved cache nodes",
    "reserved Redshift nodes",
    "reserved OpenSearch instances",
)
TOTALS_TABLE, COVERED_TABLE = "use of commitments", "spend covered"
ADVICE_TABLE = "AWS's advice on commitments"
COMMITMENT_READS = frozenset({*HELD_TABLES, TOTALS_TABLE, COVERED_TABLE, ADVICE_TABLE})
"""What coverage calls the reads: the lists, what Cost Explorer tells of them, and AWS's advice."""

COMMITMENTS = pa.DataFrameSchema(
    {
        "Kind": pa.Column(checks=pa.Check.isin(["savings_plan", "reservation"])),
        "Service": column(str),
        "CommitmentId": column(str),
        "What": column(str),
        "SubAccountId": column(str),
        "Account": column(str),
        "RegionId": column(str),
        "Units": column(int),
        "Payment": column(str),
        "HourlyCost": column(Decimal),
        "Currency": column(str),
        "Start": column(pd.Timestamp, nullable=True),
        "End": column(pd.Timestamp, nullable=True),
        "State": column(str),
        "ReturnableUntil": column(pd.Timestamp, nullable=True),
    },
    unique=["SubAccountId", "RegionId", "CommitmentId"],
)
"""One row a Savings Plan or reservation, whatever its state. CommitmentId is a plan's ARN and a
reservation's id, as Cost Explorer names them. Service is a plan's type, or Cost Explorer's name of
the service reserved. HourlyCost is what an hour comes to whether it is used or not, upfront parts
spread over the term. Moments are UTC."""

COMMITMENT_TOTALS = pa.DataFrameSchema(
    {
        "Kind": pa.Column(checks=pa.Check.isin(["savings_plan", "reservation"])),
        "CommitmentId": column(str),
        "SubAccountId": column(str),
        "UsedShare": column(float),
        "Cost": column(Decimal),
        "Unused": column(Decimal),
        "OnDemandEquivalent": column(Decimal),
        "Currency": column(str),
    },
    unique=["Kind", "CommitmentId"],
)
"""One row a commitment that was paid for in the period: the share used, 0 to 1, and money of the
whole period: its amortised cost, what of that bought nothing, and what the usage that it covered
would have cost on demand. SubAccountId is the owner's; empty where it is not told."""

COVERED_SPEND = pa.DataFrameSchema(
    {
        "Kind": pa.Column(checks=pa.Check.isin(["savings_plan", "reservation"])),
        "Service": column(str),
        "CoveredShare": column(float),
        "OnDemand": column(Decimal),
        "Currency": column(str),
    },
    unique=["Kind", "Service"],
)
"""One row a service with usage that could be covered: the share covered, 0 to 1 (of spend by
Savings Plans, of hours by reservations), and what was paid on demand in the period."""

COMMITMENT_ADVICE = pa.DataFrameSchema(
    {
        "Plan": column(str),
        "What": column(str),
        "RegionId": column(str),
        "TermYears": column(int),
        "Payment": column(str),
        "HourlyCommitment": column(Decimal, nullable=True),
        "Units": column(Decimal, nullable=True),
        "Upfront": column(Decimal),
        "MonthlySaving": column(Decimal),
        "CostShare": column(float, nullable=True),
        "UsedShare": column(float, nullable=True),
        "BreakEvenMonths": column(float, nullable=True),
        "Currency": column(str),
    }
)
"""One row a purchase that AWS recommends. Plan names what is bought, such as
``compute-savings-plan`` or ``reserved-cache-node``. CostShare is what the commitment
costs over what the usage under it costs on demand; UsedShare what of it AWS expects to be used.
BreakEvenMonths is AWS's own, null where AWS tells none."""


def no_commitments(schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Return an empty table of ``schema``."""
    return pd.DataFrame(columns=list(schema.columns))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldTables:
    """Everything that is read of commitments; nothing, where nothing is.

    Args:
        held: columns of `COMMITMENTS`.
        totals: columns of `COMMITMENT_TOTALS`.
        covered: columns of `COVERED_SPEND`.
        advice: columns of `COMMITMENT_ADVICE`.
    """

    held: pd.DataFrame = field(default_factory=lambda: no_commitments(COMMITMENTS))
    totals: pd.DataFrame = field(default_factory=lambda: no_commitments(COMMITMENT_TOTALS))
    covered: pd.DataFrame = field(default_factory=lambda: no_commitments(COVERED_SPEND))
    advice: pd.DataFrame = field(default_factory=lambda: no_commitments(COMMITMENT_ADVICE))
