"""What people declined: it stays declined until its day, and is open again after it.

Assumption: a decline is of one recommendation of one resource; another of the same resource stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from opslib.analysis.savings.recommendation import Reason, Recommendation, Rejection
from opslib.findings import Finding, Severity
from opslib.parameters.problems import nearest
from opslib.wording import day, printable

__all__ = ["Decline", "describe_declines", "make_declines", "part_declined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    """What somebody said of one recommendation.

    Args:
        id: of the recommendation.
        reason: why not.
        by: who says so.
        until: last day on which it stays declined.
    """

    id: str
    reason: str
    by: str
    until: date

    def holds(self, today: date) -> bool:
        """Say whether it is still declined, its last day included."""
        return today <= self.until


def make_declines(declined: pd.DataFrame) -> dict[str, Decline]:
    """Return what is declined by id, from columns of `opslib.tables.past_advice.DECLINED`."""
    columns = (declined[name] for name in ("Id", "Reason", "By", "Until"))
    return {
        identity: Decline(id=identity, reason=reason, by=by, until=until)
        for identity, reason, by, until in zip(*columns, strict=True)
    }


def part_declined(
    wanted: Sequence[Recommendation], declines: Mapping[str, Decline], today: date
) -> tuple[tuple[Recommendation, ...], tuple[Rejection, ...]]:
    """Return what is open, and what is declined on a day, with the person and the reason."""
    held = {one.id: declines[one.id] for one in wanted if one.id in declines}
    kept = {identity: decline for identity, decline in held.items() if decline.holds(today)}
    return (
        tuple(one for one in wanted if one.id not in kept),
        tuple(_rejection(one, kept[one.id]) for one in wanted if one.id in kept),
    )


def _rejection(one: Recommendation, decline: Decline) -> Rejection:
    return Rejection(
        kind=one.kind,
        thing=one.thing,
        reason=Reason.DECLINED,
        sentence=f"{one.sentence}; {printable(decline.by)} declined it until {day(decline.until)}: "
        f"{printable(decline.reason)}",
        saving=one.saving,
    )


def describe_declines(
    declines: Mapping[str, Decline],
    today: date,
    *,
    known: Collection[str],
    recommended: Collection[str],
) -> Iterator[Finding]:
    """Yield what is wrong with the file: an id that nobody ever recommended, a day gone by.

    Args:
        declines: by id.
        today: the day that the report speaks of.
        known: ids of all that was ever looked at: now, and in earlier reports.
        recommended: ids of what is recommended now, or would be if it were not declined.
    """
    for one in declines.values():
        if one.id not in known:
            yield _unknown(one, known)
        elif not one.holds(today):
            yield _expired(one, is_open=one.id in recommended)


def _unknown(one: Decline, known: Collection[str]) -> Finding:
    return Finding(
        kind="savings.decline_unknown",
        subject={"RecommendationId": one.id},
        severity=Severity.INFO,
        sentence=f"{printable(one.by)} declined {one.id}, which neither this report nor an earlier "
        f"one recommends{nearest(one.id, sorted(known)) or '.'}",
        action="Correct the id in the file of declined advice, or delete the entry.",
    )


def _expired(one: Decline, *, is_open: bool) -> Finding:
    then = "it is open again" if is_open else "it is not recommended any more"
    return Finding(
        kind="savings.decline_expired",
        subject={"RecommendationId": one.id},
        severity=Severity.INFO,
        sentence=f"{printable(one.by)} declined {one.id} until {day(one.until)}, which is past: "
        f"{then}. The reason was: {printable(one.reason)}.",
        action="Decide again and set another day, or delete the entry."
        if is_open
        else "Delete the entry from the file of declined advice.",
    )
