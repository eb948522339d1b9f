from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from opslib.sandbox.incident_records import clock_skew, incident_files
from opslib.sandbox.incident_response import response_of
from opslib.sandbox.shop_history import incident_deployments
from tests.sandbox.days import plan_of

DAY = "2026-03-01"
SEEDS = range(20)


def slack_of(name: str, seed: int) -> dict[str, list[dict[str, Any]]]:
    content = incident_files(plan_of(name, seed))[f"{DAY}/slack.zip"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


@pytest.mark.parametrize("seed", SEEDS)
def test_people_answer_in_order(seed: int) -> None:
    plan = plan_of("troubled", seed)
    response, incident = response_of(plan), plan.incident
    assert response is not None
    assert incident is not None
    moments = [
        incident.onset,
        response.noticed,
        response.acknowledged,
        response.suspected,
        response.found,
        response.rolled_back,
        incident.recovered_at,
        response.resolved,
    ]
    assert all(earlier <= later for earlier, later in pairwise(moments))


def test_slack_is_exported_by_channel_and_day() -> None:
    files = slack_of("troubled", 0)
    members = {user["id"] for user in files["users.json"]}
    assert {channel["name"] for channel in files["channels.json"]} == {"deploys", "shop-ops"}
    people = [m for m in files[f"shop-ops/{DAY}.json"] if "user" in m]
    assert {message["user"] for message in people} <= members
    assert any("<@U" in message["text"] for message in people)
    for channel in ("deploys", "shop-ops"):
        moments = [float(message["ts"]) for message in files[f"{channel}/{DAY}.json"]]
        assert moments == sorted(moments)
    deployed = "".join(message["text"] for message in files[f"deploys/{DAY}.json"])
    for each in incident_deployments(plan_of("troubled", 0)):
        assert each.ecs_id in deployed


def test_people_do_not_name_the_cause() -> None:
    for seed in range(8):
        plan = plan_of("troubled", seed)
        assert plan.incident is not None
        said = [
            m["text"] for m in slack_of("troubled", seed)[f"shop-ops/{DAY}.json"] if "user" in m
        ]
        assert not any(plan.incident.action in text for text in said)


def test_pagerduty_tells_of_the_page_until_it_is_resolved() -> None:
    files = incident_files(plan_of("troubled", 0))
    entries = json.loads(files[f"{DAY}/pagerduty.json"])["log_entries"]
    paged = [entry for entry in entries if "#4437" in entry["incident"]["summary"]]
    assert [entry["type"] for entry in reversed(paged)] == [
        "trigger_log_entry",
        "notify_log_entry",
        "acknowledge_log_entry",
        "annotate_log_entry",
        "resolve_log_entry",
    ]
    assert len({entry["id"] for entry in entries}) == len(entries)
    batch = [entry for entry in entries if "batch-reports-late" in entry["incident"]["summary"]]
    numbers = [entry["incident"]["id"] for entry in batch]
    assert sorted(numbers) == sorted(2 * list(set(numbers)))


def test_the_table_is_kept_by_a_clock_that_goes_wrong() -> None:
    for seed in range(6):
        plan = plan_of("troubled", seed)
        response = response_of(plan)
        assert response is not None
        content = incident_files(plan)[f"{DAY}/log.csv"].decode()
        rows = list(csv.DictReader(io.StringIO(content)))
        (took,) = [row for row in rows if row["what"] == "took the change back"]
        at = datetime.fromisoformat(took["time"]).astimezone(UTC)
        assert at - response.rolled_back == clock_skew(plan)
    skews = [clock_skew(plan_of("troubled", seed)) for seed in SEEDS]
    assert len(set(skews)) == len(skews)
    assert max(abs(skew) for skew in skews) <= timedelta(seconds=90)


def test_a_quiet_day_has_talk_and_no_incident() -> None:
    files = incident_files(plan_of("steady", 2))
    entries = json.loads(files[f"{DAY}/pagerduty.json"])["log_entries"]
    assert all("batch-reports-late" in entry["incident"]["summary"] for entry in entries)
    assert len(files[f"{DAY}/log.csv"].splitlines()) == 2
    assert len([m for m in slack_of("steady", 2)[f"shop-ops/{DAY}.json"] if "user" in m]) == 2
    assert incident_files(plan_of("empty", 2)) == {}
