from __future__ import annotations

import pytest

from opslib.sandbox.scenario import DEFAULT_EPOCH, plan_scenario
from opslib.sandbox.terraform import ENVIRONMENTS, LAYERS

SEEDS = range(20)


def test_a_steady_account_has_every_layer_of_every_environment() -> None:
    store = plan_scenario("steady", 1).terraform
    assert len(store.states) == len(ENVIRONMENTS) * len(LAYERS)
    assert store.is_versioned
    assert store.is_closed
    for state in store.states:
        assert list(state.changes) == sorted(state.changes)
        assert state.changes[-1] < DEFAULT_EPOCH
        assert state.size_bytes > 0
        assert state.deleted_at is state.locked_since is None


@pytest.mark.parametrize("seed", SEEDS)
def test_one_state_and_its_bucket_are_troubled(seed: int) -> None:
    scenario = plan_scenario("troubled", seed)
    of_state, of_bucket = (t for t in scenario.truths if t.part == "terraform")
    assert of_state.claim is not None
    assert of_bucket.claim is not None
    assert "Key" in of_state.claim.subject
    assert "Key" not in of_bucket.claim.subject
    assert scenario.terraform.is_versioned is not scenario.terraform.is_closed
    for state in scenario.terraform.states:
        if state.deleted_at is not None:
            assert state.changes[-1] < state.deleted_at < DEFAULT_EPOCH


def test_seeds_tell_every_story() -> None:
    names = {t.name for s in SEEDS for t in plan_scenario("troubled", s).truths}
    wanted = {"missing", "deleted", "empty", "locked", "open", "unversioned"}
    assert {f"state_{name}" for name in wanted} <= names
