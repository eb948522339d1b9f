"""Reading one table in every account and region: what such readers have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pandera.pandas as pa
from botocore import xform_name
from botocore.exceptions import ClientError

from opslib.aws.faults import aws_faults
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.redaction import redact_text

if TYPE_CHECKING:
    from opslib.parameters.base import Account

PRICED_REGION = "us-east-1"
Rows = list[tuple[Any, ...]] | list[dict[str, Any]]

__all__ = ["Place", "join_parts", "read_places", "redacted_json", "utc"]


@dataclass(frozen=True, slots=True)
class Place:
    """An account and a region, and the calls made there.

    Args:
        reads: the context of the run.
        account: the account; None for the one that the credentials belong to.
        region: the region.
    """

    reads: Reads
    account: Account | None
    region: str

    @property
    def label(self) -> str:
        """Return what coverage calls the account."""
        return self.account.label if self.account else ""

    def call(self, service: str, operation: str, *, absent: str = "", **asked: Any) -> Any:
        """Return the answer of one call; ``{}`` where AWS says ``absent``.

        Args:
            service: botocore's name of the service.
            operation: AWS's name of the operation.
            absent: error code by which AWS says that there is nothing.
            asked: the call's parameters.

        Raises:
            ReadError: what AWS refuses.
        """
        with aws_faults(self._where(service, operation)):
            client = self._client(service)
            try:
                return getattr(client, xform_name(operation))(**asked)
            except ClientError as error:
                if absent and error.response["Error"]["Code"] == absent:
                    return {}
                raise

    def items(
        self, service: str, operation: str, key: str, *, absent: str = "", **asked: Any
    ) -> Iterator[Any]:
        """Yield what every page of an operation lists under ``key``.

        Raises:
            ReadError: what AWS refuses.
        """
        for page in self.pages(service, operation, absent=absent, **asked):
            yield from page.get(key) or []

    def pages(
        self, service: str, operation: str, *, absent: str = "", **asked: Any
    ) -> Iterator[Any]:
        """Yield every page of an operation; none where AWS says ``absent``.

        Raises:
            ReadError: what AWS refuses.
        """
        with aws_faults(self._where(service, operation)):
            paginator = self._client(service).get_paginator(xform_name(operation))
            try:
                yield from paginator.paginate(**asked)
            except ClientError as error:
                if not absent or error.response["Error"]["Code"] != absent:
                    raise

    def charge(self, service: str, operation: str, usd: Decimal) -> None:
        """Note in the ledger what AWS charges by what calls read, and not by the request.

        Args:
            service: botocore's name of the service.
            operation: the API operation, which was called here.
            usd: the charge by the price of us-east-1; in another region it is told as that.
        """
        self.reads.ledger.charge(
            service,
            operation,
            account=self.account.id if self.account else "",
            region=self.region,
            usd=usd,
            priced_in="" if self.region == PRICED_REGION else PRICED_REGION,
        )

    def _client(self, service: str) -> Any:
        return self.reads.connection.client(service, account=self.account, region=self.region)

    def _where(self, service: str, operation: str) -> str:
        return f"{self.label} {self.region} {service}:{operation}".strip()


def read_places(
    reads: Reads,
    table: str,
    asked: str,
    schema: pa.DataFrameSchema,
    fetch: Callable[[Place], Fetched | Rows],
    arguments: Callable[[Place], dict[str, Any]] = lambda _: {},
) -> pd.DataFrame:
    """Read a table in every region of every account; columns of ``schema``.

    Args:
        reads: the context of the run.
        table: name of the table, for coverage and evidence.
        asked: what is asked for, in words.
        schema: what the table promises.
        fetch: asks one place; returns rows (by name or in the schema's order) or what was fetched.
        arguments: what the answer of a place depends on, beside account and region.
    """

    def read(account: Account | None, region: str) -> Fetched:
        place = Place(reads, account, region)
        request = ReadRequest(
            table=table,
            asked=asked,
            schema=schema,
            account=place.label,
            region=region,
            arguments=arguments(place),
        )
        return reads.read(request, lambda: _as_fetched(fetch(place), schema))

    return join_parts([part.frame for part in reads.fan_out_regions(read)], schema)


def _as_fetched(fetched: Fetched | Rows, schema: pa.DataFrameSchema) -> Fetched:
    if isinstance(fetched, Fetched):
        return fetched
    return Fetched(frame=pd.DataFrame(fetched, columns=list(schema.columns)))


def join_parts(parts: Sequence[pd.DataFrame], schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Return the rows of all parts; the columns of ``schema`` where there are none."""
    filled = [part for part in parts if not part.empty]
    if not filled:
        return pd.DataFrame(columns=list(schema.columns))
    return pd.concat(filled, ignore_index=True)


def utc(moment: datetime | None) -> datetime | None:
    """Return a moment of botocore's, which are in the local time zone, in UTC."""
    return moment.astimezone(UTC) if moment else None


def redacted_json(value: Any) -> str:
    """Return ``value`` as JSON text, secrets taken out of each text in it.

    What is taken out of the whole JSON text may take its quotes along.
    """
    return json.dumps(_redacted(value), sort_keys=True)


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        return {redact_text(key): _redacted(one) for key, one in value.items()}
    return [_redacted(one) for one in value] if isinstance(value, list) else value
