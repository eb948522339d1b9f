"""Whether a restore brought back what was there."""
