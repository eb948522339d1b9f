"""From what could be recommended to what is: less what is declined, held against earlier advice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from opslib.analysis.savings.advice_findings import describe_taken
from opslib.analysis.savings.advised import Advised, Followed
from opslib.analysis.savings.counting import Counted, count_once
from opslib.analysis.savings.declines import describe_declines, make_declines, part_declined
from opslib.analysis.savings.estate import Estate, Thing
from opslib.analysis.savings.follow_through import Now, follow_advice
from opslib.analysis.savings.owners import Owners, describe_owner_doubts
from opslib.analysis.savings.recommendation import Recommendation, Rejection
from opslib.coverage import Coverage
from opslib.findings import Finding
from opslib.parameters.savings import SavingsParameters
from opslib.tables.savings import SavingsTables

__all__ = ["Advice", "settle_advice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What is recommended, and what became of what was.

    Args:
        counted: what is recommended, the largest saving first.
        rejections: what is not, with what is declined.
        followed: what became of earlier advice, the largest promise first.
        findings: of advice that was taken, of declines and of the owner map.
        owners: who answers for what.
        since: id of a recommendation to the moment of the first report with it, this one's for
            what is new.
    """

    counted: tuple[Counted, ...]
    rejections: tuple[Rejection, ...]
    followed: tuple[Followed, ...]
    findings: tuple[Finding, ...]
    owners: Owners
    since: Mapping[str, datetime]


def settle_advice(
    options: tuple[Sequence[Recommendation], Sequence[Rejection]],
    parameters: SavingsParameters,
    tables: SavingsTables,
    estate: Estate,
    coverage: Sequence[Coverage],
) -> Advice:
    """Return what stands of the options, for the one owner that the parameters name if any.

    Lines are counted, and credited, over all owners first: what one of them reads adds to what
    the others do.

    Args:
        options: what saves enough, and what is rejected.
        parameters: the notebook's.
        tables: everything that was read.
        estate: all resources.
        coverage: of all reads.
    """
    wanted, rejected = options
    today = parameters.as_of.date()
    declines = make_declines(tables.past.declined)
    standing, declined = part_declined(wanted, declines, today)
    rejections = (*rejected, *declined)
    followed = follow_advice(
        tables.past,
        Now(
            spend=tables.spend,
            open={one.id for one in standing},
            declined={one.id for one in declined},
            rejections={one.id: one for one in rejections},
            accounts={account.label for account in parameters.accounts},
            coverage=coverage,
        ),
    )
    looked_at = {one.id for one in wanted} | {one.id for one in rejected}
    known = looked_at | {one.advised.id for one in followed}
    owners = Owners(rules=parameters.owners)
    mine = _Scope(owner=parameters.owner, owners=owners)
    told = tuple(one for one in followed if mine.has_advised(one.advised))
    first = {one.advised.id: one.advised.first for one in followed}
    return Advice(
        counted=tuple(one for one in count_once(standing) if mine.has(one.recommendation.thing)),
        rejections=tuple(one for one in rejections if mine.has(one.thing)),
        followed=told,
        findings=(
            *describe_taken(told, tables.spend.currency),
            *describe_declines(
                declines, today, known=known, recommended={one.id for one in wanted}
            ),
            *describe_owner_doubts(owners, estate.things),
        ),
        owners=owners,
        since={one.id: first.get(one.id, parameters.as_of) for one in standing},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """Whose resources a report is about: one owner's, or everybody's where none is named."""

    owner: str
    owners: Owners

    def has(self, thing: Thing) -> bool:
        """Say whether a resource belongs to it."""
        return not self.owner or self.owners.of(thing) == self.owner

    def has_advised(self, advised: Advised) -> bool:
        """Say whether earlier advice does, by its owner of then; by its account where it had none.

        The tags of what is gone are not known any more.
        """
        gone = Thing(
            kind=advised.kind,
            id=advised.resource,
            name=advised.name,
            account_id=advised.account_id,
            account=advised.account,
            region=advised.region,
        )
        return advised.owner == self.owner if advised.owner and self.owner else self.has(gone)
