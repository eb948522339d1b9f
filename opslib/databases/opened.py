"""Opening the databases of a drill: found and unlocked when they are first needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pandas as pd

from opslib.aws.database_servers import conninfo_of
from opslib.aws.reads import Reads
from opslib.databases.postgres import Database, ReadLimits
from opslib.parameters.dr import DrParameters

__all__ = ["Opener", "open_database"]

Opener = Callable[[], Database]


def open_database(
    reads: Reads, parameters: DrParameters, server: pd.DataFrame, label: str
) -> Opener:
    """Return how to open a server's database.

    Args:
        reads: the run's context.
        parameters: how to enter it.
        server: columns of `opslib.tables.database_servers.DATABASE_SERVERS`; the opener raises
            where it is empty.
        label: ``source`` or ``restored``.
    """
    secret = parameters.source_secret if label == "source" else parameters.restored_secret
    limits = ReadLimits(
        statement_seconds=parameters.statement_seconds, connections=parameters.connections
    )

    @cache
    def opened() -> Database:
        conninfo = conninfo_of(
            reads,
            parameters.account,
            server,
            secret,
            parameters.database,
            reader=label == "source" and parameters.reader_endpoint,
        )
        return Database(label=label, conninfo=conninfo, limits=limits)

    return opened
