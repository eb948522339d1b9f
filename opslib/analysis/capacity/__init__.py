"""Which limit is reached first, when, and what to do before."""
