"""The baselines that a drill takes: those that are named, or one out of each series."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd

from opslib.analysis.dr.baseline_choice import BaselineChoice, choose_baseline
from opslib.aws.baseline_series import read_baseline_series
from opslib.aws.reads import Reads
from opslib.coverage import Coverage, CoverageStatus
from opslib.errors import NotFound
from opslib.parameters.dr import DrParameters
from opslib.parameters.store_copies import StoreCopy, StoreKind
from opslib.tables.baseline_layout import (
    BUCKET_BASELINE,
    DATABASE_BASELINE,
    FOLDER_BASELINE,
    TABLE_BASELINE,
    BaselineLayout,
)

__all__ = ["LAYOUTS", "ChosenBaselines", "name_of_database", "name_of_store"]

LAYOUTS = {
    StoreKind.TABLE: TABLE_BASELINE,
    StoreKind.BUCKET: BUCKET_BASELINE,
    StoreKind.REPLICA: BUCKET_BASELINE,
    StoreKind.FOLDER: FOLDER_BASELINE,
}


def name_of_database(parameters: DrParameters) -> str:
    """Return what a baseline of the source calls it."""
    return f"{parameters.database} of {parameters.source_kind} {parameters.source}"


def name_of_store(copy: StoreCopy) -> str:
    """Return what a baseline of a store calls it."""
    return str(Path(copy.source).expanduser()) if copy.kind is StoreKind.FOLDER else copy.source


class ChosenBaselines:
    """Chooses, and reads each series once.

    Args:
        reads: the run's context; it tells in its coverage what was chosen.
        parameters: whose account the baselines are read by.
    """

    def __init__(self, reads: Reads, parameters: DrParameters) -> None:
        self._reads = reads
        self._parameters = parameters
        self._series: dict[tuple[str, str, str], pd.DataFrame | None] = {}

    def of_database(self, until: datetime | None) -> BaselineChoice | None:
        """Return what is taken of a series; None where the baseline itself is named.

        Args:
            until: the moment that is, or was, restored; None where it is not known.
        """
        path, name = self._parameters.baseline, name_of_database(self._parameters)
        found = self._find(path, DATABASE_BASELINE, name)
        if found is None:
            return None
        choice = choose_baseline(path, found, until)
        self._note(name, choice)
        return choice

    def of_store(self, copy: StoreCopy, until: datetime | None) -> BaselineChoice | None:
        """Return what is taken for a store; one that is later than its copy proves nothing.

        Args:
            copy: which store.
            until: the moment that its copy is of; None where it is not known.
        """
        found = self._find_of(copy) if copy.baseline else None
        if found is None:
            return None
        choice = choose_baseline(copy.baseline, found, until)
        self._note(f"{copy.kind.value} {copy.source}", choice)
        return replace(choice, path="") if choice.is_later else choice

    def is_series(self, copy: StoreCopy) -> bool:
        """Say whether a store names a series, in which there is a baseline.

        Raises:
            NotFound: there is a series, and none in it.
        """
        found = self._find_of(copy)
        if found is None:
            return False
        if not (found["Problem"] == "").any():
            choice = choose_baseline(copy.baseline, found, None)
            raise NotFound(choice.because.removesuffix("."), remedy=choice.remedy)
        return True

    def _find_of(self, copy: StoreCopy) -> pd.DataFrame | None:
        return self._find(copy.baseline, LAYOUTS[copy.kind], name_of_store(copy))

    def _find(self, path: str, layout: BaselineLayout, of: str) -> pd.DataFrame | None:
        key = (path, layout.kind, of)
        if key not in self._series:
            account = self._parameters.account
            self._series[key] = read_baseline_series(self._reads, account, path, layout, of)
        return self._series[key]

    def _note(self, subject: str, choice: BaselineChoice) -> None:
        is_gap = choice.is_later or not choice.path
        self._reads.note(
            Coverage(
                table=f"chosen baseline of {subject}",
                asked=choice.because.removesuffix("."),
                status=CoverageStatus.NOT_FOUND if is_gap else CoverageStatus.COMPLETE,
                detail="none that the copy can be held against" if is_gap else "",
                rows=int(not is_gap),
                remedy=choice.remedy,
            )
        )
