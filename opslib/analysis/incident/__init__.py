"""What happened in an incident: events, changes, onset and suspects, from tables alone."""
