"""How an environment signs its runs: ``parameters/<environment>/signing.yaml``.

Without the file its runs are unsigned, and their reports say so.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from opslib.errors import ParameterError
from opslib.parameters.problems import tell_problem
from opslib.parameters.yaml_text import line_of, parse_mapping

__all__ = ["KMS", "SigningParameters", "load_signing", "parse_signing"]

KMS = "awskms:"
KMS_KEY = re.compile(r"awskms:(arn:[\w-]+:kms:(?P<region>[\w-]+):\d{12}:\S+|alias/[\w/-]+|[\w-]+)$")
BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/\S+$")
REMEDY = "Names and forms are in docs/evidence.md."


def _check_path(path: str) -> str:
    if not path.startswith(("/", "~/")):
        raise ValueError("write a whole path, from / or ~/ on")
    return path


def _check_key(key: str) -> str:
    if key.lstrip().startswith("-----BEGIN"):
        raise ValueError("a private key is never written into parameters; name its file")
    if key.startswith(KMS):
        if not KMS_KEY.match(key):
            raise ValueError("write awskms: and a key's id, its ARN or alias/NAME")
        return key
    return _check_path(key)


def _check_state(state: str) -> str:
    if state.startswith("s3:"):
        if not BUCKET.match(state):
            raise ValueError("write it as s3://bucket/prefix")
        return state.rstrip("/")
    return _check_path(state)


LocalPath = Annotated[str, AfterValidator(_check_path)]


class SigningParameters(BaseModel):
    """The key of an environment, and where the heads of its chains are kept."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    key: Annotated[
        str,
        AfterValidator(_check_key),
        Field(description="file of the private key (PEM), or awskms: and the key's id"),
    ]
    state: Annotated[
        str,
        AfterValidator(_check_state),
        Field(description="folder of the signed heads, outside reports/, or s3://bucket/prefix"),
    ]
    earlier_keys: Annotated[
        tuple[LocalPath, ...],
        Field(description="files of the public keys (PEM) that signed before this one"),
    ] = ()
    region: Annotated[str, Field(description="region of a KMS key, or of the bucket")] = ""

    @model_validator(mode="after")
    def _know_the_region(self) -> Self:
        if (self.key.startswith(KMS) or self.state.startswith("s3:")) and not self.kms_region:
            raise ValueError("region is missing: name that of the KMS key and of the bucket")
        return self

    @property
    def kms_region(self) -> str:
        """Return the region of what lies in AWS: as written, or as the key's ARN has it."""
        found = KMS_KEY.match(self.key)
        return self.region or (found and found["region"]) or ""


def load_signing(path: Path) -> SigningParameters | None:
    """Return how an environment signs; None where there is no such file.

    Raises:
        ParameterError: it cannot be read, or says what cannot be; names file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(
            f"cannot be read: {getattr(error, 'strerror', None) or error}", where=str(path)
        ) from None
    return parse_signing(text, str(path))


def parse_signing(text: str, where: str) -> SigningParameters:
    """Return what ``text`` says; ``where`` names it in messages.

    Raises:
        ParameterError: as `load_signing`.
    """
    written, root = parse_mapping(text, where)
    try:
        return SigningParameters.model_validate(written)
    except ValidationError as error:
        problem = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
        line = f":{line_of(root, problem['loc'])}" if root else ""
        what = tell_problem(problem, SigningParameters.model_fields)
        raise ParameterError(what, where=f"{where}{line}", remedy=REMEDY) from None
