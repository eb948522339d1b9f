"""Proposed scaling settings as files: Terraform variables and Kubernetes manifests.

A variable stands by itself where the estate has one resource of its kind, and in a map by name
where it has several. What was not replayed, or for which nothing tried keeps what it has to, is
left out, so that its variable stays as it is; `scaling_reasons` tells of it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml

from opslib.analysis.capacity.scaling.proposals import ScalingProposal

__all__ = ["format_hpa", "format_tfvars"]

PODS = "eks:hpa"
HPA_HEAD = """\
# Proposed HorizontalPodAutoscalers, replayed over {days} days until {as_of:%Y-%m-%d %H:%M} UTC.
# AWS does not tell what Kubernetes has set: compare first, then apply what is wanted.
#   kubectl diff -f hpa.yaml
#   kubectl apply -f hpa.yaml
# Where a chart or another tool owns an autoscaler, set its values there. The reason for each is in
# scaling_reasons.md.
"""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the variables of a kind of resource are called: alone by prefix, in a map of several."""

    prefix: str
    map: str


KINDS = {
    "ecs": _Kind("ecs", "ecs_services"),
    "rds": _Kind("aurora", "aurora_clusters"),
    "dynamodb": _Kind("dynamodb", "dynamodb_tables"),
    "autoscaling": _Kind("asg", "autoscaling_groups"),
}
"""By the first part of the dimension."""


def format_tfvars(proposals: Sequence[ScalingProposal]) -> str:
    """Return the text of a ``.auto.tfvars.json``; an empty object where nothing is proposed."""
    variables: dict[str, Any] = {}
    for start, kind in KINDS.items():
        alike = [one for one in proposals if one.dimension.partition(":")[0] == start]
        several = len({one.resource for one in alike}) > 1
        names = _keys(alike)
        for one in alike:
            values = _values(one)
            if not several:
                variables |= {f"{kind.prefix}_{name}": value for name, value in values.items()}
            elif values:
                variables.setdefault(kind.map, {}).setdefault(names[one.resource], {}).update(
                    values
                )
    return json.dumps(variables, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _keys(proposals: Sequence[ScalingProposal]) -> Mapping[str, str]:
    """Return names by resource; the ARN of namesakes in other accounts and regions."""
    names = {one.resource: one.name for one in proposals}
    namesakes = Counter(names.values())
    return {
        resource: name if namesakes[name] == 1 else resource for resource, name in names.items()
    }


def _values(proposal: ScalingProposal) -> dict[str, float]:
    """Return the values of a proposal by the end of their variable's name."""
    if proposal.proposed is None or not proposal.keeps:
        return {}
    setting = proposal.proposed.setting
    before = ""
    if proposal.dimension.startswith("dynamodb:"):
        before = "write_" if "Write" in proposal.dimension else "read_"
    values = {
        f"{before}min_capacity": _plain(setting.minimum),
        f"{before}max_capacity": _plain(setting.maximum),
    }
    if setting.target_percent is not None:
        metric = f"{proposal.tracked}_" if proposal.tracked else before
        values[f"{metric}target_utilization"] = _plain(setting.target_percent)
    return values


def _plain(value: float) -> float:
    return int(value) if float(value).is_integer() else value


def format_hpa(proposals: Sequence[ScalingProposal], as_of: datetime) -> str:
    """Return a HorizontalPodAutoscaler for each deployment, as YAML; '' where there is none.

    Args:
        proposals: of `propose_settings`.
        as_of: that the history ends at.
    """
    manifests = [
        _manifest(one)
        for one in proposals
        if one.dimension == PODS and one.proposed is not None and one.keeps
    ]
    days = max((one.days for one in proposals if one.dimension == PODS), default=0)
    head = HPA_HEAD.format(days=days, as_of=as_of)
    return head + yaml.safe_dump_all(manifests, sort_keys=False) if manifests else ""


def _manifest(proposal: ScalingProposal) -> Mapping[str, Any]:
    assert proposal.proposed is not None
    setting = proposal.proposed.setting
    *before, deployment = proposal.name.split("/")
    place = {"namespace": before[-1]} if before else {}
    target = {"type": "Utilization", "averageUtilization": round(setting.target_percent or 0)}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": deployment, **place},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": deployment},
            "minReplicas": round(setting.minimum),
            "maxReplicas": round(setting.maximum),
            "metrics": [
                {"type": "Resource", "resource": {"name": proposal.tracked, "target": target}}
            ],
        },
    }
