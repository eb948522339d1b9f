"""Advice of earlier reports, and what can become of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pandas as pd

from opslib.analysis.savings.credit import PastLine
from opslib.tables.past_advice import PastAdvice

__all__ = ["AdviceState", "Advised", "Followed", "make_advised"]


class AdviceState(StrEnum):
    """What became of a recommendation."""

    OPEN = "open"
    TAKEN = "taken"
    PARTLY = "taken in part"
    LAPSED = "nothing saved"
    DECLINED = "declined"
    SETTLING = "not settled yet"
    UNKNOWN = "not known"

    @property
    def is_credited(self) -> bool:
        """Say whether something was saved."""
        return self in {AdviceState.TAKEN, AdviceState.PARTLY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advised:
    """One recommendation of earlier reports, as the last report with it had it.

    Args:
        id, kind: of the recommendation.
        resource: ResourceId.
        name: what people call it.
        account_id, account, region, owner: whose it was and where it lay.
        promised: saving a month.
        first, last: moments that the first and the last report with it speak of.
        lines: of the bill, that it acts on, and whatever else their resources were charged by.
    """

    id: str
    kind: str
    resource: str
    name: str
    account_id: str
    account: str
    region: str
    owner: str
    promised: Decimal
    first: datetime
    last: datetime
    lines: tuple[PastLine, ...] = ()

    def age_days(self, as_of: datetime) -> int:
        """Return for how many days it has been advised."""
        return (as_of - self.first).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What became of a recommendation.

    Args:
        advised: the recommendation.
        state: what became of it.
        sentence: why, with the day that it follows from.
        realised: saving a month that the bill shows; None where nothing is credited.
        so_far: what was saved in all on the days of the bill since.
    """

    advised: Advised
    state: AdviceState
    sentence: str
    realised: Decimal | None = None
    so_far: Decimal | None = None


def make_advised(past: PastAdvice) -> tuple[Advised, ...]:
    """Return all earlier advice, the largest promise first."""
    lines = _lines(past.lines)
    ranked = past.advice.sort_values(["Saving", "Id"], ascending=[False, True])
    return tuple(
        Advised(
            id=row["Id"],
            kind=row["Kind"],
            resource=row["ResourceId"],
            name=row["Name"],
            account_id=row["SubAccountId"],
            account=row["Account"],
            region=row["RegionId"],
            owner=row["Owner"],
            promised=row["Saving"],
            first=row["FirstAsOf"].to_pydatetime(),
            last=row["LastAsOf"].to_pydatetime(),
            lines=tuple(lines[row["Id"]]),
        )
        for row in ranked.to_dict("records")
    )


def _lines(lines: pd.DataFrame) -> Mapping[str, list[PastLine]]:
    held: dict[str, list[PastLine]] = defaultdict(list)
    row: dict[Any, Any]
    for row in lines.to_dict("records"):
        held[row["Id"]].append(
            PastLine(
                account=row["SubAccountId"],
                resource=row["ResourceId"],
                meter=row["SkuMeter"],
                cost=row["Cost"],
                acted=row["Acted"],
                charged=row["Charged"],
            )
        )
    return held
