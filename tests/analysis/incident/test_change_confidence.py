from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import exp, inf
from typing import Any

import pytest

from opslib.analysis.incident.change_confidence import (
    LEAST_PERIODS,
    Confidence,
    judge_change,
)
from opslib.analysis.incident.change_places import ChangePlace
from opslib.analysis.incident.change_words import describe_change
from opslib.analysis.incident.changes import ChangeSuspect, rank_changes
from opslib.analysis.incident.moments import Moment
from opslib.analysis.incident.rarity import count_history
from tests.analysis.incident.tables import OWN, classified, event

NOON = datetime(2026, 2, 28, 12, tzinfo=UTC)
MONTH = [event(day) for day in range(27)]
ODD: dict[str, Any] = {
    "EventSource": "rds.amazonaws.com",
    "EventName": "ModifyDBCluster",
    "Principal": f"arn:aws:iam::{OWN}:user/ann",
}
"""Four hours before the day's deployment: 12:00 of day 27 is NOON."""
WEB, DB = ChangePlace(component="web", hops=0), ChangePlace(component="db", hops=1)


def at(minutes: float, **values: Any) -> dict[str, Any]:
    """Return a call so many minutes after noon of the last day."""
    told = event(27, **values)
    moment = told["EventTime"] + timedelta(minutes=minutes)
    return {**told, "EventTime": moment, "EventId": f"at{minutes:+.0f}"}


def ranked(
    *events: dict[str, Any],
    past: list[dict[str, Any]] = MONTH,
    onset: datetime | None = NOON,
    places: Mapping[str, ChangePlace] | None = None,
) -> tuple[ChangeSuspect, ...]:
    history = count_history(classified(event(), *past).iloc[1:])
    since = NOON - timedelta(hours=6)
    return rank_changes(classified(*events), history, onset=onset, since=since, places=places)


def test_a_rare_change_of_what_suffers_just_before_the_onset_is_sure() -> None:
    first, second = ranked(at(-5, **ODD), at(-300), places={"at-5": DB, "at-300": WEB})
    assert (first.event_id, first.confidence, first.reservations) == ("at-5", Confidence.HIGH, ())
    assert second.confidence is Confidence.LOW


def test_without_an_onset_nothing_is_sure() -> None:
    told = ranked(at(-5, **ODD), at(-300), onset=None, places={"at-5": DB})
    assert {suspect.confidence for suspect in told} == {Confidence.LOW}
    assert "no onset" in told[0].reservations[0]


@pytest.mark.parametrize("days", [0, 1, LEAST_PERIODS - 8])
def test_a_short_past_is_never_sure(days: int) -> None:
    (first,) = ranked(at(-5, **ODD), past=MONTH[:days], places={"at-5": DB})
    assert first.past_periods < LEAST_PERIODS
    assert first.confidence is Confidence.MEDIUM
    assert first.reservations == (
        f"how rare it is rests on {first.past_periods} periods of the past; 19 are needed",
    )


def test_where_it_lies_must_be_known_and_near() -> None:
    (unknown,) = ranked(at(-5, **ODD))
    assert unknown.confidence is Confidence.MEDIUM
    far = ChangePlace(component="batch", hops=inf)
    (elsewhere,) = ranked(at(-5, **ODD), places={"at-5": far})
    assert elsewhere.confidence is Confidence.LOW
    assert "no call leads" in elsewhere.reservations[0]


def test_what_happens_all_the_time_is_a_coincidence() -> None:
    routine = [at(-minutes) for minutes in range(5, 360, 20)]
    places = {told["EventId"]: WEB for told in routine}
    first = ranked(*routine, places=places)[0]
    assert first.event_id == "at-5"
    assert first.confidence is Confidence.LOW
    assert "of moments before the onset a change looks as suspect" in first.reservations[0]


def test_the_chance_is_the_share_of_moments_at_which_a_change_looks_as_suspect() -> None:
    (alone,) = ranked(at(-180, **ODD), places={"at-180": DB})
    expected = 1 - exp(-180 / 360)
    assert f"at {expected:.0%} of moments" in alone.reservations[0]


def test_two_that_are_as_likely_share_the_odds() -> None:
    ann, bob = ODD, {**ODD, "Principal": f"arn:aws:iam::{OWN}:user/bob"}
    places = {"at-4": DB, "at-5": ChangePlace(component="cache", hops=1)}
    first, _ = ranked(at(-4, **ann), at(-5, **bob), places=places)
    assert first.confidence is Confidence.HIGH, "half of the odds and a little"
    third = at(-6, **{**ODD, "Principal": f"arn:aws:iam::{OWN}:user/eve"})
    unsure, *_ = ranked(at(-4, **ann), at(-5, **bob), third, places=places)
    assert unsure.confidence is Confidence.MEDIUM
    assert unsure.reservations == ("other changes together are as likely",)


def test_calls_of_one_act_do_not_make_each_other_less_sure() -> None:
    calls = [at(-5, **ODD), at(-4, **{**ODD, "EventName": "ModifyDBClusterParameterGroup"})]
    told = ranked(*calls, places={"at-5": DB, "at-4": DB})
    assert {suspect.confidence for suspect in told} == {Confidence.HIGH}


def test_a_window_that_begins_just_before_the_onset_watches_too_little() -> None:
    events, history = classified(at(-5, **ODD)), count_history(classified(*MONTH))
    since = NOON - timedelta(minutes=20)
    (first,) = rank_changes(events, history, onset=NOON, since=since, places={"at-5": DB})
    assert first.confidence is Confidence.LOW


def test_judging_names_every_reservation() -> None:
    confidence, reasons = judge_change(chance=0.1, share=0.2, past_periods=0, hops=None)
    assert confidence is Confidence.MEDIUM
    assert len(reasons) == 4


def test_the_words_of_a_change_say_what_is_not_known() -> None:
    onset = Moment(earliest=NOON, latest=NOON + timedelta(minutes=1))
    (first,) = ranked(at(-5, **ODD), places={"at-5": DB})
    told = describe_change(first, onset)
    assert told.time == "5 to 6 min before"
    assert told.place == "db, 1 call below what shows the symptom"
    assert told.rarity == f"same by the same never in {first.past_periods} periods"
    assert told.origin == "ann"
    (blind,) = ranked(at(-5), past=[])
    unknown = describe_change(blind, None)
    assert (unknown.time, unknown.place) == ("no onset known", "place unknown")
    assert unknown.rarity == "rarity unknown, no past was read"
