"""What was spent, why it changed, and what to do about it."""
