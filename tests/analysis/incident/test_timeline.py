from __future__ import annotations

import json
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.analysis.incident.timeline import Annotations, merge_events
from opslib.errors import TableError
from tests.analysis.incident.events import at, event, events


def test_records_of_one_act_are_one_row_that_keeps_all_references() -> None:
    trail = event(0, "e1", ActId="deploy-7", Actor="ada", Action="ecs:UpdateService")
    service = event(0.1, "s9", Source="ecs", ActId="deploy-7", ResolutionSeconds=0.001)
    other = event(5, "e2")
    timeline = merge_events([events(trail, other), events(service)])
    assert len(timeline) == 2
    first = timeline.iloc[0]
    assert json.loads(first["Sources"]) == ["cloudtrail", "ecs"]
    assert json.loads(first["References"]) == ["cloudtrail:e1", "ecs:s9"]
    assert first["At"] == at(0.1), "the finest record tells when"
    assert first["Actor"] == "ada", "what it does not tell, another one does"


def test_the_same_record_of_two_reads_stands_once() -> None:
    assert len(merge_events([events(event(0, "e1")), events(event(0, "e1"))])) == 1


def test_a_detection_is_one_whatever_else_calls_it() -> None:
    alarm = event(0, "a", Source="alarms", Kind="detection", ActId="x")
    talk = event(0, "b", Source="slack", Kind="response", ActId="x")
    assert merge_events([events(talk, alarm)])["Kind"].tolist() == ["detection"]


@pytest.mark.parametrize(("apart", "uncertain"), [(0.5, True), (1.0, False), (30.0, False)])
def test_order_is_uncertain_within_the_resolution(apart: float, uncertain: bool) -> None:
    timeline = merge_events([events(event(0, "a"), event(apart / 60, "b"))])
    assert timeline["IsOrderUncertain"].tolist() == [uncertain, uncertain]


def test_a_coarse_event_makes_all_within_it_uncertain() -> None:
    coarse = event(0, "note", Source="notes", ResolutionSeconds=60.0)
    timeline = merge_events([events(coarse, event(0.2, "a"), event(0.9, "b"), event(2, "c"))])
    assert timeline["IsOrderUncertain"].tolist() == [True, True, True, False]


def test_stars_and_notes_stay_with_their_event() -> None:
    identity = merge_events([events(event(0, "a"))]).iloc[0]["EventId"]
    said = Annotations(stars=frozenset({identity}), notes={identity: "this one"})
    timeline = merge_events([events(event(0, "a"), event(1, "b"))], said)
    assert timeline["IsStarred"].tolist() == [True, False]
    assert timeline["Note"].tolist() == ["this one", ""]


def test_an_event_keeps_its_id_whichever_sources_were_read() -> None:
    trail = events(event(0, "a", ActId="d-1"), event(1, "b"))
    other = events(event(0.1, "c", ActId="d-1", Source="ecs", ResolutionSeconds=0.1))
    alone, both = merge_events([trail]), merge_events([trail, other])
    assert both["EventId"].tolist() == alone["EventId"].tolist()
    assert merge_events([other])["EventId"].tolist() == alone["EventId"].tolist()[:1]


def test_nothing_is_an_empty_timeline() -> None:
    assert merge_events([]).empty


def test_a_table_without_its_columns_is_refused() -> None:
    with pytest.raises(TableError, match="columns are missing"):
        merge_events([events().drop(columns=["At"])])


MINUTES = st.lists(st.integers(0, 3), min_size=1, max_size=8)


@given(minutes=MINUTES, acts=st.lists(st.sampled_from(["", "x", "y"]), min_size=8, max_size=8))
def test_the_order_of_the_input_changes_nothing(minutes: list[int], acts: list[str]) -> None:
    rows = [
        event(minute, f"r{place}", ActId=acts[place], ResolutionSeconds=float(1 + place % 2))
        for place, minute in enumerate(minutes)
    ]
    once = merge_events([events(*rows)])
    random.Random(len(rows)).shuffle(rows)
    again = merge_events([events(row) for row in rows])
    assert once.equals(again)
    assert sum(len(json.loads(told)) for told in once["References"]) == len(rows)
    assert once["At"].diff().dropna().ge(timedelta(0)).all()
