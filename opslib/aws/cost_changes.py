"""The changes before what is unusual in the bill: of CloudTrail, ECS and scaling.

Only the accounts and regions in question are asked, for the hours before: at CloudTrail's pace of
two requests a second, a place is given two minutes, and what it could not tell by then is a gap.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from opslib.aws.cloudtrail_lookup import REQUESTS_PER_SECOND, look_up
from opslib.aws.cloudtrail_resources import resources_of
from opslib.aws.cloudtrail_timeline import cloudtrail_timeline
from opslib.aws.ecs import read_ecs_events
from opslib.aws.event_reads import window_words
from opslib.aws.places import Place, join_parts
from opslib.aws.reads import Fetched, ReadRequest, Reads
from opslib.aws.scaling import read_group_scaling_events, read_scaling_events
from opslib.coverage import Coverage, CoverageStatus
from opslib.parameters.base import Account
from opslib.tables.cloudtrail import CLOUDTRAIL_EVENTS
from opslib.tables.cost_anomalies import CauseWindow
from opslib.tables.cost_changes import COST_CHANGES, classes_in, names_json

if TYPE_CHECKING:
    from opslib.parameters.cost import CostParameters

__all__ = ["CLOUDTRAIL", "cost_timeline", "read_cost_changes", "with_facts"]

CLOUDTRAIL = "cloudtrail events"
MOST_SECONDS = 120
MOST_PAGES = int(MOST_SECONDS * REQUESTS_PER_SECOND)
MOST_WINDOWS = 12
GLOBAL_REGION = "us-east-1"
INSTANCE = re.compile(r"\bi-[0-9a-f]{8,17}\b")


def read_cost_changes(
    reads: Reads,
    parameters: CostParameters,
    windows: Sequence[CauseWindow],
    *,
    wait: Callable[[float], None] = time.sleep,
) -> pd.DataFrame:
    """Read the changes in ``windows``; columns of `COST_CHANGES`.

    Args:
        reads: the run's context.
        parameters: the accounts; one that they lack cannot be asked, which coverage says.
        windows: where and when, the most important first; twelve at most are asked.
        wait: what waits between the pages of CloudTrail, in seconds.
    """
    for window in windows[MOST_WINDOWS:]:
        _note(reads, window, f"only the first {MOST_WINDOWS} places and times are asked", "")
    parts: list[pd.DataFrame] = []
    for window in windows[:MOST_WINDOWS]:
        for account in _accounts(reads, parameters, window):
            for region in _regions(parameters, account, window):
                parts += _read_place(Place(reads, account, region), window, wait)
    frame = join_parts(parts, COST_CHANGES)
    return frame.drop_duplicates(["Source", "Reference"], ignore_index=True)


def _accounts(
    reads: Reads, parameters: CostParameters, window: CauseWindow
) -> Iterator[Account | None]:
    """Yield whom to ask: the account of the parameters, or all where the bill names none."""
    if not parameters.accounts:
        yield None
        return
    known = [one for one in parameters.accounts if window.account in ("", one.id)]
    if not known:
        remedy = f"Add {window.account} to accounts, with a role to read it."
        _note(reads, window, "the account is not among those of the parameters", remedy)
    yield from known


def _regions(
    parameters: CostParameters, account: Account | None, window: CauseWindow
) -> tuple[str, ...]:
    """Return where to ask: where the bill tells no region, the account's, and the global one."""
    if window.region:
        return (window.region,)
    known = account.regions if account and account.regions else (parameters.region,)
    return tuple(dict.fromkeys((*known, GLOBAL_REGION)))


def _note(reads: Reads, window: CauseWindow, detail: str, remedy: str) -> None:
    reads.note(
        Coverage(
            table=CLOUDTRAIL,
            account=window.account,
            region=window.region,
            asked=window_words(window.window),
            status=CoverageStatus.NOT_ASKED,
            detail=detail,
            remedy=remedy,
        )
    )


def _read_place(
    place: Place, asked: CauseWindow, wait: Callable[[float], None]
) -> list[pd.DataFrame]:
    narrowed = place.reads.narrowed(place.account, place.region)
    return [
        _read_trail(place, asked, wait),
        with_facts(read_ecs_events(narrowed, asked.window)),
        with_facts(read_scaling_events(narrowed, asked.window)),
        with_facts(read_group_scaling_events(narrowed, asked.window)),
    ]


def _read_trail(place: Place, asked: CauseWindow, wait: Callable[[float], None]) -> pd.DataFrame:
    window = asked.window
    request = ReadRequest(
        table=CLOUDTRAIL,
        asked=window_words(window),
        schema=CLOUDTRAIL_EVENTS,
        account=place.label,
        region=place.region,
        arguments={"start": window.start, "end": window.end, "pages": MOST_PAGES},
    )

    def fetch() -> Fetched:
        events, told = look_up(place, window, MOST_PAGES, wait)
        return replace(told.fetched(window), frame=events)

    events = place.reads.read(request, fetch).frame
    labels = {one.id: one.label for one in place.reads.parameters.accounts}
    return cost_timeline(events, labels)


def cost_timeline(events: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """Return CloudTrail's events with all that they name; columns of `COST_CHANGES`.

    Args:
        events: columns of `CLOUDTRAIL_EVENTS`.
        labels: what reports call an account, by its id.
    """
    rows = {
        str(row["EventId"]): {str(key): row[key] for key in row}
        for row in events.to_dict("records")
    }
    told = cloudtrail_timeline(events, labels)
    named = [resources_of(rows[one]) for one in told["Reference"]]
    asked = [str(rows[one].get("RequestParameters") or "") for one in told["Reference"]]
    return told.assign(
        Resources=[names_json(dict.fromkeys(n for names in one for n in names)) for one in named],
        Extent=[max(map(len, one), default=1) for one in named],
        Classes=[names_json(classes_in(text)) for text in asked],
    )


def with_facts(events: pd.DataFrame) -> pd.DataFrame:
    """Return events that name no class, with the instances they speak of; as `COST_CHANGES`.

    A group's activity is on the group, and tells in words the instance that a bill knows.
    """
    told = zip(events["Resource"], events["Summary"], strict=True)
    named = [dict.fromkeys((one, *INSTANCE.findall(said))) for one, said in told]
    names = [names_json(one for one in found if one) for found in named]
    return events.assign(Resources=names, Extent=1, Classes=names_json(()))
