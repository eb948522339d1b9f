"""From an environment's ``signing.yaml`` to what signs its runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from opslib.errors import ParameterError
from opslib.evidence.chain import Sealer
from opslib.evidence.head import FileHeads, HeadStore
from opslib.parameters.base import NotebookParameters
from opslib.parameters.signing import KMS, SigningParameters, load_signing
from opslib.runner.project import Project
from opslib.runner.seal import Sealing

if TYPE_CHECKING:
    from securesystemslib.signer import Signer

    from opslib.aws.connection import Connection

__all__ = ["open_sealer", "sealing_of"]


def sealing_of(project: Project, aws: Mapping[str, str] | None = None) -> Sealing:
    """Return what gives an environment's sealer, opened once.

    Args:
        project: where the environments are.
        aws: AWS variables that replace the ambient ones; None for the ambient ones.
    """

    @cache
    def sealing(environment: str) -> Sealer | None:
        return open_sealer(project, environment, aws)

    return sealing


def open_sealer(
    project: Project, environment: str, aws: Mapping[str, str] | None = None
) -> Sealer | None:
    """Return what an environment signs its runs with; None where it signs nothing.

    Raises:
        ParameterError: signing.yaml is wrong, or a key that it names.
        ReadError: AWS refuses the key.
    """
    file = project.signing_file(environment)
    signing = load_signing(file)
    if signing is None:
        return None
    from opslib.evidence.keys import open_private_key, read_public_keys  # noqa: PLC0415

    if signing.key.startswith(KMS):
        signer: Signer = _kms_signer(signing, aws)
    else:
        signer = open_private_key(_outside(project, file, signing.key))
    earlier = read_public_keys(Path(key).expanduser() for key in signing.earlier_keys)
    return Sealer(
        signer=signer,
        keys=(signer.public_key, *earlier),
        keyid=signer.public_key.keyid,
        heads=_heads(project, file, signing, environment, aws),
    )


def _outside(project: Project, file: Path, path: str) -> Path:
    """Return a path of signing.yaml; what proves the reports does not lie among them."""
    named = Path(path).expanduser().resolve()
    if named.is_relative_to(project.reports.resolve()):
        raise ParameterError(
            f"{path} lies in reports/: whoever can change a report could change it too",
            where=str(file),
            remedy="Name a place outside.",
        )
    return named


def _kms_signer(signing: SigningParameters, aws: Mapping[str, str] | None) -> Signer:
    from opslib.aws.kms_signer import open_kms_signer  # noqa: PLC0415
    from opslib.runner.kernel import using_aws  # noqa: PLC0415

    with using_aws(aws):
        return open_kms_signer(signing.key.removeprefix(KMS), signing.kms_region)


def _heads(
    project: Project,
    file: Path,
    signing: SigningParameters,
    environment: str,
    aws: Mapping[str, str] | None,
) -> HeadStore:
    if not signing.state.startswith("s3:"):
        return FileHeads(folder=_outside(project, file, signing.state))
    from opslib.actions.head_objects import HeadObjects  # noqa: PLC0415
    from opslib.runner.kernel import using_aws  # noqa: PLC0415

    with using_aws(aws):
        connection = _connection(environment, signing.kms_region)
        return HeadObjects(connection, signing.state, project.reports / ".chains")


def _connection(environment: str, region: str) -> Connection:
    """Return the way to AWS of an environment, without a notebook."""
    from opslib.aws.connection import Connection  # noqa: PLC0415
    from opslib.aws.ledger import Ledger  # noqa: PLC0415

    now = datetime.now(UTC)
    asking = NotebookParameters(environment=environment, as_of=now, region=region)
    return Connection(asking, Ledger())
