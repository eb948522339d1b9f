"""Services of several providers in one bill, as Ibis expressions: nothing here runs anything."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

__all__ = ["services_apart"]


def services_apart(charges: ir.Table) -> ir.Table:
    """Return ``charges`` with the provider behind the name of a service that several offer.

    ``Storage`` of two providers becomes ``Storage (Microsoft)`` and ``Storage (Oracle)``: two
    services, in every table. A name that one provider has alone stays as it is.

    Args:
        charges: columns ServiceName and ProviderName, any others.
    """
    provider = charges.ProviderName
    same_name = ibis.window(group_by=charges.ServiceName)
    is_shared = provider.min().over(same_name) != provider.max().over(same_name)
    named = charges.ServiceName + " (" + provider + ")"
    return charges.mutate(
        ServiceName=ibis.cases((is_shared & named.notnull(), named), else_=charges.ServiceName)
    )
