"""The AWS Cost and Usage Report of the second generation (CUR 2.0): how its files are laid out.

Data Exports writes the table COST_AND_USAGE_REPORT with a fixed set of columns, named as Athena
names those of CUR 1. What CUR 1 spread over columns that come and go is gathered in maps:
``resource_tags``, ``product``, ``cost_category`` and ``discount``; a map in Parquet, the text of a
JSON object in CSV. A query of an export may take single keys of them as columns of their own, with
the names of CUR 1: these are read too. ``tags`` gathers the tags of resources with those of
accounts and users and with cost categories, told apart by the part of a key before its slash;
resource tags are read from it where the export lacks ``resource_tags``. What the line items mean is
in `opslib.tables.line_items`.

Sources: AWS Data Exports user guide, "Cost and Usage Report (CUR) 2.0", table dictionary, "Tags
column" (prefixes resourceTags/, accountTag/, userAttribute/, costCategory/) among it, and
"Migrating from CUR to Data Exports CUR 2.0".
"""

from __future__ import annotations

from collections.abc import Collection

import ibis
import ibis.expr.types as ir

from opslib.tables.cur import athena_name, cur_columns, tag_columns
from opslib.tables.export_part import ExportPart
from opslib.tables.line_items import REQUIRED_COLUMNS, focus_of_line_items

__all__ = ["CUR2_REQUIRED_COLUMNS", "cur2_columns", "focus_of_cur2"]

CUR2_REQUIRED_COLUMNS = tuple(athena_name(name) for name in REQUIRED_COLUMNS)
ACCOUNT_NAME, PRODUCT = "line_item_usage_account_name", "product"
RESOURCE_TAGS, ALL_TAGS = "resource_tags", "tags"
OWN_COLUMNS = (
    ACCOUNT_NAME,
    PRODUCT,
    RESOURCE_TAGS,
    "bill_payer_account_name",
    "cost_category",
    "discount",
    ALL_TAGS,
)
"""Columns that CUR 1 never has; a file with any of them is one of CUR 2.0."""


def cur2_columns(names: Collection[str]) -> dict[str, str]:
    """Return the CUR 2.0 columns that are there: their names, and those of CUR 1 as well.

    Nothing where the files have no column that tells CUR 2.0 from CUR 1.
    """
    own = {name: name for name in OWN_COLUMNS if name in names}
    if not own:
        return {}
    required = {name: name for name in CUR2_REQUIRED_COLUMNS if name in names}
    return own | required | cur_columns(names)


def focus_of_cur2(part: ExportPart) -> dict[str, ir.Value]:
    """Return the FOCUS columns of CUR 2.0 files, by name.

    Args:
        part: their columns by the names that `cur2_columns` gives them.
    """
    product = part.tags(PRODUCT)
    return focus_of_line_items(
        part,
        account_name=part.text(ACCOUNT_NAME),
        product_name=ibis.coalesce(
            part.text("product/ProductName"), product.get("product_name").nullif("")
        ),
        region=ibis.coalesce(part.text("product/region"), product.get("region").nullif("")),
        tags=_tags(part),
    )


def _tags(part: ExportPart) -> ir.MapValue:
    """Return the tags of resources; with all others, by their whole keys, of ``tags``."""
    for name in (RESOURCE_TAGS, ALL_TAGS):
        if name in part.columns:
            return part.tags(name)
    return part.tags_of_columns(tag_columns(part.columns))
