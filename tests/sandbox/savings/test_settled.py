"""Volumes that are deleted on a day of the calendar, and one that is kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from opslib.analysis.savings.recommendation import Recommendation
from opslib.parameters.savings_declined import load_declined
from opslib.sandbox.savings.lab import FOLLOWED, PART, plan_lab
from opslib.sandbox.savings.planted import PlantedResource, flat_rows
from opslib.sandbox.savings.settled import BEFORE_DELETIONS, KEPT_VOLUME, LAST_DELETION
from tests.analysis.savings.estates import thing
from tests.analysis.savings.test_counting import recommendation
from tests.parameters.test_savings_files import ROOT

NOW, BEFORE = datetime(2026, 3, 2, 6, tzinfo=UTC), datetime.fromisoformat(BEFORE_DELETIONS)


def deleted(seed: int, epoch: datetime, name: str = "troubled") -> dict[str, PlantedResource]:
    plan, _ = plan_lab(name, (seed, 1), epoch)
    return {one.id: one for one in plan.resources if one.last_day is not None}


@pytest.mark.parametrize("seed", range(5))
def test_what_is_deleted_was_wasted_before(seed: int) -> None:
    now, before = deleted(seed, NOW), deleted(seed, BEFORE)
    assert now.keys() == before.keys() != set()
    for name, one in now.items():
        assert (one.kind, one.taken, one.wasted) == ("deleted_volume", "unattached_volume", "")
        earlier = before[name]
        assert (earlier.kind, earlier.taken, earlier.wasted) == ("volume", "", one.taken)
        assert one.last_day is not None
        assert one.last_day < LAST_DELETION
        assert one.charges == earlier.charges


def test_the_truth_is_waste_before_and_taken_advice_after() -> None:
    ids = set(deleted(1, NOW))
    for epoch, part, kind in (
        (BEFORE, PART, "savings.unattached_volume"),
        (NOW, FOLLOWED, "savings.advice_taken"),
    ):
        _, truths = plan_lab("troubled", (1, 1), epoch)
        claims = [(t.part, t.claim.kind, t.claim.subject["ResourceId"]) for t in truths if t.claim]
        assert {name for *told, name in claims if told == [part, kind]} >= ids


def test_it_is_charged_to_its_last_day() -> None:
    one = next(iter(deleted(1, NOW).values()))
    assert one.last_day is not None
    days = [LAST_DELETION.replace(day=n) for n in range(1, 20)]
    charged = {row[0] for row in flat_rows(one, days, {})}
    assert charged == {day for day in days if day <= one.last_day}


@pytest.mark.parametrize("name", ["steady", "denied"])
def test_nothing_is_deleted_where_nothing_was_wasted(name: str) -> None:
    assert deleted(1, NOW, name) == {}


def test_the_file_of_the_sandbox_declines_the_volume_that_is_kept() -> None:
    plan, _ = plan_lab("troubled", (1, 1), NOW)
    assert KEPT_VOLUME in {one.id for one in plan.resources}
    kept: Recommendation = recommendation("unattached_volume", KEPT_VOLUME)
    assert kept.thing == thing("volume", KEPT_VOLUME)
    (entry,) = load_declined(ROOT / "parameters" / "sandbox" / "savings_declined.yaml").declined
    assert entry.id == kept.id
    assert entry.until > NOW.date()
