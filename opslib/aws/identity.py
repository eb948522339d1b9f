"""Who AWS takes the caller for: part of what a signed run says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opslib.aws.connection import Connection
from opslib.aws.faults import aws_faults
from opslib.aws.ledger import Ledger
from opslib.errors import ReadError

if TYPE_CHECKING:
    from opslib.parameters.base import NotebookParameters

__all__ = ["read_identity"]


def read_identity(parameters: NotebookParameters) -> dict[str, str]:
    """Return ``account`` and ``arn`` of the credentials, or the ``problem``: a run may need none.

    Source: AWS STS API Reference, GetCallerIdentity; no permission is needed for it.
    """
    try:
        with aws_faults("sts:GetCallerIdentity"):
            client = Connection(parameters, Ledger()).client("sts")
            found = client.get_caller_identity()
    except ReadError as error:
        return {"problem": error.what}
    return {"account": str(found["Account"]), "arn": str(found["Arn"])}
