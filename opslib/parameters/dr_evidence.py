"""Parameters of what a drill leaves for an auditor: state, cadence, objectives and their owner."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from opslib.parameters.base import NotebookParameters
from opslib.parameters.state_patterns import StatePattern, expand_patterns

__all__ = ["EvidenceParameters"]


class EvidenceParameters(NotebookParameters):
    """What a notebook takes that reports to an auditor."""

    rto_minutes: Annotated[
        float | None, Field(gt=0, description="longest that recovering may take; needed to restore")
    ] = None
    owner: Annotated[
        str, Field(max_length=200, description="who answers for a gap against RTO or RPO")
    ] = ""
    cadence_days: Annotated[
        float, Field(gt=0, description="most days between two drills: a quarter, and a week")
    ] = 100
    pitr_days: Annotated[
        float, Field(gt=0, description="how far back point-in-time recovery must reach")
    ] = 7
    terraform_states: Annotated[
        tuple[str, ...],
        Field(description="patterns such as s3://bucket/{environment}/{layer}/terraform.tfstate"),
    ] = ()
    terraform_environments: Annotated[
        tuple[str, ...], Field(description="names for {environment}; none: whatever is there")
    ] = ()
    terraform_layers: Annotated[
        tuple[str, ...], Field(description="names for {layer}; none: whatever is there")
    ] = ()
    terraform_lock_table: Annotated[
        str, Field(description="DynamoDB table of locks; empty: locks are files beside the state")
    ] = ""

    @model_validator(mode="after")
    def _check_patterns(self) -> Self:
        self.state_patterns()
        return self

    def state_patterns(self) -> tuple[StatePattern, ...]:
        """Return the state objects that the patterns name.

        Raises:
            ParameterError: a pattern that is none.
        """
        return expand_patterns(
            self.terraform_states, self.terraform_environments, self.terraform_layers
        )
