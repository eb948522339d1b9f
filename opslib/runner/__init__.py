"""Runs notebooks headless and publishes what they conclude as dated reports."""
