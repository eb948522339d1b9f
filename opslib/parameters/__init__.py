"""What to ask: one pydantic model per notebook, read from YAML and overrides."""

from opslib.parameters.base import Account, NotebookParameters, SecretReference
from opslib.parameters.capacity import CapacityParameters
from opslib.parameters.cost import CostParameters, SharedCost
from opslib.parameters.dr import DrParameters
from opslib.parameters.incident import IncidentParameters
from opslib.parameters.savings import SavingsParameters

__all__ = [
    "Account",
    "CapacityParameters",
    "CostParameters",
    "DrParameters",
    "IncidentParameters",
    "NotebookParameters",
    "SavingsParameters",
    "SecretReference",
    "SharedCost",
]
