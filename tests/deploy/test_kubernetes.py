"""The CronJob, by Kubernetes' own schemas and by what the image and the runner need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from opslib.parameters.load import load_parameters
from opslib.runner.catalog import find_notebook
from tests.deploy.places import DEPLOY

DOCUMENTS: list[dict[str, Any]] = list(
    yaml.safe_load_all((DEPLOY / "kubernetes" / "opslib.yaml").read_text(encoding="utf-8"))
)
VERSION = kubernetes_validate.latest_version()


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [document for document in DOCUMENTS if document["kind"] == kind]


def pods() -> list[dict[str, Any]]:
    return [job["spec"]["jobTemplate"]["spec"]["template"]["spec"] for job in of_kind("CronJob")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each["kind"])
def test_kubernetes_accepts_every_object(document: dict[str, Any]) -> None:
    kubernetes_validate.validate(document, VERSION, strict=True)


def test_the_schemas_would_say_what_they_do_not_know() -> None:
    wrong = {**of_kind("CronJob")[0], "spec": {"schedule": "@daily", "concurency": "Forbid"}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSION, strict=True)


def test_no_run_begins_beside_another_and_none_is_tried_twice() -> None:
    for job in of_kind("CronJob"):
        assert job["spec"]["concurrencyPolicy"] == "Forbid"
        assert job["spec"]["timeZone"] == "Etc/UTC"
        assert job["spec"]["jobTemplate"]["spec"]["backoffLimit"] == 0


def test_a_pod_is_no_root_and_writes_to_its_volumes_only() -> None:
    for pod in pods():
        (container,) = pod["containers"]
        may = container["securityContext"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert may["readOnlyRootFilesystem"] is True
        assert may["allowPrivilegeEscalation"] is False
        assert may["capabilities"] == {"drop": ["ALL"]}
        assert set(container["resources"]) == {"requests", "limits"}
        assert pod["automountServiceAccountToken"] is False


def test_what_a_pod_mounts_and_names_is_there() -> None:
    names = {document["metadata"]["name"] for document in DOCUMENTS}
    for pod in pods():
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        mounts = {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
        assert mounts == set(volumes)
        assert pod["serviceAccountName"] in names
        assert volumes["parameters"]["configMap"]["name"] in names
        assert volumes["reports"]["persistentVolumeClaim"]["claimName"] in names


def test_the_parameters_are_valid(tmp_path: Path) -> None:
    (parameters,) = of_kind("ConfigMap")
    for name, text in parameters["data"].items():
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        model = find_notebook(file.stem).parameters
        load_parameters(model, file=file, environment="prod", as_of="2026-03-02T06:00:00Z")
