"""What the bill of settled days tells: every meter, and every resource where an export does."""

from __future__ import annotations

from opslib.aws.bill_export import read_export_bill
from opslib.aws.cost_explorer import read_meter_costs
from opslib.aws.reads import Reads
from opslib.coverage import Coverage, CoverageStatus
from opslib.parameters.savings import SavingsParameters
from opslib.tables.savings import Spend

__all__ = ["TABLE", "read_spend"]

TABLE = "spend"


def read_spend(reads: Reads, parameters: SavingsParameters) -> Spend:
    """Read the bill of the parameters' days, of the first account: a payer's holds its linked ones.

    Raises:
        ParameterError, TableError: the export is not there, or is broken.
    """
    account = parameters.accounts[0] if parameters.accounts else None
    days = parameters.days
    if parameters.source == "export":
        bill = read_export_bill(
            reads, account, parameters.path, days, tag_keys=(), currency=parameters.currency
        )
        spend = Spend(
            meters=bill.meters, resources=bill.resources, currency=bill.currency, days=days
        )
    else:
        meters, currency = read_meter_costs(reads, account, days)
        spend = Spend(meters=meters, resources=None, currency=currency, days=days)
    reads.note(_line(spend))
    return spend


def _line(spend: Spend) -> Coverage:
    told = set(spend.meters["ChargePeriodStart"]) if len(spend.meters) else set()
    missing = [day for day in spend.days if day not in told]
    if not told:
        why, status = "the bill tells nothing of these days", CoverageStatus.EMPTY
    elif missing:
        why, status = f"no charge on {len(missing)} of them", CoverageStatus.PARTIAL
    elif spend.resources is None:
        why = "costs by resource are not told; what a resource costs is an estimate"
        status = CoverageStatus.PARTIAL
    else:
        why, status = "", CoverageStatus.COMPLETE
    no_resources = bool(told) and spend.resources is None
    return Coverage(
        table=TABLE,
        asked=f"{spend.days[0]} to {spend.days[-1]}",
        status=status,
        detail=why,
        rows=len(spend.meters),
        remedy="Read an export with resource ids (source: export)." if no_resources else "",
    )
