"""Usage types of a bill: the region that one begins with, and the rest, which names what is used.

Sources: AWS Regions reference, "AWS Region billing codes"; Amazon S3 User Guide, "Understanding
your AWS billing and usage reports for Amazon S3", for the codes of GovCloud, which that page lacks.
Usage of us-east-1 mostly has no code.
"""

from __future__ import annotations

__all__ = ["bare_usage_type", "region_of_usage_type"]

HOME = "us-east-1"
REGIONS = {
    "USE1": HOME,
    "USE2": "us-east-2",
    "USW1": "us-west-1",
    "USW2": "us-west-2",
    "CAN1": "ca-central-1",
    "CAN2": "ca-west-1",
    "MXC1": "mx-central-1",
    "AFS1": "af-south-1",
    "APE1": "ap-east-1",
    "APE2": "ap-east-2",
    "APN1": "ap-northeast-1",
    "APN2": "ap-northeast-2",
    "APN3": "ap-northeast-3",
    "APS1": "ap-southeast-1",
    "APS2": "ap-southeast-2",
    "APS3": "ap-south-1",
    "APS4": "ap-southeast-3",
    "APS5": "ap-south-2",
    "APS6": "ap-southeast-4",
    "APS7": "ap-southeast-5",
    "APS8": "ap-southeast-6",
    "APS9": "ap-southeast-7",
    "EU": "eu-west-1",
    "EUW1": "eu-west-1",
    "EUW2": "eu-west-2",
    "EUW3": "eu-west-3",
    "EUC1": "eu-central-1",
    "EUC2": "eu-central-2",
    "EUN1": "eu-north-1",
    "EUS1": "eu-south-1",
    "EUS2": "eu-south-2",
    "ILC1": "il-central-1",
    "MEC1": "me-central-1",
    "MES1": "me-south-1",
    "SAE1": "sa-east-1",
    "UGW1": "us-gov-west-1",
    "UGE1": "us-gov-east-1",
}
"""Billing code to region; Ireland has two."""


def region_of_usage_type(meter: str) -> str:
    """Return the region that a usage type is of: us-east-1 where it begins with no code.

    >>> region_of_usage_type("EUW1-BoxUsage:r6i.2xlarge")
    'eu-west-1'
    >>> region_of_usage_type("EBS:VolumeUsage.gp3")
    'us-east-1'
    """
    return REGIONS.get(meter.partition("-")[0], HOME)


def bare_usage_type(meter: str) -> str:
    """Return a usage type without its region's code.

    >>> bare_usage_type("EUW1-BoxUsage:r6i.2xlarge")
    'BoxUsage:r6i.2xlarge'
    >>> bare_usage_type("NatGateway-Hours")
    'NatGateway-Hours'
    """
    code, _, rest = meter.partition("-")
    return rest if code in REGIONS else meter
