"""Sending reports and messages: never twice what can be told apart, and never silently."""
