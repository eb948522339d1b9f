"""When the stages of a restore were reached, as exactly as looking now and then can tell."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from opslib.errors import OpsError

__all__ = ["RestoreTimedOut", "StageClock", "WaitLimits"]


class RestoreTimedOut(OpsError):
    """A restore did not come to its end in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitLimits:
    """How long a restore may take, and how often it is looked at."""

    seconds: float
    poll_seconds: float


@dataclass(slots=True)
class StageClock:
    """When each stage was reached, in seconds since the clock was made.

    Args:
        limits: how long to wait.
        tell: takes a line of progress.
    """

    limits: WaitLimits
    tell: Callable[[str], None]
    stages: dict[str, tuple[float, float]] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)

    def reached(self, stage: str, since: float | None = None) -> None:
        """Note a stage that is reached now, or was at some moment since ``since``."""
        now = self.passed
        self.stages[stage] = (now if since is None else since, now)
        self.tell(f"{stage} after {now:.0f} s")

    @property
    def passed(self) -> float:
        """Return the seconds since the restore was asked for."""
        return time.monotonic() - self._began

    def wait_for(self, stage: str, look: Callable[[], str]) -> None:
        """Look until a stage is reached, and note when.

        Args:
            stage: its name.
            look: returns '' once it is reached, otherwise how far it is; raises to give up.

        Raises:
            RestoreTimedOut: it is not reached in time.
        """
        last_seen, told = self.passed, ""
        while True:
            began = self.passed
            state = look()
            if not state:
                self.reached(stage, last_seen)
                return
            if state != told:
                self.tell(f"{stage}: {state}")
            last_seen, told = began, state
            if self.passed > self.limits.seconds:
                raise RestoreTimedOut(
                    f"{stage}: still {state} after {self.limits.seconds / 60:.0f} minutes",
                    remedy="Raise restore_timeout_minutes, or find out what holds it up.",
                )
            time.sleep(self.limits.poll_seconds)
