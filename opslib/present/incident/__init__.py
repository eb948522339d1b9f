"""The incident timeline, as its notebook shows it."""
