"""What speaks for suspecting a change, in words: when, where, how rare, what it can do, who."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf

from opslib.analysis.incident.changes import ChangeSuspect
from opslib.analysis.incident.consequences import ConsequenceClass
from opslib.analysis.incident.exposure import Exposure
from opslib.analysis.incident.moments import Moment, Span
from opslib.analysis.incident.wording import lasted
from opslib.wording import count, join, printable

__all__ = ["ChangeWords", "describe_change"]

GIVEN_AWAY = {
    "everybody": "names everybody",
    "whole_internet": "names the whole internet",
    "full_rights": "gives full rights",
    "switched_off": "switches something off",
    "given_key": "hands a key over",
    "hidden": "holds a value that CloudTrail hides",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWords:
    """Factors of a change in words, printable; what is not known says so.

    Args:
        time: how long before the onset.
        place: how far from what shows the symptom.
        rarity: how often its principal did it before.
        consequence: what it touches and gives away.
        origin: who made it, and how it came out.
    """

    time: str
    place: str
    rarity: str
    consequence: str
    origin: str


def describe_change(suspect: ChangeSuspect, onset: Moment | None) -> ChangeWords:
    """Return what speaks for or against a suspect.

    Args:
        suspect: the change.
        onset: of the symptom; None where it is not known.
    """
    return ChangeWords(
        time=_time(suspect, onset),
        place=_place(suspect),
        rarity=_rarity(suspect),
        consequence=_consequence(suspect),
        origin=_origin(suspect),
    )


def _time(suspect: ChangeSuspect, onset: Moment | None) -> str:
    if onset is None:
        return "no onset known"
    low = (onset.earliest - suspect.time).total_seconds()
    high = (onset.latest - suspect.time).total_seconds()
    return f"{lasted(Span(low=low, high=high))} before" if high >= 0 else "after the onset"


def _place(suspect: ChangeSuspect) -> str:
    place = suspect.place
    if place is None:
        return "place unknown"
    name = printable(place.component)
    if isinf(place.hops):
        told = f"{name}, which no call from what shows the symptom reaches"
    elif place.hops == 0:
        told = f"{name} shows the symptom"
    else:
        calls = count(int(place.hops), "call")
        told = f"{name}, {calls} below what shows the symptom"
    if place.suspicion is None:
        return told
    return f"{told}; component's score {place.suspicion:.2f}"


def _rarity(suspect: ChangeSuspect) -> str:
    if not suspect.past_periods:
        return "rarity unknown, no past was read"
    times = f"in {suspect.seen_periods} of" if suspect.seen_periods else "never in"
    return f"same by the same {times} {count(suspect.past_periods, 'period')}"


def _consequence(suspect: ChangeSuspect) -> str:
    touched = [item.value for item in suspect.consequences if item is not ConsequenceClass.NONE]
    return join([*touched, *_given_away(suspect.exposure)]) or "nothing told"


def _given_away(exposure: Exposure) -> list[str]:
    told = [words for name, words in GIVEN_AWAY.items() if getattr(exposure, name)]
    return [*told, "names an outsider's account"] if exposure.outsiders else told


def _origin(suspect: ChangeSuspect) -> str:
    factors = suspect.factors
    how = []
    if factors.origin < 0:
        how.append("by an AWS service")
    if factors.origin > 0:
        how.append("as root or without a second factor")
    if factors.outcome:
        how.append("refused" if factors.outcome > 0 else "failed")
    who = printable(suspect.principal.rpartition("/")[2])
    return ", ".join([who, *how])
