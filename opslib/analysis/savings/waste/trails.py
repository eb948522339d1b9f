"""Trails that deliver the same events once more.

Source: AWS CloudTrail User Guide, "Managing CloudTrail trail costs": the first copy of management
events in a region is free, every further one is charged, and of data events every copy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from opslib.analysis.savings.estate import Thing
from opslib.analysis.savings.options import Judging, Option, reject_young
from opslib.analysis.savings.recommendation import Basis, Reason, Recommendation, Rejection
from opslib.analysis.savings.waste.trail_copies import DATA, MANAGEMENT, Copies, Events, Spare
from opslib.wording import join, printable

__all__ = ["check_duplicate_trails"]

DUPLICATE = "duplicate_trail"
Covers = Callable[[Thing, Thing], bool]


def check_duplicate_trails(judging: Judging) -> Iterator[Option]:
    """Yield trails all of whose management events, or all of whose data events, another delivers.

    Method: the trail that stays is the organization's, else the one of all regions, else the one
    that delivers more, else the oldest. Failure mode: who reads the bucket of the other trail
    nobody can see here.
    """
    by_place: dict[tuple[str, str], list[Thing]] = defaultdict(list)
    for trail in judging.estate.of_kind("trail"):
        by_place[trail.account_id, trail.region].append(trail)
    spare: dict[str, list[Spare]] = defaultdict(list)
    for trails in by_place.values():
        yield from _unknown(trails)
        for events, covers in ((MANAGEMENT, _covers_management), (DATA, _covers_data)):
            for one in _spare(sorted(trails, key=_rank), events, covers, judging):
                spare[one.trail.id].append(one)
    for found in spare.values():
        yield _advise(found, judging)


def _unknown(trails: Iterable[Thing]) -> Iterator[Rejection]:
    for trail in trails:
        if "management" not in trail.settings or trail.settings.get("is_logging") is None:
            why = "AWS does not tell this account which events it delivers"
            yield Rejection(kind=DUPLICATE, thing=trail, reason=Reason.UNKNOWN, sentence=why)


def _spare(
    trails: Iterable[Thing], events: Events, covers: Covers, judging: Judging
) -> Iterator[Spare]:
    """Yield each trail of a place whose events one that stays delivers, with what that costs."""
    kept: list[Thing] = []
    others: list[tuple[Thing, Thing]] = []
    for trail in trails:
        if covers(trail, trail):
            found = next((one for one in kept if covers(one, trail)), None)
            if found is None:
                kept.append(trail)
            else:
                others.append((trail, found))
    if others:
        copies = Copies(events=events, kept=kept, spare=[one for one, _ in others], judging=judging)
        for trail, stays in others:
            yield copies.cost_of(trail, stays)


def _rank(trail: Thing) -> tuple[bool, bool, int, datetime, str]:
    """Return the order in which trails stay."""
    is_organization, is_multi_region = _reach(trail)
    kinds = len(trail.settings.get("management", {}))
    started = trail.created or datetime.max.replace(tzinfo=UTC)
    return (not is_organization, not is_multi_region, -kinds, started, trail.id)


def _reach(trail: Thing) -> tuple[bool, bool]:
    return (trail.settings["is_organization"], trail.settings["is_multi_region"])


def _covers_management(one: Thing, other: Thing) -> bool:
    """Say whether ``one`` delivers every management event that ``other`` does, and that any."""
    mine, theirs = (trail.settings.get("management", {}) for trail in (one, other))
    is_held = all(kind in mine and set(mine[kind]) <= set(theirs[kind]) for kind in theirs)
    return bool(theirs) and is_held and _reaches(one, other)


def _covers_data(one: Thing, other: Thing) -> bool:
    """Say whether ``one`` has the same selectors of data events as ``other``, and that any."""
    theirs = other.settings.get("data", [])
    return bool(theirs) and one.settings.get("data", []) == theirs and _reaches(one, other)


def _reaches(one: Thing, other: Thing) -> bool:
    """Say whether ``one`` delivers wherever ``other`` does, both of them now."""
    is_wide = all(
        mine or not theirs for mine, theirs in zip(_reach(one), _reach(other), strict=True)
    )
    return is_wide and bool(one.settings.get("is_logging") and other.settings.get("is_logging"))


def _advise(found: Sequence[Spare], judging: Judging) -> Option:
    """Return what to do about a trail, wherever it is spare."""
    trail = min((one.trail for one in found), key=_from_home)
    young = reject_young(DUPLICATE, trail, judging)
    if young:
        return young
    lines = tuple(line for one in found for line in one.lines)
    if not lines:
        why = f"{_sentence(found)}, but no line of the bill tells what its copies cost"
        return Rejection(kind=DUPLICATE, thing=trail, reason=Reason.UNKNOWN, sentence=why)
    is_shared = any(one.is_share for one in found)
    return Recommendation(
        kind=DUPLICATE,
        thing=trail,
        lines=lines,
        basis=Basis.ESTIMATE if is_shared else Basis.BILL,
        sentence=_sentence(found),
        action=_action(trail, {one.events for one in found}),
    )


def _from_home(trail: Thing) -> tuple[bool, bool, str, str]:
    """Return the order in which one of its replications speaks for a trail: the home first."""
    owner = f":{trail.account_id}:" in trail.id
    return (not owner, trail.region != trail.settings["home"], trail.account_id, trail.region)


def _sentence(found: Sequence[Spare]) -> str:
    stays = join(sorted({printable(one.stays.name) for one in found}))
    words = join(sorted({one.events.words for one in found}, reverse=True))
    regions = join(sorted({one.trail.region for one in found}))
    return f"{stays} delivers the same {words} in {regions}"


def _action(trail: Thing, spare: set[Events]) -> str:
    held = {MANAGEMENT: trail.settings["management"], DATA: trail.settings["data"]}
    alone = [events.words for events, told in held.items() if told and events not in spare]
    if alone:
        words = join(sorted(one.words for one in spare))
        return f"Stop its {words} alone: its {join(alone)} no other trail delivers."
    return "Look who reads its bucket, then delete the trail."
