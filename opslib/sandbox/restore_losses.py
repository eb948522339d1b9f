"""What a restore of scenario ``troubled`` loses on the way, one by seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import psycopg

from opslib.sandbox.truths import Claim, PlantedTruth

__all__ = ["LOSSES", "RestoreLoss", "choose_loss", "injure_restore", "plant_loss"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreLoss:
    """Something lost, and the finding that must name it.

    Args:
        name: what is lost.
        statement: loses it.
        kind: of the finding.
        subject: the object that the finding must name.
        follows: kind of findings that may come with it, such as those of partitions.
    """

    name: str
    statement: str
    kind: str
    subject: str
    follows: str = ""


LOSSES = (
    RestoreLoss(
        name="lost_rows",
        statement="DELETE FROM shop.order_line WHERE order_id % 97 = 3",
        kind="dr.content",
        subject="shop.order_line",
    ),
    RestoreLoss(
        name="changed_values",
        statement="UPDATE shop.product SET price = price + 1 "
        "WHERE sku IN (SELECT sku FROM shop.product LIMIT 2)",
        kind="dr.content",
        subject="shop.product",
    ),
    RestoreLoss(
        name="lost_index",
        statement="DROP INDEX shop.product_title",
        kind="dr.schema_index",
        subject="shop.product_title",
    ),
    RestoreLoss(
        name="disabled_trigger",
        statement="ALTER TABLE shop.orders DISABLE TRIGGER order_noted",
        kind="dr.schema_trigger",
        subject="shop.orders.order_noted",
        follows="dr.schema_trigger",
    ),
    RestoreLoss(
        name="sequence_put_back",
        statement="ALTER SEQUENCE shop.invoice_number RESTART",
        kind="dr.sequences",
        subject="shop.invoice_number",
    ),
    RestoreLoss(
        name="lost_grant",
        statement="REVOKE INSERT ON shop.order_line FROM orders_app",
        kind="dr.schema_grant_on_relation",
        subject="shop.relation order_line to orders_app",
    ),
)


def choose_loss(seed: int) -> RestoreLoss:
    """Return what the restores of a seed lose."""
    chance = np.random.default_rng([seed, len(LOSSES)])
    return LOSSES[int(chance.integers(len(LOSSES)))]


def injure_restore(conninfo: str, seed: int) -> None:
    """Lose it in a database that was restored."""
    with psycopg.connect(conninfo) as connection:
        connection.execute(choose_loss(seed).statement.encode())


def plant_loss(seed: int) -> PlantedTruth:
    """Return the truth that a drill on ``orders`` must tell."""
    loss = choose_loss(seed)
    claim = Claim(kind=loss.kind, subject={"Object": loss.subject})
    follows = (Claim(kind=loss.follows, subject={}),) if loss.follows else ()
    return PlantedTruth(name=f"restore_{loss.name}", part="drill", claim=claim, follows=follows)
