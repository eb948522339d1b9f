"""What to commit to: each level of each plan, tried on the hours that are past."""
