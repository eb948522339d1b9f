"""Capacity planning, shown."""
