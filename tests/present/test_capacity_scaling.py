from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import yaml

from opslib.analysis.capacity.demand.models import learn_demand
from opslib.analysis.capacity.demand.traffic import plan_traffic
from opslib.analysis.capacity.scaling.proposals import ScalingProposal
from opslib.analysis.capacity.scaling.settings import propose_settings
from opslib.present.capacity.demand import tabulate_demand
from opslib.present.capacity.scaling import plot_scaling, tabulate_scaling
from opslib.present.capacity.scaling_files import format_hpa, format_tfvars
from opslib.present.capacity.scaling_reasons import format_reasons
from tests.analysis.capacity.estates import parameters
from tests.analysis.capacity.scaled_services import api, database, table, waves
from tests.analysis.capacity.test_demand import workload

AS_OF = parameters().as_of
HOSTILE = "<img src=x onerror=alert(1)>|`x`\n# y"


def proposals(tables: Any) -> tuple[ScalingProposal, ...]:
    return propose_settings(tables, parameters())


@pytest.fixture(scope="module")
def service() -> ScalingProposal:
    return proposals(api(waves(28, 1.0, 6.0)))[0]


@pytest.fixture(scope="module")
def cluster() -> ScalingProposal:
    return proposals(database(np.minimum(waves(28, 1.0, 10.0), 8)))[0]


@pytest.fixture(scope="module")
def throughput() -> ScalingProposal:
    return proposals(table(waves(28, 5.0, 60.0), 100, np.zeros(28 * 288)))[0]


def unreplayed() -> ScalingProposal:
    (one,) = proposals(api(waves(28, 1.0, 6.0), target={"Target": None}))
    return replace(one, resource="other", name="other")


def test_one_resource_of_a_kind_has_plain_variables(
    service: ScalingProposal, cluster: ScalingProposal, throughput: ScalingProposal
) -> None:
    written = json.loads(format_tfvars([service, cluster, throughput]))
    assert written["ecs_min_capacity"] == 2
    assert written["ecs_max_capacity"] == 10
    assert written["ecs_cpu_target_utilization"] == 80
    assert (written["aurora_min_capacity"], written["aurora_max_capacity"]) == (1, 12)
    assert written["dynamodb_read_min_capacity"] >= 5
    assert {"dynamodb_read_max_capacity", "dynamodb_read_target_utilization"} <= set(written)
    assert list(written) == sorted(written)
    assert all(isinstance(value, int) for value in written.values())


def test_several_of_a_kind_are_a_map_and_namesakes_go_by_arn(service: ScalingProposal) -> None:
    second = replace(service, resource="arn:2", name="web")
    third = replace(service, resource="arn:3", name="web", region="eu-west-1")
    written = json.loads(format_tfvars([service, second, third]))
    assert set(written) == {"ecs_services"}
    assert set(written["ecs_services"]) == {"api", "arn:2", "arn:3"}
    assert written["ecs_services"]["api"] == {
        "cpu_target_utilization": 80,
        "max_capacity": 10,
        "min_capacity": 2,
    }


def test_what_was_not_replayed_has_no_variable_but_a_reason(service: ScalingProposal) -> None:
    bad = replace(service, keeps=False)
    assert json.loads(format_tfvars([unreplayed()])) == {}
    assert json.loads(format_tfvars([bad])) == {}
    assert format_hpa([replace(bad, dimension="eks:hpa")], AS_OF) == ""
    assert set(json.loads(format_tfvars([service, unreplayed()]))["ecs_services"]) == {"api"}
    assert "it tracks no target" in format_reasons([unreplayed()])
    assert "none of it was read" in format_reasons([])


def settings_in(line: str) -> int:
    """Return how many settings a line of the reasons tells."""
    found = re.findall(r"\d+ to ([\d/]+) at ([\d/]+)%", line.split("|")[2])
    return sum(len(most.split("/")) * len(at.split("/")) for most, at in found)


def test_each_alternative_has_its_reason_in_the_file(service: ScalingProposal) -> None:
    written = format_reasons([service])
    told = [line for line in written.splitlines() if line.startswith("| ")]
    assert sum(map(settings_in, told)) == len(service.excuses)
    assert len(told) <= 2 + len({one.reason for one in service.excuses})
    for one in service.excuses:
        if one.figure:
            assert f": {one.figure.replace('$', chr(92) + '$')}" in written
    assert "In force: 2 to 10 tasks at 60%" in written
    assert "Check: chosen on every other week (14 days)" in written


def test_names_from_outside_stay_text(service: ScalingProposal) -> None:
    hostile = replace(service, name=HOSTILE)
    lines = format_reasons([hostile]).splitlines()
    assert "<img" not in "".join(lines).replace("\\<", "")
    assert not any(line.startswith("# y") for line in lines)
    assert "<img" not in tabulate_scaling([hostile], 5).markup
    assert "<img" not in plot_scaling(hostile).to_json()
    several = [hostile, replace(hostile, resource="2", name="b")]
    assert HOSTILE in json.loads(format_tfvars(several))["ecs_services"]
    manifest = yaml.safe_load(format_hpa([replace(hostile, dimension="eks:hpa")], AS_OF))
    assert manifest["metadata"]["name"] == HOSTILE.rpartition("/")[2]


def test_a_deployment_becomes_a_manifest(service: ScalingProposal) -> None:
    pods = replace(service, dimension="eks:hpa", name="main/shop/web", unit="pods")
    assert yaml.safe_load(format_hpa([pods], AS_OF)) == {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": 2,
            "maxReplicas": 10,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {
                        "name": "cpu",
                        "target": {"type": "Utilization", "averageUtilization": 80},
                    },
                }
            ],
        },
    }
    assert json.loads(format_tfvars([pods])) == {}
    head = [line for line in format_hpa([pods], AS_OF).splitlines() if line.startswith("#")]
    assert f"28 days until {AS_OF:%Y-%m-%d %H:%M} UTC" in head[0]
    assert any("kubectl apply -f hpa.yaml" in line for line in head)


def test_the_table_tells_now_and_then_and_why(
    service: ScalingProposal, cluster: ScalingProposal
) -> None:
    shown = tabulate_scaling([service, cluster, unreplayed()], 10)
    assert "2 to 10 tasks at 80%" in shown.markup
    # 4,550 task-hours at 0.024, and 3,555.
    assert "$109 → $85.32" in shown.markup
    assert "unit-h" in shown.markup
    assert shown.markup.index("orders") < shown.markup.index(">api<")
    assert "the bill has no one price of Aurora:ServerlessV2Usage" in shown.markup
    assert "79 alternatives" in shown.markup
    assert "it tracks no target" in shown.markup
    assert "not known" in shown.markup


def test_the_figure_marks_what_is_in_force_and_what_is_proposed(service: ScalingProposal) -> None:
    chart = plot_scaling(service)
    names = [trace.name for trace in chart.data]
    assert names == [
        "tried",
        "in force: 2 to 10 tasks at 60%",
        "proposed: 2 to 10 tasks at 80%",
    ]
    assert len(chart.data[0].x) == len(service.results)
    empty = plot_scaling(unreplayed())
    assert not empty.data
    assert "tracks no target" in empty.layout.annotations[0].text


def test_demand_tells_needs_first_and_folds_what_is_not_known() -> None:
    tables = workload()
    plan = [{"name": "sale", "resource": "api", "requests_a_second": 600}]
    chosen = parameters(traffic_plan=plan)
    models = learn_demand(tables, chosen)
    shown = tabulate_demand(models, plan_traffic(models, tables, chosen), 10)
    assert shown.markup.index("What planned traffic needs") < shown.markup.index("one unit carries")
    assert "not enough (extrapolated)" in shown.markup
    assert "1 model not learned" in shown.markup
    assert "no requests of it or of its workload are recorded" in shown.markup
    assert "What planned traffic needs" not in tabulate_demand(models, (), 10).markup
