"""Reading what sizes are judged by: types, memory that agents report, and what AWS advises."""

from opslib.aws.savings.sizes.memory import read_memory_measures
from opslib.aws.savings.sizes.read import read_sizes

__all__ = ["read_memory_measures", "read_sizes"]
