"""What people declined of the advice: their own file, recorded as input of the run."""

from __future__ import annotations

import pandas as pd

from opslib.aws.reads import Reads
from opslib.aws.text_files import record_text_file
from opslib.parameters.savings import SavingsParameters
from opslib.parameters.savings_declined import DeclinedAdvice, load_declined, parse_declined
from opslib.tables.past_advice import DECLINED
from opslib.tables.schema import check_table

__all__ = ["TABLE", "read_declined"]

TABLE = "declined advice"


def read_declined(reads: Reads, parameters: SavingsParameters) -> pd.DataFrame:
    """Read which recommendations are declined; columns of `DECLINED`, no row without a file.

    Raises:
        ParameterError: the file cannot be read, or says what cannot be; names file and line.
    """
    entries: tuple[DeclinedAdvice, ...] = ()
    if parameters.declined:
        path = parameters.declined
        text = record_text_file(reads, TABLE, path, load_declined, afresh=True)
        entries = parse_declined(text, path).declined
    rows = [(one.id, one.reason, one.by, one.until) for one in entries]
    return check_table(pd.DataFrame(rows, columns=list(DECLINED.columns)), DECLINED, TABLE)
