"""What EC2 instances cost an hour on demand: prices of the sandbox's bill and of its price list."""

from __future__ import annotations

__all__ = ["PREVIOUS", "SERVER_USD"]

SERVER_USD = {
    "t1.micro": "0.02",
    "t3.micro": "0.0104",
    "m3.large": "0.133",
    "m3.xlarge": "0.266",
    "m7i.large": "0.1008",
    "m7i.xlarge": "0.2016",
    "i2.xlarge": "0.853",
    "i3.xlarge": "0.312",
}
"""Type to USD, of at most four decimals, in every region."""
PREVIOUS = {
    "t1.micro": "t3.micro",
    "m3.large": "m7i.large",
    "m3.xlarge": "m7i.xlarge",
    "i2.xlarge": "i3.xlarge",
}
"""Types of a previous generation to those that AWS names instead."""
