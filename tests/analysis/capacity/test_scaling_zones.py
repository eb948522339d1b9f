from __future__ import annotations

import json
from typing import Any

import numpy as np

from opslib.analysis.capacity.headroom.zone_losses import ZoneLoss, check_zone_loss
from opslib.analysis.capacity.scaling.settings import propose_settings
from opslib.findings import Verdict
from opslib.tables.capacity import CapacityTables
from tests.analysis.capacity.estates import parameters
from tests.analysis.capacity.scaled import (
    history,
    limit_row,
    scaled_estate,
    series_row,
)
from tests.analysis.capacity.scaled_services import (
    DAY,
    FARGATE,
    api,
    proposed,
    waves,
)


def test_one_task_a_zone_stays_whatever_it_would_save() -> None:
    zones = {"Zones": json.dumps(["a", "b", "b", "c"])}
    quiet = waves(28, 0.2, 1.0)
    spread = proposed(api(quiet, low=3, resource=zones))
    alone = proposed(api(quiet, low=3))
    assert spread.proposed is not None
    assert alone.proposed is not None
    assert spread.proposed.setting.minimum == 3
    assert alone.proposed.setting.minimum < 3
    assert any("one for each zone" in one.why for one in spread.excuses)


def test_the_other_zones_still_carry_the_load_when_one_is_lost() -> None:
    load = waves(28, 1.0, 6.0)
    three = proposed(api(load, resource={"Zones": json.dumps(["a", "b", "c"])}))
    assert three.proposed is not None
    assert three.proposed.setting.target_percent == 60
    whys = {
        one.setting.target_percent: one.why for one in three.excuses if one.setting.minimum == 3
    }
    assert whys[80] == "with one of 3 zones lost, the others would run at 120%"
    assert "zones are not known" not in three.reason
    assert "zones are not known" in proposed(api(load)).reason


def lose_zone(tables: CapacityTables) -> tuple[ZoneLoss, ...]:
    return check_zone_loss(tables, parameters())


def in_two_zones(load: np.ndarray, ran: Any, **target: Any) -> CapacityTables:
    """Return a service of two tasks in one zone and one in another."""
    tables = api(load, resource={"Zones": json.dumps(["a", "a", "b"])}, low=3, target=target)
    limits = [limit_row("api", "CPU", "api/CPU", 100)]
    return scaled_estate(
        resources=tables.resources.to_dict("records"),  # type: ignore[arg-type]
        series=[series_row("api", "CPU"), series_row("api", "tasks", "units")],
        limits=limits,
        targets=tables.targets.to_dict("records"),  # type: ignore[arg-type]
        prices=FARGATE,
        usage={"api/CPU": history(load / ran * 100), "api/tasks": history(ran + 0 * load)},
    )


def test_what_a_lost_zone_takes_down_is_told_to_scale_so_that_it_holds() -> None:
    tables = in_two_zones(waves(28, 0.5, 1.9), 3.0, Target=65.0)
    (loss,) = lose_zone(tables)
    assert (loss.verdict, loss.target_percent) == (Verdict.FAIL, 65.0)
    assert (loss.units_to_carry, loss.units_at_target) == (4, 6)
    (proposal,) = propose_settings(tables, parameters(), (), {}, [loss])
    assert proposal.verdict is Verdict.FAIL
    assert "minutes a week too busy for the other zones alone" in proposal.broken_now
    assert "too busy for the other zones alone" in proposal.reason
    assert proposal.keeps
    assert proposal.proposed is not None
    assert proposal.proposed.without_zone_minutes_a_week <= 5
    assert proposal.proposed.setting.minimum >= 4 or proposal.proposed.setting.target_percent < 50  # type: ignore[operator]


def test_no_target_is_raised_to_where_the_other_zones_would_not_carry_the_load() -> None:
    """Four tasks in three zones leave two, which 60% of four would fill to 120%."""
    load = np.full(28 * DAY, 2.3)
    tables = in_two_zones(load, 6.0, Target=40.0)
    tables.resources["Zones"] = json.dumps(["a", "b", "c"])
    (loss,) = lose_zone(tables)
    assert loss.verdict is Verdict.PASS
    (proposal,) = propose_settings(tables, parameters(), (), {}, [loss])
    assert proposal.proposed is not None
    assert proposal.proposed.setting.target_percent == 50
    (unweighed,) = propose_settings(tables, parameters())
    assert unweighed.proposed is not None
    assert unweighed.proposed.setting.target_percent == 60


def test_one_zone_is_told_and_weighs_nothing() -> None:
    tables = in_two_zones(waves(28, 0.5, 1.9), 3.0)
    tables.resources["Zones"] = json.dumps(["a", "a", "a"])
    (loss,) = lose_zone(tables)
    (proposal,) = propose_settings(tables, parameters(), (), {}, [loss])
    assert proposal.keeps
    assert "all of it is in one zone, whose loss no setting survives" in proposal.reason
