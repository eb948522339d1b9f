"""The in-toto Statement: what is said of which files.

Source: in-toto Attestation Framework, "Statement layer specification", v1.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from opslib.errors import EvidenceError
from opslib.redaction import redact_values

__all__ = ["STATEMENT", "Digest", "Statement", "Subject", "parse_statement", "statement_bytes"]

STATEMENT: Literal["https://in-toto.io/Statement/v1"] = "https://in-toto.io/Statement/v1"
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Digest(BaseModel):
    """The digest of a file."""

    model_config = ConfigDict(frozen=True)

    sha256: Sha256


class Subject(BaseModel):
    """One file that a statement is about: its path below the run's folder, and its digest."""

    model_config = ConfigDict(frozen=True)

    name: str
    digest: Digest
    annotations: dict[str, Any] = {}


class Statement(BaseModel):
    """What is said of some files."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    type: Annotated[Literal["https://in-toto.io/Statement/v1"], Field(alias="_type")] = STATEMENT
    predicateType: str  # noqa: N815  the specification's name
    predicate: dict[str, Any]
    subject: tuple[Subject, ...]


def statement_bytes(statement: Statement) -> bytes:
    """Return a statement as readable JSON; what looks like a secret in it is redacted."""
    plain = statement.model_dump(mode="json", by_alias=True)
    for subject in plain["subject"]:
        if not subject["annotations"]:
            del subject["annotations"]
    return json.dumps(redact_values(plain), indent=1, ensure_ascii=False).encode()


def parse_statement(written: bytes) -> Statement:
    """Return the statement that ``written`` is.

    Raises:
        EvidenceError: it is none.
    """
    try:
        return Statement.model_validate_json(written)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise EvidenceError(f"no in-toto Statement: {place}: {first['msg']}") from None
