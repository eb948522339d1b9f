"""How fast, and how much, a scan may read: shared by its segments."""

from __future__ import annotations

import threading
import time

from opslib.errors import CapReached

__all__ = ["ReadBudget"]


class ReadBudget:
    """Read capacity units that a scan may consume.

    Args:
        per_second: most of them in a second, on average.
        limit: most of them in all; None for no limit.
        first: what the first page is expected to take.
    """

    def __init__(self, *, per_second: float, limit: float | None, first: float) -> None:
        self._per_second = per_second
        self._limit = limit
        self._expected = first
        self._free_at = time.monotonic()
        self._lock = threading.Lock()
        self._spent = 0.0

    @property
    def spent(self) -> float:
        """Return what was consumed so far."""
        return self._spent

    def wait(self) -> float:
        """Wait until the next page may be asked for; return what was set aside for it.

        Raises:
            CapReached: the limit is used up.
        """
        with self._lock:
            if self._limit is not None and self._spent >= self._limit:
                raise CapReached(
                    f"the scan consumed {self._spent:,.0f} read units of {self._limit:,.0f}",
                    remedy="Raise the limit, or validate a smaller table.",
                )
            now = time.monotonic()
            start, reserved = max(now, self._free_at), self._expected
            self._free_at = start + reserved / self._per_second
        time.sleep(start - now)
        return reserved

    def spend(self, units: float, reserved: float) -> None:
        """Count what a page consumed, and what the next one will therefore be expected to."""
        with self._lock:
            self._spent += units
            self._expected = units
            self._free_at += (units - reserved) / self._per_second
