"""One made bill with every kind of charge.

A charge is written down twice, by hand: as AWS's line item, and as what FOCUS makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["CHARGES", "Charge"]

EC2 = ("Amazon Elastic Compute Cloud", "AmazonEC2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One line item, and the FOCUS rows that say the same (ChargeCategory, BilledCost,
    EffectiveCost, PricingQuantity, CommitmentDiscountStatus)."""

    kind: str
    unblended: str
    focus: tuple[tuple[str, str, str, str, str], ...]
    day: int = 2
    service: tuple[str, str] = EC2
    meter: str = "BoxUsage:m5.large"
    unit: str = "Hrs"
    quantity: str = "4"
    region: str = "eu-west-1"
    account: str = "222222222222"
    resource: str = ""
    project: str = ""
    commitment: Mapping[str, str] = field(default_factory=dict)


USAGE, FEE = "Usage", "Purchase"
SUPPORT = ("AWS Support (Business)", "AWSSupportBusiness")
SAVINGS_PLANS = ("Savings Plans for AWS Compute usage", "ComputeSavingsPlans")
SELLER = ("Example Database on Red Hat", "4q7dgd9j1kdf8r4k2o3i5x6z7")


def _discount(kind: str, amount: str, day: int = 2) -> Charge:
    return Charge(
        kind=kind,
        unblended=amount,
        focus=(("Adjustment", amount, amount, "", ""),),
        day=day,
        quantity="1",
    )


CHARGES = (
    Charge(
        kind="Usage",
        unblended="2.0000000181",
        focus=((USAGE, "2.0000000181", "2.0000000181", "4", ""),),
        resource="i-1",
        project="web",
    ),
    Charge(
        kind="Usage",
        unblended="0.7",
        focus=((USAGE, "0.7", "0.7", "10", ""),),
        meter="SpotUsage:c5.large",
        quantity="10",
        resource="i-spot",
    ),
    Charge(
        kind="SavingsPlanCoveredUsage",
        unblended="10",
        focus=((USAGE, "0", "7.2", "4", "Used"),),
        resource="i-2",
        project="web",
        commitment={"savingsPlan/SavingsPlanEffectiveCost": "7.2"},
    ),
    Charge(kind="SavingsPlanNegation", unblended="-10", focus=()),
    Charge(
        kind="SavingsPlanRecurringFee",
        unblended="8",
        focus=((FEE, "8", "0", "1", ""), (USAGE, "0", "0.8", "1", "Unused")),
        service=SAVINGS_PLANS,
        meter="ComputeSP:1yrNoUpfront",
        quantity="1",
        commitment={
            "savingsPlan/TotalCommitmentToDate": "8",
            "savingsPlan/UsedCommitment": "7.2",
        },
    ),
    Charge(
        kind="SavingsPlanUpfrontFee",
        unblended="500",
        focus=((FEE, "500", "0", "1", ""),),
        day=3,
        service=SAVINGS_PLANS,
        meter="ComputeSP:1yrAllUpfront",
        quantity="1",
    ),
    Charge(
        kind="DiscountedUsage",
        unblended="0",
        focus=((USAGE, "0", "0.6", "4", "Used"),),
        day=3,
        meter="BoxUsage:r5.large",
        resource="i-3",
        project="data",
        commitment={
            "reservation/ReservationARN": "arn:aws:ec2:eu-west-1:222222222222:reserved-instances/x",
            "reservation/EffectiveCost": "0.6",
        },
    ),
    Charge(
        kind="RIFee",
        unblended="30",
        focus=((FEE, "30", "0", "744", ""), (USAGE, "0", "4", "100", "Unused")),
        day=1,
        meter="HeavyUsage:r5.large",
        quantity="744",
        commitment={
            "reservation/ReservationARN": "arn:aws:ec2:eu-west-1:222222222222:reserved-instances/x",
            "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": "1.5",
            "reservation/UnusedRecurringFee": "2.5",
        },
    ),
    Charge(
        kind="Fee",
        unblended="900",
        focus=((FEE, "900", "0", "1", ""),),
        day=1,
        meter="",
        quantity="1",
        commitment={
            "reservation/ReservationARN": "arn:aws:ec2:eu-west-1:222222222222:reserved-instances/x"
        },
    ),
    Charge(
        kind="Fee",
        unblended="100",
        focus=((FEE, "100", "100", "1", ""),),
        day=1,
        service=SUPPORT,
        meter="Dollar",
        quantity="1",
        region="",
    ),
    Charge(
        kind="Fee",
        unblended="49",
        focus=((FEE, "49", "49", "1", ""),),
        service=SELLER,
        meter="Global-SoftwareUsage-Contracts",
        unit="Units",
        quantity="1",
        region="",
    ),
    Charge(
        kind="Usage",
        unblended="1.25",
        focus=((USAGE, "1.25", "1.25", "5", ""),),
        service=SELLER,
        meter="EUW1-SoftwareUsage",
        quantity="5",
        account="333333333333",
        resource="i-4",
    ),
    Charge(
        kind="FlatRateSubscription",
        unblended="20",
        focus=((FEE, "20", "20", "1", ""),),
        service=("Amazon CloudFront", "AmazonCloudFront"),
        meter="Global-Plan",
        quantity="1",
        region="global",
    ),
    _discount("BundledDiscount", "-0.1"),
    _discount("Discount", "-0.2"),
    _discount("EdpDiscount", "-0.3"),
    _discount("PrivateRateDiscount", "-0.4", day=3),
    _discount("RiVolumeDiscount", "-0.5"),
    _discount("SppDiscount", "-0.6"),
    Charge(
        kind="Tax",
        unblended="0.4",
        focus=(("Tax", "0.4", "0.4", "", ""),),
        meter="",
        region="",
        unit="",
        quantity="1",
    ),
    Charge(
        kind="Credit",
        unblended="-3",
        focus=(("Credit", "-3", "-3", "", ""),),
        day=3,
        quantity="4",
    ),
    Charge(
        kind="Refund",
        unblended="-5",
        focus=(("Adjustment", "-5", "-5", "", ""),),
        day=1,
        quantity="4",
    ),
)
"""Every kind of charge on three days of March 2026."""
