"""``delivery.yaml``: what may stand there, and how it is told what may not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from opslib.errors import ParameterError
from opslib.findings import Severity
from opslib.parameters.delivery import (
    DELIVERY_TEMPLATE,
    DeliveryParameters,
    load_delivery,
)
from opslib.redaction import redact_text

TOPIC = "arn:aws:sns:us-east-1:111111111111:opslib-reports"
HOOK = "https://hooks.slack.com/services/T000/B000/abcdefghijklmnop"


def load(tmp_path: Path, text: str) -> DeliveryParameters:
    file = tmp_path / "delivery.yaml"
    file.write_text(text)
    return load_delivery(file)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(ParameterError) as refused:
        load(tmp_path, text)
    return str(refused.value)


def test_without_a_file_there_is_nobody_to_deliver_to(tmp_path: Path) -> None:
    assert load_delivery(tmp_path / "none.yaml").targets == ()


def test_a_target_is_told_apart_by_its_kind(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        f"""
link: https://reports.acme.example/ops/
targets:
  - {{name: archive, s3: s3://acme-reports/opslib/}}
  - {{name: finance, sns: "{TOPIC}", notebooks: [cost_analysis], min_severity: high}}
  - {{name: chat, slack: env:SLACK_URL, link: https://other.example}}
""",
    )
    archive, finance, chat = found.targets
    assert (archive.kind, archive.address) == ("s3", "s3://acme-reports/opslib")
    assert (finance.kind, finance.min_severity) == ("sns", Severity.HIGH)
    assert finance.wants("cost_analysis")
    assert not finance.wants("cost_savings")
    assert (chat.kind, chat.address) == ("slack", "env:SLACK_URL")
    assert found.link_of(finance) == "https://reports.acme.example/ops"
    assert found.link_of(chat) == "https://other.example"


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("{name: a}", "exactly one of s3, sns and slack"),
        (f"{{name: a, s3: s3://acme-reports, sns: '{TOPIC}'}}", "exactly one of s3, sns and slack"),
        ("{name: a, s3: https://acme-reports}", "write it as s3://bucket/prefix"),
        ("{name: a, s3: s3://acme-reports//x}", "write it as s3://bucket/prefix"),
        ("{name: a, sns: opslib}", "arn:aws:sns:REGION:ACCOUNT:TOPIC"),
        ("{name: a, s3: s3://acme-reports, owner: x}", "owner is for messages"),
        ("{name: a, s3: s3://acme-reports, ownr: x}", "did you mean 'owner'?"),
        (f"{{name: a, sns: '{TOPIC}', min_severity: severe}}", "'severe'"),
        (f"{{name: a, sns: '{TOPIC}', link: 'https://x.example/?q=1'}}", "https://reports.acme"),
        (f"{{name: a, sns: '{TOPIC}', link: 'javascript:alert(1)'}}", "https://reports.acme"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(tmp_path: Path, entry: str, says: str) -> None:
    told = refusal(tmp_path, f"region: eu-west-1\ntargets:\n  - {entry}\n")
    assert says in told
    assert f"{tmp_path}/delivery.yaml:3" in told
    assert "docs/delivery.md" in told


def test_a_target_stands_once(tmp_path: Path) -> None:
    entry = f"{{name: a, sns: '{TOPIC}'}}"
    assert "targets stand twice: a" in refusal(tmp_path, f"targets: [{entry}, {entry}]\n")


def test_the_address_of_a_webhook_is_refused_and_not_repeated(tmp_path: Path) -> None:
    told = refusal(tmp_path, f"targets:\n  - {{name: chat, slack: '{HOOK}'}}\n")
    assert "a secret is never written into parameters" in told
    assert "abcdefghijklmnop" not in redact_text(told)


def test_the_template_says_nothing_until_it_is_uncommented() -> None:
    text = DELIVERY_TEMPLATE.format(environment="prod")
    assert yaml.safe_load(text) is None
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    written = "\n".join(
        line for line in lines if line.startswith(("link", "region", "targets", " "))
    )
    parsed = DeliveryParameters.model_validate(yaml.safe_load(written))
    assert [target.kind for target in parsed.targets] == ["s3", "sns", "slack"]
