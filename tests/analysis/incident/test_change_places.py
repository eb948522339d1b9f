from __future__ import annotations

import json
from math import inf
from typing import Any

import pandas as pd
import pytest

from opslib.analysis.incident.change_places import component_places, place_changes
from opslib.parameters.incident import IncidentParameters
from tests.analysis.incident.tables import OWN, event, frame

OTHER = "999988887777"
CALLS = pd.DataFrame(
    [("web", "checkout"), ("checkout", "order-db"), ("batch", "lake")],
    columns=["Caller", "Callee"],
)
PARAMETERS = IncidentParameters.parse(
    {
        "as_of": "2026-03-02T06:00:00Z",
        "start": "2026-03-01T08:00:00Z",
        "end": "2026-03-01T22:00:00Z",
        "accounts": [{"id": OWN, "name": "production"}, {"id": OTHER, "name": "staging"}],
        "metrics": [
            {
                "name": f"{component} p95",
                "component": component,
                "role": "latency",
                "namespace": "AWS/X",
                "metric": "Latency",
                "dimensions": {"LoadBalancer": "app/front/1234", "Target": target},
            }
            for component, target in [("web", "tg/w/1"), ("order-db", "aurora-17")]
        ],
    }
)


def placed(asked: Any, account: str = OWN, **values: Any) -> tuple[str, float] | None:
    places = component_places(PARAMETERS, CALLS, {"web"})
    told = event(AccountId=account, RequestParameters=json.dumps(asked), **values)
    found = place_changes(frame(told), places).get(told["EventId"])
    return (found.component, found.hops) if found else None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"service": "web", "cluster": "front"}, ("web", 0)),
        ({"service": "arn:aws:ecs:eu-west-1:111122223333:service/front/checkout"}, ("checkout", 1)),
        ({"name": "/shop/checkout/pool-size"}, ("checkout", 1)),
        ({"dBClusterIdentifier": "order-db"}, ("order-db", 2)),
        ({"dBClusterIdentifier": "aurora-17"}, ("order-db", 2)),
        ({"functionName": "lakeLoader"}, ("lake", inf)),
        ({"tags": [{"key": "component", "value": "batch"}]}, ("batch", inf)),
        ({"groupId": "sg-0123456789abcdef0"}, None),
        ({"loadBalancer": "app/front/1234"}, None),
        ({"description": "for web and checkout"}, None),
        ({"name": "website"}, None),
        (None, None),
    ],
)
def test_names_tell_of_which_component_a_change_is(
    asked: Any, expected: tuple[str, float] | None
) -> None:
    assert placed(asked) == expected


def test_the_outermost_name_decides() -> None:
    asked = {
        "family": "shop-web",
        "containerDefinitions": [{"environment": [{"value": "http://checkout.local"}]}],
    }
    assert placed(asked) == ("web", 0)


def test_the_longest_name_decides() -> None:
    places = component_places(
        PARAMETERS, pd.DataFrame([("order", "order-db")], columns=["Caller", "Callee"]), {"order"}
    )
    told = event(RequestParameters=json.dumps({"name": "prod-order-db"}))
    assert place_changes(frame(told), places)[told["EventId"]].component == "order-db"


def test_the_same_name_in_another_account_is_elsewhere() -> None:
    assert placed({"service": "web"}, account=OTHER) == ("web", inf)


def test_listed_resources_tell_where_parameters_do_not() -> None:
    listed = json.dumps([{"ARN": "arn:aws:iam::111122223333:role/checkout-task"}])
    assert placed(None, Resources=listed) == ("checkout", 1)


def test_without_a_graph_only_what_shows_the_symptom_has_a_place() -> None:
    places = component_places(PARAMETERS, CALLS.iloc[:0], {"web"})
    assert places.hops == {"web": 0}
    assert component_places(PARAMETERS, CALLS, set()).hops == {}
