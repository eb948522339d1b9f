"""Databases that nobody connects to, and some that only look like it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from opslib.sandbox.estate import EAST, LAB, RDS
from opslib.sandbox.savings.draw import Draw
from opslib.sandbox.savings.planted import FlatCharge, LabMetric, PlantedResource

__all__ = ["make_cluster", "make_database", "plan_databases"]

CLASS, HOURLY, STORAGE_GIB = "db.r6g.large", "0.225", "0.115"
HOURS = 24.0
KIND = "idle_database"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """What CloudWatch tells of an instance: connections; None for nothing."""

    connections: int | None


IDLE, SILENT = _Use(connections=0), _Use(connections=None)


def plan_databases(draw: Draw) -> Iterator[PlantedResource]:
    """Yield idle instances and an idle cluster where waste is planted, and what only looks idle.

    The latter: busy, without a metric, too young, and a cluster whose second instance stands by.
    """
    busy = _Use(connections=draw.number(2, 60))
    if draw.wasteful:
        for number in range(draw.number(1, 2)):
            yield _instance(draw, f"forgotten-{number}", draw.old(), IDLE, wasted=True)
        yield from _cluster(draw, "abandoned", (IDLE, IDLE), wasted=True)
    yield _instance(draw, "staging-copy", draw.old(), busy)
    yield _instance(draw, "unwatched", draw.old(), SILENT)
    yield _young(draw, "newcomer")
    yield from _cluster(draw, "catalogue", (busy, IDLE), wasted=False)


def _arn(what: str) -> str:
    return f"arn:aws:rds:{EAST}:{LAB}:{what}"


def _hours() -> FlatCharge:
    return FlatCharge(
        service=RDS, meter=f"InstanceUsage:{CLASS}", unit="Hrs", price=HOURLY, daily=HOURS
    )


def _storage(gib: int) -> FlatCharge:
    daily = round(gib / 30, 6)
    return FlatCharge(
        service=RDS, meter="RDS:GP3-Storage", unit="GB-Mo", price=STORAGE_GIB, daily=daily
    )


def _metrics(name: str, use: _Use) -> tuple[LabMetric, ...]:
    if use.connections is None:
        return ()
    dimensions = (("DBInstanceIdentifier", name),)
    return (
        LabMetric(
            namespace="AWS/RDS",
            name="DatabaseConnections",
            dimensions=dimensions,
            hourly=float(use.connections),
        ),
    )


def _instance(
    draw: Draw, name: str, created: datetime, use: _Use, *, wasted: bool = False
) -> PlantedResource:
    gib = draw.number(20, 400)
    charges = (_hours(), _storage(gib))
    return PlantedResource(
        kind="database",
        id=_arn(f"db:{name}"),
        created=created,
        region=EAST,
        charges=charges,
        metrics=_metrics(name, use),
        tags=draw.tags(name),
        details={"name": name, "gib": gib},
        wasted=KIND if wasted else "",
        saving=_sum(charges) if wasted else None,
    )


def _young(draw: Draw, name: str) -> PlantedResource:
    created = draw.young()
    return PlantedResource(
        kind="database",
        id=_arn(f"db:{name}"),
        created=created,
        region=EAST,
        charges=(_storage(20),),
        metrics=_metrics(name, IDLE),
        tags=draw.tags(name),
        details={"name": name, "gib": 20},
        first_day=created.date(),
    )


def _cluster(
    draw: Draw, name: str, uses: tuple[_Use, ...], *, wasted: bool
) -> Iterator[PlantedResource]:
    """Yield a cluster, which pays for its storage, and its instances."""
    created, tags = draw.old(), draw.tags(name)
    resource = f"cluster-{name.upper()}{draw.number(1000, 9999)}"
    gib = draw.number(50, 500)
    stored = FlatCharge(
        service=RDS,
        meter="Aurora:StorageUsage",
        unit="GB-Mo",
        price="0.1",
        daily=round(gib / 30, 6),
    )
    saving = stored.monthly + len(uses) * _hours().monthly
    yield PlantedResource(
        kind="database_cluster",
        id=_arn(f"cluster:{name}"),
        billed_as=_arn(f"cluster:{resource}"),
        created=created,
        region=EAST,
        charges=(stored,),
        tags=tags,
        details={"name": name, "resource": resource},
        wasted=KIND if wasted else "",
        saving=saving if wasted else None,
    )
    for number, use in enumerate(uses, 1):
        member = f"{name}-{number}"
        yield PlantedResource(
            kind="database",
            id=_arn(f"db:{member}"),
            created=created,
            region=EAST,
            charges=(_hours(),),
            metrics=_metrics(member, use),
            tags=tags,
            details={"name": member, "cluster": name},
        )


def _sum(charges: tuple[FlatCharge, ...]) -> Decimal:
    return sum((one.monthly for one in charges), Decimal(0))


def make_cluster(backend: Any, planted: PlantedResource) -> None:
    """Make a cluster in moto's RDS of its region."""
    cluster = backend.create_db_cluster(
        {
            "db_cluster_identifier": planted.details["name"],
            "engine": "aurora-postgresql",
            "engine_version": "16.6",
            "master_username": "owner",
            "master_user_password": "of-the-sandbox",
            "tags": _tags(planted),
        }
    )
    cluster.status = "available"
    cluster.db_cluster_resource_id = planted.details["resource"]
    cluster.created = cluster.cluster_create_time = _as_moto(planted.created)


def make_database(backend: Any, planted: PlantedResource) -> None:
    """Make an instance in moto's RDS of its region, after the cluster that holds it."""
    cluster = planted.details.get("cluster")
    gib = planted.details.get("gib")
    kind = {"db_cluster_identifier": cluster} if cluster else {"allocated_storage": gib}
    instance = backend.create_db_instance(
        {
            "db_instance_identifier": planted.details["name"],
            "db_instance_class": planted.details.get("class", CLASS),
            "engine": "aurora-postgresql" if cluster else "postgres",
            "engine_version": "16.6",
            "master_username": "owner",
            "master_user_password": "of-the-sandbox",
            "tags": _tags(planted),
            **kind,
        }
    )
    instance.created = instance.instance_create_time = _as_moto(planted.created)


def _tags(planted: PlantedResource) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in planted.tags.items()]


def _as_moto(moment: datetime) -> datetime:
    """Return a moment as moto keeps them: UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)
