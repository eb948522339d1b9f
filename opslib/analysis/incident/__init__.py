"""What happened, when it began and ended, and what changed before."""
