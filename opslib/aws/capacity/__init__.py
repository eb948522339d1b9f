"""Everything that capacity planning reads of AWS."""

from opslib.aws.capacity.read import read_capacity_tables

__all__ = ["read_capacity_tables"]
