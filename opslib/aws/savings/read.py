"""Everything that the savings report reads."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pandas as pd

from opslib.aws.capacity.rows import records
from opslib.aws.places import join_parts, read_places
from opslib.aws.reads import Reads
from opslib.aws.savings.daily_use import Measure, read_daily_use
from opslib.aws.savings.declined import read_declined
from opslib.aws.savings.held_tables import read_held_tables
from opslib.aws.savings.hourly_usage import read_backtest_tables
from opslib.aws.savings.kinds import KINDS, Listed
from opslib.aws.savings.past_advice import read_past_advice
from opslib.aws.savings.sizes import read_memory_measures, read_sizes
from opslib.aws.savings.spend import read_spend
from opslib.aws.savings.successors import read_successors
from opslib.parameters.savings import SavingsParameters
from opslib.tables.past_advice import PastAdvice
from opslib.tables.savings import SAVINGS_RESOURCES, SavingsTables, Spend
from opslib.tables.schema import check_table

__all__ = ["read_savings_tables"]


def read_savings_tables(reads: Reads, parameters: SavingsParameters) -> SavingsTables:
    """Read the bill, the resources of all accounts and regions, their use, and commitments.

    Raises:
        ParameterError, TableError: the export or the file of declined advice is not there, or is
            broken.
        CredentialsError, Unreachable: nothing can be read.
    """
    past = _read_past(reads, parameters)
    spend = read_spend(reads, parameters)
    # Before anything is read by threads: pandas sets filters of warnings while it looks at a
    # type, and threads can leave its own behind, which then tell what DuckDB's adapter calls.
    backtest = read_backtest_tables(reads, parameters)
    listed = [(kind, _read(reads, kind)) for kind in KINDS]
    told = join_parts([frame for _, frame in listed], SAVINGS_RESOURCES)
    resources = check_table(told, SAVINGS_RESOURCES, "resources")
    measures = _measures(listed)
    for place, more in read_memory_measures(reads, resources).items():
        measures[place] += more
    return SavingsTables(
        spend=spend,
        resources=resources,
        use=read_daily_use(reads, measures, parameters.use_days),
        successors=read_successors(reads, resources),
        held=read_held_tables(reads, parameters, _charged(spend)),
        backtest=backtest,
        past=past,
        sizes=read_sizes(reads, parameters, resources),
    )


def _charged(spend: Spend) -> set[str]:
    """Return the services with spend."""
    return set(spend.meters.loc[spend.meters["EffectiveCost"] > 0, "ServiceName"])


def _read_past(reads: Reads, parameters: SavingsParameters) -> PastAdvice:
    """Read the files of people and of earlier runs first: what is wrong with them costs nothing."""
    declined = read_declined(reads, parameters)
    advice, lines = read_past_advice(reads)
    return PastAdvice(advice=advice, lines=lines, declined=declined)


def _read(reads: Reads, kind: Listed) -> pd.DataFrame:
    return read_places(
        reads, kind.table, f"every one of {kind.table}", SAVINGS_RESOURCES, kind.list
    )


def _measures(
    listed: list[tuple[Listed, pd.DataFrame]],
) -> dict[tuple[str, str], list[Measure]]:
    """Return what CloudWatch is asked, by account label and region."""
    asked: dict[tuple[str, str], list[Measure]] = defaultdict(list)
    for kind, frame in listed:
        for row in records(frame):
            asked[row["Account"], row["RegionId"]] += kind.measures(_read_out(row))
    return asked


def _read_out(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "Settings": json.loads(row["Settings"]), "Tags": json.loads(row["Tags"])}
