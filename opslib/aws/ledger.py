"""The ledger of calls: what was asked of AWS, how long it took and what AWS charges for it."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from opslib.errors import CapReached

__all__ = ["CallRecord", "Ledger"]

PRICE_USD = {"ce": Decimal("0.01")}
"""USD a request, by service (AWS Cost Management pricing: Cost Explorer API)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """All calls of one operation in one account and region.

    Args:
        service: botocore's name of the service.
        operation: the API operation.
        account: account id asked.
        region: region asked.
        count: requests answered, retries not counted apart.
        seconds: time spent waiting, retries included.
        usd: what AWS charges for them.
        priced_in: the region at whose price that is, where the one asked has a price not known
            here; else empty.
    """

    service: str
    operation: str
    account: str
    region: str
    count: int
    seconds: float
    usd: Decimal
    priced_in: str = ""


class Ledger:
    """Counts every request of a run; refuses paid ones beyond a cap.

    Args:
        max_paid_requests: most requests to services that charge for each; None for no cap.
    """

    def __init__(self, *, max_paid_requests: int | None = None) -> None:
        self._max_paid = max_paid_requests
        self._records: dict[tuple[str, str, str, str], CallRecord] = {}
        self._lock = threading.Lock()
        self._paid = 0

    @classmethod
    def recorded(cls, file: Path) -> Ledger:
        """Return the ledger that a run left: a replay shows its calls, and makes none.

        Args:
            file: ``ledger.json``; a run that asked AWS nothing left none.
        """
        ledger = cls()
        rows = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
        for record in (CallRecord(**{**row, "usd": Decimal(row["usd"])}) for row in rows):
            key = (record.service, record.operation, record.account, record.region)
            ledger._records[key] = record
        return ledger

    @property
    def records(self) -> tuple[CallRecord, ...]:
        """Return the calls so far, by service and operation."""
        return tuple(self._records[key] for key in sorted(self._records))

    @property
    def usd(self) -> Decimal:
        """Return what the calls so far cost."""
        return sum((record.usd for record in self._records.values()), Decimal(0))

    def watch(self, client: Any, account: str) -> None:
        """Count the calls of a boto3 ``client`` made for ``account``."""
        service, region = client.meta.service_model.service_name, client.meta.region_name
        started = threading.local()

        def before(model: Any, **_: Any) -> None:
            self._admit(service, model.name)
            started.at = time.monotonic()

        def after(model: Any, **_: Any) -> None:
            seconds = time.monotonic() - getattr(started, "at", time.monotonic())
            self._add(service, model.name, account, region or "", seconds)

        client.meta.events.register_last("before-call", before)
        client.meta.events.register("after-call", after)

    def as_rows(self) -> list[dict[str, Any]]:
        """Return the records as plain values, for the manifest."""
        return [
            {**asdict(record), "usd": str(record.usd), "seconds": round(record.seconds, 3)}
            for record in self.records
        ]

    def charge(
        self,
        service: str,
        operation: str,
        *,
        account: str,
        region: str,
        usd: Decimal,
        priced_in: str = "",
    ) -> None:
        """Add what AWS charges by what a call reads, and not by the request.

        Args:
            service: botocore's name of the service.
            operation: the API operation; it was called in ``account`` and ``region``.
            account: account id asked.
            region: region asked.
            usd: the charge.
            priced_in: as `CallRecord` has it.
        """
        key = (service, operation, account, region)
        with self._lock:
            old = self._records[key]
            self._records[key] = replace(old, usd=old.usd + usd, priced_in=priced_in)

    def _admit(self, service: str, operation: str) -> None:
        if service not in PRICE_USD:
            return
        with self._lock:
            if self._max_paid is not None and self._paid >= self._max_paid:
                raise CapReached(
                    f"max_requests = {self._max_paid} paid requests are used up",
                    where=f"{service}:{operation}",
                    remedy="Raise max_requests, or ask for fewer tags or days.",
                )
            self._paid += 1

    def _add(self, service: str, operation: str, account: str, region: str, seconds: float) -> None:
        key = (service, operation, account, region)
        price = PRICE_USD.get(service, Decimal(0))
        with self._lock:
            old = self._records.get(key) or CallRecord(
                service=service,
                operation=operation,
                account=account,
                region=region,
                count=0,
                seconds=0.0,
                usd=Decimal(0),
            )
            self._records[key] = replace(
                old, count=old.count + 1, seconds=old.seconds + seconds, usd=old.usd + price
            )
