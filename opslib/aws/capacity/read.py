"""Everything that capacity planning reads: what there is, what limits it, how much was used.

Each kind of resources is a read of its own, so that one refused leaves the others. What is limited
and measured follows from what was read; histories are asked for last, of what is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import pandas as pd

from opslib.aws.capacity.costs import read_capacity_costs
from opslib.aws.capacity.estate import complete_estate, read_workloads
from opslib.aws.capacity.kinds import KINDS
from opslib.aws.capacity.known import Known
from opslib.aws.capacity.measures import Measures
from opslib.aws.capacity.names import check_names
from opslib.aws.capacity.quotas import TABLE as QUOTA_TABLE
from opslib.aws.capacity.quotas import measure_quotas, read_quotas
from opslib.aws.capacity.rows import Resource, records, resources_frame
from opslib.aws.capacity.scaling import SCALING, read_activities, read_scaled, scaling_targets
from opslib.aws.capacity.usage import UsageRead, read_usage
from opslib.aws.instance_types import families_of, instance_types_frame, read_instance_types
from opslib.aws.places import Place
from opslib.aws.reads import Reads
from opslib.coverage import Coverage, CoverageStatus, gaps
from opslib.parameters.base import Account
from opslib.parameters.capacity import CapacityParameters
from opslib.tables.capacity import QUOTAS, CapacityService, CapacityTables
from opslib.tables.capacity_reads import QUOTA_LISTING
from opslib.wording import count, printable

__all__ = ["read_capacity_tables"]

READERS_AT_ONCE = 4
MOST_NAMED = 5
SILENT = "CloudWatch tells nothing of its use"
SCALED = {CapacityService.ECS, CapacityService.DYNAMODB, CapacityService.AURORA}
"""Kinds that Application Auto Scaling scales."""


def read_capacity_tables(reads: Reads, parameters: CapacityParameters) -> CapacityTables:
    """Read the estate of the parameters' accounts and regions.

    Raises:
        ParameterError: a name that no resource bears, though all that could bear it was read.
        CredentialsError, Unreachable: nothing can be read.
    """
    wanted = {CapacityService(name) for name in parameters.services} or set(CapacityService)
    home = _places(reads, parameters)
    places = home + _recovery_places(reads, parameters, home)
    listing = pd.DataFrame(columns=list(QUOTA_LISTING.columns))
    if CapacityService.QUOTA in wanted:
        listing = read_quotas(reads, places)
    known, found = _read_estate(reads, parameters, wanted, listing)
    measures = Measures()
    for one in map(Resource.of_row, records(found)):
        KINDS[one.service].measure(one, known, measures)
    quotas, quota_rows = measure_quotas(listing, places, measures)
    estate = resources_frame([found, pd.DataFrame(quota_rows, columns=list(found.columns))])
    kept = _keep(reads, parameters, estate, measures)
    resources = [Resource.of_row(row) for row in records(kept)]
    _note_unknown(reads, measures)
    costs = read_capacity_costs(reads, parameters, resources)
    used = read_usage(list(measures.series.values()), places, parameters.history_days)
    return CapacityTables(
        resources=kept,
        limits=measures.limits_frame(),
        series=measures.series_frame(),
        targets=scaling_targets(resources, known),
        quotas=_measured(quotas, measures, used),
        types=instance_types_frame(known.types),
        costs=costs.costs,
        prices=costs.prices,
        currency=costs.currency,
        activities=read_activities(reads),
        usage=used.histories,
    )


def _places(reads: Reads, parameters: CapacityParameters) -> list[Place]:
    accounts: Sequence[Account | None] = parameters.accounts or (None,)
    return [
        Place(reads, account, region)
        for account in accounts
        for region in (account.regions if account else ()) or (parameters.region,)
    ]


def _recovery_places(
    reads: Reads, parameters: CapacityParameters, home: list[Place]
) -> list[Place]:
    """Return the places of the recovery region: its quotas are read, nothing else."""
    region = parameters.recovery_region
    taken = {(place.label, place.region) for place in home}
    accounts: Sequence[Account | None] = parameters.accounts or (None,)
    wanted = [Place(reads, account, region) for account in accounts] if region else []
    return [place for place in wanted if (place.label, region) not in taken]


def _read_estate(
    reads: Reads,
    parameters: CapacityParameters,
    wanted: set[CapacityService],
    listing: pd.DataFrame,
) -> tuple[Known, pd.DataFrame]:
    """Return what is known beside resources, and columns of `CAPACITY_RESOURCES`."""
    readers: list[Callable[[Reads], pd.DataFrame]] = [
        kind.read for service, kind in KINDS.items() if service in wanted
    ]
    with ThreadPoolExecutor(max_workers=READERS_AT_ONCE) as pool:
        found = resources_frame(list(pool.map(lambda read: read(reads), readers)))
    families = families_of(map(Resource.of_row, records(found)))
    scaled = read_scaled(reads) if wanted & SCALED else {}
    known = Known(
        scaled=scaled,
        unscaled=_lacking(reads, SCALING),
        unquoted=_lacking(reads, QUOTA_TABLE),
        quotas=_values(listing),
        types=read_instance_types(reads, _places(reads, parameters)[0], families),
    )
    workloads = read_workloads(reads, parameters.workload_tag)
    return known, complete_estate(found, known, workloads)


def _lacking(reads: Reads, table: str) -> frozenset[tuple[str, str]]:
    """Return the accounts and regions of which a table was not read, or not whole."""
    return frozenset((line.account, line.region) for line in gaps(reads.coverage, table))


def _values(listing: pd.DataFrame) -> Mapping[tuple[str, str, str], float]:
    return {
        (row["Account"], row["Region"], row["QuotaCode"]): row["Value"]
        for row in records(listing)
        if row["IsApplied"]
    }


def _keep(
    reads: Reads, parameters: CapacityParameters, estate: pd.DataFrame, measures: Measures
) -> pd.DataFrame:
    """Return the resources that the parameters name; all where they name none."""
    for line in check_names(parameters, estate, reads.coverage):
        reads.note(line)
    if not parameters.resources:
        return estate
    kept = estate[estate["Name"].isin(parameters.resources)].reset_index(drop=True)
    measures.keep(kept["Resource"])
    return kept


def _measured(quotas: pd.DataFrame, measures: Measures, used: UsageRead) -> pd.DataFrame:
    """Return the quotas of which usage was asked for, and those that nothing covers."""
    series = quotas["Series"]
    is_silent = series.isin(list(used.silent))
    told = quotas.assign(
        Series=series.mask(is_silent, ""), Uncovered=quotas["Uncovered"].mask(is_silent, SILENT)
    )
    is_kept = (series == "") | series.isin(list(measures.series))
    return told[is_kept].reset_index(drop=True)[list(QUOTAS.columns)]


def _table_of(resource: Resource) -> str:
    kind = KINDS.get(resource.service)
    return kind.table if kind else "capacity quotas"


def _note_unknown(reads: Reads, measures: Measures) -> None:
    """Note the limits whose value nothing told, by kind and place."""
    by_read: dict[tuple[str, str, str], list[str]] = {}
    for resource, limit, why in measures.unknown:
        key = (_table_of(resource), resource.account, resource.region)
        by_read.setdefault(key, []).append(f"{limit} of {printable(resource.name)}: {why}")
    for (table, account, region), told in by_read.items():
        more = f"; and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
        reads.note(
            Coverage(
                table=table,
                account=account,
                region=region,
                asked=count(len(told), "limit"),
                status=CoverageStatus.PARTIAL,
                detail=f"not known: {'; '.join(told[:MOST_NAMED])}{more}",
            )
        )
