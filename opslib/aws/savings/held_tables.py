"""Everything that is read of commitments."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from opslib.aws.reads import Reads
from opslib.aws.savings.commitment_advice import read_commitment_advice
from opslib.aws.savings.commitment_totals import read_commitment_totals, read_covered_spend
from opslib.aws.savings.held_commitments import RESERVED, read_held_commitments
from opslib.parameters.savings import SavingsParameters
from opslib.tables.held_commitments import COMMITMENT_ADVICE, HeldTables, no_commitments

__all__ = ["read_held_tables"]


def read_held_tables(
    reads: Reads, parameters: SavingsParameters, charged: Iterable[str]
) -> HeldTables:
    """Read what is held, how it is used, and, where it is wanted, what AWS advises.

    Args:
        reads: the run's context.
        parameters: the first account is asked for what Cost Explorer tells.
        charged: services with spend on the bill, by name.
    """
    account = parameters.accounts[0] if parameters.accounts else None
    held, days = read_held_commitments(reads), parameters.days
    services = _reserved(held)
    return HeldTables(
        held=held,
        totals=read_commitment_totals(reads, account, days, services),
        covered=read_covered_spend(reads, account, days, services),
        advice=read_commitment_advice(reads, account, parameters, charged)
        if parameters.aws_advice
        else no_commitments(COMMITMENT_ADVICE),
    )


def _reserved(held: pd.DataFrame) -> list[str]:
    """Return the services of which a reservation is held, in the order of `RESERVED`."""
    found = set(held.loc[held["Kind"] == "reservation", "Service"])
    return [one.service for one in RESERVED if one.service in found]
