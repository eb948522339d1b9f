"""What happened in an incident, what changed before it, and when it could have been known."""
