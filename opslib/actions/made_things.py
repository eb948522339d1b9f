"""What drills have made and is still there, found by tag and by name.

Source: API references of Amazon RDS (DescribeDBClusters, DescribeDBInstances) and DynamoDB.
A service's own listing is asked, since the Resource Groups Tagging API lags behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from opslib.actions.drill_run import EXPIRY_TAG, NAME_PREFIX, RUN_TAG, run_named, tags_of
from opslib.aws.faults import aws_faults

__all__ = ["Clients", "MadeThing", "find_thing", "list_things"]

Clients = Callable[[str], Any]
"""Takes botocore's name of a service, returns a client."""

ABSENT = {"DBClusterNotFoundFault", "DBInstanceNotFound", "DBInstanceNotFoundFault"}
ABSENT_TABLE = {"ResourceNotFoundException"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeThing:
    """A cluster, instance or table that bears a drill's tag or name.

    Args:
        kind: ``cluster``, ``instance`` or ``table``.
        identifier: its name.
        arn: its ARN.
        status: as its service tells it.
        tags: what it bears.
        cluster: that an instance belongs to.
    """

    kind: str
    identifier: str
    arn: str
    status: str
    tags: Mapping[str, str]
    cluster: str = ""

    @property
    def run(self) -> str:
        """Return the id of the run that made it, by tag or else by name; '' for none."""
        return self.tags.get(RUN_TAG) or run_named(self.identifier)

    @property
    def expires_at(self) -> datetime | None:
        """Return when anybody may delete it; None where no tag says so."""
        try:
            return datetime.fromisoformat(self.tags.get(EXPIRY_TAG, ""))
        except ValueError:
            return None


def find_thing(clients: Clients, kind: str, identifier: str) -> MadeThing | None:
    """Return a thing as it is now; None where it is not there.

    Raises:
        ReadError: AWS refuses to tell.
    """
    with aws_faults(f"describe {kind} {identifier}"):
        try:
            return FINDERS[kind](clients, identifier)
        except ClientError as error:
            if error.response["Error"]["Code"] in ABSENT | ABSENT_TABLE:
                return None
            raise


def list_things(clients: Clients) -> list[MadeThing]:
    """Return everything of any drill in an account and region, instances before their clusters.

    Raises:
        ReadError: AWS refuses to tell.
    """
    with aws_faults("list what drills have made"):
        found = [*_instances(clients), *_clusters(clients), *_tables(clients)]
    return [thing for thing in found if thing.run]


def _cluster(clients: Clients, identifier: str) -> MadeThing | None:
    found = clients("rds").describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"]
    return _of_cluster(found[0]) if found else None


def _instance(clients: Clients, identifier: str) -> MadeThing | None:
    found = clients("rds").describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    return _of_instance(found[0]) if found else None


def _table(clients: Clients, identifier: str) -> MadeThing | None:
    described = clients("dynamodb").describe_table(TableName=identifier)["Table"]
    pages = clients("dynamodb").get_paginator("list_tags_of_resource")
    tags = [
        tag for page in pages.paginate(ResourceArn=described["TableArn"]) for tag in page["Tags"]
    ]
    return MadeThing(
        kind="table",
        identifier=identifier,
        arn=described["TableArn"],
        status=described["TableStatus"],
        tags=tags_of(tags),
    )


FINDERS: Mapping[str, Callable[[Clients, str], MadeThing | None]] = {
    "cluster": _cluster,
    "instance": _instance,
    "table": _table,
}


def _of_cluster(described: Mapping[str, Any]) -> MadeThing:
    return MadeThing(
        kind="cluster",
        identifier=described["DBClusterIdentifier"],
        arn=described["DBClusterArn"],
        status=described["Status"],
        tags=tags_of(described.get("TagList", [])),
    )


def _of_instance(described: Mapping[str, Any]) -> MadeThing:
    return MadeThing(
        kind="instance",
        identifier=described["DBInstanceIdentifier"],
        arn=described["DBInstanceArn"],
        status=described["DBInstanceStatus"],
        tags=tags_of(described.get("TagList", [])),
        cluster=described.get("DBClusterIdentifier", ""),
    )


def _clusters(clients: Clients) -> Iterator[MadeThing]:
    for page in clients("rds").get_paginator("describe_db_clusters").paginate():
        yield from map(_of_cluster, page["DBClusters"])


def _instances(clients: Clients) -> Iterator[MadeThing]:
    for page in clients("rds").get_paginator("describe_db_instances").paginate():
        yield from map(_of_instance, page["DBInstances"])


def _tables(clients: Clients) -> Iterator[MadeThing]:
    for page in clients("dynamodb").get_paginator("list_tables").paginate():
        for name in page["TableNames"]:
            if name.startswith(NAME_PREFIX):
                found = _table(clients, name)
                if found is not None:
                    yield found
