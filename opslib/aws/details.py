"""Details asked for one by one, of which some may be refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pandera.pandas as pa

from opslib.aws.reads import FATAL, Fetched
from opslib.coverage import status_of_error
from opslib.errors import AccessDenied, ReadError, Throttled

__all__ = ["Details"]


@dataclass(slots=True)
class Details:
    """What is refused of them is told, and the rest is kept.

    Args:
        errors: what was refused.
        tolerated: refusals that leave a gap; any other fails the read that asks.
    """

    errors: list[ReadError] = field(default_factory=list)
    tolerated: tuple[type[ReadError], ...] = (AccessDenied, Throttled)

    def ask(self, question: Callable[[], Any]) -> Any:
        """Return the answer, or None where it is refused.

        Raises:
            CredentialsError, Unreachable: nothing else would work either.
        """
        try:
            return question()
        except FATAL:
            raise
        except self.tolerated as error:
            self.errors.append(error)
            return None

    def fetched(self, rows: list[dict[str, Any]], schema: pa.DataFrameSchema) -> Fetched:
        """Return ``rows`` with the coverage that the refusals leave."""
        frame = pd.DataFrame(rows, columns=list(schema.columns))
        if not self.errors:
            return Fetched(frame=frame)
        first = self.errors[0]
        return Fetched(
            frame=frame,
            status=status_of_error(first),
            detail=f"{len(self.errors)} details: {first.what} [{first.where}]",
        )
