"""The clients that may change something, and the guard in front of each of their calls.

A call is let through only if what it makes or changes bears the run's name, what it makes bears
the run's tags, and what it deletes is seen to bear them at that very moment. So a drill cannot
write to its source, nor delete what another run or a person made.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from opslib.actions.action_ledger import ActionLedger
from opslib.actions.drill_run import RUN_TAG, DrillRun, tags_of
from opslib.actions.made_things import find_thing
from opslib.aws.connection import Connection, is_read_only
from opslib.aws.faults import aws_faults
from opslib.errors import OpsError
from opslib.tables.actions import Action

if TYPE_CHECKING:
    from opslib.parameters.base import Account

__all__ = ["ChangeRefused", "Changes"]


class ChangeRefused(OpsError):
    """A call would change something that is not the run's."""


Parameters = Mapping[str, Any]


def _restored(parameters: Parameters) -> str:
    metadata = parameters["Metadata"]
    return str(
        metadata.get("DBClusterIdentifier")
        or metadata.get("DBInstanceIdentifier")
        or metadata.get("targetTableName", "")
    )


def _last_of_arn(name: str) -> Callable[[Parameters], str]:
    return lambda parameters: str(parameters[name]).rpartition(":")[2].rpartition("/")[2]


def _named(name: str) -> Callable[[Parameters], str]:
    return lambda parameters: str(parameters[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What an operation must show.

    Args:
        target: returns the name of what it makes or changes.
        tagged: it must carry the run's tags.
        owned: the kind of what it changes, which must be seen to bear them already.
    """

    target: Callable[[Parameters], str]
    tagged: bool = False
    owned: str = ""


RULES: Mapping[tuple[str, str], Rule] = {
    ("backup", "StartRestoreJob"): Rule(target=_restored),
    ("rds", "RestoreDBClusterFromSnapshot"): Rule(
        target=_named("DBClusterIdentifier"), tagged=True
    ),
    ("rds", "RestoreDBClusterToPointInTime"): Rule(
        target=_named("DBClusterIdentifier"), tagged=True
    ),
    ("rds", "RestoreDBInstanceFromDBSnapshot"): Rule(
        target=_named("DBInstanceIdentifier"), tagged=True
    ),
    ("rds", "RestoreDBInstanceToPointInTime"): Rule(
        target=_named("TargetDBInstanceIdentifier"), tagged=True
    ),
    ("rds", "CreateDBInstance"): Rule(target=_named("DBInstanceIdentifier"), tagged=True),
    ("rds", "AddTagsToResource"): Rule(target=_last_of_arn("ResourceName"), tagged=True),
    ("rds", "DeleteDBInstance"): Rule(target=_named("DBInstanceIdentifier"), owned="instance"),
    ("rds", "DeleteDBCluster"): Rule(target=_named("DBClusterIdentifier"), owned="cluster"),
    ("dynamodb", "RestoreTableToPointInTime"): Rule(target=_named("TargetTableName")),
    ("dynamodb", "RestoreTableFromBackup"): Rule(target=_named("TargetTableName")),
    ("dynamodb", "TagResource"): Rule(target=_last_of_arn("ResourceArn"), tagged=True),
    ("dynamodb", "DeleteTable"): Rule(target=_named("TableName"), owned="table"),
}


class Changes:
    """What one run may change, in one account and region.

    Args:
        connection: the way to AWS.
        account: the account; None for that of the credentials.
        region: the region.
        run: whose name and tags everything bears.
        ledger: where every change is written.
    """

    def __init__(
        self,
        connection: Connection,
        account: Account | None,
        region: str,
        run: DrillRun,
        ledger: ActionLedger,
    ) -> None:
        self.run = run
        self.ledger = ledger
        self.region = region
        self.label = account.label if account else ""
        self._connection = connection
        self._account = account
        self._clients: dict[str, Any] = {}
        self._parent = os.getppid()

    def client(self, service: str) -> Any:
        """Return a client whose every changing call goes past the guard."""
        if service not in self._clients:
            self._clients[service] = self._connection.changing_client(
                service,
                lambda operation, asked: self.admit(service, operation, asked),
                self._account,
            )
        return self._clients[service]

    def admit(self, service: str, operation: str, parameters: Parameters) -> None:
        """Let a call through, or refuse it.

        Raises:
            ChangeRefused: it is not among the drill's, or not about something of the run's.
        """
        if is_read_only(operation):
            return
        where = f"{service}:{operation}"
        if os.getppid() != self._parent:
            raise ChangeRefused("the process that would tear it down is gone", where=where)
        rule = RULES.get((service, operation))
        if rule is None:
            raise ChangeRefused("a drill never makes this call", where=where)
        target = rule.target(parameters)
        if not _bears(target, self.run.name):
            raise ChangeRefused(f"{target!r} does not bear the run's name", where=where)
        if rule.tagged and tags_of(parameters.get("Tags", [])).get(RUN_TAG) != self.run.id:
            raise ChangeRefused(f"{target} would be made without the run's tag", where=where)
        if rule.owned and not self._owns(rule.owned, target):
            raise ChangeRefused(f"{target} does not bear the run's tag", where=where)

    def _owns(self, kind: str, identifier: str) -> bool:
        thing = find_thing(self.client, kind, identifier)
        return thing is not None and thing.tags.get(RUN_TAG) == self.run.id

    @contextmanager
    def change(
        self, operation: str, kind: str, identifier: str, usd_per_hour: str = ""
    ) -> Iterator[None]:
        """Write a change into the ledger before it is made, and what became of it after.

        Raises:
            ReadError: AWS refuses the call.
        """
        action = Action(
            operation=operation,
            kind=kind,
            identifier=identifier,
            outcome="begun",
            account=self.label,
            region=self.region,
            usd_per_hour=usd_per_hour,
        )
        self.ledger.write(action)
        try:
            with aws_faults(f"{self.label} {operation} {identifier}".strip()):
                yield
        except OpsError as error:
            self.ledger.write(replace(action, outcome="failed", detail=error.what))
            raise
        self.ledger.write(replace(action, outcome="done"))


def _bears(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith(f"{wanted}-")
