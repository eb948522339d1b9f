"""Scaling settings, replayed over the recorded load."""
