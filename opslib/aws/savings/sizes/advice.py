"""What the services of AWS advise, as rows, and a service that nobody opted in to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pandas as pd

from opslib.aws.reads import Fetched
from opslib.coverage import CoverageStatus
from opslib.errors import ReadError
from opslib.tables.savings_sizes import AWS_ADVICE

__all__ = ["advice_of", "advice_row", "fetch_advice", "not_enrolled"]

NOTHING = {
    "Finding": "",
    "Proposed": "",
    "Currency": "",
    "LookBackDays": None,
    "SeesMemory": "",
    "CoveredShare": None,
}


def advice_row(source: str, resource: str, **told: Any) -> dict[str, Any]:
    """Return a row of `AWS_ADVICE`.

    Args:
        source: name of the service.
        resource: as the estate names it.
        told: what is told, by column; MonthlySaving as AWS's number or text.
    """
    saving = told.pop("MonthlySaving", None)
    return {
        **NOTHING,
        **told,
        "Source": source,
        "ResourceId": resource,
        "MonthlySaving": None if saving is None else Decimal(str(saving)),
    }


def fetch_advice(
    ask: Callable[[], Iterable[dict[str, Any]]], *, refused: str, remedy: str
) -> Fetched:
    """Return what a service advises; nothing, said so, of a service that is not opted in to.

    Args:
        ask: asks AWS; rows of `AWS_ADVICE`.
        refused: part of what AWS answers to those who did not opt in.
        remedy: how to opt in.

    Raises:
        ReadError: any other refusal.
    """
    try:
        return advice_of(ask())
    except ReadError as error:
        if refused not in error.what:
            raise
        return not_enrolled(remedy)


def advice_of(rows: Iterable[dict[str, Any]]) -> Fetched:
    """Return what a service advises; of several rows of a resource the first counts."""
    frame = pd.DataFrame(list(rows), columns=list(AWS_ADVICE.columns))
    return Fetched(frame=frame.drop_duplicates(["Source", "ResourceId"], ignore_index=True))


def not_enrolled(remedy: str) -> Fetched:
    """Return the answer of a service that nobody opted in to."""
    return Fetched(
        frame=pd.DataFrame(columns=list(AWS_ADVICE.columns)),
        status=CoverageStatus.NOT_FOUND,
        detail="not opted in",
        remedy=remedy,
    )
