"""Signed runs, made by hand: no notebook, no kernel."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from securesystemslib.signer import CryptoSigner

from opslib.evidence.chain import Sealer
from opslib.evidence.head import FileHeads
from opslib.runner.manifest import Manifest, RunStatus
from opslib.runner.publish import failed_place, published_place
from opslib.runner.seal import Published, publish_run
from tests.runner.records import document, finding

FILES = ("findings.json", "report.html", "tables/costs.csv", "evidence/run.json")


def make_sealer(state: Path, signer: CryptoSigner | None = None) -> Sealer:
    """Return what signs, with a key of its own."""
    chosen = signer or CryptoSigner.generate_ed25519()
    key = chosen.public_key
    return Sealer(signer=chosen, keys=(key,), keyid=key.keyid, heads=FileHeads(folder=state))


def sign_run(
    reports: Path,
    minute: int,
    sealer: Sealer | None,
    *,
    failed: bool = False,
    notebook: str = "tiny",
    assets: dict[str, str] | None = None,
) -> Published:
    """Publish a run that began at ``minute`` past seven."""
    started = datetime(2026, 3, 2, 7, minute, tzinfo=UTC)
    folder = reports / ".running" / f"{notebook}-{minute}-{failed}"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{name} of {minute}")
    told = json.dumps(asdict(document(finding(f"Service {minute}"))), default=str)
    (folder / "findings.json").write_text(told)
    manifest = Manifest(
        notebook=notebook,
        question="Is it so?",
        environment="test",
        parameters={"as_of": "2026-03-02T06:00:00Z"},
        started=started.isoformat(),
        status=RunStatus.FAILED if failed else RunStatus.PUBLISHED,
        assets=assets or {},
        keyid=sealer.keyid if sealer else "",
    )
    where = failed_place if failed else published_place
    place = where(reports, notebook=notebook, environment="test", started=started)
    return publish_run(folder, reports, place, manifest, sealer)
