from __future__ import annotations

import doctest
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opslib.tables import resource_names
from opslib.tables.event_rows import LONGEST_TEXT, Event, events_frame, one_line
from opslib.tables.resource_names import resource_name
from opslib.tables.schema import check_table
from opslib.tables.timeline import EVENTS, EventKind
from opslib.timewindow import TimeWindow

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = TimeWindow(start=NOON, end=NOON + timedelta(hours=1))


def event(minute: float, reference: str = "a", resolution: float = 1.0) -> Event:
    return Event(
        at=NOON + timedelta(minutes=minute),
        source="notes",
        kind=EventKind.CONTEXT,
        summary="x",
        reference=reference,
        resolution_seconds=resolution,
    )


@given(st.permutations([event(n, str(n)) for n in range(5)]))
def test_the_order_of_records_changes_nothing(events: list[Event]) -> None:
    frame = events_frame(events)
    check_table(frame, EVENTS, "events")
    assert frame["Reference"].tolist() == ["0", "1", "2", "3", "4"]


def test_what_is_listed_twice_is_one_record() -> None:
    assert len(events_frame([event(1), event(1), event(2, "b")])) == 2


def test_what_may_lie_in_the_window_is_kept() -> None:
    known = [event(-0.5, "no"), event(-0.5, "maybe", 60), event(0, "first"), event(60, "end")]
    assert events_frame(known, WINDOW)["Reference"].tolist() == ["maybe", "first"]


def test_no_event_is_a_table() -> None:
    frame = events_frame([])
    assert list(frame.columns) == list(EVENTS.columns)
    check_table(frame, EVENTS, "events")


def test_text_is_cut_after_its_secrets_are_taken_out() -> None:
    secret = "password=" + "h" * 40
    text = one_line("x" * (LONGEST_TEXT - 15) + " " + secret)
    assert "hhh" not in text
    assert len(text) <= LONGEST_TEXT
    assert one_line("a\nb\t\x1bc\u202e") == "a b \ufffdc\ufffd"


def test_the_examples_of_resource_names_hold() -> None:
    assert doctest.testmod(resource_names) == (0, 6)


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:iam::1:role/path/to/deployer", "deployer"),
        ("arn:aws-us-gov:lambda:us-gov-west-1:1:function:receipt", "receipt"),
        ("arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/shop/5", "app/shop/5"),
        ("arn:aws:logs:us-east-1:1:log-group:/ecs/web:*", "/ecs/web"),
        ("arn:aws:s3:::bucket/key", "bucket/key"),
        ("arn:aws:sns:us-east-1:1:pages", "pages"),
        ("arn:odd", "arn:odd"),
    ],
)
def test_resources_have_short_names(arn: str, name: str) -> None:
    assert resource_name(arn) == name


def test_moments_survive_as_they_are() -> None:
    frame = events_frame([event(0)])
    assert frame["At"].tolist() == [pd.Timestamp(NOON)]
    assert frame["ObservedAt"].isna().all()
