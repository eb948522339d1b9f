"""Where the reports of an environment are sent: ``parameters/<environment>/delivery.yaml``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from opslib.findings import Severity
from opslib.parameters.base import SecretReference
from opslib.parameters.entries import parse_entries, read_entries

__all__ = [
    "DELIVERY_TEMPLATE",
    "DeliveryParameters",
    "DeliveryTarget",
    "load_delivery",
]

DELIVERY_TEMPLATE = """\
# Where the reports of {environment} are sent. Remove a # to set something; see docs/delivery.md.

# The address that reports/ is published at; messages link to the report below it.
# link: https://reports.acme.example

# AWS profile that delivers, and the region of secrets and buckets.
# profile: ""
# region: us-east-1

# Each target has a name and exactly one of s3, sns and slack.
# targets:
#   - name: archive
#     s3: s3://acme-reports/opslib
#   - name: finance
#     sns: arn:aws:sns:us-east-1:111111111111:opslib-reports
#     notebooks: [cost_analysis, cost_savings]   # none: all of them
#     owner: payments                            # only this owner's findings; empty: everybody's
#     min_severity: medium                       # only findings of this severity or above
#   - name: chat
#     slack: secretsmanager:arn:aws:secretsmanager:us-east-1:111111111111:secret:opslib/slack-AbCdEf
"""
REMEDY = "docs/delivery.md tells what may stand there."
BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w!.*'() -]+)*/?")
TOPIC = re.compile(r"arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+(\.fifo)?")


def _bucket(place: str) -> str:
    if not BUCKET.fullmatch(place):
        raise ValueError("write it as s3://bucket/prefix")
    return place.rstrip("/")


def _topic(arn: str) -> str:
    if not TOPIC.fullmatch(arn):
        raise ValueError("write it as arn:aws:sns:REGION:ACCOUNT:TOPIC")
    return arn


def _address(link: str) -> str:
    parts = urlsplit(link)
    plain = not (parts.query or parts.fragment or parts.username or re.search(r"[\s<>|\"]", link))
    if parts.scheme not in {"https", "http"} or not parts.hostname or not plain:
        raise ValueError(
            "write the address that reports/ is published at, such as https://reports.acme.example"
        )
    return link.rstrip("/")


Link = Annotated[str, AfterValidator(_address)]
LINK_MEANS = "address that reports/ is published at; a message links to the report below it"


class DeliveryTarget(BaseModel):
    """One place that reports go to; exactly one of ``s3``, ``sns`` and ``slack`` names it."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: Annotated[
        str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", description="what messages call it")
    ]
    s3: Annotated[
        Annotated[str, AfterValidator(_bucket)] | None,
        Field(description="s3://bucket/prefix, where the report's files are put"),
    ] = None
    sns: Annotated[
        Annotated[str, AfterValidator(_topic)] | None,
        Field(description="ARN of a topic; e-mail comes by its subscriptions"),
    ] = None
    slack: Annotated[
        SecretReference | None,
        Field(description="reference to the secret that is the URL of an incoming webhook"),
    ] = None
    notebooks: Annotated[
        tuple[str, ...], Field(description="only reports of these; none means all")
    ] = ()
    owner: Annotated[
        str, Field(description="only findings of this owner; empty means everybody's")
    ] = ""
    min_severity: Annotated[
        Severity, Field(description="only findings of this severity or above")
    ] = Severity.LOW
    link: Annotated[Link | None, Field(description=f"{LINK_MEANS}; in place of the file's")] = None

    @model_validator(mode="after")
    def _go_to_one_place(self) -> Self:
        named = [kind for kind in ("s3", "sns", "slack") if getattr(self, kind)]
        if len(named) != 1:
            raise ValueError(f"{self.name} needs exactly one of s3, sns and slack")
        chosen = self.model_fields_set & {"owner", "min_severity", "link"}
        if self.s3 and chosen:
            raise ValueError(
                f"{self.name} is sent whole reports: {', '.join(sorted(chosen))} is for messages"
            )
        return self

    @property
    def kind(self) -> str:
        """Return ``s3``, ``sns`` or ``slack``."""
        return "s3" if self.s3 else "sns" if self.sns else "slack"

    @property
    def address(self) -> str:
        """Return where it is; of a webhook only the reference to its URL, which is a secret."""
        return self.s3 or self.sns or self.slack or ""

    @property
    def takes_messages(self) -> bool:
        """Say whether it is sent a text, and not files."""
        return self.s3 is None

    def wants(self, notebook: str) -> bool:
        """Say whether it is told of a notebook's runs."""
        return not self.notebooks or notebook in self.notebooks


class DeliveryParameters(BaseModel):
    """All places that the reports of one environment go to."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    profile: Annotated[str, Field(description="AWS profile that delivers")] = ""
    region: Annotated[
        str, Field(pattern=r"^[a-z0-9-]+$", description="region of secrets and buckets")
    ] = "us-east-1"
    link: Annotated[Link | None, Field(description=LINK_MEANS)] = None
    targets: Annotated[tuple[DeliveryTarget, ...], Field(description="one entry a place")] = ()

    @model_validator(mode="after")
    def _tell_targets_apart(self) -> Self:
        named = [target.name for target in self.targets]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise ValueError(f"targets stand twice: {', '.join(twice)}")
        return self

    def link_of(self, target: DeliveryTarget) -> str:
        """Return the address of published reports for a target; empty where none is known."""
        return target.link or self.link or ""


def load_delivery(file: Path) -> DeliveryParameters:
    """Return where reports are sent; nowhere, where there is no file.

    Raises:
        ParameterError: it says what cannot be; names file and line.
    """
    if not file.exists():
        return DeliveryParameters()
    text = read_entries(file, "targets of delivery")
    parameters, _ = parse_entries(DeliveryParameters, text, where=str(file), remedy=REMEDY)
    return parameters
