"""Everything that sizes are judged by and held against, beside resources and their use."""

from __future__ import annotations

import pandas as pd

from opslib.aws.places import Place, join_parts
from opslib.aws.reads import Reads
from opslib.aws.savings.sizes.compute_optimizer import read_compute_optimizer
from opslib.aws.savings.sizes.cost_explorer import read_cost_explorer_advice
from opslib.aws.savings.sizes.optimization_hub import read_optimization_hub
from opslib.aws.savings.sizes.types import families_of, read_types
from opslib.parameters.savings import SavingsParameters
from opslib.tables.savings_sizes import AWS_ADVICE, SizeTables

__all__ = ["read_sizes"]


def read_sizes(reads: Reads, parameters: SavingsParameters, resources: pd.DataFrame) -> SizeTables:
    """Read the types of the families in use, and what AWS advises.

    Args:
        reads: the context of the run.
        parameters: the first account is the payer.
        resources: columns of `SAVINGS_RESOURCES`.
    """
    payer = parameters.accounts[0] if parameters.accounts else None
    place = Place(reads, payer, parameters.region)
    types = read_types(place, families_of(resources))
    if not parameters.aws_advice:
        return SizeTables(types=types)
    parts = [
        *read_compute_optimizer(reads),
        read_cost_explorer_advice(place),
        read_optimization_hub(place),
    ]
    return SizeTables(types=types, advice=join_parts(parts, AWS_ADVICE))
