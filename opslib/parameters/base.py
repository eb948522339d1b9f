"""What every notebook's parameters have in common."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from opslib.errors import ParameterError
from opslib.parameters.owners import OwnerRules
from opslib.parameters.problems import names_at, nearest, tell_problem
from opslib.parameters.suppressed import SuppressedFinding

__all__ = ["SHARED", "Account", "NotebookParameters", "SecretReference"]

SHARED = ("owners", "suppressed")
"""Parameters that every notebook of an environment has from a file of their own, by its name."""

SECRET_FORMS = re.compile(
    r"^(env:[A-Z_][A-Z0-9_]*|ssm:/[\w./-]+|secretsmanager:arn:[\w:./+=@!-]+)$"
)

REFERENCE_WANTED = (
    "a secret is never written into parameters; name where it is kept: "
    "env:NAME, ssm:/path or secretsmanager:arn:..."
)


def _check_secret_reference(reference: str) -> str:
    if not SECRET_FORMS.match(reference):
        raise ValueError(REFERENCE_WANTED)
    return reference


SecretReference = Annotated[str, AfterValidator(_check_secret_reference)]


class Account(BaseModel):
    """One AWS account to read.

    Without ``role`` the ambient credentials (or ``profile``) are used as they are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^\d{12}$", description="12-digit account id")]
    name: Annotated[str, Field(description="what reports call it")] = ""
    role: Annotated[str, Field(description="ARN of the read-only role to assume")] = ""
    external_id: Annotated[
        SecretReference | None, Field(description="reference to the role's external id")
    ] = None
    regions: Annotated[tuple[str, ...], Field(description="regions to read")] = ()

    @property
    def label(self) -> str:
        """Return the account's name, or its id where it has none."""
        return self.name or self.id


class NotebookParameters(BaseModel):
    """Parameters that every notebook takes.

    Raises:
        ParameterError: from `parse`, with the nearest right name for an unknown one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    notebook: ClassVar[str]

    environment: Annotated[
        str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="name of the parameter folder")
    ] = "sandbox"
    as_of: Annotated[
        AwareDatetime,
        Field(description="the moment that the report speaks of, with its time zone"),
    ]
    accounts: Annotated[
        tuple[Account, ...],
        Field(description="accounts to read; none means the one that the credentials belong to"),
    ] = ()
    profile: Annotated[str, Field(description="AWS profile to use (SSO works as anywhere)")] = ""
    region: Annotated[str, Field(description="region of calls that need one")] = "us-east-1"
    owners: Annotated[
        OwnerRules, Field(description="who answers for which accounts and tags; tags come first")
    ] = ()
    suppressed: Annotated[
        tuple[SuppressedFinding, ...],
        Field(description="findings that count for nothing for now, and who says so"),
    ] = ()

    @model_validator(mode="after")
    def _keep_utc(self) -> Self:
        object.__setattr__(self, "as_of", self.as_of.astimezone(UTC))
        return self

    @model_validator(mode="after")
    def _tell_accounts_apart(self) -> Self:
        for what in ("id", "label"):
            named = [getattr(account, what) for account in self.accounts]
            repeated = sorted({name for name in named if named.count(name) > 1})
            if repeated:
                raise ValueError(f"accounts stand twice: {', '.join(repeated)}")
        return self

    @property
    def changes_aws(self) -> bool:
        """Say whether a run makes something in AWS, and must tear it down."""
        return False

    def without_changes(self) -> Self:
        """Return the same for a notebook that no runner runs: it makes nothing in AWS."""
        return self

    @property
    def wait_seconds(self) -> float:
        """Return how long a run may have to wait for AWS, beside its reads."""
        return 0

    @classmethod
    def parse(cls, values: dict[str, Any]) -> Self:
        """Validate ``values``; the error names the parameter and what it should be."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise cls._explain(error) from None

    @classmethod
    def from_notebook(cls, namespace: dict[str, Any]) -> Self:
        """Validate what a notebook's parameters cell has set, by name, in its ``globals()``."""
        return cls.parse({name: namespace[name] for name in cls.model_fields if name in namespace})

    @classmethod
    def _explain(cls, error: ValidationError) -> ParameterError:
        lines = [cls._explain_one(problem) for problem in error.errors()]
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        return ParameterError(
            "; ".join(lines),
            where=": ".join([cls.notebook, *filter(None, [place])]),
            remedy=f"See: opslib describe {cls.notebook}",
        )

    @classmethod
    def _explain_one(cls, problem: Any) -> str:
        name = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            known = names_at(cls, problem["loc"])
            return f"unknown parameter {name!r}{nearest(str(problem['loc'][-1]), known)}"
        if problem["type"] == "missing":
            return f"parameter {name!r} is missing"
        if problem["msg"].removeprefix("Value error, ") == REFERENCE_WANTED:
            return f"parameter {name!r}: {REFERENCE_WANTED}"
        return f"parameter {tell_problem(problem, ())}" if name else tell_problem(problem, ())

    def check_as_of(self, now: datetime) -> None:
        """Refuse an ``as_of`` after ``now`` (the clock is the caller's).

        Raises:
            ParameterError: ``as_of`` lies in the future.
        """
        if self.as_of > now:
            raise ParameterError(
                f"as_of {self.as_of:%Y-%m-%dT%H:%M:%SZ} lies in the future",
                where=f"{self.notebook}: as_of",
                remedy="Leave it out to report as of now.",
            )
