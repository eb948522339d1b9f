"""The AWS Cost and Usage Report of the first generation (CUR 1): how its files are laid out.

CSV files name a column as documented (``lineItem/UnblendedCost``), Parquet files as Athena does
(``line_item_unblended_cost``); every tag and every attribute of a product has a column of its own.
What the line items mean is in `opslib.tables.line_items`.

Source: AWS Data Exports user guide, "Legacy Cost and Usage Reports", data dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import ibis
import ibis.expr.types as ir

from opslib.tables.export_part import ExportPart
from opslib.tables.focus import FocusType
from opslib.tables.line_items import OPTIONAL_COLUMNS, REQUIRED_COLUMNS, focus_of_line_items

__all__ = ["athena_name", "cur_columns", "focus_of_cur", "tag_columns"]

TAG_COLUMNS = "resourceTags/"


def athena_name(name: str) -> str:
    """Return the name that AWS gives to a CUR column or tag in its Athena and Parquet files.

    Source: AWS Data Exports user guide, "Running Amazon Athena queries", column names.
    """
    words = re.sub(r"([A-Z])", r"_\1", name).lower()
    return re.sub(r"_+", "_", re.sub(r"[^a-z0-9]", "_", words)).strip("_")


def cur_columns(names: Collection[str]) -> dict[str, str]:
    """Return, for each CUR column that is there, its documented name to the name in the files.

    Columns of tags stand under the name they have.
    """
    columns = {name: name for name in tag_columns(names)}
    for name in (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS):
        for spelling in (name, athena_name(name)):
            if spelling in names:
                columns[name] = spelling
    return columns


def tag_columns(names: Collection[str]) -> dict[str, str]:
    """Return, for each tag column, its name to the key of its tag.

    ``resourceTags/user:Project`` is the tag ``Project``, ``resourceTags/aws:createdBy`` the tag
    ``aws:createdBy`` that AWS sets itself. Athena's ``resource_tags_user_project`` has lost the
    letters' case: it is kept as ``user_project``, which a question for ``Project`` also finds.
    """
    athena_prefix = f"{athena_name(TAG_COLUMNS)}_"
    documented = {
        name: name.removeprefix(TAG_COLUMNS).removeprefix("user:")
        for name in names
        if name.startswith(TAG_COLUMNS)
    }
    return documented | {
        name: name.removeprefix(athena_prefix) for name in names if name.startswith(athena_prefix)
    }


def focus_of_cur(part: ExportPart) -> dict[str, ir.Value]:
    """Return the FOCUS columns of CUR 1 files, by name.

    Args:
        part: their columns by the names that `cur_columns` gives them.
    """
    return focus_of_line_items(
        part,
        account_name=ibis.null(FocusType.TEXT),
        product_name=part.text("product/ProductName"),
        region=part.text("product/region"),
        tags=part.tags_of_columns(tag_columns(part.columns)),
    )
