from __future__ import annotations

from tests.databases.conftest import orders, server

__all__ = ["orders", "server"]
