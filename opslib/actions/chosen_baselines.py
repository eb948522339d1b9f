"""The baselines that a drill takes: those that are named, or one out of each series."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pandas as pd

from opslib.analysis.dr.baseline_choice import HOW_TO_CAPTURE, BaselineChoice, choose_baseline
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

__all__ = ["LAYOUTS", "ChosenBaselines"]

LAYOUTS = {
    StoreKind.TABLE: TABLE_BASELINE,
    StoreKind.BUCKET: BUCKET_BASELINE,
    StoreKind.REPLICA: BUCKET_BASELINE,
    StoreKind.FOLDER: FOLDER_BASELINE,
}


class ChosenBaselines:
    """Chooses, and reads each series once.

    Args:
        reads: the run's context; it tells in its coverage what was chosen.
        parameters: whose account the baselines are read by.
    """

    def __init__(self, reads: Reads, parameters: DrParameters) -> None:
        self._reads = reads
        self._parameters = parameters
        self._series: dict[tuple[str, str], pd.DataFrame | None] = {}

    def of_database(self, until: datetime | None) -> BaselineChoice | None:
        """Return what is taken of a series; None where the baseline itself is named.

        Args:
            until: the moment that is, or was, restored; None where it is not known.
        """
        path = self._parameters.baseline
        found = self._find(path, DATABASE_BASELINE)
        if found is None:
            return None
        choice = choose_baseline(path, found, until)
        self._note(f"database {self._parameters.database}", choice)
        return choice

    def of_store(self, copy: StoreCopy, until: datetime | None) -> BaselineChoice | None:
        """Return what is taken for a store; one that is later than its copy proves nothing.

        Args:
            copy: which store.
            until: the moment that its copy is of; None where it is not known.
        """
        found = self._find(copy.baseline, LAYOUTS[copy.kind]) if copy.baseline else None
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
        found = self._find(copy.baseline, LAYOUTS[copy.kind])
        if found is None:
            return False
        if not (found["Problem"] == "").any():
            raise NotFound(
                choose_baseline(copy.baseline, found, None).because,
                where=copy.baseline,
                remedy=HOW_TO_CAPTURE,
            )
        return True

    def _find(self, path: str, layout: BaselineLayout) -> pd.DataFrame | None:
        key = (path, layout.of)
        if key not in self._series:
            account = self._parameters.account
            self._series[key] = read_baseline_series(self._reads, account, path, layout)
        return self._series[key]

    def _note(self, subject: str, choice: BaselineChoice) -> None:
        is_gap = choice.is_later or not choice.path
        self._reads.note(
            Coverage(
                table=f"chosen baseline of {subject}",
                asked=f"the newest in {choice.series} that the copy may be held against",
                status=CoverageStatus.NOT_FOUND if is_gap else CoverageStatus.COMPLETE,
                detail=choice.because if is_gap else "",
                rows=int(not is_gap),
                remedy=HOW_TO_CAPTURE if is_gap else "",
            )
        )
