"""A unit that money is divided by."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from opslib.parameters.base import Account

__all__ = ["UnitCost"]


class UnitCost(BaseModel):
    """Cost per so many of what a CloudWatch metric counts.

    The cost is that of all charges, or of ``services``, or of those with the value ``tag_value``
    of ``tag_key``, or of both.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, description="what one is called, such as request")]
    namespace: Annotated[str, Field(description="of the metric")] = "AWS/ApplicationELB"
    metric: Annotated[str, Field(description="a count: its Sum is taken")] = "RequestCount"
    dimensions: Annotated[
        dict[str, str],
        Field(description="of the metric; none: all load balancers, or no dimension"),
    ] = {}
    account: Annotated[str, Field(description="name or id of the account; empty: all")] = ""
    region: Annotated[str, Field(description="of the metric; empty: all of the account's")] = ""
    per: Annotated[int, Field(ge=1, description="how many of them the cost is told for")] = 1000
    services: Annotated[tuple[str, ...], Field(description="services whose cost counts")] = ()
    tag_key: Annotated[str, Field(description="tag whose cost counts")] = ""
    tag_value: Annotated[str, Field(description="its value")] = ""

    @model_validator(mode="after")
    def _check(self) -> UnitCost:
        if self.tag_value and not self.tag_key:
            raise ValueError("tag_value belongs to a tag_key")
        return self

    def is_in(self, account: Account) -> bool:
        """Say whether the metric is looked for in an account."""
        return self.account in {"", account.id, account.name}
